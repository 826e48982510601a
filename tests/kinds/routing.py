"""Reps, leads to route, and what becomes of evidence."""

from collections.abc import Mapping
from typing import Any

from google.type.decimal_pb2 import Decimal

from dealgate.kinds.route import ROUTE
from dealgate.model.decision import AnyEvidence
from dealgate.model.rules import AnyRule
from dealgate.v1 import route_pb2 as pb
from dealgate.v1.lead_pb2 import Lead
from tests.kinds import build

PARAMETERS: Mapping[str, Any] = {
    "currency": "EUR",
    "fallback_owner": "queue",
    "fallback_sla": "hour",
    "below_quota_boost": "1.1",
    "slas": {
        "hour": {"minutes": 60},
        "today": {"business_days": 0},
        "now": {"minutes": 5, "escalates": True},
    },
    "ladder": [
        {"after_minutes": 5, "duty": "owner"},
        {"after_minutes": 15, "duty": "backup"},
        {"after_minutes": 30, "duty": "manager"},
        {"after_minutes": 60, "duty": "reassign"},
    ],
}


def proposes(step: str, code: str = "CODE", **target: str) -> AnyRule:
    """Return a rule that proposes a team or an owner."""
    return build.rule(ROUTE, f"to-{code.lower()}", {"code": code, "step": step, **target})


EVERYBODY = proposes("round_robin", team="inbound")


def rep(name: str, room: int = 10, **more: Any) -> pb.Rep:
    """Return a rep of the team "inbound" with so much room."""
    weight = more.pop("weight", None)
    values = {"teams": ["inbound"], "is_active": True, "capacity": room, "open_leads": 0, **more}
    share = None if weight is None else Decimal(value=weight)
    return pb.Rep(id=name, weight=share, **values)


def facts(*reps: pb.Rep, **more: Any) -> pb.RouteFacts:
    """Return a lead and those who may get it."""
    return pb.RouteFacts(lead=Lead(id="L1"), reps=reps, **more)


def routed(
    given: pb.RouteFacts,
    evidence: AnyEvidence | None = None,
    as_of: int = build.AS_OF,
    **changes: Any,
) -> pb.RouteOutcome:
    """Return the outcome of that evidence; by default it is everybody's turn."""
    ruleset = build.ruleset(ROUTE, [EVERYBODY], {**PARAMETERS, **changes})
    assert ROUTE.check(given, ruleset.parameters, as_of) == []
    found = build.fired(EVERYBODY) if evidence is None else evidence
    known = ROUTE.known(given, ruleset.parameters, as_of)
    outcome = ROUTE.conclude(known, ruleset, found, as_of).outcome
    assert isinstance(outcome, pb.RouteOutcome)
    return outcome
