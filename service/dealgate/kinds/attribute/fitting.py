"""Attribution models fitted from journeys: a request in, a model for the caller to keep out.

Fitting is pure and takes no decision. What comes out is sent with each question, so that a deal's
attribution can be repeated long after the model was fitted anew.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.attribute.fitted import FITTED
from dealgate.kinds.attribute.markov import Number, Unsettled, chain, removal_effects
from dealgate.kinds.attribute.paths import Path, cleaned
from dealgate.kinds.attribute.shapley import shapley_ordered, shapley_set, worth_of_sets
from dealgate.kinds.attribute.transforms import given, transform_violations
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import required_id
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.model.parsing import parsed
from dealgate.model.parts import decimal_message
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb

CHANNELS_MAX = 100
STEPS_MAX = 1_000_000
# Moves and states times channels: each is removed, and all moves are summed dozens of times.
WORK_MAX = 200_000
# Of a model that tells positions apart: callers send all of them with each question.
WEIGHTS_MAX = 50_000

MARKOV = (
    "removal effect of each channel in a Markov chain of order {order} (edges into the channel "
    "lead to no conversion, all other probabilities stay), as a share of all removal effects"
)
SHAPLEY = "Shapley value: each journey's {worth}, divided evenly among its distinct channels"
ORDERED = SHAPLEY + ", and within a channel evenly among the positions where it stands"


def fit_serialized(data: bytes) -> bytes:
    """Fit as `fit` does, in a process of its own: messages take many times their bytes."""
    return fit(parsed(pb.FitAttributionModelRequest, data)).SerializeToString()


def fit(request: pb.FitAttributionModelRequest) -> pb.FitAttributionModelResponse:
    """Fit the model that is asked for. Raises BadQuestion with everything wrong."""
    violations = _violations(request)
    if violations:
        raise BadQuestion(violations)
    paths = _paths(request)
    fitted = pb.FittedModel(
        id=request.id,
        model=request.model,
        conversions=sum(path.conversions for path in paths),
        nulls=sum(path.nulls for path in paths),
        path_transforms=request.path_transforms,
    )
    if request.model == pb.ATTRIBUTION_MODEL_MARKOV:
        try:
            _fit_markov(fitted, paths, request.order if request.HasField("order") else 1)
        except Unsettled:
            cure = "makes journeys go round for too long; choose 1, or trim long paths"
            raise BadQuestion([Violation("order", cure)]) from None
    else:
        _fit_shapley(fitted, paths, request.worth or pb.JOURNEY_WORTH_CONVERSIONS)
    return pb.FitAttributionModelResponse(fitted_model=fitted)


def _paths(request: pb.FitAttributionModelRequest) -> list[Path]:
    transforms = given(request.path_transforms)
    return [
        Path(
            channels=cleaned(path.channels, transforms),
            conversions=path.conversions,
            nulls=path.nulls,
            value=Ratio(plain_decimal(path.value) or 0),
        )
        for path in request.paths
    ]


def _fit_markov(fitted: pb.FittedModel, paths: Sequence[Path], order: int) -> None:
    counted = chain(paths, order)
    channels = {state[-1] for state in counted.states}
    moves = sum(len(targets) + 2 for targets in counted.moves.values())
    if order > 1 and moves * len(channels) > WORK_MAX:
        words = f"makes more than {WORK_MAX} moves times channels; choose a lower one"
        raise BadQuestion([Violation("order", words)])
    effects = removal_effects(counted, order)
    fitted.order, fitted.definition = order, MARKOV.format(order=order)
    fitted.conversion_probability.CopyFrom(_decimal(effects.probability))
    whole = sum(Ratio(effect) for effect in effects.removal.values())
    fitted.weights.extend(
        pb.FittedWeight(
            channel=channel,
            weight=_decimal(Ratio(effect) / whole),
            removal_effect=_decimal(effect),
        )
        for channel, effect in sorted(effects.removal.items())
    )


def _fit_shapley(
    fitted: pb.FittedModel, paths: Sequence[Path], worth: pb.JourneyWorth.ValueType
) -> None:
    by_value = worth == pb.JOURNEY_WORTH_VALUE
    word = "value" if by_value else "conversions"
    fitted.worth = worth
    if fitted.model == pb.ATTRIBUTION_MODEL_SHAPLEY_SET:
        fitted.definition = SHAPLEY.format(worth=word)
        by_channel = shapley_set(worth_of_sets(paths, by_value=by_value))
        fitted.weights.extend(_shapley_weights({(c, 0): v for c, v in by_channel.items()}))
    else:
        fitted.definition = ORDERED.format(worth=word)
        by_position = shapley_ordered(paths, by_value=by_value)
        if len(by_position) > WEIGHTS_MAX:
            words = f"pass more than {WEIGHTS_MAX} channels and positions; trim long ones"
            raise BadQuestion([Violation("paths", words)])
        fitted.weights.extend(_shapley_weights(by_position))


def _shapley_weights(values: Mapping[tuple[str, int], Fraction]) -> list[pb.FittedWeight]:
    """Return the shares; position 0 stands for a channel wherever it is."""
    whole = sum(values.values())
    return [
        pb.FittedWeight(channel=channel, position=position or None, weight=_decimal(value / whole))
        for (channel, position), value in sorted(values.items())
    ]


def _decimal(number: Number) -> DecimalMessage:
    return decimal_message(Ratio(number))


def _violations(request: pb.FitAttributionModelRequest) -> list[Violation]:
    violations = [
        *malformed(request),
        *out_of_bounds(request),
        *required_id("id", request.id),
        *_model(request),
        *transform_violations("path_transforms", request.path_transforms),
        *_size(request),
    ]
    for index, path in enumerate(request.paths):
        violations += _path(f"paths[{index}]", path)
    return violations or _worth(request)


def _model(request: pb.FitAttributionModelRequest) -> list[Violation]:
    violations = []
    markov = request.model == pb.ATTRIBUTION_MODEL_MARKOV
    if request.model not in FITTED:
        words = "must be MARKOV, SHAPLEY_SET or SHAPLEY_ORDERED"
        violations.append(Violation("model", words))
    if request.HasField("order"):
        violations += [] if markov else [Violation("order", "belongs to MARKOV alone")]
    if request.worth and markov:
        violations.append(Violation("worth", "belongs to SHAPLEY alone"))
    return violations


def _size(request: pb.FitAttributionModelRequest) -> list[Violation]:
    if sum(len(path.channels) for path in request.paths) > STEPS_MAX:
        return [Violation("paths", f"have more than {STEPS_MAX} steps")]
    channels = {channel for path in request.paths for channel in path.channels}
    wrong = len(channels) > CHANNELS_MAX
    cure = f"name more than {CHANNELS_MAX} channels; group the small ones"
    return [Violation("paths", cure)] if wrong else []


def _path(path: str, journeys: pb.JourneyPath) -> list[Violation]:
    violations = []
    if not journeys.channels:
        violations.append(Violation(f"{path}.channels", "is empty; a journey passes some channel"))
    violations += [
        Violation(f"{path}.channels[{index}]", "is empty")
        for index, channel in enumerate(journeys.channels)
        if not channel
    ]
    return violations


def _worth(request: pb.FitAttributionModelRequest) -> list[Violation]:
    """Look whether there is anything to learn, once the journeys themselves are right."""
    if request.worth == pb.JOURNEY_WORTH_VALUE:
        some = any(plain_decimal(path.value) for path in request.paths)
        return [] if some else [Violation("paths", "earned nothing: there is no value to divide")]
    some = any(path.conversions for path in request.paths)
    return [] if some else [Violation("paths", "did not convert: there is nothing to learn")]
