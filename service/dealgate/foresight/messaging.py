"""An impact as the contract's message."""

from collections.abc import Iterator, Mapping

from google.type.money_pb2 import Money

from dealgate.foresight.assessing import idle_rules
from dealgate.foresight.concluding import TransitionRate, known_of, segments_hit
from dealgate.foresight.impact import CauseKey, Impact, Transition, Weight
from dealgate.foresight.reporting import SEGMENTS, AssessedVersions, cause_words, ranked
from dealgate.foresight.sketch import Shift, Sketch
from dealgate.model.money import from_minor
from dealgate.v1 import impact_pb2 as pb

MOST_CAUSES = 200


def message(asked: AssessedVersions, impact: Impact) -> pb.RuleSetImpact:
    """Return the message."""
    return pb.RuleSetImpact(
        old_rule_set=asked.old.name,
        new_rule_set=asked.new.name,
        decisions=impact.decisions,
        flips=impact.flips.decisions,
        same_outcome_other_rules=impact.same_word,
        not_as_recorded=impact.not_as_recorded,
        damaged=impact.damaged,
        erased=impact.erased,
        transitions=[_transition(*item) for item in sorted(impact.matrix.items())],
        causes=[_cause(impact, key) for key in ranked(impact)[:MOST_CAUSES]],
        segments=[
            pb.ImpactSegment(fact=path, value=value, decisions=decisions, flips=flips)
            for path, value, decisions, flips in segments_hit(impact, SEGMENTS)
        ],
        measures=[
            _shift(name, shift)
            for name, shift in sorted(impact.shifts.items())
            if not shift.is_unmoved
        ],
        results=[_results(known) for known in known_of(impact, asked.treated)],
        idle_rule_ids=idle_rules(impact, asked.new),
    )


def _transition(transition: Transition, weight: Weight) -> pb.OutcomeTransition:
    return pb.OutcomeTransition(
        old_outcome=transition.old,
        new_outcome=transition.new,
        decisions=weight.decisions,
        amounts=_amounts(weight.money),
    )


def _cause(impact: Impact, key: CauseKey) -> pb.FlipCause:
    weight = impact.causes[key]
    return pb.FlipCause(
        old_outcome=key.transition.old,
        new_outcome=key.transition.new,
        rule_id=key.cause.unit if key.cause.is_rule else "",
        cause=cause_words(key.cause),
        condition=key.condition,
        missing_facts=key.cause.lacks,
        decisions=weight.decisions,
        amounts=_amounts(weight.money),
        example_decision_id=impact.examples[key].decision_id,
    )


def _shift(name: str, shift: Shift) -> pb.MeasureShift:
    return pb.MeasureShift(
        measure=name,
        up=shift.up,
        down=shift.down,
        old=_distribution(shift.before),
        new=_distribution(shift.after),
    )


def _distribution(sketch: Sketch) -> pb.MeasureDistribution:
    if not sketch.count:
        return pb.MeasureDistribution()
    return pb.MeasureDistribution(
        count=sketch.count,
        least=sketch.least,
        p10=sketch.quantile(0.1) or 0.0,
        p50=sketch.quantile(0.5) or 0.0,
        p90=sketch.quantile(0.9) or 0.0,
        most=sketch.most,
        mean=sketch.mean or 0.0,
    )


def _results(known: TransitionRate) -> pb.FlipResults:
    results = pb.FlipResults(
        old_outcome=known.transition.old,
        new_outcome=known.transition.new,
        mature=known.happened.mature,
        open=known.happened.open,
        successes=known.happened.successes,
        says=str(known),
    )
    if known.rate is not None:
        results.at_least = float(known.rate.low)
        results.at_most = float(known.rate.high)
    return results


def _amounts(money: Mapping[str, int]) -> Iterator[Money]:
    """Yield an amount a currency; one that no message can hold is left out."""
    for currency, minor in sorted(money.items()):
        try:
            yield from_minor(minor, currency)
        except ValueError:
            continue
