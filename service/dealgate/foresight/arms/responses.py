"""The contract's answer to CompareVersions."""

from decimal import Decimal
from itertools import chain

from google.type.money_pb2 import Money

from dealgate.foresight.arms.betting import Span
from dealgate.foresight.arms.comparing import (
    Arm,
    Comparison,
    Says,
    Terms,
    compared,
    disagreeing,
    terms_of,
)
from dealgate.foresight.arms.sentences import NOTHING, sentence
from dealgate.foresight.arms.units import Experiment, experiments
from dealgate.foresight.assessing import Clock
from dealgate.insight.numbers import decimal
from dealgate.journal.port import TenantReader
from dealgate.model.challengers import Challenger
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.instants import DAY, timestamp
from dealgate.model.money import from_minor
from dealgate.v1 import comparison_pb2 as pb
from dealgate.v1 import insight_pb2

PAIRS = 100
VERDICTS = {
    Says.DIFFERS: pb.COMPARISON_VERDICT_DIFFERS,
    Says.NO_DIFFERENCE: pb.COMPARISON_VERDICT_NO_DIFFERENCE,
    Says.NOT_ENOUGH: pb.COMPARISON_VERDICT_NOT_ENOUGH_DATA,
    Says.WITHHELD: pb.COMPARISON_VERDICT_SAMPLE_RATIO,
    Says.CENSORED: pb.COMPARISON_VERDICT_CENSORED,
    Says.SHADOW: pb.COMPARISON_VERDICT_SHADOW,
}
FORMULAS = (
    (
        "a unit is an entity, by its first decision; it counts once its window has closed, in the "
        "order of assignment; no result within the window counts as no success"
    ),
    (
        "effect: a betting confidence sequence on pseudo-outcomes, exact at any time and any share "
        "(arXiv 2010.09686, 2210.10768)"
    ),
    "sample ratio: the e-value of Lindon and Malek, over the periods of each share",
    "rate of an arm: the confidence sequence of a mixture by Beta(1/2, 1/2)",
)


def versions_compared(
    request: pb.CompareVersionsRequest, read: TenantReader, now: int
) -> pb.CompareVersionsResponse:
    """Return what can be said now; raises BadQuestion for a seed that is not known."""
    known = experiments(read([request.kind]))
    if request.seed and request.seed not in known:
        names = ", ".join(sorted(known)[:20]) or "none"
        wrong = f"names no recorded experiment of {request.kind}; there are: {names}"
        raise BadQuestion([Violation("seed", wrong)])
    if not known:
        basis = insight_pb2.InsightBasis(as_of=timestamp(now), formulas=FORMULAS)
        verdict = pb.COMPARISON_VERDICT_NOT_ENOUGH_DATA
        return pb.CompareVersionsResponse(basis=basis, verdict=verdict, message=NOTHING)
    experiment = known[request.seed or list(known)[-1]]
    if experiment.challenger is None:
        raise RuntimeError("an experiment that was recorded has a challenger")
    return _response(experiment, experiment.challenger, now)


def _response(
    experiment: Experiment, challenger: Challenger, now: int
) -> pb.CompareVersionsResponse:
    terms, clock = terms_of(challenger), Clock(now, challenger.window_days * DAY)
    comparison = compared(experiment, terms, clock)
    champion_arm, challenger_arm = map(_arm, comparison.arms)
    flips = disagreeing(experiment.pairs)
    response = pb.CompareVersionsResponse(
        basis=_basis(experiment, now),
        seed=challenger.seed,
        terms=_terms(challenger),
        champion=champion_arm,
        challenger=challenger_arm,
        verdict=VERDICTS[comparison.says],
        message=sentence(comparison, terms),
        sample_ratio_p_value=decimal(comparison.imbalance_p),
        still_needed=comparison.still_needed,
        entities_to_see=comparison.to_see or 0,
        strayed=comparison.strayed,
        refused=experiment.refused,
        differing=[
            pb.OutcomePair(champion_outcome=old, challenger_outcome=new, decisions=count)
            for old, new, count in flips[:PAIRS]
        ],
        agreeing=experiment.pairs.total() - sum(count for _, _, count in flips),
    )
    if comparison.effect is not None:
        _tell_effect(response, comparison, comparison.effect, terms)
    return response


def _tell_effect(
    response: pb.CompareVersionsResponse, comparison: Comparison, effect: Span, terms: Terms
) -> None:
    response.p_value.CopyFrom(decimal(comparison.p))
    if terms.cap is None:
        response.effect_at_least.CopyFrom(decimal(effect.low))
        response.effect_at_most.CopyFrom(decimal(effect.high))
        return
    response.amount_at_least.CopyFrom(_share_of(terms.cap, effect.low, terms.currency))
    response.amount_at_most.CopyFrom(_share_of(terms.cap, effect.high, terms.currency))


def _share_of(cap: int, share: float, currency: str) -> Money:
    return from_minor(round(cap * Decimal(share)), currency)


def _basis(experiment: Experiment, now: int) -> insight_pb2.InsightBasis:
    told = [unit.result for unit in experiment.units.values() if unit.result is not None]
    as_ofs = (unit.as_of for unit in experiment.units.values())
    newest = max(chain(as_ofs, (result.recorded_at for result in told)), default=now)
    return insight_pb2.InsightBasis(
        as_of=timestamp(now),
        fresh_to=timestamp(newest),
        decisions=experiment.decisions,
        results=len(told),
        formulas=FORMULAS,
    )


def _terms(challenger: Challenger) -> pb.ComparisonTerms:
    terms = pb.ComparisonTerms(
        planned=challenger.planned,
        matters=decimal(challenger.matters),
        window_days=challenger.window_days,
    )
    if challenger.share is not None:
        terms.share.CopyFrom(decimal(challenger.share))
    if challenger.cap is not None:
        terms.money_cap.CopyFrom(from_minor(challenger.cap, challenger.currency))
    return terms


def _arm(arm: Arm) -> pb.ComparedArm:
    told = pb.ComparedArm(
        rule_set_version=arm.version,
        assigned=arm.assigned,
        mature=arm.mature,
        successes=arm.successes,
        censored=arm.censored,
        rate_at_least=decimal(arm.rate.low),
        rate_at_most=decimal(arm.rate.high),
    )
    if arm.so_far is not None:
        told.rate_so_far.CopyFrom(decimal(arm.so_far))
    return told
