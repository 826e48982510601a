"""Claims about what stands beside the price: costs, contracts, tax, debts, accounts, the years."""

import pytest

from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.reckoning import reckoned, refused, schedules, totals, written
from tests.kinds.recognizing import facts, months, recognized, text_day, usd

RATABLE = "pattern: RECOGNITION_PATTERN_RATABLE, proration: PRORATION_MONTHLY"
YEAR = f"{{id: A, {RATABLE}, price: USD 1200, start: 2026-01-01, end: 2026-12-31}}"
JUNE = 1_782_907_200 * 10**9  # 2026-07-01 12:00 UTC


def booked(outcome: pb.RecognizeOutcome, period: str) -> dict[str, int]:
    """Return the debits of a period's journal by account, credits negative."""
    return {
        pb.RevenueAccount.Name(line.account).removeprefix("REVENUE_ACCOUNT_"): to_minor(line.debit)
        if line.HasField("debit")
        else -to_minor(line.credit)
        for line in outcome.journal
        if line.period_id == period
    }


def test_a_commission_is_an_asset_that_is_amortised() -> None:
    """340-40-35-1: 240 for two years of benefit are 10 a month, and stand in the journal."""
    cost = (
        'costs: [{id: C, commission: {earned: USD 480}, commission_share: "0.5", '
        "incremental: true, incurred_on: 2026-01-01, benefit_end: 2027-12-31, benefit_months: 24}]"
    )
    outcome = reckoned(written(f"contract: K\nlines: [{YEAR}]\n{cost}", periods=24))
    (one,) = outcome.costs

    assert to_minor(one.capitalized) == 24_000
    assert sum(to_minor(part.amount) for part in one.amortization) == 24_000
    assert booked(outcome, "2026-01")["ACCRUED_COMMISSION"] == -24_000
    january = to_minor(one.amortization[0].amount)
    assert booked(outcome, "2026-01")["CONTRACT_COST"] == 24_000 - january
    assert booked(outcome, "2026-02")["CONTRACT_COST_EXPENSE"] == to_minor(
        one.amortization[1].amount
    )
    assert to_minor(one.carrying_amount) == 0


def test_a_cost_that_is_not_recovered_is_impaired() -> None:
    """340-40-35-3: 600 are left to earn and 500 to spend; of a carrying amount only 100 stays."""
    cost = (
        "costs: [{id: C, amount: USD 365, incremental: true, incurred_on: 2026-01-01, "
        "benefit_end: 2026-12-31, impairment_tests: [{on: 2026-07-01, remaining_costs: USD 500}]}]"
    )
    outcome = reckoned(written(f"contract: K\nlines: [{YEAR}]\n{cost}"))
    (one,) = outcome.costs
    (loss,) = one.impairment

    assert (loss.period_id, to_minor(loss.amount)) == ("2026-07", 8400)
    later = [to_minor(part.amount) for part in one.amortization if part.period_id >= "2026-07"]
    assert sum(later) == 10_000
    assert booked(outcome, "2026-07")["IMPAIRMENT_LOSS"] == 8400


def test_a_test_may_tell_what_is_still_paid() -> None:
    """340-40-35-4: renewals that are expected count, if somebody says so."""
    cost = (
        "costs: [{id: C, amount: USD 365, incremental: true, incurred_on: 2026-01-01, "
        "benefit_end: 2026-12-31, impairment_tests: [{on: 2026-07-01, remaining_costs: USD 500, "
        "remaining_consideration: USD 5000}]}]"
    )
    (one,) = reckoned(written(f"contract: K\nlines: [{YEAR}]\n{cost}")).costs
    assert not one.impairment


def test_combined_contracts_share_one_price() -> None:
    """25-9: 100 and 1,100 in two contracts of one aim are 600 each by what the lines sell for."""
    lines = ", ".join(
        f"{{id: {name}, {RATABLE}, price: USD {price}, start: 2026-01-01, end: 2026-12-31, "
        f"standalone_price: {{observable: USD 900}}{more}}}"
        for name, price, more in (("A", 1100, ""), ("B", 100, ", contract_id: K2"))
    )
    text = (
        "contract: {id: K, approved: true, collectible: true, signed_on: 2026-01-01}\n"
        f"lines: [{lines}]\ncontracts: [{{id: K2, signed_on: 2026-01-20, "
        "negotiated_as_package: true}]"
    )
    outcome = reckoned(written(text))

    assert totals(outcome) == {"A": 60_000, "B": 60_000}
    assert [reason.code for reason in outcome.reasons] == ["ONE_CONTRACT"]


def test_contracts_without_one_aim_are_asked_one_by_one() -> None:
    """25-9: what is not combined is not divided together."""
    text = (
        "contract: {id: K, approved: true, collectible: true, signed_on: 2026-01-01}\n"
        f"lines: [{YEAR}]\ncontracts: [{{id: K2, signed_on: 2026-01-20, price: USD 1, "
        "negotiated_as_package: false, price_depends_on_other: false, single_obligation: false}]"
    )
    outcome = reckoned(written(text))
    assert [item.code for item in outcome.missing] == ["NOT_COMBINED"]


def test_tax_and_bad_debt_are_no_revenue_and_stand_by_name() -> None:
    """32-2A and 326-20: 228 of tax are owed on, 50 that are not paid are an expense."""
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{YEAR}]\n"
            "invoices: [{id: I, on: 2026-01-01, amount: USD 1200, tax: USD 228}]\n"
            "credits: [{id: C, on: 2026-02-01, amount: USD -120, tax: USD -22.80}]\n"
            "bad_debts: [{id: B, on: 2026-03-01, amount: USD 50}]"
        )
    )
    assert to_minor(outcome.balances.recognized) == 108_000
    assert booked(outcome, "2026-01")["RECEIVABLE"] == 142_800
    assert booked(outcome, "2026-01")["TAX_PAYABLE"] == -22_800
    assert booked(outcome, "2026-02")["TAX_PAYABLE"] == 2280
    assert booked(outcome, "2026-03")["BAD_DEBT_EXPENSE"] == 5000
    assert booked(outcome, "2026-03")["ALLOWANCE"] == -5000
    assert [(one.exclusion, one.field, to_minor(one.amount)) for one in outcome.excluded] == [
        (pb.EXCLUSION_TAX, "invoices[0].tax", 22_800),
        (pb.EXCLUSION_TAX, "credits[0].tax", -2280),
        (pb.EXCLUSION_BAD_DEBT, "bad_debts[0]", 5000),
    ]


def test_the_journal_speaks_your_chart_of_accounts() -> None:
    """A code for each account, and another one for the revenue of a line."""
    other = YEAR.replace("id: A", "id: B, revenue_account: '4100'")
    told = ", ".join(
        line[:-1] + ", standalone_price: {observable: USD 1200}}" for line in (YEAR, other)
    )
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{told}]\naccounts: [{{account: REVENUE_ACCOUNT_REVENUE, "
            "code: '4000'}, {account: REVENUE_ACCOUNT_CONTRACT_ASSET, code: '1450'}]"
        )
    )
    january = [(line.account, line.code) for line in outcome.journal if line.period_id == "2026-01"]

    assert january == [
        (pb.REVENUE_ACCOUNT_REVENUE, "4000"),
        (pb.REVENUE_ACCOUNT_REVENUE, "4100"),
        (pb.REVENUE_ACCOUNT_CONTRACT_ASSET, "1450"),
    ]


def test_what_remains_is_told_by_year() -> None:
    """50-13: of two years at 100 a month, after June 600, then 1,200, and a delivery some day."""
    lines = ", ".join(
        [
            (
                f"{{id: A, {RATABLE}, price: USD 2400, start: 2026-01-01, end: 2027-12-31, "
                "standalone_price: {observable: USD 2400}}"
            ),
            (
                "{id: B, pattern: RECOGNITION_PATTERN_POINT_IN_TIME, price: USD 70, "
                "standalone_price: {observable: USD 70}}"
            ),
        ]
    )
    outcome = reckoned(written(f"contract: K\nlines: [{lines}]", periods=24), as_of=JUNE)
    years = [
        (row.year if row.HasField("year") else None, to_minor(row.amount))
        for row in outcome.remaining_by_year
    ]
    assert years == [(2026, 60_000), (2027, 120_000), (None, 7000)]
    assert sum(amount for _, amount in years) == to_minor(outcome.balances.remaining)


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ("contracts: [{id: K, price: USD -1}]", ["contracts[0].id", "contracts[0].price"]),
        (
            "financing: {}",
            ["financing.annual_rate", "financing.transfer_on", "financing.payments"],
        ),
        (
            (
                'financing: {annual_rate: "0.061234567", transfer_on: 2026-01-01, '
                "payments: [{on: 2026-02-01, amount: USD 1199}]}"
            ),
            ["financing.annual_rate", "financing.payments"],
        ),
        (
            (
                'financing: {annual_rate: "0.06", transfer_on: 2026-01-01, '
                "payments: [{on: 2027-02-01, amount: USD 1200}]}"
            ),
            ["financing.payments[0].on"],
        ),
        ("costs: [{id: C}]", ["costs[0]", "costs[0].incurred_on", "costs[0].benefit_end"]),
        (
            "costs: [{id: C, amount: USD -1, incurred_on: 2026-03-01, benefit_end: 2026-02-01}]",
            ["costs[0].amount", "costs[0].benefit_end"],
        ),
        (
            (
                "costs: [{id: C, commission: {earned: USD -1}, incurred_on: 2026-03-01, "
                "benefit_end: 2026-12-01, impairment_tests: [{on: 2026-02-01}]}]"
            ),
            [
                "costs[0].commission.earned",
                "costs[0].impairment_tests[0].remaining_costs",
                "costs[0].impairment_tests[0].on",
            ],
        ),
        ("bad_debts: [{id: B}]", ["bad_debts[0].on", "bad_debts[0].amount"]),
        (
            (
                "accounts: [{account: REVENUE_ACCOUNT_REVENUE, code: x}, "
                "{account: REVENUE_ACCOUNT_REVENUE}]"
            ),
            ["accounts[1].code", "accounts[1].account"],
        ),
        (
            (
                "invoices: [{id: I, on: 2026-01-01, amount: USD 1, tax: USD -1}]\n"
                "credits: [{id: C, on: 2026-01-02, amount: USD -1, tax: USD 1}]"
            ),
            ["invoices[0].tax", "credits[0].tax"],
        ),
        ("closed_through: 2026-03-30", ["closed_through"]),
        ("closed_through: 2026-12-31", ["closed_through"]),
        (
            (
                "closed_through: 2026-01-31\n"
                "periods: [{id: a, start: 2026-01-01, end: 2026-01-31}, "
                "{id: b, start: 2026-02-01}, {id: c, start: 2026-03-01, end: 2026-12-31}]"
            ),
            ["periods[1].end"],
        ),
        (
            "booked: [{line_id: A, period_id: 2026-01, amount: USD 1}]",
            ["closed_through"],
        ),
        (
            (
                "closed_through: 2026-02-28\nbooked: [{line_id: Z, period_id: 2026-03}, "
                "{line_id: A, period_id: 2026-01, amount: USD 1}, "
                "{line_id: A, period_id: 2026-01, amount: USD 1}]"
            ),
            ["booked[0].amount", "booked[0].line_id", "booked[0].period_id", "booked[2]"],
        ),
    ],
)
def test_what_is_refused_beside_the_price(more: str, fields: list[str]) -> None:
    """Every fault has its path, and all are told at once."""
    assert refused(written(f"contract: K\nlines: [{YEAR}]\n{more}")) == fields


def test_a_schedule_without_interest_says_none() -> None:
    """Without financing no period has interest, and no cost or exclusion stands in the answer."""
    outcome = reckoned(written(f"contract: K\nlines: [{YEAR}]"))

    assert not any(period.HasField("interest") for period in outcome.periods)
    assert not outcome.costs and not outcome.excluded  # noqa: PT018
    assert len(schedules(outcome)["A"]) == 12


def test_what_remains_is_told_by_fiscal_years() -> None:
    """50-13: of a year from January on, with years from July on, half is earned in FY2027."""
    line = (
        f'lines {{ id: "A" pattern: RECOGNITION_PATTERN_RATABLE price {usd(120_000)} '
        f"start {text_day('2030-01-01')} end {text_day('2030-12-31')} "
        "proration: PRORATION_MONTHLY }"
    )
    question = facts(line, months("2030-01-01", 12))
    for fiscal, years in (({"start_month": 7}, [2030, 2031]), ({}, [2030])):
        outcome = recognized(question, fiscal=fiscal)
        assert [row.year for row in outcome.remaining_by_year] == years
        assert {to_minor(row.amount) for row in outcome.remaining_by_year} == {
            120_000 // len(years)
        }
