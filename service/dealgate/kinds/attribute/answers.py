"""What each model answers: its credits, and what it is called and tuned by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dealgate.kinds.attribute.credits import Touched, Touches, Whole, credited
from dealgate.kinds.attribute.fitted import fitted_weights
from dealgate.kinds.attribute.journey import Selection
from dealgate.kinds.attribute.models import MODELS, Model, Positions, Tuning, shares, weighs
from dealgate.kinds.attribute.terms import AttributeParameters
from dealgate.model import words
from dealgate.model.instants import DAY
from dealgate.model.malformed import plain_decimal
from dealgate.model.money import from_minor, to_minor
from dealgate.model.parts import decimal_message
from dealgate.model.ratio import Ratio
from dealgate.v1 import attribute_pb2 as pb


def modelled(
    facts: pb.AttributeFacts,
    parameters: AttributeParameters,
    selection: Selection,
    whole: Whole,
    withheld: str | None,
) -> Iterator[pb.AttributedModel]:
    """Yield the answer of each model asked for; with a `withheld` code none credits anything."""
    touched = _touched(selection)
    touches = Touches(touched)
    for chosen in _chosen(facts, parameters):
        attributed_models = shares(chosen.model, selection.journey, chosen.tuning)
        if withheld:
            attributed_models = [Ratio(0)] * len(attributed_models)
        answer = credited(whole, touches, attributed_models, withheld or _left_over(touched))
        answer.MergeFrom(_described(chosen))
        if chosen.tuning.fitted:
            answer.unseen_channels.extend(_unseen(touched, chosen.fitted))
        yield answer


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
    """A model that is asked for, as it is tuned."""

    choice: pb.ModelChoice
    model: Model
    days: int
    fitted: pb.FittedModel
    tuning: Tuning


def _chosen(facts: pb.AttributeFacts, parameters: AttributeParameters) -> Iterator[Chosen]:
    for choice in facts.models or map(_choice, parameters.models):
        model = MODELS[words.of(pb.AttributionModel, choice.model)]
        days = choice.half_life_days or parameters.half_life_days
        weights = _weights(choice) if choice.HasField("weights") else model.positions
        fitted = _fitted(facts, choice)
        tuning = Tuning(days * DAY, weights, fitted_weights(fitted))
        yield Chosen(choice, model, days, fitted, tuning)


def again(whole: Whole, original: pb.AttributedModel) -> pb.AttributedModel:
    """Divide `whole` by the shares of an earlier answer: same touches, same order, same words."""
    touched = [
        Touched(credit.touch_id, credit.channel, credit.campaign_id, None, tuple(credit.milestones))
        for credit in original.credits
    ]
    attributed_model = [Ratio(credit.exact_share) for credit in original.credits]
    code = original.unattributed_code or _left_over(touched)
    answer = credited(whole, Touches(touched), attributed_model, code)
    answer.model, answer.definition = original.model, original.definition
    if original.HasField("half_life_days"):
        answer.half_life_days = original.half_life_days
    if original.HasField("weights"):
        answer.weights.CopyFrom(original.weights)
    answer.fitted_model_id = original.fitted_model_id
    answer.unseen_channels.extend(original.unseen_channels)
    adjusted = whole.before + to_minor(whole.amount)
    answer.adjusted.CopyFrom(from_minor(adjusted, whole.amount.currency_code))
    return answer


def _unseen(touched: Sequence[Touched], fitted: pb.FittedModel) -> list[str]:
    """Return the channels that have no part because nobody knows what they are worth."""
    return sorted({one.channel for one in touched} - {weight.channel for weight in fitted.weights})


def _fitted(facts: pb.AttributeFacts, choice: pb.ModelChoice) -> pb.FittedModel:
    """Return the fitted model that the choice names, or an empty one."""
    named = (
        fitted_model
        for fitted_model in facts.fitted_models
        if fitted_model.id == choice.fitted_model_id
    )
    return next(named, pb.FittedModel())


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


def _described(chosen: Chosen) -> pb.AttributedModel:
    choice, weights = chosen.choice, chosen.tuning.positions
    answer = pb.AttributedModel(
        model=choice.model,
        definition=chosen.fitted.definition or chosen.model.definition,
        fitted_model_id=choice.fitted_model_id,
    )
    if choice.model == pb.ATTRIBUTION_MODEL_TIME_DECAY:
        answer.half_life_days = chosen.days
    if weights is not None:
        first, middle, last = map(decimal_message, weights)
        answer.weights.CopyFrom(pb.PositionWeights(first=first, middle=middle, last=last))
    return answer
