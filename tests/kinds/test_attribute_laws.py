"""Laws of attribution: whatever the deal, the touches and the models."""

import random
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.attribute import ATTRIBUTE
from dealgate.model.decision import AnyEvidence, Evidence, Fired
from dealgate.model.money import from_minor, to_minor
from dealgate.model.parts import decimal_message
from dealgate.v1 import attribute_pb2 as pb
from tests.kinds.attributing import (
    AS_OF,
    DAY,
    MODELS,
    cents,
    choose,
    facts,
    rule,
    ruleset,
    shares,
    touch,
)


@st.composite
def questions(draw: st.DrawFn) -> pb.AttributeFacts:
    """Any deal, in any exponent and sign, with any touches, models and milestones."""
    ids = draw(st.lists(st.text("abcdef", min_size=1, max_size=2), unique=True, max_size=8))
    question = facts(
        [
            touch(name, draw(st.integers(-2, 200)), draw(st.sampled_from(["direct", "ads", "tv"])))
            for name in ids
        ],
        amount=draw(st.integers(-(10**12), 10**12)),
        currency=draw(st.sampled_from(["JPY", "USD", "KWD"])),
    )
    for name in draw(st.lists(st.sampled_from(MODELS), min_size=1, max_size=4)):
        choose(question, name)
    for name in ("first_touch_id", "lead_creation_touch_id", "closed_won_touch_id"):
        if draw(st.booleans()) and ids:
            setattr(question.milestones, name, draw(st.sampled_from(ids)))
    if draw(st.booleans()):
        own = question.opportunity.amount.currency_code
        others = [code for code in ("JPY", "EUR", "KWD") if code != own]
        question.reporting.currency_code = draw(st.sampled_from(others))
        question.reporting.rate.value = str(draw(st.decimals("0.001", 1000, places=4)))
    return question


@st.composite
def weighed(draw: st.DrawFn, question: pb.AttributeFacts) -> AnyEvidence:
    """Return evidence of a rule that weighs any of the touches anyhow."""
    some = draw(st.sets(st.sampled_from(range(len(question.touches))))) if question.touches else ()
    factor = draw(st.decimals("0.000001", 1000, places=6))
    return Evidence(fired=[Fired(rule("weighed", weight=str(factor)), tuple(sorted(some)))])


def sound(question: pb.AttributeFacts, evidence: AnyEvidence | None = None) -> pb.AttributeOutcome:
    """Return the outcome of facts that are right, judged after every touch."""
    assert ATTRIBUTE.check(question, ruleset().parameters, AS_OF + 10 * DAY * 10**9) == []
    outcome = ATTRIBUTE.conclude(question, ruleset(), evidence or Evidence(), AS_OF).outcome
    assert isinstance(outcome, pb.AttributeOutcome)
    return outcome


@given(st.data())
def test_credits_and_unattributed_sum_exactly(data: st.DataObject) -> None:
    """In every model and currency, by channel and weighed by rules, nothing is lost or made."""
    question = data.draw(questions())
    outcome = sound(question, data.draw(weighed(question)))
    for model in outcome.models:
        assert model.reconciliation.balanced
        assert to_minor(model.reconciliation.credited) == sum(cents(model))
        whole = to_minor(question.opportunity.amount)
        assert sum(cents(model)) + to_minor(model.unattributed) == whole
        assert sum(to_minor(one.amount) for one in model.channels) == sum(cents(model))
        assert sum(shares(model)) in {0, 1}
        if question.HasField("reporting"):
            parts = [*(one.reporting_amount for one in model.credits), model.reporting_unattributed]
            assert sum(map(to_minor, parts)) == to_minor(outcome.reporting_amount)


@given(questions(), st.randoms(use_true_random=False))
def test_the_order_in_which_touches_are_sent_does_not_matter(
    question: pb.AttributeFacts, chance: random.Random
) -> None:
    """A permutation of the touches gives the same bytes."""
    shuffled = list(question.touches)
    chance.shuffle(shuffled)
    other = pb.AttributeFacts()
    other.CopyFrom(question)
    del other.touches[:]
    other.touches.extend(shuffled)
    assert sound(other) == sound(question)


@given(questions(), st.sampled_from([-1, 181]), st.sampled_from(["", "zzz"]))
def test_a_touch_that_does_not_count_changes_no_credit(
    question: pb.AttributeFacts, days: int, milestone: str
) -> None:
    """Whether it comes too late or too early, and even if it is called a milestone."""
    more = pb.AttributeFacts()
    more.CopyFrom(question)
    more.touches.append(touch("zzz", days))
    if milestone:
        more.milestones.opportunity_creation_touch_id = milestone
    assert list(sound(more).models) == list(sound(question).models)


@given(questions())
def test_a_touch_that_a_rule_excludes_changes_no_credit(question: pb.AttributeFacts) -> None:
    """Wherever it stands in the journey, it is as if it had not been sent."""
    more = pb.AttributeFacts()
    more.CopyFrom(question)
    more.touches.append(touch("zzz", 3))
    evidence = Evidence(fired=[Fired(rule("out", exclude="OUT"), (len(question.touches),))])
    assert list(sound(more, evidence).models) == list(sound(question).models)


@given(st.data())
def test_a_sale_and_its_refund_cancel(data: st.DataObject) -> None:
    """Whatever was attributed, refunding it whole brings every touch back to zero."""
    question = data.draw(questions())
    original = sound(question, data.draw(weighed(question)))
    back = pb.AttributeFacts(opportunity=question.opportunity)
    back.adjustment.type = pb.ADJUSTMENT_TYPE_CORRECTION
    amount = to_minor(original.amount)
    back.adjustment.amount.CopyFrom(from_minor(-amount, original.amount.currency_code))
    back.adjustment.original.extend(original.models)
    for before, after in zip(original.models, sound(back).models, strict=True):
        assert cents(after) == [-cent for cent in cents(before)]


@given(st.fractions(-(10**6), 10**6), st.integers(1, 12))
def test_numbers_are_written_rounded_half_to_even(number: Fraction, decimals: int) -> None:
    """Text is Python's own rounding of the exact number, without trailing zeros or a minus zero."""
    text = decimal_message(number, decimals).value
    assert Fraction(text) == round(number, decimals)
    assert "." not in text or not text.endswith(("0", "."))
    assert text != "-0"
