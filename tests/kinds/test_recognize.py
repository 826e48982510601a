"""Claims about recognition: published vectors, patterns, changes of a contract, and the books."""

from fractions import Fraction

import pytest

from dealgate.kinds.recognize import RECOGNIZE
from dealgate.model.decision import Evidence
from dealgate.model.errors import RulesFailed
from dealgate.model.money import to_minor
from dealgate.v1 import attribute_pb2
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds import build
from tests.kinds.recognizing import (
    AS_OF,
    allocated,
    claims,
    facts,
    months,
    recognized,
    rule,
    ruleset,
    schedule,
    text_day,
    usd,
    years,
)

RATABLE = "pattern: RECOGNITION_PATTERN_RATABLE"
AT_ONCE = "pattern: RECOGNITION_PATTERN_POINT_IN_TIME"
USAGE = "pattern: RECOGNITION_PATTERN_USAGE"
PROSPECTIVE = rule("prospective", "modifications", treat="prospective")
CATCH_UP = rule("catch-up", "modifications", treat="cumulative_catch_up")
SEPARATE = rule("separate", "modifications", treat="separate_contract")


def ratable(name: str, cents: int, first: str, last: str, more: str = "") -> str:
    """Return a ratable line as text."""
    days = f"start {text_day(first)} end {text_day(last)}"
    return f'lines {{ id: "{name}" {RATABLE} price {usd(cents)} {days} {more} }}'


def alone(name: str, cents: int, more: str = "") -> str:
    """Return a line with an observable price, delivered once."""
    told = f"standalone_price {{ observable {usd(cents)} }}"
    return f'lines {{ id: "{name}" {AT_ONCE} {told} {more} }}'


def change(cents: int, on: str, more: str = "") -> str:
    """Return a modification as text."""
    return f'modifications {{ id: "M" on {text_day(on)} price_change {usd(cents)} {more} }}'


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (attribute_pb2.ROUNDING_METHOD_PLUG_LAST, [3385, 4308, 2307]),
        (attribute_pb2.ROUNDING_METHOD_CUMULATIVE, [3385, 4307, 2308]),
        (attribute_pb2.ROUNDING_METHOD_LARGEST_REMAINDER, [3384, 4308, 2308]),
        (None, [3385, 4307, 2308]),
    ],
)
def test_erpnext_deferred_revenue(
    method: attribute_pb2.RoundingMethod.ValueType | None, expected: list[int]
) -> None:
    """Vector rev-erp-days (frappe/erpnext test_sales_invoice.py): 22, 28 and 15 of 65 days."""
    line = ratable("A", 10_000, "2019-01-10", "2019-03-15")
    outcome = recognized(
        facts(line, months("2019-01-01", 3), contract=pb.RevenueContract(rounding=method))
    )

    assert [*schedule(outcome.obligations[0]).values()] == expected
    assert outcome.rounding == (method or attribute_pb2.ROUNDING_METHOD_CUMULATIVE)


def test_example_33_allocates_by_standalone_prices() -> None:
    """Vector rev-ex33 (ASC 606-10-55-256): 100 over 50, 25 and 75 is 33, 17 and 50."""
    lines = f"contract {{ price {usd(10_000)} }}" + "".join(
        alone(name, cents) for name, cents in (("A", 5000), ("B", 2500), ("C", 7500))
    )
    assert allocated(recognized(facts(lines, years(2026, 1)))) == [3333, 1667, 5000]


def test_example_35b_allocates_the_fixed_price() -> None:
    """Vector rev-ex35b: a fixed 300 over 800 and 1,000 is 133 and 167."""
    lines = f"contract {{ price {usd(30_000)} }}" + alone("X", 80_000) + alone("Y", 100_000)
    assert allocated(recognized(facts(lines, years(2026, 1)))) == [13_333, 16_667]


def test_example_22_expects_returns() -> None:
    """Vector rev-ex22: of 100 sold at 100, 3 may come back; they cost 60."""
    more = (
        f"price {usd(1_000_000)} delivered_on {text_day('2026-01-05')} returns {{ "
        f'quantity {{ value: "100" }} expected {{ value: "3" }} cost {usd(600_000)} }}'
    )
    outcome = recognized(facts(alone("A", 10_000, more), years(2026, 1)))
    cost = [line for line in outcome.journal if line.account == pb.REVENUE_ACCOUNT_COST_OF_SALES]
    asset = [line for line in outcome.journal if line.account == pb.REVENUE_ACCOUNT_RETURN_ASSET]

    assert to_minor(outcome.balances.recognized) == 970_000
    assert to_minor(outcome.balances.refund_liability) == 30_000
    assert to_minor(cost[0].debit) == 582_000
    assert to_minor(asset[0].debit) == 18_000


def test_example_5b_blends_the_price_of_what_remains() -> None:
    """Vector rev-ex5b: 60 left at 100, and 30 more at 80, are 93.33 each from then on."""
    line = (
        f'lines {{ id: "A" {USAGE} price {usd(1_200_000)} included_quantity {{ value: "120" }} '
        f'usage {{ on {text_day("2026-01-05")} quantity {{ value: "60" }} }} '
        f'usage {{ on {text_day("2026-03-05")} quantity {{ value: "1" }} }} }}'
    )
    more = 'changes { line_id: "A" included_quantity { value: "150" } }'
    question = facts(line + change(240_000, "2026-02-01", more), months("2026-01-01", 4))
    outcome = recognized(question, claims((PROSPECTIVE, 0)))

    assert schedule(outcome.obligations[0]) == {"2026-01": 600_000, "2026-03": 9333}
    assert to_minor(outcome.obligations[0].unscheduled) == 840_000 - 9333


def test_example_7_spreads_an_extension() -> None:
    """Vector rev-ex7: the third year at 80,000 and three more for 200,000 are 70,000 a year."""
    line = ratable("A", 30_000_000, "2026-01-01", "2028-12-31", "proration: PRORATION_MONTHLY")
    more = f'changes {{ line_id: "A" end {text_day("2031-12-31")} }}'
    question = facts(line + change(18_000_000, "2028-01-01", more), years(2026, 6))
    outcome = recognized(question, claims((PROSPECTIVE, 0)))

    assert [*schedule(outcome.obligations[0]).values()] == [10_000_000] * 2 + [7_000_000] * 4


def test_example_49_values_a_material_right() -> None:
    """Vector rev-ex49: 50 at 30 % more off, used by 80 %, is worth 12 alone: 89 and 11."""
    option = (
        f'lines {{ id: "O" {AT_ONCE} option {{ expected_purchases {usd(5000)} '
        'incremental_discount { value: "0.3" } likelihood { value: "0.8" } } }'
    )
    lines = f"contract {{ price {usd(10_000)} }}" + alone("A", 10_000) + option
    outcome = recognized(facts(lines, years(2026, 1)))

    assert to_minor(outcome.obligations[1].standalone_price) == 1200
    assert [round(Fraction(cents, 100)) for cents in allocated(outcome)] == [89, 11]


def test_example_34b_leaves_the_residual() -> None:
    """ASC 606-10-55-265: after a bundle's discount, the uncertain line takes what is left."""
    lines = f"contract {{ price {usd(13_000)} }}" + "".join(
        alone(name, cents) for name, cents in (("A", 4000), ("B", 5500), ("C", 4500))
    )
    lines += f'lines {{ id: "D" {AT_ONCE} price_uncertain: true }}'
    lines += f'discounts {{ id: "D" amount {usd(4000)} line_ids: ["B", "C"] }}'
    outcome = recognized(
        facts(lines, years(2026, 1)), claims((rule("bundle", "discounts", assign="BUNDLE"), 0))
    )
    assert allocated(outcome) == [4000, 3300, 2700, 3000]


def test_a_residual_of_nothing_is_none() -> None:
    """If the others already cost the whole price, the residual approach does not apply."""
    lines = f"contract {{ price {usd(4000)} }}" + alone("A", 4000)
    lines += f'lines {{ id: "D" {AT_ONCE} price_uncertain: true }}'
    outcome = recognized(facts(lines, years(2026, 1)))

    assert outcome.status == pb.RECOGNITION_STATUS_INCOMPLETE
    assert [item.code for item in outcome.missing] == ["RESIDUAL_NOT_POSITIVE"]


@pytest.mark.parametrize(
    ("told", "cents", "method"),
    [
        (f"observable {usd(500)}", 500, pb.STANDALONE_PRICE_METHOD_OBSERVABLE),
        (f"low {usd(900)} high {usd(1000)}", 1000, pb.STANDALONE_PRICE_METHOD_OBSERVABLE),
        (f"low {usd(400)} high {usd(600)}", 500, pb.STANDALONE_PRICE_METHOD_OBSERVABLE),
        (f"low {usd(1001)} high {usd(2003)}", 1502, pb.STANDALONE_PRICE_METHOD_OBSERVABLE),
        (f"market {usd(700)}", 700, pb.STANDALONE_PRICE_METHOD_ADJUSTED_MARKET),
        (
            f'cost {usd(400)} margin {{ value: "0.25" }}',
            500,
            pb.STANDALONE_PRICE_METHOD_COST_PLUS_MARGIN,
        ),
        (f"observable {usd(0)}", 0, pb.STANDALONE_PRICE_METHOD_OBSERVABLE),
    ],
)
def test_standalone_prices_by_every_method(
    told: str, cents: int, method: pb.StandalonePriceMethod.ValueType
) -> None:
    """32-33 and 32-34: observable before market before cost; a price in its range is kept."""
    line = f'lines {{ id: "B" {AT_ONCE} price {usd(1000)} standalone_price {{ {told} }} }}'
    outcome = recognized(facts(alone("A", 1000) + line, years(2026, 1)))

    assert to_minor(outcome.obligations[1].standalone_price) == cents
    assert outcome.obligations[1].method == method
    assert sum(allocated(outcome)) == 1000
    assert allocated(outcome)[0] == round(Fraction(1000 * 1000, 1000 + cents))


def test_what_sells_for_nothing_gets_nothing() -> None:
    """A standalone price of 0 is a price; all of them 0 are no weights."""
    lines = f"contract {{ price {usd(1000)} }}" + alone("A", 1000) + alone("B", 0)
    assert allocated(recognized(facts(lines, years(2026, 1)))) == [1000, 0]

    nothing = f"contract {{ price {usd(1000)} }}" + alone("A", 0) + alone("B", 0)
    outcome = recognized(facts(nothing, years(2026, 1)))
    assert [item.code for item in outcome.missing] == ["STANDALONE_PRICES_ZERO"] * 2


def test_a_line_that_nobody_combined_needs_a_pattern() -> None:
    """Not distinct and without a pattern, it is nothing that could be scheduled."""
    line = f'lines {{ id: "B" distinct: false price {usd(100)} }}'
    outcome = recognized(facts(alone("A", 1000, f"price {usd(1000)}") + line, years(2026, 1)))

    assert outcome.status == pb.RECOGNITION_STATUS_INCOMPLETE
    assert [item.field for item in outcome.missing] == ["lines[1].pattern"]


def test_a_negative_line_is_a_discount() -> None:
    """It promises nothing: it lowers the price of all."""
    lines = alone("A", 1000, f"price {usd(1000)}") + alone("B", 1000, f"price {usd(1000)}")
    lines += f'lines {{ id: "D" price {usd(-500)} }}'
    assert allocated(recognized(facts(lines, years(2026, 1)))) == [750, 750]


@pytest.mark.parametrize(
    ("proration", "expected"),
    [
        ("PRORATION_DAILY", [1700, 2900, 1500]),
        # 17/31 + 1 + 15/31 months.
        ("PRORATION_MONTHLY", [1646, 3002, 1452]),
        ("PRORATION_EQUAL_PERIODS", [2033, 2034, 2033]),
    ],
)
def test_conventions_of_time(proration: str, expected: list[int]) -> None:
    """61 days over a leap February: by days 17/29/15, by months 17/31, 1, 15/31, or by thirds."""
    line = ratable("A", 6100, "2028-01-15", "2028-03-15", f"proration: {proration}")
    found = schedule(recognized(facts(line, months("2028-01-01", 3))).obligations[0])

    assert [*found.values()] == expected


def test_milestones_are_earned_when_accepted() -> None:
    """Shares and amounts of the price; what is not accepted waits."""
    line = (
        f'lines {{ id: "A" pattern: RECOGNITION_PATTERN_MILESTONE price {usd(1000)} '
        f'milestones {{ id: "1" share {{ value: "0.3" }} accepted_on {text_day("2026-01-31")} }} '
        f'milestones {{ id: "2" amount {usd(450)} accepted_on {text_day("2026-02-01")} }} '
        'milestones { id: "3" share { value: "0.25" } } }'
    )
    (one,) = recognized(facts(line, months("2026-01-01", 2))).obligations

    assert schedule(one) == {"2026-01": 300, "2026-02": 450}
    assert to_minor(one.unscheduled) == 250


def test_usage_beyond_what_is_included_is_charged_on_top() -> None:
    """100 included for 10.00; 130 used, 30 at 0.05; nothing is left for the last day."""
    line = (
        f'lines {{ id: "A" {USAGE} price {usd(1000)} included_quantity {{ value: "100" }} '
        f"overage_price {usd(5)} end {text_day('2026-03-31')} "
        f'usage {{ on {text_day("2026-02-05")} quantity {{ value: "50" }} }} '
        f'usage {{ on {text_day("2026-01-05")} quantity {{ value: "80" }} }} }}'
    )
    outcome = recognized(facts(line, months("2026-01-01", 3)))

    assert schedule(outcome.obligations[0]) == {"2026-01": 800, "2026-02": 200 + 150}
    assert to_minor(outcome.transaction_price.overage) == 150
    assert outcome.reconciliation.balanced


def test_prepaid_and_unused_is_earned_on_the_last_day() -> None:
    """What is not used by then never will be."""
    line = (
        f'lines {{ id: "A" {USAGE} price {usd(1000)} included_quantity {{ value: "100" }} '
        f"end {text_day('2026-03-31')} }}"
    )
    outcome = recognized(facts(line, months("2026-01-01", 3)))
    assert schedule(outcome.obligations[0]) == {"2026-03": 1000}


def test_custom_weights() -> None:
    """Weights are relative to each other."""
    weights = "".join(
        f'custom {{ on {text_day(day)} weight {{ value: "{weight}" }} }} '
        for day, weight in (("2026-01-31", 1), ("2026-02-28", 3))
    )
    line = f'lines {{ id: "A" pattern: RECOGNITION_PATTERN_CUSTOM price {usd(1000)} {weights} }}'
    outcome = recognized(facts(line, months("2026-01-01", 2)))
    assert schedule(outcome.obligations[0]) == {"2026-01": 250, "2026-02": 750}


def test_a_price_change_of_one_promise_is_caught_up() -> None:
    """25-13b: a quarter is over when the price doubles; its half comes now."""
    line = ratable("A", 12_000, "2026-01-01", "2026-12-31", "proration: PRORATION_MONTHLY")
    question = facts(line + change(12_000, "2026-04-01"), months("2026-01-01", 12))
    found = schedule(recognized(question, claims((CATCH_UP, 0))).obligations[0])

    assert [*found.values()] == [1000, 1000, 1000, 5000] + [2000] * 8


def test_a_separate_contract_leaves_the_old_one_alone() -> None:
    """25-12: what is added at its own price has its own schedule."""
    lines = ratable("A", 12_000, "2026-01-01", "2026-12-31", "proration: PRORATION_MONTHLY")
    lines += ratable("B", 900, "2026-04-01", "2026-12-31", "proration: PRORATION_MONTHLY")
    question = facts(lines + change(900, "2026-04-01", 'added_line_ids: "B"'), years(2026, 1))
    outcome = recognized(question, claims((SEPARATE, 0)))

    assert [schedule(one) for one in outcome.obligations] == [{"2026": 12_000}, {"2026": 900}]
    assert outcome.modifications[0].treatment == pb.MODIFICATION_TREATMENT_SEPARATE_CONTRACT


def test_modifications_follow_each_other_by_day() -> None:
    """Whatever their order in the facts: each starts from what the one before left."""
    line = ratable("A", 12_000, "2026-01-01", "2026-12-31", "proration: PRORATION_MONTHLY")
    later = change(-600, "2026-07-01").replace('"M"', '"N"')
    question = facts(line + later + change(900, "2026-04-01"), months("2026-01-01", 12))
    found = schedule(
        recognized(question, claims((PROSPECTIVE, 0), (PROSPECTIVE, 1))).obligations[0]
    )
    assert [*found.values()] == [1000] * 3 + [1100] * 3 + [1000] * 6


def test_what_was_cancelled_takes_no_part_in_a_change() -> None:
    """Half of the year was called off; a later price change goes to what is still served."""
    line = ratable(
        "A",
        12_000,
        "2026-01-01",
        "2026-12-31",
        f"proration: PRORATION_MONTHLY cancelled_on {text_day('2026-06-30')}",
    )
    question = facts(line + change(300, "2026-04-01"), months("2026-01-01", 12))
    (one,) = recognized(question, claims((PROSPECTIVE, 0))).obligations

    assert [*schedule(one).values()] == [1000] * 3 + [1100] * 3
    assert to_minor(one.cancelled) == 6000


def test_a_credit_note_is_divided_by_the_original_weights() -> None:
    """A third of the year is over: a third of the credit reverses revenue, now."""
    line = ratable("A", 12_000, "2026-01-01", "2026-12-31", "proration: PRORATION_MONTHLY")
    credit = f'credits {{ id: "C" on {text_day("2026-05-10")} amount {usd(-1200)} }}'
    found = schedule(recognized(facts(line + credit, months("2026-01-01", 12))).obligations[0])

    assert [*found.values()] == [1000] * 4 + [500] + [900] * 7


def test_returned_goods_use_up_the_refund_liability_first() -> None:
    """What was expected back is no revenue a second time."""
    more = (
        f"price {usd(10_000)} delivered_on {text_day('2026-01-05')} returns {{ "
        'quantity { value: "100" } expected { value: "3" } }'
    )
    credit = f'credits {{ id: "C" on {text_day("2026-02-10")} amount {usd(-400)} }}'
    outcome = recognized(facts(alone("A", 10_000, more) + credit, months("2026-01-01", 2)))

    assert schedule(outcome.obligations[0]) == {"2026-01": 9700, "2026-02": -100}
    assert to_minor(outcome.balances.refund_liability) == 0
    assert outcome.reconciliation.balanced


def test_revenue_before_the_invoice_is_a_contract_asset() -> None:
    """Of deferred revenue and contract asset a contract has one at a time."""
    line = ratable("A", 1200, "2026-01-01", "2026-03-31", "proration: PRORATION_MONTHLY")
    invoice = f'invoices {{ id: "I" on {text_day("2026-02-01")} amount {usd(1200)} }}'
    outcome = recognized(facts(line + invoice, months("2026-01-01", 3)))
    closings = [
        (to_minor(period.closing.contract_asset), to_minor(period.closing.deferred))
        for period in outcome.periods
    ]
    assert closings == [(400, 0), (0, 400), (0, 0)]
    assert [
        (one.account, to_minor(one.debit if one.HasField("debit") else one.credit))
        for one in outcome.journal
        if one.period_id == "2026-02"
    ] == [
        (pb.REVENUE_ACCOUNT_RECEIVABLE, 1200),
        (pb.REVENUE_ACCOUNT_REVENUE, 400),
        (pb.REVENUE_ACCOUNT_DEFERRED_REVENUE, 400),
        (pb.REVENUE_ACCOUNT_CONTRACT_ASSET, 400),
    ]


def test_each_period_is_translated_at_its_own_rate() -> None:
    """Revenue is recognised in the contract's currency, then translated."""
    line = ratable("A", 200, "2026-01-01", "2026-02-28", "proration: PRORATION_MONTHLY")
    periods = months("2026-01-01", 2)
    periods[0].rate.value, periods[1].rate.value = "150.4", "150.5"
    outcome = recognized(
        facts(line, periods, contract=pb.RevenueContract(reporting_currency="JPY"))
    )

    assert [to_minor(period.reporting_revenue) for period in outcome.periods] == [150, 150]


def test_rules_that_went_wrong_schedule_nothing() -> None:
    """A schedule by half the rules is a wrong schedule."""
    question = facts(ratable("A", 100, "2026-01-01", "2026-12-31"), years(2026, 1))
    with pytest.raises(RulesFailed, match="went wrong"):
        RECOGNIZE.conclude(
            question, ruleset(), Evidence(failed=[build.failed(rule("x", net="AGENT"))]), AS_OF
        )


def test_a_claim_needs_its_list() -> None:
    """A constraint that is judged over lines would be about nothing."""
    question = facts(ratable("A", 100, "2026-01-01", "2026-12-31"), years(2026, 1))
    with pytest.raises(RulesFailed, match="constrain needs each over variable"):
        RECOGNIZE.conclude(
            question, ruleset(), claims((rule("x", "lines", constrain="NO"), 0)), AS_OF
        )


@pytest.mark.parametrize(
    ("text", "treatment", "code"),
    [
        (change(100, "2026-04-01"), SEPARATE, "NOTHING_ADDED"),
        (change(100, "2027-01-01"), PROSPECTIVE, "NOTHING_REMAINS"),
        (change(100, "2026-04-01"), None, "TREATMENT_UNKNOWN"),
    ],
)
def test_changes_that_have_nowhere_to_go(text: str, treatment: object, code: str) -> None:
    """There is no schedule, and the answer says why."""
    line = ratable("A", 100, "2026-01-01", "2026-12-31")
    evidence = claims((treatment, 0)) if treatment else None  # type: ignore[arg-type]
    outcome = recognized(facts(line + text, years(2026, 2)), evidence)

    assert outcome.status == pb.RECOGNITION_STATUS_INCOMPLETE
    assert [item.code for item in outcome.missing] == [code]
