"""The route kind: whose lead is this, and by when must they act?

`steps` goes from the most specific owner to the fallback, `robin` says whose turn it is in a
team, `deadlines` what follows in business time.

Where a round robin stands is part of the question, and moving it a turn of its series: of two
answers that would move it from the same place, the journal keeps one, and the other fails.
"""

from functools import cache
from importlib.metadata import version

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.route.deadlines import promised
from dealgate.kinds.route.robin import DEFAULT, moved, series, weight
from dealgate.kinds.route.steps import Search, searched
from dealgate.kinds.route.terms import RouteEffect, RouteParameters
from dealgate.kinds.route.violations import violations
from dealgate.model.decision import Conclusion, Evidence, Turn
from dealgate.model.kind import Kind
from dealgate.model.points import plain
from dealgate.model.rules import RuleSet
from dealgate.v1 import route_pb2 as pb


def conclude(
    facts: pb.RouteFacts,
    ruleset: RuleSet[RouteEffect, RouteParameters],
    evidence: Evidence[RouteEffect],
    as_of: int,
) -> Conclusion:
    """Return the RouteOutcome; its word is the step, such as "territory"."""
    parameters = ruleset.parameters
    search = searched(facts, parameters, evidence, as_of)
    if search.owner is None:
        search.attempts.append(_fallback(parameters))
    code, deadlines = promised(evidence, parameters, search.owner, as_of)
    cursor = _cursor(facts, search)
    outcome = pb.RouteOutcome(
        owner_id=parameters.fallback_owner if search.owner is None else search.owner.id,
        step=search.step,
        team=search.team,
        attempts=search.attempts,
        rejected=search.rejected,
        weights=_weights(facts, parameters, search),
        deadlines=deadlines,
        sla_code=code,
        cursor=cursor,
        reference_data=reference_data(),
        demands=search.demands,
    )
    word = pb.RouteStep.Name(outcome.step).removeprefix("ROUTE_STEP_").lower()
    turn = Turn(series(cursor), cursor.version) if search.round else None
    return Conclusion(outcome, word, turn=turn)


@cache
def reference_data() -> tuple[str, ...]:
    """Return the lists that deadlines rest on, with their versions."""
    return (f"holidays {version('holidays')}",)


def _fallback(parameters: RouteParameters) -> pb.RouteAttempt:
    return pb.RouteAttempt(
        code="FALLBACK",
        step=pb.ROUTE_STEP_FALLBACK,
        target=parameters.fallback_owner,
        result=pb.ROUTE_ATTEMPT_RESULT_TAKEN,
    )


def _cursor(facts: pb.RouteFacts, search: Search) -> pb.RoundRobinCursor:
    """Return where the round robin stands now: as before, unless a team was asked."""
    if search.round is None:
        return pb.RoundRobinCursor(
            name=facts.cursor.name or DEFAULT,
            version=facts.cursor.version,
            balances=facts.cursor.balances,
        )
    members = [rep.id for rep in facts.reps if search.team in rep.teams]
    return moved(facts.cursor, search.team, search.round.balances, members)


def _weights(
    facts: pb.RouteFacts, parameters: RouteParameters, search: Search
) -> list[pb.RepWeight]:
    if search.round is None:
        return []
    owed, chosen = search.round.owed, search.round.chosen
    return [
        pb.RepWeight(
            rep_id=rep.id,
            weight=DecimalMessage(value=plain(weight(rep, parameters))),
            balance=owed[rep.id],
            chosen=rep.id == chosen,
        )
        for rep in facts.reps
        if rep.id in owed
    ]


ROUTE = Kind(
    name="route",
    request=pb.RouteLeadRequest,
    response=pb.RouteLeadResponse,
    facts=pb.RouteFacts,
    effect=RouteEffect,
    parameters=RouteParameters,
    entity="lead/lead.id",
    check=violations,
    conclude=conclude,
)
