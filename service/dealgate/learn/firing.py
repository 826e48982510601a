"""Which rules fired on each sample: all that a calibration may learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dealgate.engine.native import compile_ruleset
from dealgate.judge import Program, judged
from dealgate.learn.samples import Sample
from dealgate.model.errors import BadQuestion, DealgateError, OperatorError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet


@dataclass(frozen=True, slots=True)
class FiredSample:
    """A sample as the rules saw it.

    `composite` is the score by hand, None if fit is unknown; `probability` that of the rule set's
    own calibration, None if it has none.
    """

    fired: frozenset[str]
    composite: float | None
    probability: float | None
    converted: bool


class Unfit(OperatorError):
    """These samples cannot be judged by this rule set; says why."""

    reason = "UNFIT"


def seen(kind: AnyKind, ruleset: AnyRuleSet, samples: Sequence[Sample]) -> list[FiredSample]:
    """Return what the rules make of each sample; raises Unfit on the first they cannot judge."""
    program = compile_ruleset(ruleset)
    return [_seen(kind, program, number, sample) for number, sample in enumerate(samples, 1)]


def _seen(kind: AnyKind, program: Program, number: int, sample: Sample) -> FiredSample:
    try:
        verdict = judged(kind, program, sample.facts, sample.as_of)
        outcome: Any = verdict.answer.outcome
    except BadQuestion as error:
        first = error.violations[0]
        raise Unfit(f"sample {number}: {first.field} {first.description}") from None
    except DealgateError as error:
        raise Unfit(f"sample {number}: {error}") from None
    return FiredSample(
        fired=frozenset(hit.rule.id for hit in verdict.evidence.fired),
        composite=outcome.composite if outcome.HasField("composite") else None,
        probability=_probability(outcome),
        converted=sample.converted,
    )


def _probability(outcome: Any) -> float | None:
    if not outcome.HasField("calibrated"):
        return None
    return float(outcome.calibrated.probability.value)
