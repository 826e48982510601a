"""Kinds, rule sets and requests that these tests are about."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate.model.decision import Conclusion
from dealgate.model.errors import Violation
from dealgate.model.kind import AnyKind, Kind
from dealgate.model.rules import AnyRuleSet, Each, Expression, Location, Rule, RuleSet
from dealgate.v1 import qualify_pb2, score_pb2
from dealgate.v1.decision_pb2 import DecisionOptions

NOON = 1_780_315_200_000_000_000  # 2026-06-01T12:00:00Z
HERE = Location("rules/score/v1.yaml", 7, 3)


class Claim(BaseModel):
    """What a rule of these tests may claim."""

    points: int


def lead_kind(
    name: str, request: Any, response: Any, facts: Any, outcome: type[Message]
) -> AnyKind:
    """Return a kind that wants a lead's id and concludes the same of every lead."""

    def check(given: Any, _parameters: Claim, _as_of: int) -> Sequence[Violation]:
        return [] if given.lead.id else [Violation("lead.id", "is required; give your id")]

    return Kind(
        name=name,
        request=request,
        response=response,
        facts=facts,
        effect=Claim,
        parameters=Claim,
        entity="lead/lead.id",
        check=check,
        conclude=lambda *_: Conclusion(outcome(), "WARM"),
    )


SCORE = lead_kind(
    "score",
    score_pb2.ScoreLeadRequest,
    score_pb2.ScoreLeadResponse,
    score_pb2.ScoreFacts,
    score_pb2.ScoreOutcome,
)
QUALIFY = lead_kind(
    "qualify",
    qualify_pb2.QualifyLeadRequest,
    qualify_pb2.QualifyLeadResponse,
    qualify_pb2.QualifyFacts,
    qualify_pb2.QualifyOutcome,
)
KINDS = {"score": SCORE, "qualify": QUALIFY}


def cel(source: str) -> Expression:
    """Return an expression nobody compiles."""
    return Expression(source, "bool", b"", HERE)


WARM = Rule("warm", cel("lead.id != ''"), Claim(points=5), "A lead is a lead.", HERE)
TOUCHED = Rule(
    "touched", None, Claim(points=1), "Each counts.", HERE, each=Each("a", cel("activities"))
)


def ruleset(kind: str = "score", version: int = 1) -> AnyRuleSet:
    """Return a rule set of two rules."""
    because = f"{kind} as it was in version {version}"
    return RuleSet(
        kind=kind,
        version=version,
        owner="revenue-operations",
        because=because,
        digest=f"{version:064x}",
        message=score_pb2.ScoreFacts.DESCRIPTOR,
        constants={},
        facts={},
        rules=[WARM, TOUCHED],
        parameters=Claim(points=0),
        location=HERE,
    )


def score(lead: str = "L1", **options: Any) -> score_pb2.ScoreLeadRequest:
    """Return a request to score the lead."""
    request = score_pb2.ScoreLeadRequest(options=DecisionOptions(**options))
    request.facts.lead.id = lead
    return request


def qualify(lead: str = "L1", **options: Any) -> qualify_pb2.QualifyLeadRequest:
    """Return a request to qualify the lead."""
    request = qualify_pb2.QualifyLeadRequest(options=DecisionOptions(**options))
    request.facts.lead.id = lead
    return request
