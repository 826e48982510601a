"""Claims about what is refused in the facts of any kind."""

import math
from decimal import Decimal

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model import checks
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.v1 import qualify_pb2
from dealgate.v1.activity_pb2 import Activity
from dealgate.v1.advance_pb2 import AdvanceFacts
from dealgate.v1.attribute_pb2 import (
    Adjustment,
    AttributedModel,
    AttributeFacts,
    Touch,
    TouchCredit,
)
from dealgate.v1.gate_pb2 import SALES_ROLE_VP, Approval
from dealgate.v1.opportunity_pb2 import Opportunity
from dealgate.v1.score_pb2 import ScoreFacts

EUROS = Money(currency_code="EUR", units=1)
DOLLARS = Money(currency_code="USD", units=1)


def fields(facts: AdvanceFacts | AttributeFacts | ScoreFacts) -> list[str]:
    """Return the paths that are found malformed."""
    return [violation.field for violation in malformed(facts)]


def test_sound_facts_have_no_violation() -> None:
    """What is well-formed passes, however deep it is."""
    facts = AdvanceFacts(
        opportunity=Opportunity(
            amount=Money(currency_code="KWD", units=-1, nanos=-999_000_000),
            close_date=Date(year=2028, month=2, day=29),
            discount=DecimalMessage(value="0.25"),
            created_at=Timestamp(seconds=253_402_300_799, nanos=999_999_999),
            probability=99.5,
        ),
        approvals=[Approval(role=SALES_ROLE_VP)],
    )
    assert malformed(facts) == []
    assert malformed(AdvanceFacts()) == []


def test_every_fault_is_found_at_once_with_its_path() -> None:
    """Nested and repeated values are walked to the end, and each fault names its own place."""
    facts = AttributeFacts(
        opportunity=Opportunity(amount=Money(currency_code="ZZZ"), close_date=Date(year=2026)),
        touches=[
            Touch(at=Timestamp(seconds=1)),
            Touch(at=Timestamp(nanos=-1), cost=Money(currency_code="JPY", nanos=1)),
        ],
        adjustment=Adjustment(
            original=[
                AttributedModel(
                    credits=[TouchCredit(), TouchCredit(share=DecimalMessage(value="NaN"))]
                )
            ]
        ),
    )
    assert fields(facts) == [
        "opportunity.amount",
        "opportunity.close_date",
        "touches[1].at",
        "touches[1].cost",
        "adjustment.original[0].credits[1].share",
    ]


@pytest.mark.parametrize(
    "date",
    [
        Date(),
        Date(year=2026, month=2),
        Date(month=2, day=1),
        Date(year=2026, month=2, day=29),
        Date(year=2026, month=13, day=1),
        Date(year=10_000, month=1, day=1),
        Date(year=-1, month=1, day=1),
        Date(year=2026, month=1, day=32),
    ],
)
def test_a_date_is_a_whole_day_of_the_calendar(date: Date) -> None:
    """A year, a month, or a 29 February of a common year is no date to compare with."""
    assert fields(AdvanceFacts(opportunity=Opportunity(close_date=date))) == [
        "opportunity.close_date"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        "Infinity",
        "-inf",
        "1e5",
        "0x1",
        "1_000",
        " 1",
        "1 ",
        "1,5",
        "٣",
        ".",
        "+",
        "1" * 65,
    ],
)
def test_a_decimal_is_plain_finite_and_short(text: str) -> None:
    """What Python's Decimal or float would accept beyond plain digits is refused."""
    value = DecimalMessage(value=text)
    facts = AdvanceFacts(opportunity=Opportunity(discount=value))
    assert fields(facts) == ["opportunity.discount"]
    assert plain_decimal(value) is None


@pytest.mark.parametrize("text", ["0", "-0.25", "+1", ".5", "1.", "007", "1" * 64])
def test_a_plain_decimal_is_read_exactly(text: str) -> None:
    """Signs, leading zeros and a bare point are plain decimals."""
    value = DecimalMessage(value=text)
    assert fields(AdvanceFacts(opportunity=Opportunity(discount=value))) == []
    assert plain_decimal(value) == Decimal(text)


@pytest.mark.parametrize(
    ("seconds", "nanos", "faults"),
    [
        (-62_135_596_800, 0, []),
        (-62_135_596_801, 0, ["touches[0].at"]),
        (253_402_300_800, 0, ["touches[0].at"]),
        (0, 1_000_000_000, ["touches[0].at"]),
        (0, -1, ["touches[0].at"]),
    ],
)
def test_an_instant_lies_in_the_years_1_to_9999(
    seconds: int, nanos: int, faults: list[str]
) -> None:
    """Outside protobuf's range an instant cannot be compared or written."""
    facts = AttributeFacts(touches=[Touch(at=Timestamp(seconds=seconds, nanos=nanos))])
    assert fields(facts) == faults


@pytest.mark.parametrize(
    ("seconds", "nanos", "faults"),
    [
        (315_576_000_000, 999_999_999, []),
        (-1, -5, []),
        (0, -5, []),
        (315_576_000_001, 0, ["activities[0].duration"]),
        (-(2**63), 0, ["activities[0].duration"]),
        (1, -5, ["activities[0].duration"]),
        (-1, 5, ["activities[0].duration"]),
        (5, 1_000_000_000, ["activities[0].duration"]),
    ],
)
def test_a_duration_is_within_protobufs_range(seconds: int, nanos: int, faults: list[str]) -> None:
    """Parsers let any numbers through; what protobuf forbids cannot be written for people."""
    duration = Duration(seconds=seconds, nanos=nanos)
    assert fields(ScoreFacts(activities=[Activity(duration=duration)])) == faults


def test_an_enum_number_nobody_declared_is_refused() -> None:
    """proto3 keeps unknown numbers; a rule could not tell what they mean."""
    facts = AdvanceFacts.FromString(AdvanceFacts(approvals=[Approval()]).SerializeToString())
    facts.approvals[0].MergeFromString(b"\x08\x63")
    facts.opportunity.MergeFromString(b"\x28\x63")
    assert fields(facts) == ["opportunity.type", "approvals[0].role"]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_floating_point_numbers_are_finite(number: float) -> None:
    """NaN compares with nothing, so no rule could judge it."""
    facts = AdvanceFacts(opportunity=Opportunity(probability=number))
    assert fields(facts) == ["opportunity.probability"]


@given(st.text(max_size=80))
def test_no_message_shows_the_value(text: str) -> None:
    """What a caller sent stays out of what a caller is told."""
    secret = f"secret-{text}"
    facts = AdvanceFacts(
        opportunity=Opportunity(
            amount=Money(currency_code=secret), discount=DecimalMessage(value=secret)
        )
    )
    assert len(malformed(facts)) == 2
    assert not any("secret" in violation.description for violation in malformed(facts))


def test_ids_are_given_short_and_unique() -> None:
    """An id identifies: it is there, at most 256 characters, and no other element has it."""
    assert checks.required_id("a.id", "x" * 256) == []
    assert [one.field for one in checks.required_id("a.id", "")] == ["a.id"]
    assert [one.field for one in checks.required_id("a.id", "x" * 257)] == ["a.id"]
    assert checks.optional_id("a.id", "") == []
    assert [one.field for one in checks.optional_id("a.id", "x" * 257)] == ["a.id"]
    repeated = checks.unique_ids("touches", ["a", "b", "a", "", "", "a"])
    assert [one.field for one in repeated] == ["touches[2].id", "touches[5].id"]
    assert "touches[0]" in repeated[1].description


def test_numbers_keep_their_bounds() -> None:
    """Bounds are inclusive, and NaN lies within none."""
    assert checks.within("p", 0, 0, 100) == checks.within("p", 100, 0, 100) == []
    assert len(checks.within("p", 100.5, 0, 100)) == 1
    assert len(checks.within("p", math.nan, 0, 100)) == 1
    assert checks.non_negative("n", 0) == []
    assert len(checks.non_negative("n", -1)) == 1


def test_amounts_keep_sign_and_currency() -> None:
    """-0.01 is negative though its units are 0, and every other currency is named."""
    assert checks.non_negative_money("m", Money()) == checks.non_negative_money("m", EUROS) == []
    assert len(checks.non_negative_money("m", Money(currency_code="EUR", nanos=-10_000_000))) == 1
    mixed = [("a", Money()), ("b", EUROS), ("c", DOLLARS), ("d", EUROS), ("e", DOLLARS)]
    found = checks.same_currency(mixed)
    assert [one.field for one in found] == ["c", "e"]
    assert "than b" in found[0].description
    assert checks.same_currency([]) == []


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("1", 0), ("1.01", 1), ("-0.1", 1), ("x", 0)]
)
def test_a_share_lies_between_0_and_1(text: str, count: int) -> None:
    """20 % is 0.2; a malformed decimal has been reported as such already."""
    assert len(checks.share("s", DecimalMessage(value=text))) == count


def test_an_instant_may_equal_its_limit() -> None:
    """Only later is after, to the nanosecond."""
    limit = Timestamp(seconds=5, nanos=5)
    assert checks.not_after("a", Timestamp(seconds=5, nanos=5), "b", limit) == []
    assert len(checks.not_after("a", Timestamp(seconds=5, nanos=6), "b", limit)) == 1


KEYS = ["ann@acme.de", "Ann Lee", "\x1b]0;x\x07", "a\nb", "\u202e", "x" * 65, ""]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_no_name_is_not_told(key: str) -> None:
    """Findings SEC-9, SEC-16: what callers call a property may be anything, also an address."""
    facts = qualify_pb2.QualifyFacts()
    facts.lead.properties.update({key: 1, "Trade_Show__c": 1})
    fields = {violation.field for violation in malformed(facts)}
    assert fields == {"lead.properties.?", "lead.properties.Trade_Show__c"}
