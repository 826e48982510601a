"""Fitted models as callers send them: what can be wrong with them, and the weights they hold."""

from collections.abc import Mapping
from fractions import Fraction

from dealgate.kinds.attribute.shapley import Position
from dealgate.model.checks import required, required_id, unique_ids
from dealgate.model.errors import Violation
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb

FITTED = frozenset(
    (
        pb.ATTRIBUTION_MODEL_MARKOV,
        pb.ATTRIBUTION_MODEL_SHAPLEY_SET,
        pb.ATTRIBUTION_MODEL_SHAPLEY_ORDERED,
    )
)


def fitted_weights(fitted: pb.FittedModel) -> Mapping[str | Position, Fraction]:
    """Return the weights by channel; by channel and position where the model tells them apart."""
    return {_key(fitted, each): Ratio(each.weight.value) for each in fitted.weights}


def fitted_violations(facts: pb.AttributeFacts) -> list[Violation]:
    """Return everything wrong with the fitted models, and with the choices that name them."""
    violations = unique_ids(
        "fitted_models", (fitted_model.id for fitted_model in facts.fitted_models)
    )
    for index, fitted in enumerate(facts.fitted_models):
        violations += _fitted(f"fitted_models[{index}]", fitted)
    for index, choice in enumerate(facts.models):
        if choice.model in FITTED or choice.HasField("fitted_model_id"):
            violations += _choice(f"models[{index}].fitted_model_id", choice, facts)
    return violations


def _key(fitted: pb.FittedModel, weight: pb.FittedWeight) -> str | Position:
    ordered = fitted.model == pb.ATTRIBUTION_MODEL_SHAPLEY_ORDERED
    return (weight.channel, weight.position) if ordered else weight.channel


def _fitted(path: str, fitted: pb.FittedModel) -> list[Violation]:
    violations = required_id(f"{path}.id", fitted.id)
    if fitted.model not in FITTED:
        words = "must be MARKOV, SHAPLEY_SET or SHAPLEY_ORDERED"
        violations.append(Violation(f"{path}.model", words))
    violations += required(f"{path}.weights", fitted.weights)
    seen: dict[str | Position, int] = {}
    for index, weight in enumerate(fitted.weights):
        path_ = f"{path}.weights[{index}]"
        violations += _weight(path_, weight, fitted)
        first = seen.setdefault(_key(fitted, weight), index)
        if first != index:
            violations.append(Violation(path_, f"repeats {path}.weights[{first}]"))
    return violations


def _weight(path: str, weight: pb.FittedWeight, fitted: pb.FittedModel) -> list[Violation]:
    violations = required(f"{path}.channel", weight.channel)
    violations += required(f"{path}.weight", weight.HasField("weight"))
    ordered = fitted.model == pb.ATTRIBUTION_MODEL_SHAPLEY_ORDERED
    if weight.HasField("position") != ordered:
        words = "belongs to SHAPLEY_ORDERED alone, which needs it"
        violations.append(Violation(f"{path}.position", words))
    return violations


def _choice(path: str, choice: pb.ModelChoice, facts: pb.AttributeFacts) -> list[Violation]:
    if choice.HasField("fitted_model_id") != (choice.model in FITTED):
        return [Violation(path, "belongs to MARKOV and SHAPLEY alone, and they need it")]
    if not choice.HasField("fitted_model_id"):
        return []
    named = [
        fitted_model.model
        for fitted_model in facts.fitted_models
        if fitted_model.id == choice.fitted_model_id
    ]
    if not named:
        return [Violation(path, "is not the id of one of fitted_models")]
    wrong = choice.model not in named
    return [Violation(path, "names a fitted model of another kind")] if wrong else []
