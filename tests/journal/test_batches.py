"""Many decisions as one entry: each is judged by the same laws as if it came alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.port import Journal
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision, DecisionFilter, Turn
from dealgate.model.errors import KeyReused, Overloaded, TurnTaken
from tests.journal.conftest import KEEPERS, NewUrl, Open
from tests.journal.decisions import decision
from tests.journal.several import open_kept


async def test_a_batch_is_kept_whole(journal: Journal) -> None:
    """Every decision of it comes back exactly, in order, and is found afterwards."""
    batch = [decision(n, key=f"k{n}" if n % 3 == 0 else None) for n in range(300)]
    assert await journal.append_all(batch) == batch
    listed = await journal.find(DecisionFilter("default", limit=1000))
    assert list(listed.decisions) == batch[::-1]


async def test_an_empty_batch_is_nothing(journal: Journal) -> None:
    """No decisions, no answers, no commit."""
    assert list(await journal.append_all([])) == []


async def test_each_decision_of_a_batch_has_its_own_fate(journal: Journal) -> None:
    """Repeats, reuses, late turns, doubles and what cannot be stored: each alone is refused."""
    first = await journal.append(decision(1, key="k", turn=Turn("s", 1)))
    batch = [
        decision(10),
        decision(11, key="k", body_hash=first.body_hash),  # a repeat of what was there
        decision(12, key="k"),  # another body
        decision(13, turn=Turn("s", 1)),  # late
        decision(14, turn=Turn("s", 2), marks=("m",)),
        decision(15, turn=Turn("s", 3), key="new"),  # after the one just before it
        decision(16, key="new", body_hash=decision(15).body_hash),  # a repeat within the batch
        replace(decision(10), answer=b"other"),  # an id twice
        decision(17, id="L1"),  # not an id
        decision(18),
    ]
    answers = await journal.append_all(batch)
    kept = {0: batch[0], 1: first, 4: batch[4], 5: batch[5], 6: batch[5], 9: batch[9]}
    assert {n: answers[n] for n in kept} == kept
    refused = {2: KeyReused, 3: TurnTaken, 7: AlreadyRecorded, 8: ValueError}
    assert {n: type(answers[n]) for n in refused} == refused
    listed = await journal.find(DecisionFilter("default"))
    assert list(listed.decisions) == [batch[9], batch[5], batch[4], batch[0], first]
    assert await journal.last_of("default", "s") == batch[5]
    assert await journal.marked("default", "m", 9) == [batch[4]]


async def test_batches_race_with_single_appends(journal: Journal) -> None:
    """One key, many batches, many callers: exactly one decision, and everyone gets it."""
    body_hash = decision().body_hash
    keyed = [decision(n, key="k", body_hash=body_hash) for n in range(60)]
    batches = [[keyed[n], decision(100 + n), keyed[n + 1]] for n in range(0, 40, 2)]
    answers = await asyncio.gather(
        *map(journal.append_all, batches), *map(journal.append, keyed[40:])
    )
    together = [answer for batch in answers[:20] for answer in (batch[0], batch[2])]  # type: ignore[index]
    assert len({repr(answer) for answer in [*together, *answers[20:]]}) == 1


async def test_a_caller_that_gives_up_harms_nobody(journal: Journal) -> None:
    """A cancelled batch leaves its neighbours as they were, and is kept whole or not at all."""
    batches = [[decision(10 * b + n) for n in range(10)] for b in range(9)]
    callers = [asyncio.ensure_future(journal.append_all(batch)) for batch in batches]
    await asyncio.sleep(0)
    for caller in callers[::3]:
        caller.cancel()
    answers = await asyncio.gather(*callers, return_exceptions=True)
    await journal.append(decision(1000))
    listed = await journal.find(DecisionFilter("default", limit=1000))
    kept = {decided.id for decided in listed.decisions}
    for number, batch in enumerate(batches):
        assert answers[number] == batch or number % 3 == 0
        assert sum(decided.id in kept for decided in batch) in {0, 10}


@pytest.mark.parametrize("length", [1, 50])
async def test_a_full_queue_refuses_a_batch_whole(lasting_url: str, length: int) -> None:
    """Decisions count, not callers; a batch longer than the queue is taken when it is empty."""
    from dealgate.journal.limits import Limits  # noqa: PLC0415

    journal = await open_journal(lasting_url, Limits(queue=10))
    batches = [[decision(100 * b + n) for n in range(length)] for b in range(40)]
    answers = await asyncio.gather(*map(journal.append_all, batches))
    assert answers[0] == batches[0]
    for batch, answer in zip(batches, answers, strict=True):
        assert answer == batch or all(isinstance(shed, Overloaded) for shed in answer)
    assert sum(answer == batch for batch, answer in zip(batches, answers, strict=True)) < 40
    await journal.close()


async def test_a_closed_journal_refuses_each(open_journal_of_each: Open) -> None:
    """After close every decision of a batch hears so; memory has nothing to close."""
    journal = await open_journal_of_each()
    await journal.close()
    answers = await journal.append_all([decision(1), decision(2)])
    assert len(answers) == 2


def _decision(number: int, **changes: Any) -> Decision:
    return decision(number, **changes)


# Decisions with few keys, bodies, series and ids, so that any has something in common with others.
DECISIONS = st.builds(
    _decision,
    number=st.integers(0, 12),
    key=st.sampled_from([None, None, "a", "b"]),
    body_hash=st.sampled_from([b"1" * 32, b"2" * 32]),
    turn=st.none() | st.builds(Turn, st.sampled_from(["s", "t"]), st.integers(1, 3)),
    marks=st.sampled_from([(), ("m",), ("m", "n")]),
    outcome=st.sampled_from(["A", "B", "\ud800"]),
)
BATCHES = st.lists(st.lists(DECISIONS, min_size=1, max_size=8), min_size=1, max_size=3)


@pytest.mark.parametrize("keeper", KEEPERS)
@settings(max_examples=8, deadline=None)
@given(history=BATCHES)
async def test_a_batch_answers_as_its_decisions_would_one_by_one(
    new_url: NewUrl, keeper: str, history: Sequence[Sequence[Decision]]
) -> None:
    """The law of batches: the same answers, errors and records as appends one after the other."""
    together, apart = await open_kept(new_url(keeper)), await open_kept(new_url(keeper))
    for batch in history:
        outcomes = await together.append_all(batch)
        expected = [await appended(apart, decided) for decided in batch]
        assert list(map(told, outcomes)) == list(map(told, expected))
    everything = DecisionFilter("default", limit=1000)
    assert (await together.find(everything)).decisions == (await apart.find(everything)).decisions
    for series in ("s", "t"):
        assert await together.last_of("default", series) == await apart.last_of("default", series)
    assert await together.marked("default", "m", 99) == await apart.marked("default", "m", 99)
    await together.close()
    await apart.close()


async def appended(journal: Journal, decided: Decision) -> Decision | Exception:
    """Append one decision, and return what became of it."""
    try:
        return await journal.append(decided)
    except Exception as error:  # noqa: BLE001 - whatever it is, the batch must say the same
        return error


def told(outcome: Decision | Exception) -> object:
    """Return what a caller learns."""
    return outcome if isinstance(outcome, Decision) else (type(outcome), str(outcome))
