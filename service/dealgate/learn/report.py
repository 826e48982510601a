"""What was learnt, in words that an author can weigh: by rule, and beside the score by hand."""

from collections.abc import Iterator, Sequence

from dealgate.learn import measures
from dealgate.learn.firing import Seen
from dealgate.learn.points import Learnt
from dealgate.model.rules import AnyRuleSet

ENOUGH = 1000


def report(
    ruleset: AnyRuleSet, learnt: Learnt, learnt_from: Sequence[Seen], judged_by: Sequence[Seen]
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
        "                        AUC     KS   lift@10%",
        _row("by hand", [_by_hand(sample) for sample in judged_by], outcomes),
        _row("calibrated", told, outcomes),
        "",
        _truth(told, outcomes),
        "",
        "told     happened, 95 % interval      samples",
        *_bands(told, outcomes),
    ]
    return "\n".join(lines)


def _title(ruleset: AnyRuleSet, learnt_from: Sequence[Seen], outcomes: Sequence[bool]) -> str:
    learnt = f"{ruleset.name}: learnt from {len(learnt_from):,} samples"
    return f"{learnt}, judged by {len(outcomes):,} others; {_rate(outcomes):.1%} of these converted"


def _truth(told: Sequence[float], outcomes: Sequence[bool]) -> str:
    brier, loss = measures.brier(told, outcomes), measures.log_loss(told, outcomes)
    error = measures.calibration_error(told, outcomes)
    return f"Brier {brier:.4f}, log loss {loss:.4f}, calibration error {error:.4f}"


def _rate(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes)


def _by_hand(sample: Seen) -> float:
    return -1 if sample.composite is None else sample.composite


def _warnings(
    learnt: Learnt, learnt_from: Sequence[Seen], judged_by: Sequence[Seen]
) -> Iterator[str]:
    if len(learnt_from) < ENOUGH:
        yield f"Fewer than {ENOUGH:,} samples teach little: take the points for a hint."
    for rule in learnt.skipped:
        yield f"{rule}: fired too seldom, or always; nothing is learnt of it"
    before = [learnt.probability(sample.fired) for sample in learnt_from]
    now = [learnt.probability(sample.fired) for sample in judged_by]
    moved = measures.stability(before, now)
    if moved > 0.1:
        yield f"The samples differ (population stability index {moved:.2f}): look for what changed."


def _points(ruleset: AnyRuleSet, learnt: Learnt) -> Iterator[str]:
    yield f"{learnt.base_points:+5d}  everybody; {learnt.double_odds} points double the odds"
    for rule in ruleset.rules:
        if rule.id in learnt.points:
            by_hand = f"{rule.then.axis} {rule.then.points}"
            yield f"{learnt.points[rule.id]:+5d}  {rule.id} (by hand: {by_hand})"


def _row(name: str, scores: Sequence[float], outcomes: Sequence[bool]) -> str:
    return (
        f"{name:20} {measures.auc(scores, outcomes):6.3f}"
        f" {measures.kolmogorov_smirnov(scores, outcomes):6.3f}"
        f" {measures.lift(scores, outcomes):10.2f}"
    )


def _bands(told: Sequence[float], outcomes: Sequence[bool]) -> Iterator[str]:
    for band in measures.bands(told, outcomes):
        interval = f"[{band.low:6.1%}, {band.high:6.1%}]"
        yield f"{band.told:6.1%}   {band.converted:6.1%}   {interval} {band.count:12,}"
