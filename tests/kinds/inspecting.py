"""A pipeline to inspect, by hand, seen on Wednesday 15 July 2026."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import text_format
from google.type.date_pb2 import Date

from dealgate.kinds.inspect import INSPECT
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.money import from_minor
from dealgate.model.rules import AnyRule
from dealgate.v1 import inspect_pb2 as pb
from tests.kinds import build

TODAY = dt.date(2026, 7, 15)
PARAMETERS: Mapping[str, Any] = {
    "stages": [
        {"name": "New", "probability": 10, "forecast_category": "pipeline"},
        {"name": "Offer", "probability": 75, "forecast_category": "commit"},
    ],
    "closed_stages": ["Won"],
    "never_snoozed": ["LATE"],
}


def day(after: int) -> Date:
    """Return the day so many days after today."""
    of = TODAY + dt.timedelta(days=after)
    return Date(year=of.year, month=of.month, day=of.day)


def deal(
    name: str, stage: str = "New", units: int | None = None, more: str = ""
) -> pb.PipelineDeal:
    """Return a deal; `more` in protobuf's text format."""
    found = pb.PipelineDeal()
    found.opportunity.id, found.opportunity.stage_name = name, stage
    if units is not None:
        found.opportunity.amount.CopyFrom(from_minor(units * 100, "EUR"))
    return text_format.Merge(more, found)


def pipeline(*deals: pb.PipelineDeal, more: str = "") -> pb.InspectFacts:
    """Return the facts; `more` in protobuf's text format."""
    return text_format.Merge(more, pb.InspectFacts(id="emea", deals=deals))


def seconds(days_ago: float) -> str:
    """Return an instant so many days before today's noon, as protobuf's text format writes it."""
    return f"{{ seconds: {int(build.AS_OF // 10**9 - days_ago * 86400)} }}"


def rule(name: str, over: str = "deals", **effect: Any) -> AnyRule:
    """Return a rule that finds this issue."""
    then = {"issue": name.upper(), "penalty": 10, "fix": "Mend it.", **effect}
    return build.rule(INSPECT, name, then, over)


def measured(facts: pb.InspectFacts) -> Sequence[pb.DealMeasures]:
    """Return what is computed of each deal."""
    ruleset = build.ruleset(INSPECT, [], PARAMETERS)
    assert INSPECT.check(facts, ruleset.parameters, build.AS_OF) == []
    known = INSPECT.known(facts, ruleset.parameters, build.AS_OF)
    return [each.measures for each in known.deals]


def inspected(
    facts: pb.InspectFacts, evidence: AnyEvidence | None = None, **parameters: Any
) -> pb.InspectOutcome:
    """Check the facts, derive, conclude, and return the outcome."""
    ruleset = build.ruleset(INSPECT, [], {**PARAMETERS, **parameters})
    assert INSPECT.check(facts, ruleset.parameters, build.AS_OF) == []
    known = INSPECT.known(facts, ruleset.parameters, build.AS_OF)
    outcome = INSPECT.conclude(known, ruleset, evidence or Evidence(), build.AS_OF).outcome
    assert isinstance(outcome, pb.InspectOutcome)
    return outcome
