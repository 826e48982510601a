"""The steps from the most specific owner to the fallback: the first that can take a lead does.

Routing is no gate. A rule that could not be judged, or went wrong, is passed over and listed with
what it lacked, because a lead waits for nobody; and there is always a fallback.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from dealgate.kinds.route.availability import Availability, is_away, presence, readiness
from dealgate.kinds.route.deadlines import Duty, office
from dealgate.kinds.route.robin import Round, balances_of, turn, weights
from dealgate.kinds.route.terms import RouteEffect
from dealgate.model import words
from dealgate.model.decision import Evidence, Failed, Fired, Undecided
from dealgate.model.quick import quick
from dealgate.model.rules import Location
from dealgate.v1 import route_pb2 as pb

ORDER = ("named_account", "same_account", "team", "territory", "round_robin")
OWNERS = {"account_owner": "owner_id", "contact_owner": "contact_owner_id"}
RESULTS = {
    Fired: pb.ROUTE_ATTEMPT_RESULT_NOT_NEEDED,
    Undecided: pb.ROUTE_ATTEMPT_RESULT_UNDECIDED,
    Failed: pb.ROUTE_ATTEMPT_RESULT_FAILED,
}


@quick
@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a rule would send the lead, and whether it could be judged."""

    effect: RouteEffect
    rule_id: str
    index: Location
    result: pb.RouteAttemptResult.ValueType
    missing: Sequence[str] = ()

    @property
    def rank(self) -> tuple[int, str, int, int]:
        """The order in which proposals are tried: by step, then as they stand in the file."""
        index = self.index
        return ORDER.index(self.effect.step or ""), index.file, index.line, index.column


@dataclass(slots=True)
class Search:
    """The way to an owner, as far as it has been gone."""

    attempts: list[pb.RouteAttempt] = field(default_factory=list)
    rejected: list[pb.RejectedRep] = field(default_factory=list)
    owner: pb.Rep | None = None
    stands_in_for: str = ""
    step: pb.RouteStep.ValueType = pb.ROUTE_STEP_FALLBACK
    team: str = ""
    round: Round | None = None
    demands: list[pb.SkillDemand] = field(default_factory=list)


def searched(facts: pb.RouteFacts, evidence: Evidence[RouteEffect], duty: Duty) -> Search:
    """Try all proposals in order, and return how far that led; no owner: the fallback's."""
    search = Search(demands=_demands(evidence))
    skills = {demand.skill for demand in search.demands}
    for proposal in sorted(_proposals(evidence), key=lambda item: item.rank):
        attempt = _attempt(proposal, facts)
        search.attempts.append(attempt)
        if search.owner is not None or attempt.result != pb.ROUTE_ATTEMPT_RESULT_NOT_NEEDED:
            continue
        if proposal.effect.owner is not None:
            _ask_owner(search, attempt, OWNERS[proposal.effect.owner], facts, duty)
        else:
            _ask_team(search, attempt, facts, skills, duty)
        taken = search.owner is not None
        attempt.result = (
            pb.ROUTE_ATTEMPT_RESULT_TAKEN if taken else pb.ROUTE_ATTEMPT_RESULT_NOBODY_AVAILABLE
        )
    return search


def _demands(evidence: Evidence[RouteEffect]) -> list[pb.SkillDemand]:
    effects = (hit.rule.then for hit in evidence.fired)
    return [
        pb.SkillDemand(code=effect.code, skill=effect.skill) for effect in effects if effect.skill
    ]


def _proposals(evidence: Evidence[RouteEffect]) -> Iterator[Proposal]:
    hits: Sequence[Fired[RouteEffect] | Undecided[RouteEffect] | Failed[RouteEffect]]
    for hits in (evidence.fired, evidence.undecided, evidence.failed):
        for one in hits:
            effect = one.rule.then
            if effect.step is not None:
                missing = one.missing if isinstance(one, Undecided) else ()
                yield Proposal(effect, one.rule.id, one.rule.location, RESULTS[type(one)], missing)


def _attempt(proposal: Proposal, facts: pb.RouteFacts) -> pb.RouteAttempt:
    effect = proposal.effect
    owner = getattr(facts.account, OWNERS[effect.owner]) if effect.owner else ""
    return pb.RouteAttempt(
        rule_id=proposal.rule_id,
        code=effect.code,
        step=words.number_of(pb.RouteStep, effect.step or ""),
        target=effect.team or owner,
        result=proposal.result,
        missing_facts=proposal.missing,
    )


def _ask_owner(
    search: Search, attempt: pb.RouteAttempt, field_name: str, facts: pb.RouteFacts, duty: Duty
) -> None:
    """An account's own owner takes its leads however full the desk is; else who stands in."""
    if not attempt.target.strip():
        attempt.missing_facts.append(f"account.{field_name}")
        return
    reps = {rep.id: (index, rep) for index, rep in enumerate(facts.reps)}
    owner = _asked(search, attempt.target, reps, facts, duty)
    if owner is not None:
        search.owner, search.step = owner, attempt.step
    elif attempt.target in reps and (backup := reps[attempt.target][1].backup_id):
        search.owner = _asked(search, backup, reps, facts, duty)
        if search.owner is not None:
            search.step, search.stands_in_for = attempt.step, attempt.target


def _asked(
    search: Search,
    name: str,
    reps: Mapping[str, tuple[int, pb.Rep]],
    facts: pb.RouteFacts,
    duty: Duty,
) -> pb.Rep | None:
    """Return the rep of this id if they can act, or reject them."""
    if name not in reps:
        reason = [pb.REJECTION_REASON_NOT_LISTED]
        search.rejected.append(pb.RejectedRep(rep_id=name, reasons=reason))
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
    search: Search,
    attempt: pb.RouteAttempt,
    facts: pb.RouteFacts,
    skills: set[str],
    duty: Duty,
) -> None:
    team = attempt.target
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
    search.step, search.team = attempt.step, team
    search.rejected += [
        one.rejection(team, pb.REJECTION_REASON_OUTWEIGHED)
        for one in ready
        if one.rep is not search.owner
    ]


def _at_work(
    search: Search, able: Sequence[Availability], team: str, duty: Duty
) -> Sequence[Availability]:
    """Prefer those who work now; at night everybody who could take it is asked."""
    working = [
        one
        for one in able
        if office(one.rep, duty.parameters).is_open(duty.as_of) and not is_away(one.rep, duty.as_of)
    ]
    if not working:
        return able
    search.rejected += _outside(able, working, team)
    return working


def _outside(
    able: Iterable[Availability], working: Sequence[Availability], team: str
) -> list[pb.RejectedRep]:
    return [
        one.rejection(team, pb.REJECTION_REASON_OUTSIDE_HOURS) for one in able if one not in working
    ]
