"""Measures are scored and weighed; the weight of what is not known is shared among the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from dealgate.kinds.health.terms import HealthEffect, HealthParameters, MeasureName
from dealgate.model.decision import Evidence
from dealgate.model.parts import decimal_message, rounded
from dealgate.model.ratio import Ratio
from dealgate.model.rules import Rule
from dealgate.v1 import health_pb2 as pb

MEASURES: Mapping[MeasureName, pb.HealthMeasure.ValueType] = {
    "product": pb.HEALTH_MEASURE_PRODUCT,
    "risk": pb.HEALTH_MEASURE_RISK,
    "outcomes": pb.HEALTH_MEASURE_OUTCOMES,
    "voice_of_customer": pb.HEALTH_MEASURE_VOICE_OF_CUSTOMER,
    "engagement": pb.HEALTH_MEASURE_ENGAGEMENT,
}
DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Weighed:
    """The score from 0 to 100 (None: nothing is known), the share of weight known, the drivers."""

    score: Fraction | None
    coverage: Fraction
    drivers: Sequence[pb.HealthDriver]


def weighed(
    evidence: Evidence[HealthEffect], parameters: HealthParameters, *, onboarding: bool
) -> Weighed:
    """Score each measure by the first rule that fired, and weigh those that count."""
    scored = _scored(evidence, parameters, onboarding)
    briefly, known = _weighed(scored, parameters)
    waiting = _waiting(evidence)
    return Weighed(
        score=briefly,
        coverage=Ratio(known, 100),
        drivers=[
            _driver(name, scored.get(name), parameters.weights.get(name, 0), known, waiting)
            for name in MEASURES
        ],
    )


def weighed_briefly(
    evidence: Evidence[HealthEffect], parameters: HealthParameters, *, onboarding: bool
) -> tuple[Fraction | None, int]:
    """Return the score alone, and the weight in percent of what is known."""
    return _weighed(_scored(evidence, parameters, onboarding), parameters)


def _weighed(
    scored: Mapping[MeasureName, Rule[HealthEffect]], parameters: HealthParameters
) -> tuple[Fraction | None, int]:
    known = sum(parameters.weights.get(name, 0) for name in scored)
    parts = [
        parameters.weights.get(name, 0) * (rule.then.score or 0) for name, rule in scored.items()
    ]
    return Ratio(sum(parts), known) if known else None, known


def _scored(
    evidence: Evidence[HealthEffect],
    parameters: HealthParameters,
    onboarding: bool,  # noqa: FBT001  # the caller names it
) -> Mapping[MeasureName, Rule[HealthEffect]]:
    scored: dict[MeasureName, Rule[HealthEffect]] = {}
    for fired in evidence.fired:
        effect = fired.rule.then
        if effect.measure is not None and _counts(effect.measure, parameters, onboarding):
            scored.setdefault(effect.measure, fired.rule)
    return scored


def _counts(name: MeasureName, parameters: HealthParameters, onboarding: bool) -> bool:  # noqa: FBT001  # the caller names it
    return not onboarding or name in parameters.onboarding_measures


def _waiting(evidence: Evidence[HealthEffect]) -> Mapping[str, tuple[str, ...]]:
    """Return the facts that the rules of each measure wait for."""
    sets: dict[str, set[str]] = {}
    for open_ in evidence.undecided:
        if open_.rule.then.measure is not None:
            sets.setdefault(open_.rule.then.measure, set()).update(open_.missing)
    return {name: tuple(sorted(paths)) for name, paths in sets.items()}


def _driver(
    name: MeasureName,
    rule: Rule[HealthEffect] | None,
    weight: int,
    known: int,
    waiting: Mapping[str, tuple[str, ...]],
) -> pb.HealthDriver:
    """Return what a measure contributes; nobody may change it."""
    if rule is None:
        return _idle(name, weight, waiting.get(name, ()))
    if rule.then.score is None:
        return _idle(name, weight, ())
    return _driving(name, weight, known, rule.then.score, rule.id, rule.because)


@lru_cache(maxsize=4096)  # the same facts are missing again and again
def _idle(name: MeasureName, weight: int, missing: tuple[str, ...]) -> pb.HealthDriver:
    return pb.HealthDriver(
        measure=MEASURES[name], weight=decimal_message(Ratio(weight)), missing_facts=missing
    )


@lru_cache(maxsize=4096)  # few rules, and few ways to know a part of the measures
def _driving(
    name: MeasureName, weight: int, known: int, score: int, rule_id: str, because: str
) -> pb.HealthDriver:
    share = Ratio(weight * 100, known or 1)
    driver = pb.HealthDriver(measure=MEASURES[name], weight=decimal_message(Ratio(weight)))
    driver.score.value = rounded(Ratio(score))
    driver.effective_weight.value = rounded(share, DECIMALS)
    driver.contribution.value = rounded(share * score / 100, DECIMALS)
    driver.rule_id, driver.message = rule_id, because
    return driver
