"""Claims about what is refused in the facts and the rules of a quota."""

import pytest
from google.protobuf import text_format

from dealgate.kinds.quota import QUOTA
from dealgate.kinds.quota.terms import QuotaEffect, QuotaParameters
from dealgate.v1 import quota_pb2 as pb
from tests.kinds.tracking import AS_OF

PARAMETERS = QuotaParameters.model_validate({})
FIRST = "{ year: 2026 month: 7 day: 1 }"
MID = "{ year: 2026 month: 8 day: 1 }"
LAST = "{ year: 2026 month: 9 day: 30 }"
USD = "{ currency_code: 'USD' units: 10 }"
MINUS = "{ currency_code: 'USD' units: -1 }"
EUR = "{ currency_code: 'EUR' units: 1 }"
SOUND = f"""
    plan {{ id: "P" start {FIRST} end {LAST} }} owner_id: "R"
    sellers {{ id: "R" quota {USD} }}
    credits {{ id: "C" owner_id: "R" amount {USD} booked_on {FIRST} }}
"""
MORE = f"id: 'D' owner_id: 'R' booked_on {FIRST}"
SPLIT = f"{MORE} amount {USD} opportunity_id: 'O' split"


def broken(text: str, base: str = SOUND) -> list[str]:
    """Return the fields that are refused in the sound facts with `text` merged in."""
    question = pb.QuotaFacts()
    text_format.Merge(base, question)
    text_format.Merge(text, question)
    return [violation.field for violation in QUOTA.check(question, PARAMETERS, AS_OF)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("plan { id: '' }", ["plan.id"]),
        (f"plan {{ end {{ year: 2025 }} start {LAST} }}", ["plan.end"]),
        ("plan { end { year: 2037 } }", ["plan.end"]),
        (f"plan {{ fiscal_start {MID} }}", ["plan.fiscal_start"]),
        (f"plan {{ fiscal_end {MID} }}", ["plan.fiscal_end"]),
        ("plan { tiers { } }", ["plan.tiers[0].from", "plan.tiers[0].rate"]),
        (
            "plan { tiers { from { value: '0.1' } rate { value: '11' } } }",
            ["plan.tiers[0].from", "plan.tiers[0].rate"],
        ),
        (f"plan {{ draw {USD} }}", ["plan.draw_recoverable"]),
        (f"plan {{ draw {MINUS} draw_recoverable: true }}", ["plan.draw"]),
        ("owner_id: 'Z'", ["owner_id"]),
        ("sellers { }", ["sellers[1].id"]),
        ("sellers { id: 'R' }", ["sellers[1].id"]),
        (f"sellers {{ id: 'B' quota {MINUS} }}", ["sellers[1].quota"]),
        (f"sellers {{ id: 'B' quota {EUR} }}", ["sellers[1].quota"]),
        (
            f"sellers {{ id: 'B' active_from {LAST} active_until {MID} }}",
            ["sellers[1].active_until"],
        ),
        (f"sellers {{ id: 'B' hired_on {LAST} active_until {MID} }}", ["sellers[1].active_until"]),
        ("sellers { id: 'B' manager_id: 'B' }", ["sellers[1].manager_id"]),
        (
            "sellers { id: 'B' manager_id: 'D' } sellers { id: 'D' manager_id: 'B' }",
            ["sellers[1].manager_id", "sellers[2].manager_id"],
        ),
        (
            "sellers { id: 'B' leaves { } }",
            ["sellers[1].leaves[0].first", "sellers[1].leaves[0].last"],
        ),
        (
            f"sellers {{ id: 'B' leaves {{ first {LAST} last {MID} }} }}",
            ["sellers[1].leaves[0].last"],
        ),
        (
            "credits { }",
            [
                "credits[1].id",
                "credits[1].owner_id",
                "credits[1].amount",
                "credits[1].booked_on",
            ],
        ),
        (f"credits {{ {MORE} amount {EUR} }}", ["credits[1].amount"]),
        (f"credits {{ {MORE} amount {USD} split {{ value: '1.1' }} }}", ["credits[1].split"]),
        (f"credits {{ {MORE} amount {USD} term_months: 0 }}", ["credits[1].term_months"]),
        (f"credits {{ {MORE} amount {USD} credited_on {LAST} }}", ["credits[1].credited_on"]),
        (
            f"credits {{ {MORE} amount {USD} credited_on {{ year: 2026 month: 6 day: 30 }} }}",
            ["credits[1].credited_on"],
        ),
        (
            f"credits {{ {MORE} amount {USD} type: CREDIT_TYPE_CLAWBACK }}",
            ["credits[1].amount"],
        ),
        (
            f"credits {{ {SPLIT} {{ value: '0.6' }} }} credits {{ {SPLIT} {{ value: '0.5' }} }}",
            ["credits[2].id", "credits[2].split"],
        ),
        (f"credits {{ id: 'C' owner_id: 'R' amount {USD} booked_on {FIRST} }}", ["credits[1].id"]),
        ("holidays { year: 2026 month: 2 day: 30 }", ["holidays[0]"]),
        ("seasonality { }", ["seasonality[0].on", "seasonality[0].share"]),
        (
            "seasonality { on { year: 2026 month: 6 day: 30 } share { value: '1' } }",
            ["seasonality[0].on"],
        ),
        (f"seasonality {{ on {MID} share {{ value: '0.5' }} }}", ["seasonality"]),
        (
            (
                f"seasonality {{ on {LAST} share {{ value: '1' }} }}"
                f"seasonality {{ on {MID} share {{ value: '1' }} }}"
            ),
            ["seasonality[1]"],
        ),
    ],
)
def test_bad_facts(text: str, expected: list[str]) -> None:
    """Every fault has its path, and all are told at once."""
    assert sorted(broken(text)) == sorted(expected)


def test_there_must_be_something_to_track() -> None:
    """Sellers without quotas and without credits have no currency, and nothing to say."""
    plan = f'plan {{ id: "P" start {FIRST} end {LAST} }}'
    assert broken("", plan) == ["owner_id", "sellers"]
    assert broken("", plan + 'owner_id: "R" sellers { id: "R" }') == ["credits"]


@pytest.mark.parametrize("count", [999, 1000])
def test_sizes_are_bounded(count: int) -> None:
    """A thousand sellers are judged, one more is refused."""
    text = "".join(f"sellers {{ id: '{index}' }}" for index in range(count))
    assert broken(text) == ([] if count < 1000 else ["sellers"])


@pytest.mark.parametrize(
    "effect",
    [{}, {"bonus": "B"}, {"rate": "0.1"}, {"bonus": "B", "rate": 0, "amount": 0}, {"warn": "x"}],
)
def test_bad_effects(effect: dict[str, object]) -> None:
    """One claim; a bonus says how much, by rate or by amount."""
    with pytest.raises(ValueError, match="validation error"):
        QuotaEffect.model_validate(effect)


@pytest.mark.parametrize(
    "parameters",
    [
        {"at_risk_from": "0.95"},
        {"tiers": [{"start": "0.5", "rate": 0}]},
        {"tiers": [{"start": 0, "rate": 0}, {"start": 0, "rate": 1}]},
        {"ramp": []},
    ],
)
def test_bad_parameters(parameters: dict[str, object]) -> None:
    """Bands and tiers rise, and a ramp has a month."""
    with pytest.raises(ValueError, match="validation error"):
        QuotaParameters.model_validate(parameters)


@pytest.mark.parametrize(
    ("fiscal", "start", "end", "wrong"),
    [
        ({"start_month": 1}, (2026, 7, 1), (2026, 9, 30), False),
        ({"start_month": 1}, (2026, 7, 1), (2026, 12, 31), False),
        ({"start_month": 1}, (2026, 7, 1), (2026, 10, 31), True),
        ({"start_month": 2}, (2026, 7, 1), (2026, 9, 30), True),
        ({"start_month": 2}, (2026, 8, 1), (2026, 10, 31), False),
        ({"start_month": 2, "pattern": "4-4-5"}, (2026, 8, 2), (2026, 10, 31), False),
        ({"start_month": 2, "pattern": "4-4-5"}, (2026, 8, 1), (2026, 10, 31), True),
    ],
)
def test_a_plan_has_the_days_of_a_fiscal_period(
    fiscal: dict[str, object],
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    wrong: bool,  # noqa: FBT001  # a table
) -> None:
    """With a fiscal calendar, by months or weeks, it is a year, half, quarter or period of it."""
    question = pb.QuotaFacts()
    text_format.Merge(SOUND, question)
    for name, day in (("start", start), ("end", end)):
        told = getattr(question.plan, name)
        told.year, told.month, told.day = day
    for one in question.credits:
        one.booked_on.CopyFrom(question.plan.start)
    parameters = QuotaParameters.model_validate({"fiscal": fiscal})
    found = QUOTA.check(question, parameters, AS_OF)
    assert [one.field for one in found] == (["plan"] if wrong else [])
