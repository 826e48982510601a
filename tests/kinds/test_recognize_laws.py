"""Laws of recognition: whatever is sold, changed, credited and rounded, nothing is lost or made."""

import datetime as dt
from fractions import Fraction
from typing import get_args

from google.type.decimal_pb2 import Decimal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealgate.kinds.recognize import RECOGNIZE
from dealgate.kinds.recognize.calendar import Calendar
from dealgate.kinds.recognize.pieces import Piece, by_slot, split, total
from dealgate.kinds.recognize.spans import Span
from dealgate.kinds.recognize.terms import ProrationName
from dealgate.model.decision import AnyEvidence, Evidence, Fired
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.recognizing import AS_OF, day, months, recognized, rule, ruleset

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)).map(str)
PATTERNS = (1, 2, 3, 4, 5)
TREATMENTS = ("prospective", "cumulative_catch_up")


@st.composite
def lines(draw: st.DrawFn, name: str, currency: str) -> pb.RevenueLine:
    """Any line that the check lets pass, with a standalone price."""
    price = from_minor(draw(st.integers(0, 10**9)), currency)
    line = pb.RevenueLine(id=name, price=price, pattern=draw(st.sampled_from(PATTERNS)))  # type: ignore[arg-type]
    line.standalone_price.observable.CopyFrom(from_minor(draw(st.integers(1, 10**9)), currency))
    first, last = sorted((draw(DAYS), draw(DAYS)))
    if line.pattern == pb.RECOGNITION_PATTERN_RATABLE:
        line.start.CopyFrom(day(first))
        line.end.CopyFrom(day(last))
        line.proration = draw(st.sampled_from(pb.Proration.values()))
    elif line.pattern == pb.RECOGNITION_PATTERN_POINT_IN_TIME and draw(st.booleans()):
        line.delivered_on.CopyFrom(day(first))
    elif line.pattern == pb.RECOGNITION_PATTERN_MILESTONE:
        line.milestones.add(id="1", share=Decimal(value="0.3"), accepted_on=day(first))
        line.milestones.add(id="2", share=Decimal(value="0.45"))
    elif line.pattern == pb.RECOGNITION_PATTERN_USAGE:
        line.included_quantity.value = "7"
        line.overage_price.CopyFrom(from_minor(draw(st.integers(0, 1000)), currency))
        for on in (first, last):
            used = Decimal(value=str(draw(st.decimals(0, 9, places=2))))
            line.usage.add(on=day(on), quantity=used)
    elif line.pattern == pb.RECOGNITION_PATTERN_CUSTOM:
        line.custom.add(on=day(first), weight=Decimal(value="1"))
        line.custom.add(on=day(last), weight=Decimal(value="2"))
    if draw(st.booleans()):
        line.cancelled_on.CopyFrom(day(draw(st.sampled_from([first, last]))))
    return line


@st.composite
def contracts(draw: st.DrawFn) -> pb.RecognizeFacts:
    """Any contract over three years, in any exponent and sign, changed and credited anyhow."""
    currency = draw(st.sampled_from(["JPY", "USD", "KWD"]))
    question = pb.RecognizeFacts(periods=months("2026-01-01", 36))
    question.contract.id = "K"
    question.contract.rounding = draw(st.sampled_from([1, 2, 3]))  # type: ignore[assignment]
    question.lines.extend(draw(lines(name, currency)) for name in "ABC"[: draw(st.integers(1, 3))])
    for number in range(draw(st.integers(0, 2))):
        question.modifications.add(
            id=str(number),
            on=day(draw(DAYS)),
            price_change=from_minor(draw(st.integers(0, 10**9)), currency),
        )
    for number in range(draw(st.integers(0, 2))):
        amount = draw(st.integers(1, 10**6))
        back = from_minor(-amount, currency)
        question.credits.add(id=str(number), on=day(draw(DAYS)), amount=back)
        bill = from_minor(amount, currency)
        question.invoices.add(id=str(number), on=day(draw(DAYS)), amount=bill)
    return question


@st.composite
def treated(draw: st.DrawFn, question: pb.RecognizeFacts) -> AnyEvidence:
    """Evidence of rules that treat each modification somehow, and constrain nothing."""
    return Evidence(
        fired=[
            Fired(
                rule(f"m{index}", "modifications", treat=draw(st.sampled_from(TREATMENTS))),
                (index,),
            )
            for index in range(len(question.modifications))
        ]
    )


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.data())
def test_schedules_sum_to_the_price_to_the_minor_unit(data: st.DataObject) -> None:
    """Schedules, what waits and what was cancelled are the price; every period's books balance."""
    question = data.draw(contracts())
    evidence = data.draw(treated(question))
    if RECOGNIZE.check(question, ruleset().parameters, AS_OF):
        return
    outcome = recognized(question, evidence)
    if outcome.status == pb.RECOGNITION_STATUS_INCOMPLETE:
        codes = {item.code for item in outcome.missing}
        assert codes <= {"NOTHING_REMAINS", "CREDIT_EXCEEDS_PRICE"}
        return
    scheduled = sum(
        to_minor(amount)
        for one in outcome.obligations
        for amount in (*(part.amount for part in one.schedule), one.unscheduled, one.cancelled)
    )
    assert outcome.reconciliation.balanced
    assert scheduled == to_minor(outcome.transaction_price.total)
    assert sum(to_minor(one.allocated) for one in outcome.obligations) == to_minor(
        outcome.transaction_price.fixed
    )
    assert sum(to_minor(period.revenue) for period in outcome.periods) == to_minor(
        outcome.reconciliation.scheduled
    )


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_the_same_question_has_the_same_bytes(data: st.DataObject) -> None:
    """Nothing depends on anything but facts, rules and as_of."""
    question = data.draw(contracts())
    evidence = data.draw(treated(question))
    answers = [
        RECOGNIZE.conclude(question, ruleset(), evidence, AS_OF).outcome.SerializeToString(
            deterministic=True
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(get_args(ProrationName)),
    st.integers(1, 1000),
    st.integers(0, 1000),
    st.integers(-10, 1100),
)
def test_cutting_a_span_moves_nothing(proration: str, first: int, length: int, cut: int) -> None:
    """Before and after a day together earn in each period what the whole earned there."""
    begin = dt.date(2026, 1, 1).toordinal()
    periods = months("2026-01-01", 72)
    starts = [dt.date(p.start.year, p.start.month, 1).toordinal() for p in periods]
    calendar = Calendar(starts, [*(start - 1 for start in starts[1:]), starts[-1] + 30])
    span = Span(begin + first, begin + first + length, proration)  # type: ignore[arg-type]
    pieces = [Piece(Fraction(1000), span)]
    before, after = split(pieces, begin + cut, calendar)

    assert total([*before, *after]) == 1000
    assert by_slot([*before, *after], calendar) == by_slot(pieces, calendar)
