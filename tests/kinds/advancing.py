"""A pipeline of five stages and a deal to move along it, by hand."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import text_format

from dealgate.kinds.advance import ADVANCE
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.rules import AnyRule
from dealgate.v1 import advance_pb2 as pb
from tests.kinds import build

PARAMETERS: Mapping[str, Any] = {
    "stages": [
        {"name": "New", "probability": 5, "forecast_category": "pipeline", "pre_qualified": True},
        {"name": "Talk", "probability": 20, "forecast_category": "pipeline", "max_days": 14},
        {
            "name": "Trial",
            "probability": 50,
            "forecast_category": "best_case",
            "may_be_skipped": True,
        },
        {"name": "Offer", "probability": 75.5, "forecast_category": "commit", "max_days": 10},
        {"name": "Won", "probability": 100, "forecast_category": "closed", "closed": "won"},
        {"name": "Lost", "probability": 0, "forecast_category": "omitted", "closed": "lost"},
    ],
    "stands_in": {"vp": ["manager"]},
}


def deal(source: str, target: str, more: str = "") -> pb.AdvanceFacts:
    """Return a deal to move; `more` in protobuf's text format."""
    facts = pb.AdvanceFacts(target_stage=target)
    facts.opportunity.id = "O-1"
    facts.opportunity.stage_name = source
    return text_format.Merge(more, facts)


def rule(name: str, over: str = "", **effect: Any) -> AnyRule:
    """Return a rule that makes this claim."""
    return build.rule(ADVANCE, name, effect, over)


def advanced(facts: pb.AdvanceFacts, evidence: AnyEvidence | None = None) -> pb.AdvanceOutcome:
    """Check the facts, conclude, and return the outcome."""
    found = evidence or Evidence()
    rules: list[AnyRule] = [one.rule for one in found.fired]
    rules += [one.rule for one in found.undecided]
    rules += [one.rule for one in found.failed]
    rules.sort(key=lambda one: one.id)
    ruleset = build.ruleset(ADVANCE, rules, PARAMETERS)
    assert ADVANCE.check(facts, ruleset.parameters, build.AS_OF) == []
    known = ADVANCE.known(facts, ruleset.parameters, build.AS_OF)
    outcome = ADVANCE.conclude(known, ruleset, found, build.AS_OF).outcome
    assert isinstance(outcome, pb.AdvanceOutcome)
    return outcome


def decided(outcome: pb.AdvanceOutcome) -> str:
    """Return the decision in one word."""
    return pb.AdvanceDecision.Name(outcome.decision).removeprefix("ADVANCE_DECISION_")


def codes(outcome: pb.AdvanceOutcome) -> list[str]:
    """Return the codes of the reasons in order."""
    return [reason.code for reason in outcome.reasons]
