"""Decisions that belong together: recorded all or not at all, under one key."""

import asyncio

import pytest

from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.port import Journal
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision, DecisionFilter, Turn
from dealgate.model.errors import KeyReused, TurnTaken
from tests.journal.decisions import decision
from tests.journal.test_kill import killed_while_appending


async def recorded(journal: Journal) -> list[str]:
    """Return the ids of everything that is recorded."""
    page = await journal.find(DecisionFilter("default", limit=1000))
    return [found.id for found in page.decisions]


def five(first: int, **changes: object) -> list[Decision]:
    """Return five decisions, the first of which has a key."""
    others = [decision(first + n, marks=(f"flow/{first}",)) for n in range(1, 5)]
    return [decision(first, key=f"k{first}", marks=(f"flow/{first}",), **changes), *others]


async def test_they_are_recorded_together(journal: Journal) -> None:
    """All of them, found by their ids and their mark, and the first by its key."""
    together = five(10)
    assert await journal.append_together(together) == together[0]
    for one in together:
        assert await journal.get("default", one.id) == one
    assert set(await journal.marked("default", "flow/10", 9)) == set(together)
    assert await journal.recall("default", "k10", together[0].body_hash) == together[0]


async def test_a_repeat_records_nothing(journal: Journal) -> None:
    """It gets the first decision under the key; another body is refused."""
    first = await journal.append_together(five(10))
    again = [decision(20, key="k10", body_hash=first.body_hash), decision(21)]
    assert await journal.append_together(again) == first
    with pytest.raises(KeyReused):
        await journal.append_together([decision(30, key="k10"), decision(31)])
    assert len(await recorded(journal)) == 5


async def test_one_that_is_refused_keeps_all_out(journal: Journal) -> None:
    """A turn that is taken, an id that is known, one that is none: nothing of it is recorded."""
    before = await journal.append(decision(1))
    await journal.append(decision(2, turn=Turn("s", 1)))
    for refused, error in (
        (decision(42, turn=Turn("s", 1)), TurnTaken),
        (before, AlreadyRecorded),
        (decision(43, id="L1"), ValueError),
    ):
        together = [decision(40, key="k", turn=Turn("t", 1)), decision(41), refused, decision(44)]
        with pytest.raises(error):
            await journal.append_together(together)
        assert len(await recorded(journal)) == 2
        assert await journal.last_of("default", "t") is None
    kept = await journal.append_together([decision(50, key="k", turn=Turn("s", 2)), decision(51)])
    assert kept == decision(50, key="k", turn=Turn("s", 2))


async def test_neighbours_in_a_commit_are_unharmed(journal: Journal) -> None:
    """Of many at once, each is recorded whole or not at all, and single ones as ever."""
    taken = [
        journal.append_together([decision(100 * n), decision(100 * n + 1, turn=Turn("s", 1))])
        for n in range(1, 9)
    ]
    single = [journal.append(decision(100 * n + 50)) for n in range(1, 9)]
    answers = await asyncio.gather(*taken, *single, return_exceptions=True)
    winners = [answer for answer in answers[:8] if isinstance(answer, Decision)]
    assert len(winners) == 1
    assert sum(isinstance(answer, TurnTaken) for answer in answers) == 7
    assert len(await recorded(journal)) == 2 + 8


async def test_races_under_one_key_have_one_winner(journal: Journal) -> None:
    """Everybody hears of the same first decision, and only its own others are there."""
    body = decision(1).body_hash
    groups = [[decision(10 * n, key="k", body_hash=body), decision(10 * n + 1)] for n in range(12)]
    answers = await asyncio.gather(*map(journal.append_together, groups))
    (winner,) = {answer.id for answer in answers}
    (whole,) = [group for group in groups if group[0].id == winner]
    assert await recorded(journal) == [whole[1].id, whole[0].id]


async def test_sigkill_leaves_all_or_none(lasting_url: str) -> None:
    """Killed at any moment, what belongs together is there whole or not at all."""
    for acks in (1, 40):
        acknowledged = killed_while_appending(lasting_url, acks, "together")
        journal = await open_journal(lasting_url.removesuffix("?shared"))
        page = await journal.find(DecisionFilter("default", limit=1000))
        flows: dict[str, int] = {}
        for found in page.decisions[: 1000 // 5 * 5]:
            (mark,) = found.marks
            flows[mark] = flows.get(mark, 0) + 1
        oldest = page.decisions[-1].marks[0]
        assert {size for mark, size in flows.items() if mark != oldest} <= {5}
        for decision_id in acknowledged[-50:]:
            (mark,) = (await journal.get("default", decision_id)).marks
            assert len(await journal.marked("default", mark, 9)) == 5
        await journal.close()
