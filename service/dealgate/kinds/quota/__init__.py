"""The quota kind: how far is a seller or a team on the way to its quota, and what has it earned?

`credits` says what counts, `ties` what takes back what, `period` how much of whose quota was to be
expected by now, `progress` sets the two side by side, `team` adds up everybody below once, and
`commission` pays the owner.
A quota of 0 has no attainment, and nobody's ranking is shown among a few.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dealgate.kinds.quota.claims import Claims, claimed
from dealgate.kinds.quota.commission import commission
from dealgate.kinds.quota.credits import counted, outside
from dealgate.kinds.quota.on_top import specialists
from dealgate.kinds.quota.period import period_of
from dealgate.kinds.quota.reasons import formulas, reasons
from dealgate.kinds.quota.stakes import PROOFS
from dealgate.kinds.quota.team import Book, team_of
from dealgate.kinds.quota.terms import QuotaEffect, QuotaParameters
from dealgate.kinds.quota.ties import Bookings
from dealgate.kinds.quota.violations import sound_violations, violations
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.kind import Kind
from dealgate.model.numbers import numbers_of
from dealgate.model.rules import RuleSet
from dealgate.model.zones import day_in
from dealgate.v1 import quota_pb2 as pb

WORDS = {
    pb.PACE_STATUS_UNSPECIFIED: "unknown",
    pb.PACE_STATUS_AHEAD: "ahead",
    pb.PACE_STATUS_ON_TRACK: "on_track",
    pb.PACE_STATUS_AT_RISK: "at_risk",
    pb.PACE_STATUS_OFF_TRACK: "off_track",
}


def conclude(
    facts: pb.QuotaFacts,
    ruleset: RuleSet[QuotaEffect, QuotaParameters],
    evidence: Evidence[QuotaEffect],
    as_of: int,
) -> Conclusion:
    """Return the QuotaOutcome; its word is ahead, on_track, at_risk, off_track or unknown.

    Raises RulesFailed if a rule went wrong: a sum without one of its parts is a wrong sum.
    """
    counted = _counted(facts, ruleset, evidence, as_of)
    outcome = _measured(counted)
    outcome.excluded.extend(
        pb.ExcludedCredit(credit_id=facts.credits[index].id, code=code, rule_id=rule)
        for index, (code, rule) in counted.dropped.items()
    )
    outcome.reasons.extend(reasons(evidence))
    outcome.provisional = counted.claims.provisional
    outcome.formulas.extend(formulas(facts))
    if outcome.HasField("team"):
        outcome.team.members.extend(counted.book.members())
    return Conclusion(outcome, WORDS[outcome.status])


def brief(
    facts: pb.QuotaFacts,
    ruleset: RuleSet[QuotaEffect, QuotaParameters],
    evidence: Evidence[QuotaEffect],
    as_of: int,
) -> Brief:
    """Return status and numbers as `conclude` does, without members and explanations."""
    outcome = _measured(_counted(facts, ruleset, evidence, as_of))
    return Brief(WORDS[outcome.status], numbers_of(outcome))


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts for the owner and the team, and what does not, with the rule that says so."""

    book: Book
    bookings: Bookings
    claims: Claims
    dropped: Mapping[int, tuple[str, str]]
    is_team: bool


def _counted(
    facts: pb.QuotaFacts,
    ruleset: RuleSet[QuotaEffect, QuotaParameters],
    evidence: Evidence[QuotaEffect],
    as_of: int,
) -> Counted:
    bookings = Bookings(facts.credits, specialists(facts))
    claims = claimed(ruleset, evidence, bookings)
    team = team_of(facts)
    dropped = outside(facts, team, claims, bookings)
    period = period_of(facts, day_in(facts.time_zone or ruleset.parameters.time_zone, as_of))
    book = Book(facts, ruleset.parameters, period, counted(facts, dropped, claims))
    return Counted(book, bookings, claims, dropped, len(team) > 1)


def _measured(counted: Counted) -> pb.QuotaOutcome:
    """Return an outcome with its status and its numbers."""
    book = counted.book
    owner = book.owner()
    outcome = pb.QuotaOutcome(
        owner=book.seller(owner),
        business_days=book.period.business_days,
        business_days_elapsed=book.period.elapsed,
    )
    paid = book.paid(owner, counted.bookings)
    outcome.commission.CopyFrom(commission(paid, counted.claims, book.parameters))
    if counted.is_team:
        outcome.team.CopyFrom(book.team(owner))
    has_own = outcome.owner.status or not outcome.HasField("team")
    outcome.status = outcome.owner.status if has_own else outcome.team.status
    return outcome


QUOTA = Kind(
    name="quota",
    request=pb.TrackQuotaRequest,
    response=pb.TrackQuotaResponse,
    facts=pb.QuotaFacts,
    effect=QuotaEffect,
    parameters=QuotaParameters,
    entity="seller/owner_id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    proofs=PROOFS,
)
