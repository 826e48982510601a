"""Claims about closing: what contracts keep, what follows what, and a gate that fails shut."""

import datetime as dt

import pytest
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.close import CLOSE
from dealgate.kinds.close.contract import contract_findings, item_totals, term_end
from dealgate.kinds.close.terms import CloseEffect, CloseParameters
from dealgate.model.decision import Evidence
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import close_pb2 as pb
from dealgate.v1 import opportunity_pb2 as deals
from tests.kinds import build
from tests.kinds.closing import AS_OF, closed, codes, deal

PARAMETERS = CloseParameters.model_validate({})


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-01", 12, "2026-12-31"),
        ("2026-01-31", 1, "2026-02-27"),
        ("2027-02-28", 12, "2028-02-27"),
        ("2028-02-29", 12, "2029-02-27"),
        ("2026-12-15", 3, "2027-03-14"),
    ],
)
def test_a_term_ends_a_day_before_its_months_are_over(start: str, months: int, end: str) -> None:
    """End is start plus term months minus a day; a day that the month lacks is its last one."""
    begins = dt.date.fromisoformat(start)
    contract = pb.SalesContract(
        start_date=Date(year=begins.year, month=begins.month, day=begins.day), term_months=months
    )
    assert term_end(contract) == dt.date.fromisoformat(end).toordinal()


def running(start: dt.date, months: int, end: dt.date) -> pb.CloseFacts:
    """Return the deal over this term."""
    question = deal()
    question.contract.term_months = months
    for name, at in (("start_date", start), ("end_date", end)):
        getattr(question.contract, name).CopyFrom(Date(year=at.year, month=at.month, day=at.day))
    return question


@pytest.mark.parametrize(
    ("start", "months", "ends"),
    [
        ("2024-02-29", 12, ["2025-02-27", "2025-02-28"]),
        ("2026-01-31", 1, ["2026-02-27", "2026-02-28"]),
        ("2026-08-31", 6, ["2027-02-27", "2027-02-28"]),
        ("2026-05-31", 1, ["2026-06-29", "2026-06-30"]),
        ("2026-08-30", 6, ["2027-02-27", "2027-02-28"]),
        ("2024-02-29", 48, ["2028-02-28"]),
        ("2026-07-31", 1, ["2026-08-30"]),
        ("2026-02-28", 12, ["2027-02-27"]),
        ("2026-01-15", 1, ["2026-02-14"]),
    ],
)
def test_a_term_from_a_month_s_end_ends_by_either_convention(
    start: str, months: int, ends: list[str]
) -> None:
    """Findings C1: where a month is too short for the day, both days are right, and no other."""
    begins, allowed = dt.date.fromisoformat(start), [dt.date.fromisoformat(end) for end in ends]
    for offset in range(-2, 4):
        end = allowed[0] + dt.timedelta(offset)
        outcome = closed(running(begins, months, end))
        assert codes(outcome) == ([] if end in allowed else ["TERM_MISMATCH"])
        told = end if end in allowed else allowed[0]
        assert outcome.term_end_date == Date(year=told.year, month=told.month, day=told.day)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 120))
def test_a_term_and_the_next_leave_no_gap(start: dt.date, months: int) -> None:
    """The usual end is the day before the same day, or the last one, of the month so much later."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = (dt.date(year + month // 11, (month + 1) % 12 + 1, 1) - dt.timedelta(1)).day
    over = dt.date(year, month + 1, min(start.day, last))
    assert codes(closed(running(start, months, over - dt.timedelta(1)))) == []
    both = codes(closed(running(start, months, over)))
    assert both == ([] if last < start.day else ["TERM_MISMATCH"])


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("items { id: '2' quantity { value: '-1' } }", ["items[1].quantity"]),
        ("contract { total { units: -1 } }", ["contract.total"]),
        ("contract { id: 'C' } prior { id: 'C' }", ["prior.id"]),
        (
            (
                "prior { end_date { year: 2026 month: 1 day: 1 } "
                "earliest_item_end_date { year: 2026 month: 1 day: 2 } }"
            ),
            ["prior.earliest_item_end_date"],
        ),
        ("opportunity { closed_at { seconds: 4000000000 } }", ["opportunity.closed_at"]),
        (
            "opportunity { created_at { seconds: 9 } closed_at { seconds: 8 } }",
            ["opportunity.created_at"],
        ),
    ],
)
def test_facts_that_contradict_each_other_are_refused(text: str, fields: list[str]) -> None:
    """Each is possible alone; an amendment may reduce what was sold."""
    found = CLOSE.check(deal(text), PARAMETERS, AS_OF)
    assert [one.field for one in found] == fields
    amended = deal(f"contract {{ kind: CONTRACT_KIND_AMENDMENT }} {text}")
    if fields[0] in {"items[1].quantity", "contract.total"}:
        assert CLOSE.check(amended, PARAMETERS, AS_OF) == []


@pytest.mark.parametrize(
    ("text", "code", "missing"),
    [
        ("contract { term_months: 13 }", "TERM_MISMATCH", []),
        ("items { id: '2' total { currency_code: 'EUR' nanos: 10000000 } }", "TOTAL_MISMATCH", []),
        ("items { id: '2' }", "TOTAL_UNKNOWN", ["items[1].total"]),
        ("items { id: '2' quantity { value: '2' } }", "TOTAL_UNKNOWN", ["items[1].total"]),
    ],
)
def test_contradictions_block(text: str, code: str, missing: list[str]) -> None:
    """Dates and sums that do not fit shut the gate; what is not known is named."""
    outcome = closed(deal(text))

    assert outcome.decision == pb.CLOSE_DECISION_BLOCK
    assert codes(outcome) == [code]
    assert [item.field for item in outcome.missing] == missing


def test_an_item_may_be_its_quantity_and_price() -> None:
    """Without a total it is quantity times unit price, rounded half to even."""
    question = deal("items { id: '2' quantity { value: '0.5' } }")
    question.items[1].unit_price.CopyFrom(from_minor(101, "EUR"))
    question.contract.total.CopyFrom(from_minor(2_400_050, "EUR"))

    assert codes(closed(question)) == []
    assert to_minor(closed(question).items_total) == 2_400_050


@given(
    st.sampled_from(["JPY", "EUR", "KWD"]),
    st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8),
    st.integers(-1, 1),
)
def test_totals_add_up_to_the_minor_unit(currency: str, parts: list[int], off: int) -> None:
    """Items are the total, or the deal is blocked; one minor unit is enough, in any currency."""
    question = deal("contract { kind: CONTRACT_KIND_AMENDMENT }")
    question.opportunity.ClearField("amount")
    del question.items[:]
    for index, part in enumerate(parts):
        question.items.add(id=str(index), total=from_minor(part, currency))
    question.contract.total.CopyFrom(from_minor(sum(parts) + off, currency))

    assert codes(closed(question)) == (["TOTAL_MISMATCH"] if off else [])


def test_a_lost_deal_needs_no_contract() -> None:
    """Nothing is asked of a contract that will not be."""
    outcome = closed(
        pb.CloseFacts(opportunity=deals.Opportunity(id="O"), ending=pb.DEAL_ENDING_LOST)
    )
    assert outcome.decision == pb.CLOSE_DECISION_ALLOW
    assert list(outcome.events) == ["opportunity.closed_lost"]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("month: 1 day: 3", deals.OPPORTUNITY_TYPE_RENEWAL),
        ("month: 1 day: 2", deals.OPPORTUNITY_TYPE_NEW_BUSINESS),
    ],
)
def test_who_comes_back_within_180_days_renews(
    end: str, expected: deals.OpportunityType.ValueType
) -> None:
    """GitLab handbook: less than 180 days after the end is a renewal, else new business."""
    outcome = closed(deal(f"prior {{ end_date {{ year: 2026 {end} }} }}"))
    assert outcome.business_type == expected


def test_what_went_wrong_shuts_the_gate() -> None:
    """A rule that failed blocks, and no rule may set that aside."""
    waiver = build.rule(CLOSE, "waive", {"waive": ["OTHER"]})
    broken = build.rule(CLOSE, "broken", {"warn": "X"})
    outcome = CLOSE.conclude(
        deal(),
        build.ruleset(CLOSE, [waiver, broken], {}),
        Evidence(fired=build.fired(waiver).fired, failed=[build.failed(broken)]),
        AS_OF,
    ).outcome
    assert outcome.decision == pb.CLOSE_DECISION_BLOCK  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "effect",
    [
        {"waive": ["RULE_FAILED"]},
        {"waive": ["TOTAL_MISMATCH"]},
        {"require": "X"},
        {"block": "X", "warn": "Y"},
        {"require": "X", "roles": "nobody"},
    ],
)
def test_bad_effects(effect: dict[str, object]) -> None:
    """Sums and dates are set aside by nobody; approvals name roles that there are."""
    with pytest.raises(ValueError, match="validation error"):
        CloseEffect.model_validate(effect)


def test_a_cell_of_a_table_may_name_several_roles() -> None:
    """In a CSV roles stand in one cell, with commas."""
    effect = CloseEffect.model_validate({"require": "X", "roles": "finance, legal"})
    assert effect.roles == ("finance", "legal")


LATE = "{ year: 2031 month: 1 day: 1 }"
USD = "{ currency_code: 'USD' units: 1 }"
SOON = "{ seconds: 9999999999 }"
MINUS = "{ currency_code: 'EUR' units: -1 }"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opportunity { id: '' }", ["opportunity.id"]),
        ("opportunity { discount { value: '1.1' } }", ["opportunity.discount"]),
        ("ending: DEAL_ENDING_UNSPECIFIED", ["ending"]),
        ("contract { end_date { year: 2026 month: 2 day: 29 } }", ["contract.end_date"]),
        ("contract { end_date { year: 2026 month: 6 day: 29 } }", ["contract.end_date"]),
        ("contract { term_months: 0 }", ["contract.term_months"]),
        ("contract { term_months: 1201 }", ["contract.term_months"]),
        ("contract { payment_terms_days: -1 }", ["contract.payment_terms_days"]),
        ("contract { payment_terms_days: 366 }", ["contract.payment_terms_days"]),
        (
            "contract { owner_expiration_notice_days: 31 }",
            ["contract.owner_expiration_notice_days"],
        ),
        (
            f"contract {{ customer_signed_date {LATE} }}",
            ["contract.customer_signed_date"],
        ),
        (
            "contract { status: CONTRACT_STATUS_SIGNED }",
            ["contract.customer_signed_date", "contract.company_signed_date"],
        ),
        (f"items {{ id: '2' total {USD} }}", ["items[1].total"]),
        ("items { }", ["items[1].id"]),
        ("items { id: '1' }", ["items[1].id"]),
        ("items { id: '2' quantity { value: '-1' } }", ["items[1].quantity"]),
        (f"items {{ id: '2' current_price {MINUS} }}", ["items[1].current_price"]),
        (f"items {{ id: '2' contracted_price {MINUS} }}", ["items[1].contracted_price"]),
        (
            (
                "items { id: '2' start_date { year: 2026 month: 7 day: 2 }"
                " end_date { year: 2026 month: 7 day: 1 } }"
            ),
            ["items[1].end_date"],
        ),
        (
            (
                "items { id: '2' quantity { value: '99999999999' }"
                " unit_price { currency_code: 'EUR' units: 100000 } }"
            ),
            ["items[1]"],
        ),
        ("approvals { }", ["approvals[0].role", "approvals[0].approver_id"]),
        (
            f"approvals {{ role: SALES_ROLE_VP approver_id: 'V' approved_at {SOON} }}",
            ["approvals[0].approved_at"],
        ),
        ("closure { survivor_id: 'O' }", ["closure.survivor_id"]),
        ("checklist { fit_score: 101 }", ["checklist.fit_score"]),
    ],
)
def test_bad_facts(text: str, expected: list[str]) -> None:
    """Every fault has its path, and all are told at once."""
    found = CLOSE.check(deal(text), PARAMETERS, AS_OF)
    assert sorted(violation.field for violation in found) == sorted(expected)


def test_items_are_bounded() -> None:
    """A thousand items are judged, one more is refused."""
    question = deal("".join(f"items {{ id: 'x{number}' }}" for number in range(1000)))
    assert [one.field for one in CLOSE.check(question, PARAMETERS, AS_OF)] == ["items"]
    del question.items[-1]
    assert CLOSE.check(question, PARAMETERS, AS_OF) == []


@pytest.mark.parametrize(
    ("quantity", "units", "nanos", "total", "fits"),
    [
        ("2.5", 0, 330_000_000, 820_000_000, True),  # 0.825: half to even
        ("2.5", 0, 330_000_000, 830_000_000, True),  # half up
        ("2.5", 0, 330_000_000, 840_000_000, False),
        ("2.5", 0, 330_000_000, 810_000_000, False),
        ("0.5", 0, 10_000_000, 10_000_000, True),
        ("0.5", 0, 10_000_000, 0, True),
        ("-2.5", 0, 330_000_000, -830_000_000, True),
        ("3", 0, 330_000_000, 1_000_000_000, False),
    ],
)
def test_a_half_cent_is_rounded_either_way(
    quantity: str, units: int, nanos: int, total: int, *, fits: bool
) -> None:
    """C1's kind: invoices round halves up, bankers to even; neither is a mistake."""
    item = pb.ContractItem(id="1")
    item.quantity.value = quantity
    item.unit_price.CopyFrom(Money(currency_code="EUR", units=units, nanos=nanos))
    sign = -1 if total < 0 else 1
    item.total.CopyFrom(
        Money(
            currency_code="EUR",
            units=sign * (abs(total) // 10**9),
            nanos=sign * (abs(total) % 10**9),
        )
    )
    facts = pb.CloseFacts(items=[item])
    codes = {finding.code for finding in contract_findings(facts, item_totals(facts))}
    assert ("ITEM_TOTAL_MISMATCH" not in codes) == fits
