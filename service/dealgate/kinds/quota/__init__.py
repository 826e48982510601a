"""The quota kind: how far is a seller or a team on the way to its quota, and what has it earned?

`credits` says what counts, `ties` what takes back what, `period` how much of whose quota was to be
expected by now, `progress` sets the two side by side, `team` adds up everybody below once, and
`commission` pays the owner.
A quota of 0 has no attainment, and nobody's ranking is shown among a few.
"""

from dealgate.kinds.quota.claims import claimed
from dealgate.kinds.quota.commission import commission
from dealgate.kinds.quota.credits import counted, outside
from dealgate.kinds.quota.period import period_of
from dealgate.kinds.quota.reasons import formulas, reasons
from dealgate.kinds.quota.team import Book, team_of
from dealgate.kinds.quota.terms import QuotaEffect, QuotaParameters
from dealgate.kinds.quota.ties import Bookings
from dealgate.kinds.quota.violations import sound_violations, violations
from dealgate.model.business_time import ordinal
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.kind import Kind
from dealgate.model.rules import RuleSet
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
    bookings = Bookings(facts.credits)
    claims = claimed(ruleset, evidence, bookings)
    parameters = ruleset.parameters
    team = team_of(facts)
    dropped = outside(facts, team, claims, bookings)
    period = period_of(facts, ordinal(as_of))
    book = Book(facts, parameters, period, counted(facts, dropped, claims))
    owner = book.owner()
    outcome = pb.QuotaOutcome(
        owner=book.seller(owner),
        excluded=[
            pb.ExcludedCredit(credit_id=facts.credits[index].id, code=code, rule_id=rule)
            for index, (code, rule) in dropped.items()
        ],
        reasons=reasons(evidence),
        provisional=claims.provisional,
        business_days=period.business_days,
        business_days_elapsed=period.elapsed,
        formulas=formulas(facts),
    )
    outcome.commission.CopyFrom(commission(book.paid(owner, bookings), claims, parameters))
    if len(team) > 1:
        outcome.team.CopyFrom(book.team(owner))
    has_own = outcome.owner.status or not outcome.HasField("team")
    outcome.status = outcome.owner.status if has_own else outcome.team.status
    return Conclusion(outcome, WORDS[outcome.status])


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
)
