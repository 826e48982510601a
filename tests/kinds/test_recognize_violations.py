"""Claims about what is refused in the facts and the rules of a recognition."""

import pytest
from google.protobuf import text_format

from dealgate.kinds.recognize import RECOGNIZE
from dealgate.kinds.recognize.terms import RecognizeEffect, RecognizeParameters
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.recognizing import AS_OF, text_day, usd

PARAMETERS = RecognizeParameters.model_validate({})
FIRST, LAST, NEXT, LATE = map(text_day, ("2026-01-01", "2026-12-31", "2027-01-01", "2031-01-01"))
MID = text_day("2026-07-01")
EUR = '{ currency_code: "EUR" units: 1 }'
SOUND = f"""
    contract {{ id: "K" }}
    lines {{
        id: "A" pattern: RECOGNITION_PATTERN_RATABLE price {usd(100)} start {FIRST} end {LAST}
    }}
    periods {{ id: "2026" start {FIRST} end {LAST} }}
"""
AT_ONCE = "pattern: RECOGNITION_PATTERN_POINT_IN_TIME"
MILESTONES = "pattern: RECOGNITION_PATTERN_MILESTONE"
USAGE = "pattern: RECOGNITION_PATTERN_USAGE"
CUSTOM = "pattern: RECOGNITION_PATTERN_CUSTOM"


def broken(text: str, base: str = SOUND) -> list[str]:
    """Return the fields that are refused in the sound facts with `text` merged in."""
    question = pb.RecognizeFacts()
    text_format.Merge(base, question)
    text_format.Merge(text, question)
    return [violation.field for violation in RECOGNIZE.check(question, PARAMETERS, AS_OF)]


def ratable(more: str) -> str:
    """Return a second ratable line."""
    return f'lines {{ id: "B" pattern: RECOGNITION_PATTERN_RATABLE {more} }}'


def test_the_sound_facts_are_sound() -> None:
    """Or the table below would prove nothing."""
    assert broken("") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('contract { id: "" }', ["contract.id"]),
        ("contract { financing_months: -1 }", ["contract.financing_months"]),
        ("contract { financing_months: 1201 }", ["contract.financing_months"]),
        (f"contract {{ price {EUR} }}", ["lines[0].price"]),
        ("contract { signed_on { year: 2026 month: 2 day: 30 } }", ["contract.signed_on"]),
        (f"contract {{ signed_on {LATE} }}", ["contract.signed_on"]),
        (f'lines {{ id: "A" {AT_ONCE} }}', ["lines[1].id"]),
        (f"lines {{ {AT_ONCE} }}", ["lines[1].id"]),
        ('lines { id: "B" }', ["lines[1].pattern"]),
        ('lines { id: "B" distinct: false part_of: "C" }', ["lines[1].part_of"]),
        ('lines { id: "B" distinct: false part_of: "B" }', ["lines[1].part_of"]),
        (f'lines {{ id: "B" {AT_ONCE} supplier_cost {usd(-1)} }}', ["lines[1].supplier_cost"]),
        (ratable(""), ["lines[1].start", "lines[1].end"]),
        (ratable(f"start {LAST} end {FIRST}"), ["lines[1].end"]),
        (ratable(f"start {FIRST} end {LAST} trial_end {LAST}"), ["lines[1].trial_end"]),
        (ratable(f"start {MID} end {LAST} cancelled_on {FIRST}"), ["lines[1].cancelled_on"]),
        (ratable(f"start {FIRST} end {NEXT}"), ["lines[1].end"]),
        (ratable(f"start {FIRST} end {LAST} delivered_on {MID}"), ["lines[1].delivered_on"]),
        (
            ratable(f"start {FIRST} end {LAST} ramp {{ }}"),
            ["lines[1].ramp[0].start"],
        ),
        (
            ratable(f"start {FIRST} end {LAST} ramp {{ start {MID} price {usd(1)} }}"),
            ["lines[1].ramp[0].start"],
        ),
        (
            ratable(
                f"start {FIRST} end {LAST} price {usd(3)} "
                f"ramp {{ start {FIRST} price {usd(1)} }} ramp {{ start {MID} price {usd(1)} }}"
            ),
            ["lines[1].ramp"],
        ),
        (f'lines {{ id: "B" {AT_ONCE} delivered_on {LATE} }}', ["lines[1].delivered_on"]),
        (f'lines {{ id: "B" {AT_ONCE} overage_price {usd(1)} }}', ["lines[1].overage_price"]),
        (f'lines {{ id: "B" {AT_ONCE} returns {{ }} }}', ["lines[1].returns.quantity"]),
        (
            (
                f'lines {{ id: "B" {AT_ONCE} returns {{ '
                'quantity { value: "1" } expected { value: "2" } } }'
            ),
            ["lines[1].returns.expected"],
        ),
        (
            f'lines {{ id: "B" {AT_ONCE} standalone_price {{ low {usd(2)} high {usd(1)} }} }}',
            ["lines[1].standalone_price.low"],
        ),
        (
            f'lines {{ id: "B" {AT_ONCE} standalone_price {{ low {usd(2)} }} }}',
            ["lines[1].standalone_price"],
        ),
        (
            f'lines {{ id: "B" {AT_ONCE} standalone_price {{ cost {usd(2)} }} }}',
            ["lines[1].standalone_price"],
        ),
        (
            f'lines {{ id: "B" {AT_ONCE} standalone_price {{ market {usd(-1)} }} }}',
            ["lines[1].standalone_price.market"],
        ),
        (
            f'lines {{ id: "B" {AT_ONCE} option {{ likelihood {{ value: "1.1" }} }} }}',
            [
                "lines[1].option.expected_purchases",
                "lines[1].option.incremental_discount",
                "lines[1].option.likelihood",
            ],
        ),
        (f'lines {{ id: "B" {MILESTONES} }}', ["lines[1].milestones"]),
        (f'lines {{ id: "B" {MILESTONES} milestones {{ id: "1" }} }}', ["lines[1].milestones[0]"]),
        (
            f'lines {{ id: "B" {MILESTONES} milestones {{ id: "1" amount {usd(1)} }} }}',
            ["lines[1].milestones[0].amount"],
        ),
        (
            (
                f'lines {{ id: "B" {MILESTONES} price {usd(100)} '
                f'milestones {{ id: "1" amount {usd(60)} }} '
                'milestones { id: "2" share { value: "0.41" } } }'
            ),
            ["lines[1].milestones"],
        ),
        (
            (
                f'lines {{ id: "B" {MILESTONES} '
                f'milestones {{ id: "1" share {{ value: "1" }} accepted_on {LATE} }} }}'
            ),
            ["lines[1].milestones[0].accepted_on"],
        ),
        (
            f'lines {{ id: "B" {USAGE} usage {{ }} }}',
            ["lines[1].usage[0].on", "lines[1].usage[0].quantity"],
        ),
        (
            f'lines {{ id: "B" {USAGE} overage_price {usd(1)} usage {{ }} }}',
            ["lines[1].usage[0].on", "lines[1].usage[0].quantity"],
        ),
        (
            f'lines {{ id: "B" {USAGE} usage {{ on {MID} quantity {{ value: "1" }} }} }}',
            ["lines[1].overage_price"],
        ),
        (
            (
                f'lines {{ id: "B" {USAGE} overage_price {usd(1)} '
                f'usage {{ on {MID} quantity {{ value: "-1" }} }} }}'
            ),
            ["lines[1].usage[0].quantity"],
        ),
        (
            (
                f'lines {{ id: "B" {USAGE} overage_price {usd(100)} '
                f'usage {{ on {MID} quantity {{ value: "1000000000000000" }} }} }}'
            ),
            ["lines"],
        ),
        (f'lines {{ id: "B" {USAGE} price {usd(1)} }}', ["lines[1].included_quantity"]),
        (f'lines {{ id: "B" {CUSTOM} }}', ["lines[1].custom"]),
        (
            f'lines {{ id: "B" {CUSTOM} custom {{ on {MID} weight {{ value: "0" }} }} }}',
            ["lines[1].custom"],
        ),
        (f'periods {{ id: "2026" start {NEXT} end {NEXT} }}', ["periods[1].id"]),
        (f'periods {{ id: "x" start {LATE} end {LATE} }}', ["periods[1].start"]),
        (f'periods {{ id: "x" start {LAST} end {LATE} }}', ["periods[1].start"]),
        (f'periods {{ id: "x" start {NEXT} end {LAST} }}', ["periods[1].end"]),
        ('periods { id: "x" }', ["periods[1].start", "periods[1].end"]),
        ('variable { id: "V" }', ["variable[0].method", "variable[0].scenarios"]),
        (
            'variable { id: "V" method: ESTIMATE_METHOD_MOST_LIKELY scenarios { } line_id: "Z" }',
            [
                "variable[0].scenarios[0].amount",
                "variable[0].scenarios[0].probability",
                "variable[0].scenarios",
                "variable[0].line_id",
            ],
        ),
        (
            (
                'variable { id: "V" method: ESTIMATE_METHOD_MOST_LIKELY '
                f'scenarios {{ amount {EUR} probability {{ value: "1" }} }} }}'
            ),
            ["variable[0].scenarios[0].amount"],
        ),
        ('discounts { id: "D" }', ["discounts[0].amount", "discounts[0].line_ids"]),
        (
            (
                f'discounts {{ id: "D" amount {usd(1)} line_ids: ["A", "Z"] }} '
                f'discounts {{ id: "E" amount {usd(-1)} line_ids: ["A"] }}'
            ),
            ["discounts[0].line_ids[1]", "discounts[1].amount", "discounts[1].line_ids[0]"],
        ),
        ('modifications { id: "M" }', ["modifications[0].on", "modifications[0].price_change"]),
        (
            f'modifications {{ id: "M" on {MID} price_change {usd(0)} changes {{ }} }}',
            ["modifications[0].changes[0].line_id"],
        ),
        (
            (
                f'modifications {{ id: "M" on {MID} price_change {usd(0)} '
                f'changes {{ line_id: "A" end {FIRST} }} '
                'changes { line_id: "A" included_quantity { value: "1" } } }'
            ),
            [
                "modifications[0].changes[1].line_id",
                "modifications[0].changes[0].end",
                "modifications[0].changes[1].included_quantity",
            ],
        ),
        (
            f'modifications {{ id: "M" on {MID} price_change {usd(0)} added_line_ids: ["Z"] }}',
            ["modifications[0].added_line_ids[0]"],
        ),
        (
            f'modifications {{ id: "M" on {LATE} price_change {usd(0)} }}',
            ["modifications[0].on"],
        ),
        ('credits { id: "C" }', ["credits[0].on", "credits[0].amount"]),
        (f'credits {{ id: "C" on {MID} amount {usd(1)} }}', ["credits[0].amount"]),
        (f'credits {{ id: "C" on {LATE} amount {usd(-1)} }}', ["credits[0].on"]),
        (
            f'credits {{ id: "C" on {MID} amount {usd(-1)} line_id: "Z" }}',
            ["credits[0].line_id"],
        ),
        (f'invoices {{ id: "I" on {LATE} amount {usd(1)} }}', ["invoices[0].on"]),
        (
            (
                f'invoices {{ id: "I" on {MID} amount {usd(1)} }} '
                f'invoices {{ id: "I" on {MID} amount {usd(1)} }}'
            ),
            ["invoices[1].id"],
        ),
        ("contract { rounding: ROUNDING_METHOD_UNSPECIFIED }", []),
        (
            'contract { reporting_currency: "ZZZ" }',
            ["contract.reporting_currency", "periods[0].rate"],
        ),
        (
            'contract { reporting_currency: "EUR" } periods { }',
            ["periods[1].id", "periods[0].rate", "periods[1].rate"],
        ),
    ],
)
def test_bad_facts(text: str, expected: list[str]) -> None:
    """Every fault has its path, and all are told at once."""
    assert broken(text) == expected


def test_there_must_be_lines_a_price_and_periods() -> None:
    """Nothing is scheduled out of nothing, and never silently."""
    assert broken("", 'contract { id: "K" }') == ["lines"]
    line = f'lines {{ id: "A" {AT_ONCE} }}'
    assert broken(line, 'contract { id: "K" }') == ["contract.price"]
    assert broken(f"contract {{ price {usd(1)} }}" + line, 'contract { id: "K" }') == ["periods"]


@pytest.mark.parametrize("count", [500, 501])
def test_sizes_are_bounded(count: int) -> None:
    """500 lines are judged, 501 are refused."""
    text = "".join(f'lines {{ id: "B{n}" {AT_ONCE} }}' for n in range(count - 1))
    assert broken(text) == ([] if count == 500 else ["lines"])


def test_work_is_bounded() -> None:
    """Many lines over many periods with many changes are refused together."""
    text = "".join(f'lines {{ id: "B{n}" {AT_ONCE} }}' for n in range(499))
    change = f"on {MID} price_change {usd(0)}"
    text += "".join(f'modifications {{ id: "{n}" {change} }}' for n in range(500))
    assert broken(text) == ["lines"]


@pytest.mark.parametrize(
    "effect",
    [{}, {"hold": "A", "warn": "B"}, {"hold": "lower"}, {"treat": "somehow"}, {"other": "X"}],
)
def test_bad_effects(effect: dict[str, str]) -> None:
    """A rule claims one thing that the kind knows."""
    with pytest.raises(ValueError, match="validation error"):
        RecognizeEffect.model_validate(effect)
