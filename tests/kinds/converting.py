"""Leads to convert, and what becomes of evidence."""

from collections.abc import Mapping
from typing import Any

from dealgate.kinds.convert import CONVERT
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.rules import AnyRule
from dealgate.v1 import convert_pb2 as pb
from dealgate.v1.lead_pb2 import Lead
from tests.kinds import build

PARAMETERS: Mapping[str, Any] = {"currency": "EUR", "field_mapping": {"A__c": "Opportunity.A__c"}}


def claims(code: str, **then: Any) -> AnyRule:
    """Return a rule that claims `then`, named after its code."""
    return build.rule(CONVERT, code.lower().replace("_", "-"), then)


def needs(code: str, field: str, rank: int = 50) -> AnyRule:
    """Return a rule that needs a fact."""
    return claims(code, need=code, field=field, rank=rank)


def facts(**more: Any) -> pb.ConvertFacts:
    """Return a lead to convert."""
    return pb.ConvertFacts(lead=Lead(id="L1"), **more)


def segment(name: str, converted: int, lost: int, open_: int = 0) -> pb.FunnelSegment:
    """Return how leads of a kind fared."""
    return pb.FunnelSegment(name=name, converted=converted, lost=lost, open=open_)


def converted(
    given: pb.ConvertFacts, evidence: AnyEvidence | None = None, **changes: Any
) -> pb.ConvertOutcome:
    """Return the outcome of that evidence."""
    ruleset = build.ruleset(CONVERT, [], {**PARAMETERS, **changes})
    assert CONVERT.check(given, ruleset.parameters, build.AS_OF) == []
    known = CONVERT.known(given, ruleset.parameters, build.AS_OF)
    outcome = CONVERT.conclude(known, ruleset, evidence or Evidence(), build.AS_OF).outcome
    assert isinstance(outcome, pb.ConvertOutcome)
    return outcome
