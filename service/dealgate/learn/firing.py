"""Which rules fired on each sample: all that a calibration may learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dealgate.engine.native import NativeEngine
from dealgate.learn.samples import Sample
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet


@dataclass(frozen=True, slots=True)
class Seen:
    """A sample as the rules saw it.

    `composite` is the score by hand, None if fit is unknown; `probability` that of the rule set's
    own calibration, None if it has none.
    """

    fired: frozenset[str]
    composite: float | None
    probability: float | None
    converted: bool


class Unfit(Exception):
    """These samples cannot be judged by this rule set; says why."""


def seen(kind: AnyKind, ruleset: AnyRuleSet, samples: Sequence[Sample]) -> list[Seen]:
    """Return what the rules make of each sample; raises Unfit on the first they cannot judge."""
    program = NativeEngine().prepare(ruleset)
    return [_seen(kind, ruleset, program, place, one) for place, one in enumerate(samples, 1)]


def _seen(kind: AnyKind, ruleset: AnyRuleSet, program: Any, place: int, sample: Sample) -> Seen:
    wrong = kind.check(sample.facts, ruleset.parameters, sample.as_of)
    if wrong:
        raise Unfit(f"sample {place}: {wrong[0].field} {wrong[0].description}")
    known = kind.known(sample.facts, ruleset.parameters, sample.as_of)
    evidence = program.fire(known, sample.as_of, explain=False)
    try:
        outcome: Any = kind.conclude(known, ruleset, evidence, sample.as_of).outcome
    except DealgateError as error:
        raise Unfit(f"sample {place}: {error}") from None
    return Seen(
        fired=frozenset(hit.rule.id for hit in evidence.fired),
        composite=outcome.composite if outcome.HasField("composite") else None,
        probability=_probability(outcome),
        converted=sample.converted,
    )


def _probability(outcome: Any) -> float | None:
    if not outcome.HasField("calibrated"):
        return None
    return float(outcome.calibrated.probability.value)
