"""Laws of recognition over random contracts: whatever becomes known, nothing is lost or moved.

`make fuzz` asks of 20,000 contracts what `make test` asks of a few hundred.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor

import pytest

from dealgate.kinds.recognize.pieces import Piece
from dealgate.model.days import day_number
from dealgate.model.errors import BadQuestion
from dealgate.model.money import to_minor
from dealgate.model.rounding import Rounding, rounded
from dealgate.v1 import recognize_pb2 as pb
from dealgate.v1.attribute_pb2 import ROUNDING_METHOD_CUMULATIVE
from tests.kinds.random_contracts import FIRST, LAST, Contracts
from tests.kinds.reckoning import reckoned

QUICK = 45
# Most contracts are scheduled, or the laws would show little.
LEAST = 0.5


def answered(facts: pb.RecognizeFacts) -> pb.RecognizeOutcome | None:
    """Return the outcome by the shipped rules, None if the facts are refused."""
    try:
        return reckoned(facts)
    except BadQuestion:
        return None


def wanted(request: pytest.FixtureRequest) -> int:
    """Return how many contracts to ask of."""
    return int(request.config.getoption("--random-contracts")) or QUICK


def is_scheduled(outcome: pb.RecognizeOutcome | None) -> bool:
    """Return whether there is a schedule."""
    return outcome is not None and outcome.status == pb.RECOGNITION_STATUS_SCHEDULED


def revenue(outcome: pb.RecognizeOutcome) -> list[int]:
    """Return what each period earns."""
    return [to_minor(period.revenue) for period in outcome.periods]


def test_nothing_is_lost_or_made(request: pytest.FixtureRequest) -> None:
    """Obligations sum to the price, every period's journal balances, and nothing fails inside.

    Recognised is never more than what was agreed by then.
    """
    lost_or_made(request.config.getoption("--fuzz-seed"), wanted(request))


def lost_or_made(seed: int, count: int) -> None:
    """Look at so many contracts."""
    contracts, seen = Contracts(seed), Counter[str]()
    for _ in range(count):
        facts = contracts.one()
        outcome = answered(facts)
        if outcome is None:
            seen["refused"] += 1
            continue
        seen[pb.RecognitionStatus.Name(outcome.status)] += 1
        if is_scheduled(outcome):
            sums(outcome)
            bounded(facts, outcome)
        else:
            assert outcome.missing, facts
    assert seen["RECOGNITION_STATUS_SCHEDULED"] > LEAST * sum(seen.values()), seen


def sums(outcome: pb.RecognizeOutcome) -> None:
    """The schedules, what waits and what was cancelled are the price; debits equal credits."""
    parts = [
        to_minor(amount)
        for one in outcome.obligations
        for amount in (*(part.amount for part in one.schedule), one.unscheduled, one.cancelled)
    ]
    assert outcome.reconciliation.balanced
    assert sum(parts) == to_minor(outcome.transaction_price.total)
    assert sum(to_minor(one.total) for one in outcome.obligations) == sum(parts)
    assert sum(revenue(outcome)) == to_minor(outcome.reconciliation.scheduled)
    debits, taken = Counter[str](), Counter[str]()
    for line in outcome.journal:
        debits[line.period_id] += to_minor(line.debit) if line.HasField("debit") else 0
        taken[line.period_id] += to_minor(line.credit) if line.HasField("credit") else 0
    assert debits == taken


def bounded(facts: pb.RecognizeFacts, outcome: pb.RecognizeOutcome) -> None:
    """Recognised by then is at most what was agreed by then, and a period's balances add up."""
    price, total, interest = outcome.transaction_price, 0, 0
    for period, answer in zip(facts.periods, outcome.periods, strict=True):
        end = day_number(period.end)
        total += to_minor(answer.revenue)
        interest += to_minor(answer.interest) if answer.HasField("interest") else 0
        agreed = to_minor(price.fixed) + to_minor(price.financing) + to_minor(price.overage)
        agreed += sum(
            max(to_minor(told.included), 0)
            for told, amount in zip(outcome.variable, facts.variable, strict=True)
            if not amount.HasField("known_on") or day_number(amount.known_on) <= end
        )
        agreed += sum(
            max(to_minor(change.price_change), 0)
            for change in facts.modifications
            if day_number(change.on) <= end
        )
        # Only running totals that are rounded are never more than half a unit off.
        slack = 0 if outcome.rounding == ROUNDING_METHOD_CUMULATIVE else len(facts.periods)
        assert total <= agreed + slack, (period.id, facts)
        close = answer.closing
        assert to_minor(close.recognized) == total
        assert (
            min(map(to_minor, (close.deferred, close.contract_asset, close.refund_liability))) >= 0
        )
        assert to_minor(close.deferred) - to_minor(close.contract_asset) == to_minor(
            close.invoiced
        ) - total - interest - to_minor(close.refund_liability)


def test_nothing_waits_for_ever(request: pytest.FixtureRequest) -> None:
    """Once all is delivered, accepted, used and over, nothing is unscheduled."""
    waiting(request.config.getoption("--fuzz-seed"), wanted(request))


def waiting(seed: int, count: int) -> None:
    """Look at so many contracts."""
    contracts, scheduled = Contracts(seed, done=True), 0
    for _ in range(count):
        facts = contracts.one()
        outcome = answered(facts)
        if outcome is not None and is_scheduled(outcome):
            scheduled += 1
            assert [
                to_minor(one.unscheduled)
                for one in outcome.obligations
                if to_minor(one.unscheduled)
            ] == [], facts
    assert scheduled > LEAST * count


def test_closed_periods_never_move(request: pytest.FixtureRequest) -> None:
    """What becomes known later changes neither revenue nor journal of any period before."""
    moving(request.config.getoption("--fuzz-seed"), wanted(request))


def moving(seed: int, count: int) -> None:
    """Look at so many contracts."""
    contracts, compared = Contracts(seed), 0
    for number in range(count):
        facts = contracts.one()
        facts.contract.ClearField("rounding")
        dated(facts)
        day = FIRST + (number * 97) % (LAST - FIRST)
        before, after = answered(facts), answered(contracts.later(facts, day))
        if before is None or after is None or not (is_scheduled(before) and is_scheduled(after)):
            continue
        compared += 1
        closed = {period.id for period in facts.periods if day_number(period.end) < day}
        assert revenue(after)[: len(closed)] == revenue(before)[: len(closed)], facts
        assert booked(after, closed) == booked(before, closed), facts
    assert compared > LEAST / 2 * count


def dated(facts: pb.RecognizeFacts) -> None:
    """Say when variable amounts became known, where that would else be with the last use so far."""
    for line in facts.lines:
        if line.pattern == pb.RECOGNITION_PATTERN_USAGE and not line.HasField("included_quantity"):
            for amount in facts.variable:
                amount.known_on.CopyFrom(facts.periods[0].start)


def booked(outcome: pb.RecognizeOutcome, periods: set[str]) -> list[bytes]:
    """Return the journal of some periods."""
    lines = [line for line in outcome.journal if line.period_id in periods]
    return [line.SerializeToString(deterministic=True) for line in lines]


def test_what_was_booked_stays_booked(request: pytest.FixtureRequest) -> None:
    """With `booked` closed periods stay, by any rounding, though nothing says what came later."""
    contracts, compared = Contracts(request.config.getoption("--fuzz-seed")), 0
    for number in range(wanted(request)):
        facts = contracts.one()
        first = answered(facts)
        if first is None or not is_scheduled(first):
            continue
        more = contracts.one_more_fact(facts)
        closed = 1 + number % (len(facts.periods) - 1)
        more.closed_through.CopyFrom(facts.periods[closed - 1].end)
        periods = {period.id for period in facts.periods[:closed]}
        for one in first.obligations:
            for part in one.schedule:
                if part.period_id in periods:
                    more.booked.add(
                        line_id=one.line_id, period_id=part.period_id, amount=part.amount
                    )
        after = answered(more)
        if after is None or not is_scheduled(after) or not more.booked:
            continue
        compared += 1
        sums(after)
        assert revenue(after)[:closed] == revenue(first)[:closed]
        late = sum(to_minor(row.amount) for row in after.late)
        more.ClearField("booked")
        free = answered(more)
        assert free is not None
        assert revenue(after)[closed] == revenue(free)[closed] + late
    assert compared > LEAST / 3 * wanted(request)


def one_unit_more(exact: Sequence[Fraction], method: Rounding) -> list[int]:
    """Round, and lose count."""
    first, *rest = rounded(exact, method)
    return [first + 1, *rest]


def nothing_stays(
    _old: object, new: Sequence[Piece], _day: int, _calendar: object, _fact: str
) -> list[Piece]:
    """Forget what was earned before."""
    return [*new]


@pytest.mark.parametrize(
    ("where", "mistake", "law"),
    [
        ("settling.rounded", one_unit_more, lost_or_made),
        ("allocation.largest_remainder", lambda exact: [*map(floor, exact)], lost_or_made),
        ("balances.Ledger.interest", lambda _ledger, _number: 0, lost_or_made),
        ("tracks.is_metered", lambda _line: False, waiting),
        ("change.grafted", nothing_stays, moving),
        ("tracks.grafted", nothing_stays, moving),
        ("crediting.rescaled", lambda pieces, *_: [*pieces], lost_or_made),
    ],
)
def test_laws_notice_planted_mistakes(
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    mistake: object,
    law: Callable[[int, int], None],
) -> None:
    """A law that nothing breaks would show nothing."""
    monkeypatch.setattr(f"dealgate.kinds.recognize.{where}", mistake)
    with pytest.raises(AssertionError):
        law(20261129, 200)
