"""What is known at an instant is what follows from all that became known by then, and no more."""

import asyncio
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.journal.facts.sqlite import MemoryBase
from dealgate.journal.facts.store import Store
from dealgate.model.decision import Entity
from dealgate.model.entity_state import NewActivity, Upsert, Wanted
from dealgate.v1.lead_pb2 import Company, Lead

T = 1_783_000_000_000_000_000
LEAD = Entity("lead", "L")
FIELDS = ("title", "phone", "email")

puts = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from("abc"), max_size=3)
visits = st.tuples(st.sampled_from("vwxyz"), st.integers(-20, 40))
steps = st.tuples(st.integers(0, 5), st.one_of(puts, visits))


@settings(max_examples=30)
@given(st.lists(steps, max_size=12))
def test_nothing_leaks_back_in_time(told: Sequence[tuple[int, Any]]) -> None:
    """Against a plain account of all that was told: at every instant, by facts and activities."""
    asyncio.run(_held_to_account(told))


async def _held_to_account(told: Sequence[tuple[int, Any]]) -> None:
    now = T
    store = Store(MemoryBase(), 10**12, lambda: now)
    account: list[tuple[int, Any]] = []  # when it became known, and what
    first: set[str] = set()
    for pause, step in told:
        now += pause
        if isinstance(step, dict):
            lead = Lead(id="L", company=Company(name=f"{pause}"), **step)
            (kept,) = await store.put("t", [Upsert(LEAD, lead)])
            account.append((kept.known_at, {**step, "company": f"{pause}"}))
        elif step[0] not in first:
            first.add(step[0])
            done = NewActivity(LEAD, step[0], T + step[1], b"")
            (appended,) = await store.append("t", [done])
            account.append((appended.known_at, step))
    for as_of in range(T - 2, T + 70, 7):
        (known,) = await store.known("t", [Wanted(LEAD, as_of, 100)])
        by_then = [step for at, step in account if at <= as_of]
        facts: dict[str, str] = {}
        for step in by_then:
            facts |= step if isinstance(step, dict) else {}
        held = Lead.FromString(known.facts)
        assert facts == {
            **{name: getattr(held, name) for name in FIELDS if getattr(held, name)},
            **({"company": held.company.name} if held.HasField("company") else {}),
        }
        expected = sorted((at, id_) for id_, at in _visits(by_then) if T + at <= as_of)
        assert [(done.at - T, done.id) for done in known.activities] == expected
        assert all(done.known_at <= as_of for done in known.activities)
    await store.close()


def _visits(steps: Sequence[Any]) -> Sequence[tuple[str, int]]:
    return [step for step in steps if isinstance(step, tuple)]
