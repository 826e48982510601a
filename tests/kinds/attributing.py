"""A won deal with touches to attribute, by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.decimal_pb2 import Decimal

from dealgate.kinds.attribute import ATTRIBUTE, models
from dealgate.kinds.attribute.fitted import FITTED
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.money import from_minor, to_minor
from dealgate.model.rules import AnyRule, AnyRuleSet
from dealgate.v1 import attribute_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.kinds import build

DAY = 86_400
CLOSE = int(datetime(2026, 6, 30, tzinfo=UTC).timestamp())
AS_OF = (CLOSE + DAY) * 10**9
MODELS = [name for name in models.MODELS if name != "custom"]
# What journeys of long ago taught: ads matter most, and nothing is known of other channels.
WEIGHTS = {"email": "0.2", "event": "0.3", "ads": "0.5"}


def days_before(days: float) -> Timestamp:
    """Return the instant so long before the close."""
    return Timestamp(seconds=CLOSE - int(days * DAY))


def touch(name: str, days: float = 1, channel: str = "email", **more: Any) -> pb.Touch:
    """Return a touch so many days before the close."""
    return pb.Touch(id=name, at=days_before(days), channel=channel, **more)


def journey(count: int) -> list[pb.Touch]:
    """Return touches a, b, c, …, each a day after the one before it, the last at the close."""
    return [touch("abcdefghij"[index], count - 1 - index) for index in range(count)]


def number(name: str) -> pb.AttributionModel.ValueType:
    """Return the model that ends in `name`."""
    return pb.AttributionModel.Value(f"ATTRIBUTION_MODEL_{name.upper()}")


def facts(
    touches: Sequence[pb.Touch], *names: str, amount: int = 5000, currency: str = "USD"
) -> pb.AttributeFacts:
    """Return a won deal; `amount` in minor units, models by the end of their names."""
    question = pb.AttributeFacts(
        opportunity=Opportunity(
            id="O-1",
            amount=from_minor(amount, currency),
            closed_at=days_before(0),
            created_at=days_before(20),
        ),
        touches=touches,
    )
    for name in names:
        choose(question, name)
    return question


def choose(question: pb.AttributeFacts, name: str) -> None:
    """Ask for a model too; one that is fitted comes with a fitted model of its own name."""
    choice = question.models.add(model=number(name))
    if choice.model not in FITTED:
        return
    choice.fitted_model_id = name
    if name not in {each.id for each in question.fitted_models}:
        question.fitted_models.append(fitted(name))


def fitted(name: str) -> pb.FittedModel:
    """Return a fitted model with WEIGHTS; ordered, each channel weighs at the first position."""
    index = 1 if name == "shapley_ordered" else None
    return pb.FittedModel(
        id=name,
        model=number(name),
        weights=[
            pb.FittedWeight(channel=channel, position=index, weight=Decimal(value=weight))
            for channel, weight in WEIGHTS.items()
        ],
    )


def rule(name: str, over: str = "touches", **effect: object) -> AnyRule:
    """Return a rule that claims `effect` about each touch, or over "" about the deal."""
    return build.rule(ATTRIBUTE, name, effect, over)


def ruleset(**parameters: object) -> AnyRuleSet:
    """Return a rule set with these parameters."""
    return build.ruleset(ATTRIBUTE, [], parameters)


def attributed(
    question: pb.AttributeFacts, evidence: AnyEvidence | None = None, **parameters: object
) -> pb.AttributeOutcome:
    """Check the facts, conclude, and return the outcome."""
    rules = ruleset(**parameters)
    assert ATTRIBUTE.check(question, rules.parameters, AS_OF) == []
    outcome = ATTRIBUTE.conclude(question, rules, evidence or Evidence(), AS_OF).outcome
    assert isinstance(outcome, pb.AttributeOutcome)
    return outcome


def cents(model: pb.AttributedModel) -> list[int]:
    """Return what each touch is credited with, in minor units, in order."""
    return [to_minor(credit.amount) for credit in model.credits]


def shares(model: pb.AttributedModel) -> list[Fraction]:
    """Return the exact shares in order."""
    return [Fraction(credit.exact_share) for credit in model.credits]


def only(outcome: pb.AttributeOutcome) -> pb.AttributedModel:
    """Return the answer of the one model asked for."""
    (model,) = outcome.models
    return model


def refund(original: pb.AttributeOutcome, amount: int) -> pb.AttributeFacts:
    """Return the question that divides `amount` by the shares of an earlier answer."""
    question = facts([], amount=5000)
    question.adjustment.type = pb.ADJUSTMENT_TYPE_REFUND
    question.adjustment.amount.CopyFrom(from_minor(amount, "USD"))
    question.adjustment.original.extend(original.models)
    return question
