"""What was learnt, in words that an author can weigh: by rule, and beside the score by hand."""

from collections.abc import Iterator, Sequence

from dealgate.learn import measures
from dealgate.learn.firing import FiredSample
from dealgate.learn.points import Learnt
from dealgate.model.rules import AnyRuleSet

ENOUGH = 1000
KNOWS = 0.95
TOO_FEW, FEW = 10, 50  # of the rarer end, among samples to judge by
Z = 1.96


def report(
    ruleset: AnyRuleSet,
    learnt: Learnt,
    learnt_from: Sequence[FiredSample],
    judged_by: Sequence[FiredSample],
) -> str:
    """Return the report: the points, then how well they do on samples they were not learnt from."""
    outcomes = [sample.converted for sample in judged_by]
    told = [learnt.probability(sample.fired) for sample in judged_by]
    lines = [
        _title(ruleset, learnt_from, outcomes),
        *_warnings(learnt, learnt_from, judged_by),
        "",
        *_points(ruleset, learnt),
        "",
        "                        AUC     KS   lift@10%   AUC, 95 % interval",
        _row("by hand", [_by_hand(sample) for sample in judged_by], outcomes),
        _row("calibrated", told, outcomes),
        "",
        _truth(told, outcomes),
        "",
        "told     happened, 95 % interval      samples",
        *_bands(told, outcomes),
    ]
    return "\n".join(lines)


def area_of(learnt: Learnt, judged_by: Sequence[FiredSample]) -> float | None:
    """Return the AUC of what was learnt."""
    told = [learnt.probability(sample.fired) for sample in judged_by]
    return measures.auc(told, [sample.converted for sample in judged_by])


def both_splits(by_time: float | None, by_facts: float | None) -> str:
    """Say what a split that ignores time would have promised."""
    return (
        f"AUC by the latest third of leads {_number(by_time, '.3f')}; by a third drawn by facts, "
        f"where near-copies may lie on both sides, {_number(by_facts, '.3f')}"
    )


def _title(
    ruleset: AnyRuleSet, learnt_from: Sequence[FiredSample], outcomes: Sequence[bool]
) -> str:
    learnt = f"{ruleset.name}: learnt from {len(learnt_from):,} samples"
    return f"{learnt}, judged by {len(outcomes):,} others; {_rate(outcomes):.1%} of these converted"


def _truth(told: Sequence[float], outcomes: Sequence[bool]) -> str:
    brier, loss = measures.brier(told, outcomes), measures.log_loss(told, outcomes)
    error = measures.calibration_error(told, outcomes)
    away = _number(measures.spiegelhalter(told, outcomes), "+.2f")
    return (
        f"Brier {brier:.4f}, log loss {loss:.4f}, calibration error {error:.4f}; "
        f"Spiegelhalter's z {away} (beyond ±1.96 the probabilities are not true)"
    )


def _rate(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.0


def _by_hand(sample: FiredSample) -> float:
    return -1 if sample.composite is None else sample.composite


def _warnings(
    learnt: Learnt, learnt_from: Sequence[FiredSample], judged_by: Sequence[FiredSample]
) -> Iterator[str]:
    if len(learnt_from) < ENOUGH:
        yield f"Fewer than {ENOUGH:,} samples teach little: take the points for a hint."
    for rule in learnt.skipped:
        yield f"{rule}: fired too seldom, or always; nothing is learnt of it"
    yield from _knowing(judged_by)
    before = [learnt.probability(sample.fired) for sample in learnt_from]
    now = [learnt.probability(sample.fired) for sample in judged_by]
    moved = measures.stability(before, now)
    if moved.is_alarming:
        index = f"population stability index {moved.index:.2f}, by chance {moved.by_chance:.2f}"
        yield f"The samples differ ({index}): look for what changed."
    yield from _few([sample.converted for sample in judged_by])


def _knowing(judged_by: Sequence[FiredSample]) -> Iterator[str]:
    """Name rules that alone tell the end almost surely: their facts may have known it."""
    outcomes = [sample.converted for sample in judged_by]
    for rule in sorted({id_ for sample in judged_by for id_ in sample.fired}):
        area = measures.auc([rule in sample.fired for sample in judged_by], outcomes)
        if area is not None and max(area, 1 - area) > KNOWS:
            yield f"{rule}: predicts the outcome alone (AUC {area:.2f}): do facts leak the answer?"


def _few(outcomes: Sequence[bool]) -> Iterator[str]:
    converted = sum(outcomes)
    fewest = min(converted, len(outcomes) - converted)
    if fewest < TOO_FEW:
        yield f"Judged by {fewest} of the rarer end: no measure below can be relied on."
    elif fewest < FEW:
        yield f"Judged by {fewest} of the rarer end: measures are rough."


def _points(ruleset: AnyRuleSet, learnt: Learnt) -> Iterator[str]:
    yield f"{learnt.base_points:+5d}  everybody; {learnt.double_odds} points double the odds"
    for rule in ruleset.rules:
        if rule.id in learnt.points:
            by_hand = f"{rule.then.axis} {rule.then.points}"
            yield f"{learnt.points[rule.id]:+5d}  {rule.id} (by hand: {by_hand})"


def _row(name: str, scores: Sequence[float], outcomes: Sequence[bool]) -> str:
    area, gap = measures.auc(scores, outcomes), measures.kolmogorov_smirnov(scores, outcomes)
    lift = measures.lift(scores, outcomes)
    return (
        f"{name:20} {_number(area, '.3f'):>6} {_number(gap, '.3f'):>6} {_number(lift, '.2f'):>10}"
        f"{_interval(area, outcomes)}"
    )


def _interval(area: float | None, outcomes: Sequence[bool]) -> str:
    if area is None:
        return ""
    converted = sum(outcomes)
    half = Z * measures.auc_error(area, converted, len(outcomes) - converted)
    return f"   [{max(area - half, 0):.3f}, {min(area + half, 1):.3f}]"


def _number(value: float | None, how: str) -> str:
    return "none" if value is None else f"{value:{how}}"


def _bands(told: Sequence[float], outcomes: Sequence[bool]) -> Iterator[str]:
    for band in measures.bands(told, outcomes):
        interval = f"[{band.low:6.1%}, {band.high:6.1%}]"
        yield f"{band.told:6.1%}   {band.converted:6.1%}   {interval} {band.count:12,}"
