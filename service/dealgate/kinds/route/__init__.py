"""The route kind: whose lead is this, and by when must they act?

`steps` goes from the most specific owner to the fallback, `robin` says whose turn it is in a
team, `deadlines` what follows in business time.

Where a round robin stands is part of the question, and moving it a turn of its series: of two
answers that would move it from the same place, the journal keeps one, and the other fails.
"""

from difflib import get_close_matches
from functools import cache
from importlib.metadata import version

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.route.deadlines import duty_of, promised
from dealgate.kinds.route.robin import DEFAULT, moved, series
from dealgate.kinds.route.steps import Search, searched, team_key
from dealgate.kinds.route.terms import RouteEffect, RouteParameters
from dealgate.kinds.route.turns import TURN
from dealgate.kinds.route.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence, Turn
from dealgate.model.exchange import convert
from dealgate.model.instants import nanoseconds
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_lead
from dealgate.model.lookups import KindLookups
from dealgate.model.points import plain
from dealgate.model.rules import RuleSet
from dealgate.v1 import route_pb2 as pb

# How alike two names of teams are, of which one is probably the other misspelt.
CLOSE = 0.8


def derive(facts: pb.RouteFacts, parameters: RouteParameters, as_of: int) -> pb.RouteFacts:
    """Return the facts as rules read them: amounts in one currency, and the missed deadline."""
    known = pb.RouteFacts()
    known.CopyFrom(facts)
    read_lead(known.lead)
    convert(known, parameters.currency)
    previous = known.previous
    if previous.HasField("due_at"):
        acted = nanoseconds(previous.contacted_at) if previous.HasField("contacted_at") else as_of
        previous.missed_deadline = acted > nanoseconds(previous.due_at)
    return known


def conclude(
    facts: pb.RouteFacts,
    ruleset: RuleSet[RouteEffect, RouteParameters],
    evidence: Evidence[RouteEffect],
    as_of: int,
) -> Conclusion:
    """Return the RouteOutcome; its word is the step, such as "territory"."""
    parameters: RouteParameters = ruleset.parameters
    duty = duty_of(evidence, parameters, as_of)
    search = searched(facts, evidence, duty)
    if search.owner is None:
        search.attempts.append(_fallback(parameters))
    code, deadlines = promised(duty, search.owner)
    cursor = _cursor(facts, search)
    owner_id = parameters.fallback_owner if search.owner is None else search.owner.id
    outcome = pb.RouteOutcome(
        owner_id=owner_id,
        step=search.step,
        team=search.team,
        attempts=search.attempts,
        rejected=search.rejected,
        weights=_weights(facts, search),
        deadlines=deadlines,
        sla_code=code,
        cursor=cursor,
        reference_data=reference_data(),
        demands=search.demands,
        conversions=facts.conversions,
        stands_in_for=search.stands_in_for,
        reassigned_from="" if owner_id == facts.previous.owner_id else facts.previous.owner_id,
        unknown_teams=_unknown_teams(facts, ruleset),
    )
    word = words.of(pb.RouteStep, outcome.step)
    turn = Turn(series(cursor), cursor.version) if search.round else None
    return Conclusion(outcome, word, turn=turn)


def brief(
    facts: pb.RouteFacts,
    ruleset: RuleSet[RouteEffect, RouteParameters],
    evidence: Evidence[RouteEffect],
    as_of: int,
) -> Brief:
    """Return the step, and where the round robin stands, as `conclude` does."""
    search = searched(facts, evidence, duty_of(evidence, ruleset.parameters, as_of))
    version = float(_cursor(facts, search).version)
    return Brief(words.of(pb.RouteStep, search.step), {"cursor.version": version})


def _unknown_teams(
    facts: pb.RouteFacts, ruleset: RuleSet[RouteEffect, RouteParameters]
) -> list[str]:
    """Return teams of reps that are spelt almost like one that rules name."""
    named = {team_key(rule.then.team) for rule in ruleset.rules if rule.then.team}
    given = dict.fromkeys(team for rep in facts.reps for team in rep.teams)
    strange = [team for team in given if team_key(team) not in named]
    return [team for team in strange if get_close_matches(team_key(team), named, 1, CLOSE)]


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
    key = team_key(search.team)
    members = [rep.id for rep in facts.reps if key in map(team_key, rep.teams)]
    return moved(facts.cursor, search.team, search.round.balances, members)


def _weights(facts: pb.RouteFacts, search: Search) -> list[pb.RepWeight]:
    if search.round is None:
        return []
    owed, chosen = search.round.owed, search.round.chosen
    return [
        pb.RepWeight(
            rep_id=rep.id,
            weight=DecimalMessage(value=plain(search.round.weights[rep.id])),
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
    check_sound=sound_violations,
    conclude=conclude,
    derive=derive,
    derive_reads=("currency",),
    lookups=KindLookups(turn=TURN),
    brief=brief,
)
