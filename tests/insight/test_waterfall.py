"""The revenue of many contracts, by hand and by the laws that hold whatever they are."""

from random import Random

from dealgate.model.money import to_minor
from dealgate.v1 import insight_pb2 as pb
from dealgate.v1 import recognize_pb2 as revenue
from tests.insight.recording import Journal, left_out
from tests.kinds.reckoning import reckoned, written

RATABLE = "pattern: RECOGNITION_PATTERN_RATABLE, proration: PRORATION_MONTHLY"
JULY = 1_782_864_000 * 10**9
JANUARY = 1_798_761_600 * 10**9  # 2027-01-01


def contract(
    name: str, price: str, more: str = "", first: str = "2026-01"
) -> revenue.RecognizeFacts:
    """Return a contract that is served over 2026 from a month on."""
    line = f"{{id: A, {RATABLE}, price: {price}, start: {first}-01, end: 2026-12-31}}"
    text = f"contract: {{id: {name}, approved: true, collectible: true}}\nlines: [{line}]\n{more}"
    return written(text)


def note(journal: Journal, facts: revenue.RecognizeFacts, day: float, as_of: int = JULY) -> None:
    """Keep a decision about a contract."""
    outcome = reckoned(facts, as_of=as_of)
    journal.note(
        "recognize",
        ("contract", facts.contract.id),
        day,
        facts=facts,
        answer=revenue.RecognizeRevenueResponse(outcome=outcome),
    )


def bill(amount: str) -> str:
    """Return an invoice of January."""
    return f"invoices: [{{id: I, on: 2026-01-01, amount: {amount}}}]"


def test_the_waterfall_by_hand() -> None:
    """1,200 paid in January and 600 from July on, not invoiced: 100 a month, then 200."""
    journal = Journal()
    note(journal, contract("K1", "USD 1200", bill("USD 1200")), 10)
    note(journal, contract("K2", "USD 600", first="2026-07"), 20)
    found = journal.ask("GetRevenueWaterfall")
    january, july = found.periods[0], found.periods[6]

    assert (found.contracts, [row.contract_id for row in found.rows]) == (2, ["K1", "K2"])
    assert [to_minor(period.recognized) for period in found.periods] == [10_000] * 6 + [20_000] * 6
    assert (to_minor(january.opening), to_minor(january.closing)) == (0, 110_000)
    assert (to_minor(july.opening), to_minor(july.closing)) == (60_000, 40_000)
    assert [to_minor(one) for one in found.rows[1].recognized] == [0] * 6 + [10_000] * 6


def test_what_moved_what_remains() -> None:
    """One contract grew by 600 and is half over, one came, one is held now."""
    journal = Journal()
    note(journal, contract("K1", "USD 1200"), 10, as_of=JULY - 181 * 86_400 * 10**9)
    note(journal, contract("gone", "USD 120"), 11, as_of=JULY - 181 * 86_400 * 10**9)
    note(journal, contract("K1", "USD 1800"), 50)
    note(journal, contract("K2", "USD 240"), 51)
    held = contract("gone", "USD 120")
    held.contract.approved = False
    note(journal, held, 52)
    found = journal.ask("GetRevenueWaterfall", since=30)
    bridge = found.bridge

    assert to_minor(bridge.opening) == 132_000
    assert (to_minor(bridge.entered), to_minor(bridge.grew)) == (24_000, 60_000)
    assert (to_minor(bridge.shrank), to_minor(bridge.left)) == (0, 12_000)
    assert to_minor(bridge.recognized) == 90_000 + 12_000
    assert to_minor(bridge.closing) == 90_000 + 12_000
    assert left_out(found) == {"NO_SCHEDULE": 1}


def test_currencies_and_calendars_are_not_mixed() -> None:
    """What cannot be added up is left out, and told."""
    journal = Journal()
    note(journal, contract("K1", "USD 1200"), 10)
    note(journal, contract("K2", "EUR 1200"), 10)
    assert "choose one" in journal.ask("GetRevenueWaterfall").unknown_because

    odd = contract("K3", "USD 100")
    odd.periods[0].end.day, odd.periods[1].start.year = 30, 2026
    odd.periods[1].start.month, odd.periods[1].start.day = 1, 31
    note(journal, odd, 10)
    found = journal.ask("GetRevenueWaterfall", currency_code="USD")
    assert found.contracts == 1
    assert left_out(found) == {"OTHER_CURRENCY": 1, "OTHER_CALENDAR": 1}
    assert Journal().ask("GetRevenueWaterfall").unknown_because == "no amount is known"


def test_every_number_is_exact() -> None:
    """Over random contracts rows sum to periods, periods roll forward, and the bridge closes."""
    random, journal, total = Random(7), Journal(), 0
    for number in range(40):
        cents = random.randint(1, 10**6)
        price = f"USD {cents // 100}.{cents % 100:02}"
        month = f"2026-{random.randint(1, 12):02}"
        note(journal, contract(f"K{number}", price, bill(price), month), random.randint(1, 20))
        if number % 3 == 0:
            note(journal, contract(f"K{number}", f"USD {number + 1}", "", month), 40, JANUARY)
            cents = 100 * (number + 1)
        total += cents
    found = journal.ask("GetRevenueWaterfall", since=30)

    assert sum(to_minor(row.total) for row in found.rows) == total
    assert sum(to_minor(period.recognized) for period in found.periods) == total
    for index, period in enumerate(found.periods):
        rows = sum(to_minor(row.recognized[index]) for row in found.rows)
        assert rows == to_minor(period.recognized)
        rolled = to_minor(period.opening) + to_minor(period.invoiced) - rows
        assert rolled - to_minor(period.other) == to_minor(period.closing)
    closes(found.bridge)


def closes(bridge: pb.RemainingBridge) -> None:
    """Opening, and what moved it, is closing."""
    opening, entered, grew = map(to_minor, (bridge.opening, bridge.entered, bridge.grew))
    less = sum(map(to_minor, (bridge.shrank, bridge.left, bridge.recognized)))
    assert opening + entered + grew - less == to_minor(bridge.closing)
