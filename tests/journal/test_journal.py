"""What every journal promises, whatever keeps it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.port import Journal
from dealgate.model.decision import Decision, DecisionFilter, Entity, Turn
from dealgate.model.errors import KeyReused, TurnTaken, UnknownDecision
from tests.journal.conftest import Open
from tests.journal.decisions import decision

DAY = 86_400_000  # in milliseconds, as `decision` counts


async def test_a_decision_comes_back_exactly(journal: Journal) -> None:
    """Every field survives, bytes and odd text included."""
    odd = decision(
        entity=Entity("lead", "a/b\0c ✓"),
        as_of=253_402_300_799_999_999_999,
        facts=bytes(range(256)),
        answer=b"",
        fired=(),
        trace_id="",
        key="k ✓",
        outcome="",
    )
    assert await journal.append(odd) == odd
    assert await journal.get("default", odd.id) == odd


async def test_a_repeated_key_returns_the_first_decision(journal: Journal) -> None:
    """The same key and body answer with the first decision; the second is not recorded."""
    first = await journal.append(decision(1, key="k"))
    again = decision(2, key="k", body_hash=first.body_hash, answer=b"other")
    assert await journal.append(again) == first
    with pytest.raises(UnknownDecision):
        await journal.get("default", again.id)


async def test_a_key_with_another_body_is_refused(journal: Journal) -> None:
    """The same key with another body raises KeyReused and records nothing."""
    await journal.append(decision(1, key="k"))
    with pytest.raises(KeyReused, match="idempotency_key"):
        await journal.append(decision(2, key="k"))
    assert len((await journal.find(DecisionFilter("default"))).decisions) == 1


async def test_keys_are_the_tenants_own(journal: Journal) -> None:
    """Two tenants may use the same key, and even the same id, for different decisions."""
    ours = await journal.append(decision(1, key="k"))
    theirs = await journal.append(decision(1, key="k", tenant="acme", facts=b"theirs"))
    assert await journal.get("acme", theirs.id) == theirs
    assert await journal.recall("default", "k", ours.body_hash) == ours


@pytest.mark.parametrize("racers", [2, 300])
async def test_racing_repeats_agree(journal: Journal, racers: int) -> None:
    """However many callers race with one key, exactly one decision is recorded and all get it."""
    body_hash = decision().body_hash
    attempts = [decision(n, key="k", body_hash=body_hash) for n in range(racers)]
    answers = await asyncio.gather(*(journal.append(attempt) for attempt in attempts))
    assert answers[0] in attempts
    assert set(answers) == {answers[0]}
    assert (await journal.find(DecisionFilter("default"))).decisions == [answers[0]]


async def test_racing_bodies_leave_one_winner(journal: Journal) -> None:
    """Of callers that race with one key and different bodies, one wins; the rest are told."""
    attempts = [decision(n, key="k") for n in range(20)]
    answers = await asyncio.gather(*map(journal.append, attempts), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, Decision)]
    assert len(winners) == 1
    assert sum(isinstance(answer, KeyReused) for answer in answers) == 19
    assert (await journal.find(DecisionFilter("default"))).decisions == winners


async def test_recall_finds_by_key(journal: Journal) -> None:
    """`recall` returns the first decision, None for a new key, and refuses another body."""
    first = await journal.append(decision(1, key="k"))
    assert await journal.recall("default", "k", first.body_hash) == first
    assert await journal.recall("default", "other", first.body_hash) is None
    assert await journal.recall("acme", "k", first.body_hash) is None
    with pytest.raises(KeyReused):
        await journal.recall("default", "k", b"another body")


async def test_an_old_key_is_forgotten(open_journal_of_each: Open) -> None:
    """A key outlives its lifetime only until the next decision; then its question is new."""
    journal = await open_journal_of_each(key_lifetime=timedelta(days=1))
    old = await journal.append(decision(0, key="k"))
    await journal.append(decision(DAY))
    assert await journal.recall("default", "k", old.body_hash) == old
    await journal.append(decision(DAY + 1))
    assert await journal.recall("default", "k", old.body_hash) is None
    new = decision(DAY + 2, key="k")
    assert await journal.append(new) == new
    assert await journal.get("default", old.id) == old


async def test_an_id_is_recorded_once(journal: Journal) -> None:
    """The same id again, without a key, is a clear error and changes nothing."""
    first = await journal.append(decision())
    with pytest.raises(AlreadyRecorded, match=first.id):
        await journal.append(replace(first, answer=b"other"))
    assert await journal.get("default", first.id) == first


@pytest.mark.parametrize("unknown", ["0190a000-0000-7000-8000-000000000000", "L1", "", "A" * 36])
async def test_an_unknown_id_is_named(journal: Journal, unknown: str) -> None:
    """An id that nobody gave, or that is none, raises UnknownDecision with that id."""
    with pytest.raises(UnknownDecision, match=f"no decision {unknown}"):
        await journal.get("default", unknown)


async def test_a_decision_is_hidden_from_other_tenants(journal: Journal) -> None:
    """Neither `get` nor `find` shows a tenant the decisions of another."""
    ours = await journal.append(decision())
    with pytest.raises(UnknownDecision):
        await journal.get("acme", ours.id)
    assert (await journal.find(DecisionFilter("acme"))).decisions == []


POISON: dict[str, dict[str, Any]] = {
    "an id that is no UUID": {"id": "L1"},
    "text that is no Unicode": {"outcome": "\ud800"},
    "an instant beyond 64 bits": {"decided_at": 2**63},
}


@pytest.mark.parametrize("change", POISON.values(), ids=POISON)
async def test_a_poisonous_decision_fails_alone(
    open_journal_of_each: Open, change: dict[str, Any]
) -> None:
    """A decision that cannot be stored fails its own caller and none of its neighbours."""
    journal = await open_journal_of_each()
    if isinstance(journal, MemoryJournal) and "id" not in change:
        await journal.append(decision(**change))  # memory can hold what a file cannot
        return
    batch = [decision(n) for n in range(20)]
    batch[7] = replace(batch[7], **change)
    answers = await asyncio.gather(*map(journal.append, batch), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if answer != batch[n]] == [7]
    assert isinstance(answers[7], ValueError | OverflowError)
    assert len((await journal.find(DecisionFilter("default"))).decisions) == 19


async def test_a_cancelled_caller_harms_nobody(journal: Journal) -> None:
    """Callers that give up before the commit leave their neighbours' appends as they were."""
    callers = [asyncio.ensure_future(journal.append(decision(n))) for n in range(50)]
    await asyncio.sleep(0)
    for caller in callers[::3]:
        caller.cancel()
    answers = await asyncio.gather(*callers, return_exceptions=True)
    assert all(answers[n] == decision(n) for n in range(50) if n % 3)
    for n in range(50):
        if n % 3:
            assert await journal.get("default", decision(n).id) == decision(n)
    assert await journal.append(decision(99)) == decision(99)


async def test_a_turn_is_taken_once(journal: Journal) -> None:
    """Of decisions that race for the next turn of a series, one gets it; the rest are told."""
    attempts = [decision(n, turn=Turn("round-robin/emea", 1)) for n in range(20)]
    answers = await asyncio.gather(*map(journal.append, attempts), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, Decision)]
    assert len(winners) == 1
    assert sum(isinstance(answer, TurnTaken) for answer in answers) == 19
    assert await journal.last_of("default", "round-robin/emea") == winners[0]


@pytest.mark.parametrize("number", [0, 1, 3])
async def test_turns_are_taken_in_their_order(journal: Journal, number: int) -> None:
    """After the first comes the second: neither a turn that was given nor one far ahead."""
    first = await journal.append(decision(1, turn=Turn("s", 1)))
    with pytest.raises(TurnTaken, match="is at version 1"):
        await journal.append(decision(2, turn=Turn("s", number)))
    assert await journal.last_of("default", "s") == first
    second = await journal.append(decision(3, turn=Turn("s", 2)))
    assert await journal.last_of("default", "s") == second


async def test_turns_belong_to_a_tenant_and_a_series(journal: Journal) -> None:
    """Another tenant, or another series, begins anew; a series nobody began has no last."""
    await journal.append(decision(1, turn=Turn("s", 1)))
    await journal.append(decision(2, turn=Turn("t", 1)))
    theirs = await journal.append(decision(3, turn=Turn("s", 1), tenant="acme"))
    assert await journal.last_of("acme", "s") == theirs
    assert await journal.last_of("acme", "t") is None


async def test_a_repeat_does_not_take_another_turn(journal: Journal) -> None:
    """A repeated key gets the first decision, although its turn has been taken: by itself."""
    first = await journal.append(decision(1, key="k", turn=Turn("s", 1)))
    again = decision(2, key="k", turn=Turn("s", 1), body_hash=first.body_hash)
    assert await journal.append(again) == first


async def test_marks_find_decisions_newest_first(journal: Journal) -> None:
    """By tenant and mark, and no more of them than asked for."""
    ours = [await journal.append(decision(n, marks=("email:1", f"n:{n}"))) for n in range(4)]
    await journal.append(decision(9, marks=("email:1",), tenant="acme"))
    await journal.append(decision(10))
    assert await journal.marked("default", "email:1", 10) == ours[::-1]
    assert await journal.marked("default", "email:1", 2) == [ours[3], ours[2]]
    assert await journal.marked("default", "n:1", 10) == [ours[1]]
    assert await journal.marked("default", "unknown", 10) == []
