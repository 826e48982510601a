"""Claims about refunds and corrections: the running total is rounded, and has a limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.attribute import ATTRIBUTE
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import attribute_pb2 as pb
from tests.kinds.attributing import AS_OF, attributed, cents, facts, only, refund, ruleset, touch

LINEAR = pb.ModelChoice(model=pb.ATTRIBUTION_MODEL_LINEAR)


def sold(touches: int, amount: int = 10_000) -> pb.AttributeOutcome:
    """Return a deal over so many equal touches."""
    question = facts([touch(f"t{n}", n + 1) for n in range(touches)], amount=amount)
    question.ClearField("models")
    question.models.append(LINEAR)
    return attributed(question)


def back(
    original: pb.AttributeOutcome, amount: int, deal: int = 10_000, before: int | None = None
) -> pb.AttributeFacts:
    """Return the question about a refund."""
    question = refund(original, amount)
    question.opportunity.amount.CopyFrom(from_minor(deal, "USD"))
    if before is not None:
        question.adjustment.adjusted_before.CopyFrom(from_minor(before, "USD"))
    return question


@pytest.mark.parametrize("chained", [True, False])
def test_forty_refunds_of_a_cent_over_four_touches(chained: bool) -> None:  # noqa: FBT001
    """Findings A1: ten cents from each, told as a sum or by sending the last answer back."""
    first = last = sold(4)
    taken = [0, 0, 0, 0]
    for number in range(40):
        question = back(last, -1) if chained else back(first, -1, before=-number)
        last = attributed(question)
        taken = [a + b for a, b in zip(taken, cents(only(last)), strict=True)]
    assert taken == [-10, -10, -10, -10]
    assert to_minor(only(last).adjusted) == -40


def test_a_half_and_a_half_over_thirds_leave_nothing() -> None:
    """Findings A1: 50 and 50 of 100 leave no channel a cent up or down."""
    whole = sold(3)
    half = attributed(back(whole, -5000))
    rest = attributed(back(half, -5000))
    sums = zip(cents(only(whole)), cents(only(half)), cents(only(rest)), strict=True)
    assert [sum(each) for each in sums] == [0, 0, 0]


@given(
    st.integers(1, 7),
    st.lists(st.integers(1, 500), min_size=1, max_size=12),
)
def test_parts_are_divided_as_the_whole(touches: int, parts: list[int]) -> None:
    """In however many refunds a deal goes back, no touch keeps or owes a cent of it."""
    amount = sum(parts)
    last = original = sold(touches, amount)
    left = cents(only(original))
    for part in parts:
        last = attributed(back(last, -part, amount))
        answer = only(last)
        assert sum(cents(answer)) == -part
        assert answer.reconciliation.balanced
        left = [a + b for a, b in zip(left, cents(answer), strict=True)]
    assert not any(left)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=8), st.integers(1, 99))
def test_a_second_currency_is_rounded_by_its_running_total(parts: list[int], rate: int) -> None:
    """Its parts come to what the whole refund comes to in that currency."""
    amount = sum(parts)
    last = sold(3, amount)
    found = 0
    for part in parts:
        question = back(last, -part, amount)
        question.reporting.currency_code = "EUR"
        question.reporting.rate.value = f"0.{rate:02d}"
        last = attributed(question)
        found += to_minor(last.reporting_amount)
        credits_ = sum(to_minor(one.reporting_amount) for one in only(last).credits)
        assert credits_ == to_minor(last.reporting_amount)
    question = back(sold(3, amount), -amount, amount)
    question.reporting.currency_code = "EUR"
    question.reporting.rate.value = f"0.{rate:02d}"
    assert found == to_minor(attributed(question).reporting_amount)


@pytest.mark.parametrize(
    ("amount", "before", "kind", "fields"),
    [
        (-50_000, None, pb.ADJUSTMENT_TYPE_REFUND, ["adjustment.amount"]),
        (-10_000, None, pb.ADJUSTMENT_TYPE_REFUND, []),
        (-10_001, None, pb.ADJUSTMENT_TYPE_CREDIT, ["adjustment.amount"]),
        (-5000, -5000, pb.ADJUSTMENT_TYPE_REFUND, []),
        (-5001, -5000, pb.ADJUSTMENT_TYPE_REFUND, ["adjustment.amount"]),
        (-12_000, 2000, pb.ADJUSTMENT_TYPE_REFUND, []),
        (-50_000, None, pb.ADJUSTMENT_TYPE_CORRECTION, []),
    ],
)
def test_nobody_gets_back_more_than_the_deal(
    amount: int, before: int | None, kind: pb.AdjustmentType.ValueType, fields: list[str]
) -> None:
    """Findings A1: a refund of 500 on a deal of 100 is refused, in one part or in many."""
    question = back(sold(3), amount, before=before)
    question.adjustment.type = kind
    found = ATTRIBUTE.check(question, ruleset().parameters, AS_OF)
    assert [one.field for one in found] == fields


def test_a_running_total_that_is_told_twice_is_told_alike() -> None:
    """What the caller says and what the last answer says must agree."""
    last = attributed(back(sold(3), -100))
    question = back(last, -100, before=-99)
    found = ATTRIBUTE.check(question, ruleset().parameters, AS_OF)
    assert [one.field for one in found] == ["adjustment.adjusted_before"]


def test_a_channel_that_a_model_never_saw_is_named() -> None:
    """Findings A1: it has no part because nobody knows what it is worth, and that is told."""
    question = facts([touch("x", 2, channel="a"), touch("y", 1, channel="podcast")])
    question.ClearField("models")
    question.models.add(model=pb.ATTRIBUTION_MODEL_MARKOV, fitted_model_id="m")
    fitted = question.fitted_models.add(id="m", model=pb.ATTRIBUTION_MODEL_MARKOV)
    fitted.weights.add(channel="a").weight.value = "1"
    outcome = attributed(question)

    assert list(only(outcome).unseen_channels) == ["podcast"]
    assert outcome.provisional
