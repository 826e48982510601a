"""The steps from the most specific owner to the fallback: the first that can take a lead does.

Routing is not a gate. A rule that could not be judged, or failed, is skipped and listed with what
it lacked, because a lead waits for nobody; and there is always a fallback.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache

from dealgate.kinds.route import answers
from dealgate.kinds.route.availability import Availability, is_away, presence, readiness
from dealgate.kinds.route.deadlines import Duty, office
from dealgate.kinds.route.proposals import Proposals, Proposed
from dealgate.kinds.route.robin import Round, balances_of, turn, weights
from dealgate.kinds.route.terms import RouteEffect, RouteParameters
from dealgate.model.decision import Evidence
from dealgate.model.rules import RuleSet
from dealgate.v1 import route_pb2 as pb

OWNERS = {"account_owner": "owner_id", "contact_owner": "contact_owner_id"}
NOT_NEEDED = pb.ROUTE_ATTEMPT_RESULT_NOT_NEEDED
NOBODY = pb.ROUTE_ATTEMPT_RESULT_NOBODY_AVAILABLE


@dataclass(slots=True)
class Search:
    """The way to an owner, as far as it has been gone.

    `attempts`, `rejected` and `demands` are written already, as fields of the outcome.
    """

    attempts: list[bytes] = field(default_factory=list)
    rejected: list[bytes] = field(default_factory=list)
    owner: pb.Rep | None = None
    stands_in_for: str = ""
    step: pb.RouteStep.ValueType = pb.ROUTE_STEP_FALLBACK
    team: str = ""
    round: Round | None = None
    demands: bytes = b""

    def came_to(self) -> pb.RouteAttemptResult.ValueType:
        """Return what came of asking: whether there is an owner now."""
        return NOBODY if self.owner is None else pb.ROUTE_ATTEMPT_RESULT_TAKEN


def searched(
    facts: pb.RouteFacts,
    ruleset: RuleSet[RouteEffect, RouteParameters],
    evidence: Evidence[RouteEffect],
    duty: Duty,
) -> Search:
    """Try all proposals in order, and return how far that led; no owner: the fallback's."""
    plan = evidence.once(ruleset.once(Proposals).plan)
    search = Search(demands=plan.demands)
    for _, _, proposed, result, missing in plan.proposals:
        effect = proposed.effect
        owner = OWNERS[effect.owner] if effect.owner else ""
        target = effect.team or (getattr(facts.account, owner) if owner else "")
        came_to, lacking = result, missing
        if result == NOT_NEEDED and search.owner is None:
            if owner:
                lacking = _ask_owner(search, proposed, target, facts, duty)
            else:
                _ask_team(search, proposed, facts, plan.skills, duty)
            came_to = search.came_to()
        search.attempts.append(answers.attempt(proposed.head, target, came_to, lacking))
    return search


def _ask_owner(
    search: Search, proposed: Proposed, target: str, facts: pb.RouteFacts, duty: Duty
) -> tuple[str, ...]:
    """An account's owner takes its leads at any workload; else their substitute does.

    Returns the fact that would have said whom to ask.
    """
    if not target.strip():
        return (f"account.{OWNERS[proposed.effect.owner or '']}",)
    reps = {rep.id: (index, rep) for index, rep in enumerate(facts.reps)}
    owner = _asked(search, target, reps, facts, duty)
    if owner is not None:
        search.owner, search.step = owner, proposed.step
    elif target in reps and (backup := reps[target][1].backup_id):
        search.owner = _asked(search, backup, reps, facts, duty)
        if search.owner is not None:
            search.step, search.stands_in_for = proposed.step, target
    return ()


def _asked(
    search: Search,
    name: str,
    reps: Mapping[str, tuple[int, pb.Rep]],
    facts: pb.RouteFacts,
    duty: Duty,
) -> pb.Rep | None:
    """Return the rep of this id if they can act, or reject them."""
    if name not in reps:
        search.rejected.append(answers.rejection(name, [pb.REJECTION_REASON_NOT_LISTED]))
        return None
    there = presence(*reps[name], duty, facts.previous)
    if there.reasons:
        search.rejected.append(there.rejection(""))
        return None
    return there.rep


@lru_cache(maxsize=4096)
def team_key(name: str) -> str:
    """Return what two spellings of one team share: neither case nor blanks tell teams apart."""
    return " ".join(name.split()).casefold()


def _ask_team(
    search: Search, proposed: Proposed, facts: pb.RouteFacts, skills: AbstractSet[str], duty: Duty
) -> None:
    team = proposed.effect.team or ""
    key = team_key(team)
    members = [
        readiness(index, rep, duty, facts, skills)
        for index, rep in enumerate(facts.reps)
        if key in map(team_key, rep.teams)
    ]
    able = [member for member in members if not member.reasons]
    search.rejected += [member.rejection(team) for member in members if member.reasons]
    if not able:
        return
    ready = _at_work(search, able, team, duty)
    shares = weights([one.rep for one in ready], duty.parameters)
    search.round = turn(shares, balances_of(facts.cursor, team))
    search.owner = next(one.rep for one in ready if one.rep.id == search.round.chosen)
    search.step, search.team = proposed.step, team
    search.rejected += [
        one.rejection(team, pb.REJECTION_REASON_OUTWEIGHED)
        for one in ready
        if one.rep is not search.owner
    ]


def _at_work(
    search: Search, able: Sequence[Availability], team: str, duty: Duty
) -> Sequence[Availability]:
    """Prefer those who work now; at night everybody who could take it is asked."""
    working: list[Availability] = []
    others: list[Availability] = []
    usual = duty.parameters.office_hours.office
    is_usually_open = usual.is_open(duty.as_of)
    for one in able:
        calendar = office(one.rep, duty.parameters)
        is_open = is_usually_open if calendar is usual else calendar.is_open(duty.as_of)
        (working if is_open and not is_away(one.rep, duty.as_of) else others).append(one)
    if not working:
        return able
    search.rejected += [one.rejection(team, pb.REJECTION_REASON_OUTSIDE_HOURS) for one in others]
    return working
