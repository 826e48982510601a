"""Claims about answers that were wrong or crashed until 2026-11-29, each with its right value."""

import pytest

from dealgate.model.money import to_minor
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.reckoning import reckoned, refused, schedules, totals, written
from tests.kinds.recognizing import day

RATABLE = "pattern: RECOGNITION_PATTERN_RATABLE, proration: PRORATION_MONTHLY"
AT_ONCE = "pattern: RECOGNITION_PATTERN_POINT_IN_TIME"
USAGE = "pattern: RECOGNITION_PATTERN_USAGE"
STEPS = "pattern: RECOGNITION_PATTERN_MILESTONE"
YEAR = f"{{id: A, {RATABLE}, price: USD 1200, start: 2026-01-01, end: 2026-12-31}}"
GOODS = f"{{id: A, {AT_ONCE}, price: USD 1000, delivered_on: 2026-01-05}}"
DISTINCT, ONE_PROMISE = "remaining_distinct: true", "remaining_distinct: false"


def change(text: str, more: str) -> str:
    """Return facts with a modification of 1 February."""
    return f"{text}\nmodifications: [{{id: M, on: 2026-02-01, price_change: USD 0, {more}}}]"


@pytest.mark.parametrize(
    ("scenarios", "certain", "known", "revenue"),
    [
        ('{amount: USD -250, probability: "1"}', "", "true", 75_000),
        ('{amount: USD -250, probability: "1"}', "", "false", 75_000),
        ('{amount: USD -250, probability: "1"}', "", "null", 75_000),
        (
            '{amount: USD -250, probability: "0.6"}, {amount: USD 100, probability: "0.4"}',
            "",
            "false",
            75_000,
        ),
        ('{amount: USD -250, probability: "1"}', "certain: USD -300,", "false", 70_000),
        # What is certain looks at the sign too: 250 may still have to be paid.
        (
            '{amount: USD -250, probability: "0.4"}, {amount: USD 200, probability: "0.6"}',
            "certain: USD 0,",
            "false",
            75_000,
        ),
        (
            '{amount: USD -250, probability: "0.4"}, {amount: USD -100, probability: "0.6"}',
            "certain: USD -170,",
            "false",
            75_000,
        ),
        ('{amount: USD 100, probability: "1"}', "", "false", 100_000),
        ('{amount: USD 100, probability: "1"}', "certain: USD 20,", "false", 102_000),
        (
            '{amount: USD -400, probability: "0"}, {amount: USD -250, probability: "1"}',
            "",
            "false",
            75_000,
        ),
    ],
)
def test_caution_recognises_least(scenarios: str, certain: str, known: str, revenue: int) -> None:
    """R2 (32-11): a constrained amount counts with the least that may come, whatever its sign."""
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{GOODS}]\nvariable: [{{id: V, {certain} "
            f"method: ESTIMATE_METHOD_EXPECTED_VALUE, reversal_improbable: {known}, "
            f"scenarios: [{scenarios}]}}]"
        )
    )
    assert to_minor(outcome.periods[0].revenue) == revenue


METERED = f'{USAGE}, overage_price: USD 1, usage: [{{on: 2026-02-01, quantity: "5000"}}]'


@pytest.mark.parametrize(
    "alone", ["", "standalone_price: {observable: USD 1200},", "standalone_price: {market: USD 0},"]
)
def test_what_is_paid_by_use_shares_no_price(alone: str) -> None:
    """R3 (32-40): a fee of 1,200 and 5,000 units at 1 are 6,200, and nothing waits."""
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{YEAR[:-1]}, standalone_price: {{observable: USD 1200}}}}, "
            f"{{id: U, {alone} {METERED}}}]"
        )
    )
    assert totals(outcome) == {"A": 120_000, "U": 500_000}
    assert to_minor(outcome.balances.recognized) == 620_000
    assert to_minor(outcome.balances.remaining) == 0


EX24 = f"""
contract: K
periods: [{{id: Q1, start: 2026-01-01, end: 2026-03-31}},
  {{id: Q2, start: 2026-04-01, end: 2026-06-30}}]
lines: [{{id: P, {USAGE}, overage_price: USD 100, price: USD 0,
  usage: [{{on: 2026-03-31, quantity: "75"}}, {{on: 2026-06-30, quantity: "500"}}]}}]
"""
REBATE = """variable: [{{id: V, method: ESTIMATE_METHOD_MOST_LIKELY, reversal_improbable: true,
  scenarios: [{{amount: USD -5750, probability: "1"}}] {more}}}]"""


@pytest.mark.parametrize(
    "rebate",
    [
        REBATE.format(more=""),
        REBATE.format(more=", known_on: 2026-06-30"),
        REBATE.format(more=", line_id: P, relates_to_line_alone: true"),
        f"modifications: [{{id: M, on: 2026-06-30, price_change: USD -5750, {ONE_PROMISE}}}]",
        f"modifications: [{{id: M, on: 2026-04-01, price_change: USD -5750, {DISTINCT}}}]",
    ],
)
def test_example_24_a_volume_rebate(rebate: str) -> None:
    """R3, TB-7 (ASC 606-10-55-216): 75 units at 100, then 500 at 90 and 75 times 10 back."""
    outcome = reckoned(written(EX24 + rebate))

    assert schedules(outcome) == {"P": {"Q1": 750_000, "Q2": 4_425_000}}
    assert to_minor(outcome.balances.remaining) == 0
    undated = "variable" in rebate and "known_on" not in rebate
    assert ("KNOWN_ON_UNKNOWN" in [reason.code for reason in outcome.reasons]) == undated


@pytest.mark.parametrize("treatment", [DISTINCT, ONE_PROMISE])
def test_a_new_price_of_use_stays_with_the_use(treatment: str) -> None:
    """R3, TB-7: a change that names the metered line alone moves nothing of the fee beside it."""
    text = change(
        f"contract: K\nlines: [{YEAR}, {{id: U, {METERED}}}]",
        f"{treatment}, changes: [{{line_id: U}}]",
    ).replace("price_change: USD 0", "price_change: USD -60")
    assert totals(reckoned(written(text))) == {"A": 120_000, "U": 494_000}


def test_a_price_for_nothing_is_named() -> None:
    """R3: a fixed price cannot be earned if every line is paid by use."""
    facts = written(
        f"contract: {{id: K, approved: true, collectible: true, price: USD 100}}\n"
        f"lines: [{{id: U, {METERED}}}]"
    )
    outcome = reckoned(facts)

    assert outcome.status == pb.RECOGNITION_STATUS_INCOMPLETE
    assert [item.code for item in outcome.missing] == ["PRICE_PAYS_FOR_NOTHING"]


def test_milestones_that_leave_a_rest_earn_it_with_the_last() -> None:
    """R3: once all are accepted, nothing could ever earn the rest."""
    line = f"""{{id: A, {STEPS}, price: USD 100, milestones: [
      {{id: a, share: "0.333", accepted_on: 2026-01-10}},
      {{id: b, share: "0.666", accepted_on: 2026-03-10}}]}}"""
    outcome = reckoned(written(f"contract: K\nlines: [{line}]"))

    assert schedules(outcome) == {"A": {"2026-01": 3330, "2026-03": 6670}}


USED = f"""{{id: U, {USAGE}, price: USD 100, included_quantity: "10", overage_price: USD 5,
  usage: [{{on: 2026-02-01, quantity: "30"}}], standalone_price: {{observable: USD 100}},
  distinct: false, part_of: A}}"""
SERVICE = f"""{{id: A, {RATABLE}, price: USD 100, start: 2026-01-01, end: 2026-12-31,
  standalone_price: {{observable: USD 100}}}}"""


def test_use_of_a_combined_line_is_charged() -> None:
    """R4: 20 units over at 5 are 100, on the obligation that the line is part of."""
    outcome = reckoned(written(f"contract: K\nlines: [{SERVICE}, {USED}]"))

    assert to_minor(outcome.transaction_price.overage) == 10_000
    assert totals(outcome) == {"A": 30_000}


def test_use_of_a_line_that_is_part_of_all_is_charged_on_all() -> None:
    """R4: without part_of it is part of every obligation."""
    other = SERVICE.replace("id: A", "id: B")
    used = USED.replace(", part_of: A", "")
    outcome = reckoned(written(f"contract: K\nlines: [{SERVICE}, {other}, {used}]"))

    assert totals(outcome) == {"A": 20_000, "B": 20_000}


def test_a_chain_of_combined_lines_keeps_its_price() -> None:
    """R4: C is part of B, which is part of A: A sells for all three."""
    lines = ", ".join(
        [
            SERVICE,
            (
                "{id: B, price: USD 100, standalone_price: {observable: USD 100}, distinct: false, "
                "part_of: A}"
            ),
            (
                "{id: C, price: USD 100, standalone_price: {observable: USD 100}, distinct: false, "
                "part_of: B}"
            ),
            f"{{id: D, {AT_ONCE}, price: USD 300, standalone_price: {{observable: USD 300}}}}",
        ]
    )
    (a, d) = reckoned(written(f"contract: K\nlines: [{lines}]")).obligations

    assert [*a.combined_line_ids] == ["B", "C"]
    assert to_minor(a.standalone_price) == to_minor(a.allocated) == to_minor(d.allocated) == 30_000


def test_returns_of_a_combined_line_are_expected() -> None:
    """R4: half of goods for 100 may come back: 50 is a refund liability and no revenue."""
    goods = f"""{{id: G, {AT_ONCE}, price: USD 100, delivered_on: 2026-01-05, distinct: false,
      part_of: A, returns: {{quantity: "10", expected: "5", cost: USD 40}}}}"""
    service = SERVICE.replace(", standalone_price: {observable: USD 100}", "")
    service = service.replace(",\n  standalone_price: {observable: USD 100}", "")
    outcome = reckoned(written(f"contract: K\nlines: [{service}, {goods}]"))

    assert to_minor(outcome.transaction_price.returns) == -5000
    assert to_minor(outcome.balances.refund_liability) == 5000
    assert totals(outcome) == {"A": 15_000}


def test_a_priced_part_of_a_line_that_is_paid_by_use_is_named() -> None:
    """R3, R4: nothing says when a set-up fee would be earned that is part of metered use."""
    setup = "{id: S, price: USD 300, distinct: false, part_of: U}"
    outcome = reckoned(written(f"contract: K\nlines: [{{id: U, {METERED}}}, {setup}]"))
    assert [(item.code, item.field) for item in outcome.missing] == [
        ("PART_OF_METERED", "lines[1].part_of")
    ]


@pytest.mark.parametrize(
    ("part", "code", "field"),
    [
        ("cancelled_on: 2026-03-31", "PART_CANCELLED_ALONE", "lines[1].cancelled_on"),
        (
            "pattern: RECOGNITION_PATTERN_RATABLE, start: 2026-01-01, end: 2026-12-31",
            "PART_CHANGED_ALONE",
            "modifications[0].changes[0].end",
        ),
    ],
)
def test_a_part_cannot_end_alone(part: str, code: str, field: str) -> None:
    """R4: what the whole cannot show is named, not dropped."""
    changes = "changes: [{line_id: B, end: 2026-06-30}]" if "CHANGED" in code else ""
    line = f"{{id: B, price: USD 100, distinct: false, part_of: A, {part}}}"
    outcome = reckoned(
        written(change(f"contract: K\nlines: [{SERVICE}, {line}]", f"{DISTINCT}, {changes}"))
    )
    assert [(item.code, item.field) for item in outcome.missing] == [(code, field)]


@pytest.mark.parametrize("changes", ["", ", changes: [{line_id: Y}]", ", changes: [{line_id: X}]"])
def test_example_6_the_old_contract_ends_whatever_changes(changes: str) -> None:
    """R5 (ASC 606-10-55-122): X is delivered; Y and Z share 600 and 300, 450 each."""
    lines = ", ".join(
        f"{{id: {name}, {AT_ONCE}, standalone_price: {{observable: USD 600}}, delivered_on: {day}}}"
        for name, day in (("X", "2026-01-31"), ("Y", "2026-06-30"), ("Z", "2026-09-30"))
    )
    outcome = reckoned(
        written(
            f"contract: {{id: K, approved: true, collectible: true, price: USD 1200}}\n"
            f"lines: [{lines}]\nmodifications: [{{id: M, on: 2026-04-30, price_change: USD 300, "
            f"added_line_ids: [Z], {DISTINCT}, adds_distinct: true, at_standalone_price: false"
            f"{changes.replace('line_id: X', 'line_id: Y') if 'X' in changes else changes}}}]"
        )
    )
    assert totals(outcome) == {"X": 60_000, "Y": 45_000, "Z": 45_000}
    assert [reason.code for reason in outcome.reasons] == ["PROSPECTIVE"]


def test_a_catch_up_without_names_is_about_all_lines() -> None:
    """R5's kind (25-13b): what is added beside two lines shares with both, not alone."""
    lines = ", ".join(
        f"{{id: {name}, {AT_ONCE}, price: USD 100, standalone_price: {{observable: USD 100}}}}"
        for name in "ABC"
    )
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{lines}]\nmodifications: [{{id: M, on: 2026-04-30, "
            f"price_change: USD 40, added_line_ids: [C], {ONE_PROMISE}, adds_distinct: false}}]"
        )
    )
    assert totals(outcome) == {"A": 8000, "B": 8000, "C": 8000}


PREPAID = f"""{{id: A, {USAGE}, price: USD 100, included_quantity: "100", overage_price: USD 2,
  usage: [{{on: 2026-02-01, quantity: "50"}}, {{on: 2026-06-01, quantity: "60"}}], MORE}}"""


@pytest.mark.parametrize(
    ("more", "schedule", "cancelled"),
    [
        ("end: 2026-03-31", {"2026-02": 5000, "2026-03": 5000, "2026-06": 12_000}, 0),
        ("cancelled_on: 2026-03-31, refundable: true", {"2026-02": 5000, "2026-06": 12_000}, 5000),
        (
            "cancelled_on: 2026-03-31, refundable: false",
            {"2026-02": 5000, "2026-03": 5000, "2026-06": 12_000},
            0,
        ),
    ],
)
def test_use_after_the_service_draws_down_nothing(
    more: str, schedule: dict[str, int], cancelled: int
) -> None:
    """R6 (vm0-ai/vm0#10299): prepaid and unused is earned on the last day; later use is charged."""
    outcome = reckoned(written(f"contract: K\nlines: [{PREPAID.replace('MORE', more)}]"))

    assert schedules(outcome) == {"A": schedule}
    assert to_minor(outcome.obligations[0].cancelled) == cancelled


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (
            f'{STEPS}, milestones: [{{id: m, share: "1", accepted_on: 2026-06-01}}]',
            "lines[0].milestones[0].accepted_on",
        ),
        (f"{AT_ONCE}, delivered_on: 2026-06-01", "lines[0].delivered_on"),
        (
            'pattern: RECOGNITION_PATTERN_PROGRESS, progress: [{on: 2026-06-01, share: "1"}]',
            "lines[0].progress[0].on",
        ),
    ],
)
def test_events_after_a_cancellation_are_refused(line: str, field: str) -> None:
    """R6: they would vanish into what was cancelled."""
    text = f"{{id: A, price: USD 100, cancelled_on: 2026-03-31, refundable: true, {line}}}"
    assert refused(written(f"contract: K\nlines: [{text}]")) == [field]


def test_later_use_without_a_price_is_refused() -> None:
    """R6: who uses what has ended pays for it, at a price that has to be told."""
    line = PREPAID.replace("overage_price: USD 2,", "").replace("MORE", "end: 2026-03-31")
    assert refused(written(f"contract: K\nlines: [{line}]")) == ["lines[0].overage_price"]


@pytest.mark.parametrize("alone", ["true", "false"])
def test_what_is_added_in_november_earns_nothing_in_march(alone: str) -> None:
    """R7: its service since March is caught up in November, whatever the treatment."""
    added = YEAR.replace("id: A", "id: B").replace(
        "USD 1200, start: 2026-01", "USD 1000, start: 2026-03"
    )
    lines = ", ".join(
        f"{line[:-1]}, standalone_price: {{observable: USD {price}}}}}"
        for line, price in ((YEAR, 1200), (added, 1000))
    )
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{lines}]\nmodifications: [{{id: M, on: 2026-11-15, "
            f"price_change: USD 1000, added_line_ids: [B], adds_distinct: true, "
            f"at_standalone_price: {alone}, {DISTINCT}}}]"
        )
    )
    assert schedules(outcome)["B"] == {"2026-11": 90_000, "2026-12": 10_000}
    assert len(outcome.reasons) == 1
    caught = [(one.field, one.period_id, to_minor(one.amount)) for one in outcome.catch_ups]
    assert caught == [("modifications[0]", "2026-11", 80_000)]


def test_example_5b_in_units() -> None:
    """R8 (ASC 606-10-55-115): 60 units at 100, then 90 at 93.33, and no price for use beyond."""
    outcome = reckoned(
        written(
            f'contract: K\nlines: [{{id: P, {USAGE}, price: USD 12000, included_quantity: "120", '
            'usage: [{on: 2026-03-31, quantity: "60"}, {on: 2026-06-30, quantity: "90"}]}]\n'
            "modifications: [{id: M, on: 2026-04-01, price_change: USD 2400, "
            f'changes: [{{line_id: P, included_quantity: "150"}}], {DISTINCT}}}]'
        )
    )
    assert schedules(outcome) == {"P": {"2026-03": 600_000, "2026-06": 840_000}}


RAMP = "ramp: [{start: 2026-01-01, price: USD 100}, {start: 2027-01-01, price: USD 200}]"
TWO_YEARS = f"{{id: A, {RATABLE}, price: USD 300, start: 2026-01-01, end: 2027-12-31, MORE}}"


@pytest.mark.parametrize("treatment", [DISTINCT, ONE_PROMISE])
def test_an_amendment_ends_a_ramp(treatment: str) -> None:
    """R1: the second step lies behind the new end; all is earned until then."""
    text = f"contract: K\nlines: [{TWO_YEARS.replace('MORE', RAMP)}]"
    facts = written(
        change(text, f"{treatment}, changes: [{{line_id: A, end: 2026-09-30}}]"), periods=24
    )
    months = schedules(reckoned(facts))["A"]

    assert sum(months.values()) == 30_000
    assert max(months) == "2026-09"


def test_a_ramp_that_is_cut_keeps_its_prices() -> None:
    """R1's kind: of a second year at 200 half is left; a first year at 100 weighs as much."""
    text = f"contract: K\nlines: [{TWO_YEARS.replace('MORE', RAMP)}]"
    facts = written(
        change(text, f"{ONE_PROMISE}, changes: [{{line_id: A, end: 2027-06-30}}]").replace(
            "price_change: USD 0", "price_change: USD -100"
        ),
        periods=24,
    )
    months = schedules(reckoned(facts))["A"]

    assert sum(cents for month, cents in months.items() if month < "2027") == 10_000
    assert sum(cents for month, cents in months.items() if month > "2027") == 10_000


@pytest.mark.parametrize("treatment", [DISTINCT, ONE_PROMISE])
@pytest.mark.parametrize("more", ["start: 2026-06-01", "start: 2026-01-01, trial_end: 2026-06-30"])
def test_an_amendment_leaves_a_day_of_service(more: str, treatment: str) -> None:
    """R1: an end before the start, or within the trial, is refused after each modification."""
    line = f"{{id: A, {RATABLE}, price: USD 300, end: 2027-12-31, {more}}}"
    text = f"contract: K\nlines: [{line}]"
    facts = written(
        change(text, f"{treatment}, changes: [{{line_id: A, end: 2026-03-31}}]"), periods=24
    )
    assert refused(facts) == ["modifications[0].changes[0].end"]


def test_what_is_owed_back_for_a_price_is_a_refund_liability() -> None:
    """R10 (IFRS 15 IE Example 40): 1,000 at 150 invoiced, 125 expected: 25,000 will go back."""
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{{id: A, {AT_ONCE}, price: USD 150000, "
            "delivered_on: 2026-01-31}]\n"
            "invoices: [{id: I, on: 2026-01-31, amount: USD 150000}]\n"
            "variable: [{id: V, method: ESTIMATE_METHOD_MOST_LIKELY, reversal_improbable: true, "
            'scenarios: [{amount: USD -25000, probability: "1"}]}]'
        )
    )
    assert to_minor(outcome.balances.recognized) == 12_500_000
    assert to_minor(outcome.balances.refund_liability) == 2_500_000
    assert to_minor(outcome.balances.deferred) == 0


def test_a_cancellation_is_owed_back_until_it_is_credited() -> None:
    """R10: 600 of 1,200 are not served: first a refund liability, then a credit note."""
    line = f"{YEAR[:-1]}, cancelled_on: 2026-06-30, refundable: true}}"
    text = f"contract: K\nlines: [{line}]\ninvoices: [{{id: I, on: 2026-01-01, amount: USD 1200}}]"
    before = reckoned(written(text))
    after = reckoned(written(f"{text}\ncredits: [{{id: C, on: 2026-08-01, amount: USD -600}}]"))

    assert to_minor(before.balances.refund_liability) == 60_000
    assert to_minor(before.balances.deferred) == to_minor(before.balances.remaining) == 0
    assert to_minor(after.periods[6].closing.refund_liability) == 60_000
    assert to_minor(after.balances.refund_liability) == 0
    assert to_minor(after.balances.recognized) == 60_000


def test_a_credit_pays_a_rebate_back() -> None:
    """R10: what was expected to go back is no revenue a second time."""
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{GOODS}]\n"
            "invoices: [{id: I, on: 2026-01-31, amount: USD 1000}]\n"
            "variable: [{id: V, method: ESTIMATE_METHOD_MOST_LIKELY, reversal_improbable: true, "
            'scenarios: [{amount: USD -250, probability: "1"}]}]\n'
            "credits: [{id: C, on: 2026-03-01, amount: USD -250}]"
        )
    )
    assert to_minor(outcome.balances.recognized) == 75_000
    assert to_minor(outcome.balances.refund_liability) == 0
    assert to_minor(outcome.transaction_price.settled) == 25_000


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("credits: [{id: c, on: 2026-06-30, amount: USD -2000}]", "credits[0].amount"),
        (
            (
                "credits: [{id: b, on: 2026-05-31, amount: USD -700}, "
                "{id: c, on: 2026-06-30, amount: USD -700}]"
            ),
            "credits[1].amount",
        ),
        (
            (
                "modifications: [{id: M, on: 2026-07-01, price_change: USD -1300, "
                "remaining_distinct: true}]"
            ),
            "modifications[0].price_change",
        ),
        (
            (
                "variable: [{id: V, method: ESTIMATE_METHOD_EXPECTED_VALUE, certain: USD 999, "
                'scenarios: [{amount: USD 1, probability: "1"}]}]'
            ),
            "variable[0].certain",
        ),
        (
            (
                "variable: [{id: V, method: ESTIMATE_METHOD_EXPECTED_VALUE, "
                'scenarios: [{amount: USD -2000, probability: "1"}]}]'
            ),
            "variable[0].scenarios[0].amount",
        ),
        ("invoices: [{id: I, on: 2026-01-01, amount: USD -500}]", "invoices[0].amount"),
    ],
)
def test_amounts_that_contradict_each_other(more: str, field: str) -> None:
    """R9: nothing takes back more than the contract is worth, no invoice is a credit note."""
    assert refused(written(f"contract: K\nlines: [{YEAR}]\n{more}")) == [field]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (
            f"{STEPS}, milestones: [{{id: m, amount: USD -50}}]",
            "lines[0].milestones[0].amount",
        ),
        (
            f'{STEPS}, milestones: [{{id: m, share: "0.5"}}, {{id: m, share: "0.5"}}]',
            "lines[0].milestones[1].id",
        ),
        (f'{STEPS}, milestones: [{{share: "1"}}]', "lines[0].milestones[0].id"),
        (f"{AT_ONCE}, principal: false, supplier_cost: USD 170", "lines[0].supplier_cost"),
        (f"{AT_ONCE}, supplier_cost: USD 170", "lines[0].supplier_cost"),
    ],
)
def test_lines_that_contradict_themselves(line: str, field: str) -> None:
    """R9: ids are there and unique, no part is negative, no supplier gets more than the price."""
    assert refused(written(f"contract: K\nlines: [{{id: A, price: USD 100, {line}}}]")) == [field]


def test_a_principal_may_sell_at_a_loss() -> None:
    """R9: what a principal pays its supplier is no part of the price."""
    line = f"{{id: A, price: USD 100, {AT_ONCE}, principal: true, supplier_cost: USD 170}}"
    assert refused(written(f"contract: K\nlines: [{line}]")) == []


def test_prices_are_not_negative() -> None:
    """R9: neither the contract's, nor the sum of its lines."""
    minus = "contract: {id: K, price: USD -999}"
    assert refused(written(f"{minus}\nlines: [{YEAR}]")) == ["contract.price"]
    discount = "{id: D, price: USD -1300}"
    assert refused(written(f"contract: K\nlines: [{YEAR}, {discount}]")) == ["lines"]


def test_a_discount_is_no_more_than_its_lines_sell_for() -> None:
    """R9: a bundle that sells for 10 cannot have a discount of 50."""
    lines = ", ".join(
        f"{{id: {name}, {AT_ONCE}, price: USD 10, standalone_price: {{observable: USD {price}}}}}"
        for name, price in (("A", 10), ("B", 20))
    )
    discount = "discounts: [{id: D, amount: USD 50, line_ids: [A]}]"
    facts = written(f"contract: K\nlines: [{lines}]\n{discount}")
    assert refused(facts) == ["discounts[0].amount"]


def test_a_downgrade_by_more_than_is_left_is_named() -> None:
    """R9: of 600 that are left 700 cannot be taken; no month is negative."""
    text = (
        f"contract: K\nlines: [{YEAR}]\nmodifications: [{{id: M, on: 2026-07-01, "
        f"price_change: USD -700, {DISTINCT}}}]"
    )
    outcome = reckoned(written(text))

    assert [item.code for item in outcome.missing] == ["MORE_THAN_REMAINS"]


def test_what_is_not_there_yet_cannot_be_changed() -> None:
    """R9: a line that is added in July is neither changed nor credited before."""
    added = YEAR.replace("id: A", "id: B")
    mods = (
        "{id: L, on: 2026-07-01, price_change: USD 100, added_line_ids: [B]}, "
        "{id: M, on: 2026-02-01, price_change: USD 0, changes: [{line_id: B, end: 2026-11-30}]}"
    )
    facts = written(
        f"contract: K\nlines: [{YEAR}, {added}]\nmodifications: [{mods}]\n"
        "credits: [{id: C, on: 2026-03-01, amount: USD -1, line_id: B}]"
    )
    assert refused(facts) == ["modifications[1].changes[0].line_id", "credits[0].line_id"]


def test_lines_are_no_part_of_themselves() -> None:
    """R4: not through others either, and of no discount."""
    lines = (
        "{id: A, price: USD 1, distinct: false, part_of: B}, "
        "{id: B, price: USD 1, distinct: false, part_of: A}, "
        "{id: C, price: USD 1, distinct: false, part_of: D}, {id: D, price: USD -1}"
    )
    fields = [f"lines[{index}].part_of" for index in range(3)]
    assert refused(written(f"contract: K\nlines: [{lines}]")) == fields


@pytest.mark.parametrize(
    ("thirds", "fields"),
    [
        (["0.333333"] * 3, []),
        (["0.333333333333333333"] * 3, []),
        (["0.3333"] * 3, ["variable[0].scenarios"]),
    ],
)
def test_thirds_may_be_written(thirds: list[str], fields: list[str]) -> None:
    """Probabilities sum to 1 to six decimals; what they lack changes no expected value."""
    scenarios = ", ".join(f'{{amount: USD 90, probability: "{third}"}}' for third in thirds)
    facts = written(
        f"contract: K\nlines: [{GOODS}]\nvariable: [{{id: V, reversal_improbable: true, "
        f"method: ESTIMATE_METHOD_EXPECTED_VALUE, scenarios: [{scenarios}]}}]"
    )
    assert refused(facts) == fields
    if not fields:
        assert to_minor(reckoned(facts).transaction_price.variable) == 9000


def test_the_end_of_an_added_line_that_is_told_late_moves_no_closed_month() -> None:
    """R7: added in May, ended in June, told in September: September takes July and August back."""
    added = YEAR.replace("id: A", "id: B").replace("2026-01-01", "2026-05-01")
    line = f"{added[:-1]}, cancelled_on: 2026-06-30, known_on: 2026-09-01, refundable: true}}"
    outcome = reckoned(
        written(
            f"contract: K\nlines: [{YEAR}, {line}]\nmodifications: [{{id: M, on: 2026-05-01, "
            f"price_change: USD 800, added_line_ids: [B], adds_distinct: true, "
            f"at_standalone_price: true, {DISTINCT}}}]"
        )
    )
    months = {f"2026-{month:02}": 10_000 for month in (5, 6, 7, 8)}
    assert schedules(outcome)["B"] == {**months, "2026-09": -20_000}


@pytest.mark.parametrize(
    ("refundable", "june", "cancelled"), [("true", -20_000, 90_000), ("false", 70_000, 0)]
)
def test_what_was_served_before_the_signature_stays_earned(
    refundable: str, june: int, cancelled: int
) -> None:
    """It is caught up on the day of the signature; an earlier end, told later, takes the rest."""
    line = (
        f"{YEAR[:-1]}, cancelled_on: 2026-03-31, known_on: 2026-06-30, refundable: {refundable}}}"
    )
    facts = written(f"contract: K\nlines: [{line}]")
    facts.contract.signed_on.CopyFrom(day("2026-04-30"))
    outcome = reckoned(facts)

    assert schedules(outcome)["A"] == {"2026-04": 40_000, "2026-05": 10_000, "2026-06": june}
    assert to_minor(outcome.obligations[0].cancelled) == cancelled


def test_a_rebate_of_one_line_is_no_more_than_the_line() -> None:
    """R2, R9: what belongs to a line of 100 alone (32-40) cannot make it -400."""
    lines = ", ".join(
        f"{{id: {name}, {AT_ONCE}, price: USD {price}, delivered_on: 2026-01-05,"
        f" standalone_price: {{observable: USD {price}}}}}"
        for name, price in (("A", 1000), ("B", 100))
    )
    rebate = """variable: [{id: V, method: ESTIMATE_METHOD_EXPECTED_VALUE, line_id: B,
      reversal_improbable: true, relates_to_line_alone: true,
      scenarios: [{amount: USD -500, probability: "1"}]}]"""
    outcome = reckoned(written(f"contract: K\nlines: [{lines}]\n{rebate}"))
    assert [(row.code, row.field) for row in outcome.missing] == [
        ("REBATE_EXCEEDS_LINE", "variable[0]")
    ]


def test_use_before_the_service_draws_down_nothing() -> None:
    """R6: as after the last day, it is charged; 100 are prepaid, and earned on the last day."""
    line = f"""{{id: U, {USAGE}, price: USD 100, start: 2026-03-01, end: 2026-12-31,
      included_quantity: "10", overage_price: USD 2, usage: [{{on: 2026-01-05, quantity: "5"}}]}}"""
    outcome = reckoned(written(f"contract: K\nlines: [{line}]"))
    assert schedules(outcome) == {"U": {"2026-01": 1000, "2026-12": 10_000}}
    unpaid = line.replace("overage_price: USD 2, ", "")
    assert refused(written(f"contract: K\nlines: [{unpaid}]")) == ["lines[0].overage_price"]
    backward = line.replace("end: 2026-12-31", "end: 2026-02-01")
    assert refused(written(f"contract: K\nlines: [{backward}]")) == ["lines[0].end"]


@pytest.mark.parametrize(("price", "owed"), [("", 20_000), ("overage_price: USD 1,", 0)])
def test_what_is_invoiced_beyond_the_price_goes_back(price: str, owed: int) -> None:
    """R10: unless use can still be charged: then it is a prepayment of it."""
    line = f"""{{id: U, {USAGE}, price: USD 100, {price} included_quantity: "10",
      usage: [{{on: 2026-02-01, quantity: "10"}}]}}"""
    invoice = "invoices: [{id: I, on: 2026-01-02, amount: USD 300}]"
    outcome = reckoned(written(f"contract: K\nlines: [{line}]\n{invoice}"))
    assert to_minor(outcome.balances.refund_liability) == owed


def test_what_a_change_adds_to_all_lines_leaves_later_ones_alone() -> None:
    """R7: an option that is no promise adds to what there is, and not to a line of 2027."""
    option = f"""{{id: O, {AT_ONCE}, price: USD 0, option: {{expected_purchases: USD 100,
      incremental_discount: "0.01", likelihood: "0.5"}}}}"""
    later = YEAR.replace("id: A", "id: B").replace("2026-", "2027-")
    first, second = (
        line[:-1] + ", standalone_price: {observable: USD 1200}}" for line in (YEAR, later)
    )
    text = f"""contract: K
lines: [{first}, {option}, {second}]
modifications: [
  {{id: M, on: 2026-07-01, price_change: USD 600, added_line_ids: [O],
    adds_distinct: false, {DISTINCT}}},
  {{id: N, on: 2027-01-01, price_change: USD 1200, added_line_ids: [B], adds_distinct: true,
    at_standalone_price: true}}]"""
    outcome = reckoned(written(text, periods=24))
    assert totals(outcome) == {"A": 180_000, "B": 120_000}
    assert schedules(outcome)["A"]["2026-07"] == 20_000


def test_a_catch_up_after_a_credit_leaves_no_unit() -> None:
    """A credit may break what is a line's own and what is shared; together they are whole."""
    lines = ", ".join(
        f"{{id: {name}, {STEPS}, price: USD {price}, standalone_price: {{observable: USD {price}}},"
        ' milestones: [{id: a, share: "0.333", accepted_on: 2026-02-24}, {id: b, share: "0.333"}]}'
        for name, price in (("A", "560.71"), ("B", "281.23"), ("C", "51.57"))
    )
    text = f"""contract: K
lines: [{lines}]
variable: [{{id: V, method: ESTIMATE_METHOD_MOST_LIKELY, reversal_improbable: true, line_id: A,
  relates_to_line_alone: true, scenarios: [{{amount: USD 79.91, probability: "1"}}]}}]
credits: [{{id: X, on: 2026-06-02, amount: USD -42.99, line_id: A}}]
modifications: [{{id: M, on: 2026-08-04, price_change: USD 843.56, {ONE_PROMISE}}}]"""
    outcome = reckoned(written(text))
    assert outcome.reconciliation.balanced
    assert sum(totals(outcome).values()) == to_minor(outcome.transaction_price.total) == 177_399


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("bad_debts: [{id: B, on: 2026-03-01, amount: USD 5000}]", "bad_debts[0].amount"),
        ("bad_debts: [{id: B, on: 2026-03-01, amount: USD -1}]", "bad_debts[0].amount"),
        (
            """invoices: [{id: I, on: 2026-01-02, amount: USD 1200, tax: USD 10}]
credits: [{id: X, on: 2026-03-10, amount: USD -15, tax: USD -11}]""",
            "credits[0].tax",
        ),
        (
            """financing: {annual_rate: "10", compounding_months: 1, transfer_on: 2026-12-31,
  payments: [{on: 2000-01-01, amount: USD 1200}]}
periods: [{id: P, start: 2000-01-01, end: 2026-12-31}]""",
            "financing.annual_rate",
        ),
    ],
)
def test_beside_the_price_amounts_have_bounds_too(more: str, field: str) -> None:
    """R9, N1: nobody loses, or gets back, more than there is; interest fits into an amount."""
    assert refused(written(f"contract: K\nlines: [{YEAR}]\n{more}")) == [field]


def test_thousands_of_credits_are_counted_before_they_are_judged() -> None:
    """T1: each lies on what those before it left; a thousand for one line, fewer for many."""
    text = "\n".join(
        f"  - {{id: C{n}, on: 2026-06-{1 + n % 30:02}, amount: USD -0.01}}" for n in range(1001)
    )
    assert refused(written(f"contract: K\nlines: [{YEAR}]\ncredits:\n{text}")) == ["credits"]


@pytest.mark.parametrize(
    ("included", "expected"),
    [
        # 80 of 100 were drawn; from April on 50 are included, so that the 10 of May are charged.
        ("50", {"2026-02": 80_000, "2026-04": 20_000, "2026-05": 20_000}),
        ("85", {"2026-02": 80_000, "2026-05": 20_000 + 10_000}),
        ("90", {"2026-02": 80_000, "2026-05": 20_000}),
    ],
)
def test_what_was_drawn_is_not_charged_by_a_later_change(
    included: str, expected: dict[str, int]
) -> None:
    """R8: use is compared with what was included then, and not with what a change leaves."""
    line = f"""{{id: U, {USAGE}, price: USD 1000, included_quantity: "100", overage_price: USD 20,
      usage: [{{on: 2026-02-01, quantity: "80"}}, {{on: 2026-05-01, quantity: "10"}}]}}"""
    change = f"""modifications: [{{id: M, on: 2026-04-01, price_change: USD 0, {DISTINCT},
      changes: [{{line_id: U, included_quantity: "{included}"}}]}}]"""
    outcome = reckoned(written(f"contract: K\nlines: [{line}]\n{change}"))
    assert schedules(outcome) == {"U": expected}


def test_tens_of_thousands_of_records_are_answered() -> None:
    """T1: 39,000 records of use are within all bounds; each is charged."""
    line = f'{{id: U, {USAGE}, price: USD 100, included_quantity: "10", overage_price: USD 1}}'
    facts = written(f"contract: K\nlines: [{line}]")
    record = pb.UsageRecord(on=facts.periods[2].start)
    record.quantity.value = "1"
    facts.lines[0].usage.extend([record] * 39_000)
    assert schedules(reckoned(facts)) == {"U": {"2026-03": 10_000 + 3_899_000}}
