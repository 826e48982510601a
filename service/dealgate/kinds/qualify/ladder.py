"""The fold of qualify: the gravest disposition that fired wins, unless something holds it.

Unknown is never no. If the answer so far would let a lead pass, or send it away, while a
graver rule is undecided, it is HOLD, and the missing facts are asked for. Two exceptions:

* A refusal (ineligible, disqualified) stands, whatever else is unknown, wrong or missing: an
  undecided rule before it could only refuse the lead more gravely.
* An undecided `sql` does not withhold `mql`. It only promises more, and most leads that
  marketing qualifies have not yet told anybody their budget.

A rule that went wrong holds anything but a refusal, wherever it stands: the gate stays shut.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.kinds.qualify.terms import DispositionName, QualifyEffect, QualifyParameters
from dealgate.model.decision import Evidence, Failed, Undecided
from dealgate.model.quick import quick
from dealgate.model.rules import RuleSet
from dealgate.v1 import qualify_pb2 as pb

ORDER: Sequence[DispositionName] = (
    "ineligible",
    "disqualified",
    "customer_route",
    "sql",
    "mql",
    "recycle",
    "nurture",
    "hold",
)
DECIDING_MAX = 3
REFUSALS = ("ineligible", "disqualified")


@quick
@dataclass(frozen=True, slots=True)
class Verdict:
    """The disposition, its codes, and if it is hold: why, because of which rules and facts."""

    disposition: DispositionName
    codes: Sequence[str] = ()
    withheld: DispositionName | None = None
    reasons: Sequence[pb.HoldReason.ValueType] = ()
    holding: Sequence[str] = ()
    missing: Sequence[str] = ()


def judged(
    evidence: Evidence[QualifyEffect], ruleset: RuleSet[QualifyEffect, QualifyParameters]
) -> Verdict:
    """Return the verdict on the evidence."""
    winner = _gravest(evidence)
    codes = _codes(evidence, winner)
    if winner in REFUSALS:
        return Verdict(winner, codes)
    undecided = [one for one in evidence.undecided if _could_change(one, winner)]
    incomplete = evidence.facts_known < ruleset.parameters.min_completeness * evidence.facts_read
    verdict = {
        pb.HOLD_REASON_RULE: winner == "hold",
        pb.HOLD_REASON_UNDECIDED_RULE: bool(undecided),
        pb.HOLD_REASON_FAILED_RULE: bool(evidence.failed),
        pb.HOLD_REASON_INCOMPLETE_FACTS: incomplete,
        pb.HOLD_REASON_NO_RULE: winner is None,
    }
    reasons = [reason for reason, holds in verdict.items() if holds]
    if winner is not None and not reasons:
        return Verdict(winner, codes)
    missing = {path for one in undecided for path in one.missing}
    return Verdict(
        "hold",
        codes if winner == "hold" else (),
        withheld=None if winner == "hold" else winner,
        reasons=reasons,
        holding=_in_file_order([*undecided, *evidence.failed], ruleset),
        missing=sorted(missing.union(evidence.missing if incomplete else ())),
    )


def deciding(verdict: Verdict, evidence: Evidence[QualifyEffect]) -> list[str]:
    """Return the missing facts that are most likely to settle a hold, at most three.

    They are those of the gravest rule that could still fire and lacks the fewest facts.
    """
    if verdict.disposition != "hold":
        return []
    holding = [one for one in evidence.undecided if one.rule.id in verdict.holding]
    nearest = sorted(holding, key=lambda item: (len(item.missing), _gravity(item)))
    paths = dict.fromkeys(path for one in nearest for path in one.missing)
    return list(paths)[:DECIDING_MAX]


def _gravity(undecided: Undecided[QualifyEffect]) -> int:
    return ORDER.index(undecided.rule.then.disposition)


def _gravest(evidence: Evidence[QualifyEffect]) -> DispositionName | None:
    claimed: set[DispositionName] = {hit.rule.then.disposition for hit in evidence.fired}
    return min(claimed, key=ORDER.index, default=None)


def _codes(evidence: Evidence[QualifyEffect], winner: DispositionName | None) -> list[str]:
    winners = (hit.rule.then for hit in evidence.fired if hit.rule.then.disposition == winner)
    return list(dict.fromkeys(effect.code for effect in winners))


def _could_change(undecided: Undecided[QualifyEffect], winner: DispositionName | None) -> bool:
    claim = undecided.rule.then.disposition
    if winner is None:
        return True
    promises_more = (claim, winner) == ("sql", "mql")
    return ORDER.index(claim) < ORDER.index(winner) and not promises_more


def _in_file_order(
    holding: Sequence[Undecided[QualifyEffect] | Failed[QualifyEffect]],
    ruleset: RuleSet[QualifyEffect, QualifyParameters],
) -> list[str]:
    return sorted({one.rule.id for one in holding}, key=ruleset.order.__getitem__)
