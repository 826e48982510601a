"""The route kind: whose lead is this, and by when must they act?

`steps` goes from the most specific owner to the fallback, `robin` says whose turn it is in a
team, `deadlines` what follows in business time.

Where a round robin stands is part of the question, and moving it a turn of its series: of two
answers that would move it from the same place, the journal keeps one, and the other fails.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from dealgate.kinds.route import answers
from dealgate.kinds.route.deadlines import duty_of, promised
from dealgate.kinds.route.robin import DEFAULT, moved, series
from dealgate.kinds.route.steps import Search, searched, team_key
from dealgate.kinds.route.terms import RouteEffect, RouteParameters
from dealgate.kinds.route.turns import TURN
from dealgate.kinds.route.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence, Turn, Written
from dealgate.model.exchange import convert
from dealgate.model.instants import nanoseconds
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_lead
from dealgate.model.lookups import KindLookups
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
    search = searched(facts, ruleset, evidence, duty)
    owner_id = parameters.fallback_owner
    if search.owner is None:
        search.attempts.append(_fallback(parameters))
    else:
        owner_id = search.owner.id
    code, deadlines = promised(duty, search.owner)
    name, version, balances = _cursor(facts, search)
    previous = facts.previous.owner_id
    data = b"".join(
        (
            answers.OWNER_ID(owner_id),
            answers.STEP(search.step),
            answers.TEAM(search.team),
            *search.attempts,
            *search.rejected,
            *_weights(facts, search),
            *deadlines,
            answers.SLA_CODE(code),
            answers.cursor(name, version, balances),
            answers.reference_data(),
            search.demands,
            answers.conversions(facts),
            answers.STANDS_IN_FOR(search.stands_in_for),
            answers.REASSIGNED_FROM("" if owner_id == previous else previous),
            *map(answers.UNKNOWN_TEAMS, _unknown_teams(facts, ruleset)),
        )
    )
    word = words.of(pb.RouteStep, search.step)
    turn = Turn(series(name), version) if search.round else None
    return Conclusion(Written(pb.RouteOutcome, data), word, turn=turn)


def brief(
    facts: pb.RouteFacts,
    ruleset: RuleSet[RouteEffect, RouteParameters],
    evidence: Evidence[RouteEffect],
    as_of: int,
) -> Brief:
    """Return the step, and where the round robin stands, as `conclude` does."""
    search = searched(facts, ruleset, evidence, duty_of(evidence, ruleset.parameters, as_of))
    version = facts.cursor.version + (search.round is not None)
    return Brief(words.of(pb.RouteStep, search.step), {"cursor.version": float(version)})


def _unknown_teams(
    facts: pb.RouteFacts, ruleset: RuleSet[RouteEffect, RouteParameters]
) -> list[str]:
    """Return teams of reps that are spelt almost like one that rules name."""
    named = ruleset.once(_named_teams)
    given = dict.fromkeys([team for rep in facts.reps for team in rep.teams])
    return [team for team in given if _is_misspelt(team_key(team), named)]


def _named_teams(ruleset: RuleSet[RouteEffect, RouteParameters]) -> frozenset[str]:
    return frozenset(team_key(rule.then.team) for rule in ruleset.rules if rule.then.team)


@lru_cache(maxsize=4096)
def _is_misspelt(team: str, named: frozenset[str]) -> bool:
    return team not in named and bool(get_close_matches(team, named, 1, CLOSE))


def _fallback(parameters: RouteParameters) -> bytes:
    head = answers.head("", "FALLBACK", pb.ROUTE_STEP_FALLBACK)
    return answers.attempt(head, parameters.fallback_owner, pb.ROUTE_ATTEMPT_RESULT_TAKEN)


def _cursor(facts: pb.RouteFacts, search: Search) -> tuple[str, int, Iterable[bytes]]:
    """Return where the round robin stands now: as before, unless a team was asked."""
    cursor = facts.cursor
    name = cursor.name or DEFAULT
    if search.round is None:
        return name, cursor.version, map(answers.kept, cursor.balances)
    key = team_key(search.team)
    members = {rep.id for rep in facts.reps if key in map(team_key, rep.teams)}
    return name, cursor.version + 1, moved(cursor, search.team, search.round.balances, members)


def _weights(facts: pb.RouteFacts, search: Search) -> list[bytes]:
    if search.round is None:
        return []
    owed, weights, chosen = search.round.owed, search.round.weights, search.round.chosen
    ids = [rep.id for rep in facts.reps]
    return [
        answers.weight(id_, weights[id_], owed[id_], chosen=id_ == chosen)
        for id_ in ids
        if id_ in owed
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
