"""What can be wrong with the facts of a health assessment."""

from collections.abc import Sequence

from dealgate.kinds.health.terms import HealthParameters
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    computed,
    has_happened,
    non_negative_money,
    optional_id,
    required,
    required_id,
)
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.exchange import exchange_violations
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.model.zones import zone_violations
from dealgate.v1 import health_pb2 as pb
from dealgate.v1.customer_pb2 import Customer

BANDS = (pb.HEALTH_BAND_GREEN, pb.HEALTH_BAND_YELLOW, pb.HEALTH_BAND_RED)


def violations(
    facts: pb.HealthFacts, parameters: HealthParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return malformed(facts) or [
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.HealthFacts, parameters: HealthParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    del parameters
    return [
        *_customer(facts.customer),
        *_usage(facts.usage),
        *_voices(facts),
        *_plan(facts.plan),
        *_past(facts, as_of),
        *_earlier(facts),
        *_override(facts),
        *exchange_violations(facts, as_of),
        *zone_violations("time_zone", facts.time_zone),
        *computed("ages", facts.HasField("ages")),
    ]


def _customer(customer: Customer) -> list[Violation]:
    violations = [
        *required_id("customer.id", customer.id),
        *optional_id("customer.success_manager_id", customer.success_manager_id),
        *non_negative_money("customer.annual_recurring_revenue", customer.annual_recurring_revenue),
    ]
    both = customer.HasField("started_on") and customer.HasField("renews_on")
    if both and day_number(customer.renews_on) < day_number(customer.started_on):
        violations.append(Violation("customer.renews_on", "is before started_on"))
    return violations


def _usage(usage: pb.CustomerUsage) -> list[Violation]:
    told = {field.name for field, _ in usage.ListFields()} - {"measured_at", "last_login_at"}
    return required("usage.measured_at", usage.HasField("measured_at") or not told)


def _voices(facts: pb.HealthFacts) -> list[Violation]:
    violations: list[Violation] = []
    if facts.voice.HasField("promoter_score"):
        violations += required("voice.given_at", facts.voice.HasField("given_at"))
    if facts.sentiment.HasField("band"):
        violations += required("sentiment.given_at", facts.sentiment.HasField("given_at"))
    if facts.sentiment.band not in (0, *BANDS):
        violations.append(Violation("sentiment.band", "must be green, yellow or red"))
    if facts.support.HasField("tickets") or facts.support.HasField("tickets_before"):
        violations += required("support.measured_at", facts.support.HasField("measured_at"))
    return violations


def _plan(plan: pb.SuccessPlanState) -> list[Violation]:
    wrong = plan.HasField("objectives") and plan.reached > plan.objectives
    return [Violation("plan.reached", "is more than plan.objectives")] if wrong else []


def _past(facts: pb.HealthFacts, as_of: int) -> list[Violation]:
    instants = {
        "usage.measured_at": facts.usage.measured_at,
        "usage.last_login_at": facts.usage.last_login_at,
        "sentiment.given_at": facts.sentiment.given_at,
        "support.measured_at": facts.support.measured_at,
        "voice.given_at": facts.voice.given_at,
        "relationship.last_meeting_at": facts.relationship.last_meeting_at,
        "earlier.assessed_at": facts.earlier.assessed_at,
    }
    return [one for path, at in instants.items() for one in has_happened(path, at, as_of)]


def _earlier(facts: pb.HealthFacts) -> list[Violation]:
    if not facts.HasField("earlier"):
        return []
    score = plain_decimal(facts.earlier.score)
    violations = required("earlier.score", score is not None)
    return violations + required("earlier.assessed_at", facts.earlier.HasField("assessed_at"))


def _override(facts: pb.HealthFacts) -> list[Violation]:
    if not facts.HasField("override"):
        return []
    override = facts.override
    violations = required_id("override.set_by", override.set_by)
    violations += required("override.because", override.because.strip())
    violations += required("override.until", override.HasField("until"))
    if override.band not in BANDS:
        violations.append(Violation("override.band", "must be green, yellow or red"))
    return violations


def holds(override: pb.HealthOverride, today: int) -> bool:
    """Tell whether an override still holds on a day (an ordinal)."""
    return override.HasField("until") and day_number(override.until) >= today
