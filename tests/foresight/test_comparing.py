"""Two versions side by side: entities, windows, shares, and one plain sentence."""

import dataclasses
from random import Random

from dealgate.foresight.arms.comparing import Comparison, Says, Terms, compared
from dealgate.foresight.assessing import Clock
from dealgate.journal.port import Recorded
from dealgate.model.decision import Entity
from dealgate.model.instants import DAY
from dealgate.model.results import Result
from tests.journal.conftest import JULY, decision

WINDOW = 90 * DAY
LATER = Clock(JULY + 200 * DAY, WINDOW)
TERMS = Terms(share=0.5, planned=2000, matters=0.05)


def units(
    rates: tuple[float, float], number: int, share: float = 0.5, amount: int | None = None
) -> list[Recorded]:
    """Return one decision of each entity, with what became of it ten days later."""
    drawn, records = Random(f"{rates} {share}"), list[Recorded]()
    for n in range(number):
        arm = drawn.random() < share
        taken = decision(n, version=2 + arm, entity=Entity("lead", f"L{n}"))
        type_ = "CONVERTED" if drawn.random() < rates[arm] else "NOT_CONVERTED"
        at = taken.as_of + 10 * DAY
        told = Result("default", taken.id, 1, type_, at, at, amount, "EUR", "", "ann", "")
        records.append((taken, told))
    return records


def says(records: list[Recorded], terms: Terms = TERMS, clock: Clock = LATER) -> Comparison:
    """Compare versions 2 and 3."""
    return compared(records, (2, 3), terms, clock)


def test_each_sentence_is_said_where_it_is_true() -> None:
    """A difference, none that matters, too little data, and a broken assignment."""
    better = says(units((0.1, 0.3), 2000))
    assert better.says is Says.DIFFERS
    assert better.effect is not None
    assert better.effect.low < 0.2 < better.effect.high
    same = says(units((0.3, 0.3), 3000), dataclasses.replace(TERMS, planned=3000, matters=0.12))
    assert same.says is Says.NO_DIFFERENCE
    few = says(units((0.1, 0.12), 300))
    assert (few.says, few.still_needed > 0) == (Says.NOT_ENOUGH, True)
    assert says(units((0.1, 0.3), 30)).effect is None
    broken = says(units((0.1, 0.3), 3000, share=0.4))
    assert (broken.says, broken.effect) == (Says.WITHHELD, None)


def test_money_counts_up_to_the_cap() -> None:
    """In the cap's currency; a difference shows in money, too."""
    records = units((0.1, 0.3), 2000, amount=500_000)
    capped = dataclasses.replace(TERMS, cap=100_000, currency="EUR")
    assert says(records, capped).says is Says.DIFFERS
    assert says(records, capped).effect == says(records).effect
    other = says(records, dataclasses.replace(capped, currency="USD"))
    assert other.says is not Says.DIFFERS


def test_only_closed_windows_and_first_decisions_count() -> None:
    """An entity keeps its first version; a young decision waits for its window."""
    records = units((0.5, 0.5), 100)
    assert sum(arm.mature for arm in says(records, clock=Clock(JULY + DAY, WINDOW)).arms) == 0
    again = [
        (dataclasses.replace(taken, version=5 - taken.version, as_of=taken.as_of + DAY), told)
        for taken, told in records
    ]
    both = says([*records, *again])
    assert both.arms == says(records).arms
    assert both.strayed == 100
