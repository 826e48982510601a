"""What can be wrong with a lead, its activities and its history, whichever kind asks."""

import re
from collections.abc import Iterable, Sequence

from babel import Locale
from google.protobuf.message import Message
from google.type.money_pb2 import Money

from dealgate.model.checks import (
    ID_LENGTH,
    are_usual_ids,
    non_negative,
    non_negative_money,
    optional_id,
    required_id,
    same_currency,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.instants import SECOND, SKEW, nanoseconds
from dealgate.v1.activity_pb2 import Activity
from dealgate.v1.lead_pb2 import Company, Lead, LeadHistory

# CLDR also lists groups of countries, exceptional reservations and test codes. It rightly lists
# Kosovo, whose XK is no ISO code yet but what everybody uses.
NO_COUNTRIES = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ"
CODE = re.compile("[A-Z]{2}")
# Every rule judges every activity: 1000 take 40 ms, and all other callers wait meanwhile.
ACTIVITIES_MAX = 1000
COUNTRIES = frozenset(filter(CODE.fullmatch, map(str, Locale("en").territories)))
COUNTRIES -= frozenset(NO_COUNTRIES.split())


def lead_violations(lead: Lead, as_of: int) -> list[Violation]:
    """Return what is wrong with the lead and its company; `as_of` in nanoseconds.

    The lead may have been created by a machine whose clock is ahead.
    """
    return [] if is_usual_lead(lead, as_of) else _lead_faults(lead, lead.company, as_of)


def _lead_faults(lead: Lead, company: Company, as_of: int) -> list[Violation]:
    return [
        *required_id("lead.id", lead.id),
        *country("lead.country", lead),
        *_not_in_future("lead", lead, "created_at", as_of + SKEW),
        *optional_id("lead.company.id", company.id),
        *country("lead.company.country", company),
        *non_negative_money("lead.company.annual_revenue", company.annual_revenue),
    ]


def is_usual_lead(lead: Lead, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a lead, as is nearly always so."""
    company, created = lead.company, lead.created_at
    revenue = company.annual_revenue
    return (
        0 < len(lead.id) <= ID_LENGTH
        and (lead.country in COUNTRIES or not lead.HasField("country"))
        and (company.country in COUNTRIES or not company.HasField("country"))
        and created.seconds * SECOND + created.nanos <= as_of
        and len(company.id) <= ID_LENGTH
        and revenue.units >= 0
        and revenue.nanos >= 0
    )


def activity_violations(activities: Sequence[Activity], as_of: int) -> list[Violation]:
    """Return what is wrong with the activities; one after `as_of` (ns) cannot have happened."""
    if len(activities) > ACTIVITIES_MAX:
        cure = "leave out the oldest, or join those that are alike into one with a count"
        return [Violation("activities", f"has more than {ACTIVITIES_MAX} entries; {cure}")]
    return [
        *unique_ids("activities", [activity.id for activity in activities]),
        *_flattened(
            _activity(index, activity, as_of)
            for index, activity in enumerate(activities)
            if not _is_usual(activity, as_of)
        ),
    ]


def are_usual_activities(activities: Sequence[Activity], as_of: int) -> bool:
    """Tell at one look that nothing is wrong with activities that are sound in themselves.

    None has measures, which are ours to compute.
    """
    if len(activities) > ACTIVITIES_MAX:
        return False
    ids, end = list[str](), (as_of + SKEW) // SECOND
    for activity in activities:
        if activity.at.seconds >= end or activity.HasField("measures"):
            return False
        ids.append(activity.id)
    return are_usual_ids(ids) or (len(ids) == 1 and not ids[0])


def history_violations(history: LeadHistory, as_of: int) -> list[Violation]:
    """Return what is wrong with the history; `as_of` in nanoseconds."""
    return _not_in_future("history", history, "engagement_reset_at", as_of + SKEW)


def country(path: str, of: Message, field: str = "country") -> list[Violation]:
    """Return whether the field at `path`, if it is given, holds no country's code."""
    if not of.HasField(field) or getattr(of, field) in COUNTRIES:
        return []
    return [
        Violation(path, "is not an ISO 3166-1 alpha-2 code; write two capital letters such as DE")
    ]


def foreign(currency: str, *amounts: tuple[str, Money]) -> list[Violation]:
    """Return those of the amounts given that are not in the rule set's currency."""
    return same_currency([("the rules", Money(currency_code=currency)), *amounts])


def _is_usual(activity: Activity, as_of: int) -> bool:
    """Tell that nothing is wrong with an activity, as is nearly always so."""
    at, lasted = activity.at, activity.duration
    return (
        len(activity.id) <= ID_LENGTH
        and at.seconds * SECOND + at.nanos <= as_of + SKEW
        and lasted.seconds >= 0
        and lasted.nanos >= 0
    )


def _activity(index: int, activity: Activity, as_of: int) -> list[Violation]:
    path = f"activities[{index}]"
    seconds = activity.duration.seconds + activity.duration.nanos / SECOND
    return [
        *optional_id(f"{path}.id", activity.id),
        *_not_in_future(path, activity, "at", as_of + SKEW),
        *non_negative(f"{path}.duration", seconds),
    ]


def _not_in_future(path: str, of: Message, field: str, as_of: int) -> list[Violation]:
    late = of.HasField(field) and nanoseconds(getattr(of, field)) > as_of
    text = "is after as_of, so it has not happened yet"
    return [Violation(f"{path}.{field}", text)] if late else []


def _flattened(lists: Iterable[list[Violation]]) -> list[Violation]:
    return [violation for violations in lists for violation in violations]
