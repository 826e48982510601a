"""How old everything is that is known of a customer: derived before rules judge it.

What is older than the rule set allows is not known any more, and taken away: a rule that reads it
is undecided, where an age in its condition would make it false.
"""

from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.kinds.health.terms import HealthParameters
from dealgate.model.days import day_number
from dealgate.model.exchange import convert
from dealgate.model.instants import DAY, nanoseconds
from dealgate.model.zones import day_in
from dealgate.v1 import health_pb2 as pb


def derive(facts: pb.HealthFacts, parameters: HealthParameters, as_of: int) -> pb.HealthFacts:
    """Return the facts with `ages`, and without what is stale; an untold instant has no age.

    Amounts are in one currency, if the rule set names one.
    """
    known = pb.HealthFacts()
    known.CopyFrom(facts)
    convert(known, parameters.currency or "")
    day = today(facts, parameters, as_of)
    ages, customer = known.ages, facts.customer
    ages.SetInParent()
    if customer.HasField("started_on"):
        ages.customer_days = day - day_number(customer.started_on)
    if customer.HasField("renews_on"):
        ages.days_to_renewal = day_number(customer.renews_on) - day
    for name, instant in _instants(facts).items():
        if instant is not None:
            setattr(ages, name, max(as_of - nanoseconds(instant), 0) // DAY)
    for name, most in parameters.stale_after:
        age = f"{name}_days"
        if most is not None and ages.HasField(age) and getattr(ages, age) > most:  # type: ignore[arg-type]
            known.ClearField(name)  # type: ignore[arg-type]
    return known


def today(facts: pb.HealthFacts, parameters: HealthParameters, as_of: int) -> int:
    """Return the ordinal of the day of as_of, where the facts or the rule set say."""
    return day_in(facts.time_zone or parameters.time_zone, as_of)


def _instants(facts: pb.HealthFacts) -> dict[str, Timestamp | None]:
    told = {
        "usage_days": (facts.usage, "measured_at"),
        "login_days": (facts.usage, "last_login_at"),
        "sentiment_days": (facts.sentiment, "given_at"),
        "support_days": (facts.support, "measured_at"),
        "voice_days": (facts.voice, "given_at"),
        "meeting_days": (facts.relationship, "last_meeting_at"),
    }
    return {
        name: getattr(message, field) if message.HasField(field) else None
        for name, (message, field) in told.items()
    }
