"""What each model answers: its credits, and what it is called and tuned by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dealgate.kinds.attribute.credits import Touched, Touches, credited
from dealgate.kinds.attribute.fitted import fitted_weights
from dealgate.kinds.attribute.journey import Selection
from dealgate.kinds.attribute.models import MODELS, Model, Positions, Shares, Tuning, shares, weighs
from dealgate.kinds.attribute.terms import AttributeParameters
from dealgate.kinds.attribute.whole import Whole
from dealgate.model import words
from dealgate.model.encoding import (
    decimal_field,
    integer_field,
    message_field,
    money_field,
    text_field,
)
from dealgate.model.instants import DAY
from dealgate.model.malformed import plain_decimal
from dealgate.model.money import over_one_denominator, to_minor
from dealgate.model.parts import rounded
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb

_model = integer_field(pb.AttributedModel, "model")
_definition = text_field(pb.AttributedModel, "definition")
_half_life_days = integer_field(pb.AttributedModel, "half_life_days")
_weights_held = message_field(pb.AttributedModel, "weights")
_fitted_model_id = text_field(pb.AttributedModel, "fitted_model_id")
_adjusted = money_field(pb.AttributedModel, "adjusted")
_unseen_channels = text_field(pb.AttributedModel, "unseen_channels")
_first = decimal_field(pb.PositionWeights, "first")
_middle = decimal_field(pb.PositionWeights, "middle")
_last = decimal_field(pb.PositionWeights, "last")

UNFITTED = pb.FittedModel()


@quick
@dataclass(frozen=True, slots=True)
class Modelled:
    """A model's answer, an AttributedModel as bytes, and what the whole outcome says of it.

    That is: whether it credits all, whether it credits anything, and whether it lacks channels.
    """

    data: bytes
    is_all: bool
    is_any: bool
    lacks_channels: bool


def modelled(
    facts: pb.AttributeFacts,
    parameters: AttributeParameters,
    selection: Selection,
    whole: Whole,
    withheld: str | None,
) -> Iterator[Modelled]:
    """Yield the answer of each model asked for; with a `withheld` code none credits anything."""
    touched = _touched(selection)
    touches, code = Touches(whole, touched), withheld or _left_over(touched)
    none = Shares([0] * len(touched), 1)
    for chosen in _chosen(facts, parameters):
        given = none if withheld else shares(chosen.model, selection.journey, chosen.tuning)
        credits_ = credited(touches, given, code)
        unseen = _unseen(touched, chosen.seen) if chosen.tuning.fitted else []
        data = b"".join((chosen.head, credits_.data, *_closing(chosen.fitted_id, unseen)))
        yield Modelled(data, credits_.is_all, credits_.is_any, bool(unseen))


def attributing(
    facts: pb.AttributeFacts, parameters: AttributeParameters, selection: Selection
) -> list[bool]:
    """Return of each model asked for whether it gives the revenue to touches, or to none."""
    return [
        weighs(chosen.model, selection.journey, chosen.tuning)
        for chosen in _chosen(facts, parameters)
    ]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model that is asked for, as it is tuned; `head` are the first fields of its answer.

    `fitted_id` is the fitted model that it names, and `seen` are the channels that one saw.
    """

    model: Model
    tuning: Tuning
    head: bytes
    fitted_id: str = ""
    seen: frozenset[str] = frozenset()


def _chosen(facts: pb.AttributeFacts, parameters: AttributeParameters) -> Iterator[Chosen]:
    for choice in facts.models or map(_choice, parameters.models):
        days = choice.half_life_days or parameters.half_life_days
        if choice.HasField("weights") or choice.HasField("fitted_model_id"):
            yield _tuned(facts, choice, days)
        else:
            yield _usual(choice.model, days)


@lru_cache(maxsize=256)
def _usual(number: pb.AttributionModel.ValueType, days: int) -> Chosen:
    """Return a model as it is tuned unless the caller says more than its name and half-life."""
    model = MODELS[words.of(pb.AttributionModel, number)]
    head = _head(number, model.definition, days, model.positions)
    return Chosen(model, Tuning(days * DAY, model.positions), head)


def _tuned(facts: pb.AttributeFacts, choice: pb.ModelChoice, days: int) -> Chosen:
    model = MODELS[words.of(pb.AttributionModel, choice.model)]
    weights = _weights(choice) if choice.HasField("weights") else model.positions
    named = choice.fitted_model_id
    fitted = next((fitted for fitted in facts.fitted_models if fitted.id == named), UNFITTED)
    head = _head(choice.model, fitted.definition or model.definition, days, weights)
    tuning = Tuning(days * DAY, weights, fitted_weights(fitted))
    return Chosen(model, tuning, head, named, frozenset(each.channel for each in fitted.weights))


def again(whole: Whole, original: pb.AttributedModel) -> Modelled:
    """Divide `whole` by the shares of an earlier answer: same touches, same order, same words."""
    touched = [
        Touched(credit.touch_id, credit.channel, credit.campaign_id, None, tuple(credit.milestones))
        for credit in original.credits
    ]
    exact = [Ratio(credit.exact_share) for credit in original.credits]
    given = Shares(*over_one_denominator(exact))
    code = original.unattributed_code or _left_over(touched)
    credits_ = credited(Touches(whole, touched), given, code)
    head = _model(original.model) + _definition(original.definition)
    if original.HasField("half_life_days"):
        head += _half_life_days(original.half_life_days)
    if original.HasField("weights"):
        head += _weights_held(original.weights.SerializeToString(deterministic=True))
    minor = whole.before + to_minor(whole.amount)
    adjusted = _adjusted(minor, whole.amount.currency_code)
    unseen = original.unseen_channels
    closing = _closing(original.fitted_model_id, unseen, adjusted)
    data = b"".join((head, credits_.data, *closing))
    return Modelled(data, credits_.is_all, credits_.is_any, bool(unseen))


def _closing(fitted: str, unseen: Sequence[str], adjusted: bytes = b"") -> Sequence[bytes]:
    """Write the last fields of AttributedModel."""
    return (_fitted_model_id(fitted), adjusted, *map(_unseen_channels, unseen))


def _unseen(touched: Sequence[Touched], seen: frozenset[str]) -> list[str]:
    """Return the channels that have no part because nobody knows what they are worth."""
    return sorted({one.channel for one in touched} - seen)


def _choice(name: str) -> pb.ModelChoice:
    return pb.ModelChoice(model=words.number_of(pb.AttributionModel, name))


def _touched(selection: Selection) -> list[Touched]:
    turns = selection.journey.milestones.items()
    return [
        Touched(
            id=touch.id,
            channel=touch.channel,
            campaign=touch.campaign_id,
            cost=to_minor(touch.cost) if touch.HasField("cost") else None,
            milestones=tuple(name for name, turn in turns if turn == index),
            undecided=tuple(selection.undecided[index]),
        )
        for index, touch in enumerate(selection.counted)
    ]


def _left_over(touched: Sequence[Touched]) -> str:
    return "NO_WEIGHT" if touched else "NO_TOUCHES"


def _weights(choice: pb.ModelChoice) -> Positions:
    given = choice.weights
    first, middle, last = (
        Ratio(plain_decimal(weight) or 0) for weight in (given.first, given.middle, given.last)
    )
    return first, middle, last


def _head(
    number: pb.AttributionModel.ValueType, definition: str, days: int, weights: Positions | None
) -> bytes:
    """Write the first fields of AttributedModel."""
    head = _model(number) + _definition(definition)
    if number == pb.ATTRIBUTION_MODEL_TIME_DECAY:
        head += _half_life_days(days)
    if weights is None:
        return head
    first, middle, last = map(rounded, weights)
    return head + _weights_held(_first(first) + _middle(middle) + _last(last))
