"""The leads of X Education: 9,240 people who looked at courses, and whether they bought one.

The columns that were filled in after sales had talked to the lead are not read: Tags, Lead
Quality, Lead Profile, Last Activity, Last Notable Activity and all Asymmetrique ones. They know
the answer. The file has no dates, so every lead is judged at the moment of its last visit.
"""

import csv
import datetime as dt
from pathlib import Path
from typing import TypeAlias

from bench.xeducation_words import FUNCTIONS, INDUSTRIES, SENIORITIES, SOURCES, country, known
from dealgate_client import (
    Activity,
    ActivityType,
    Company,
    Duration,
    Lead,
    LeadScores,
    QualifyFacts,
    Relationship,
    ScoreFacts,
    ScoreOutcome,
    VerificationStatus,
    VerifyFacts,
    timestamp,
)

Row: TypeAlias = dict[str, str]

AS_OF = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
NOTHING_FOUND = Relationship(
    is_customer=False,
    is_competitor=False,
    is_employee=False,
    is_candidate=False,
    is_student=False,
    is_support_request=False,
    is_target_account=False,
    is_export_denied=False,
    is_partner=False,
)


def read(folder: Path) -> list[Row]:
    """Return the rows of Leads.csv."""
    with (folder / "leads_xeducation" / "Leads.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def converted(row: Row) -> bool:
    """Tell whether the lead bought."""
    return row["Converted"] == "1"


def recorded(row: Row) -> ScoreFacts:
    """Return what the file says, dirt included: visits counted as 0, names that are no country."""
    return ScoreFacts(lead=_lead(row), activities=_activities(row), relationship=_relationship(row))


def to_verify(row: Row) -> VerifyFacts:
    """Return the lead as it was typed: country and town in the file's own words."""
    lead = _lead(row)
    typed = known(row["Country"])
    if typed is None:
        lead.ClearField("country")
    else:
        lead.country = typed
    return VerifyFacts(lead=lead)


def cleaned(row: Row) -> ScoreFacts:
    """Return the same without what cannot be: a visit that did not happen, a country not known."""
    facts = recorded(row)
    if len(facts.lead.country) != 2:
        facts.lead.ClearField("country")
    happened = [one for one in facts.activities if one.count or not one.HasField("count")]
    del facts.activities[:]
    facts.activities.extend(happened)
    return facts


def to_qualify(row: Row, outcome: ScoreOutcome) -> QualifyFacts:
    """Return the cleaned facts with the scores they were given."""
    facts = cleaned(row)
    scores = LeadScores(engagement=outcome.engagement)
    if outcome.fit_is_known:
        scores.fit, scores.composite = outcome.fit, outcome.composite
    return QualifyFacts(
        lead=facts.lead,
        activities=facts.activities,
        relationship=facts.relationship,
        scores=scores,
    )


def if_screened(row: Row, outcome: ScoreOutcome) -> QualifyFacts:
    """Return the same as if somebody had checked the lead and found nothing, which nobody noted."""
    facts = to_qualify(row, outcome)
    found = facts.relationship.is_student
    facts.relationship.CopyFrom(NOTHING_FOUND)
    facts.relationship.is_student = found
    facts.verification.status = VerificationStatus.VERIFICATION_STATUS_VERIFIED
    facts.verification.contactable_by_email = not facts.lead.has_opted_out_of_email
    facts.verification.contactable_by_phone = not facts.lead.do_not_call
    facts.history.attempts_without_response = facts.history.recycle_count = 0
    return facts


def _lead(row: Row) -> Lead:
    special = row["Specialization"]
    return Lead(
        id=row["Prospect ID"],
        lead_source=SOURCES.get(row["Lead Source"]),
        country=country(row["Country"]),
        city=known(row["City"]),
        has_opted_out_of_email=row["Do Not Email"] == "Yes",
        do_not_call=row["Do Not Call"] == "Yes",
        job_function=FUNCTIONS.get(special),
        seniority=SENIORITIES.get(row["What is your current occupation"]),
        company=Company(industry=INDUSTRIES.get(special)),
    )


def _relationship(row: Row) -> Relationship:
    occupation = known(row["What is your current occupation"])
    return Relationship(is_student=occupation == "Student" if occupation else None)


def _activities(row: Row) -> list[Activity]:
    at = timestamp(AS_OF)
    found = []
    if row["TotalVisits"]:
        seconds = int(row["Total Time Spent on Website"])
        kind, visits = ActivityType.ACTIVITY_TYPE_WEBSITE_VISIT, int(row["TotalVisits"])
        spent = Duration(seconds=seconds)
        found.append(Activity(id="visits", type=kind, at=at, count=visits, duration=spent))
    if row["Lead Source"] in {"Olark Chat", "Live Chat"}:
        found.append(Activity(id="chat", type=ActivityType.ACTIVITY_TYPE_CHAT, at=at))
    if row["A free copy of Mastering The Interview"] == "Yes":
        found.append(Activity(id="book", type=ActivityType.ACTIVITY_TYPE_WHITEPAPER, at=at))
    return found
