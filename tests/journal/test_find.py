"""Searches find exactly what a loop over all decisions would."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.journal.limits import Limits
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.search import UNINDEXED
from dealgate.journal.sqlite import SqliteJournal
from dealgate.model.decision import Decision, DecisionFilter, Entity
from dealgate.model.errors import UnknownDecision

Build = Callable[..., Decision]
Journal = MemoryJournal | SqliteJournal
Open = Callable[..., Awaitable[Journal]]

MILLISECOND = 1_000_000
JULY = 1_783_000_000_000 * MILLISECOND


def naive(decisions: Sequence[Decision], sought: DecisionFilter) -> list[Decision]:
    """Return what `sought` selects, in order, without paging: the claim in its plainest form."""
    found = [
        d
        for d in decisions
        if d.tenant == sought.tenant
        and (sought.entity is None or f"{d.entity.type}/{d.entity.id}" == sought.entity)
        and (sought.kind is None or d.kind == sought.kind)
        and (sought.version is None or d.version == sought.version)
        and (sought.decided_from is None or d.decided_at >= sought.decided_from)
        and (sought.decided_before is None or d.decided_at < sought.decided_before)
        and (sought.before is None or d.id < sought.before)
    ]
    return sorted(found, key=lambda d: d.id, reverse=True)


async def all_pages(journal: Journal, sought: DecisionFilter) -> list[Decision]:
    """Follow `next_before` to the last page; no page is longer than asked."""
    found: list[Decision] = []
    while True:
        page = await journal.find(sought)
        assert len(page.decisions) <= sought.limit
        found.extend(page.decisions)
        if page.next_before is None:
            return found
        sought = replace(sought, before=page.next_before)


async def settled(journal: Journal, index_after: int) -> None:
    """Wait until the index is as complete as it will get."""
    if isinstance(journal, SqliteJournal):
        async with asyncio.timeout(60):
            while journal._search._db.execute(UNINDEXED).get >= index_after:
                await asyncio.sleep(0.001)


@st.composite
def histories(draw: st.DrawFn, build: Build) -> list[Decision]:
    """Decisions in order of commit: few distinct values, and a clock that jumps both ways."""
    numbers = draw(st.lists(st.integers(0, 60), unique=True, max_size=40))
    return [
        build(
            number,
            tenant=draw(st.sampled_from(["default", "default", "acme"])),
            kind=draw(st.sampled_from(["qualify", "score"])),
            version=draw(st.integers(1, 2)),
            entity=Entity("lead", draw(st.sampled_from(["a", "b", "c"]))),
            decided_at=JULY + draw(st.integers(0, 60)) * MILLISECOND + draw(st.integers(-1, 1)),
        )
        for number in numbers
    ]


def filters() -> st.SearchStrategy[DecisionFilter]:
    """Any combination of conditions, with bounds on and beside instants that occur."""
    moments = st.none() | st.builds(
        lambda milliseconds, offset: JULY + milliseconds * MILLISECOND + offset,
        st.integers(-5, 65),
        st.integers(-1, 1),
    )
    return st.builds(
        DecisionFilter,
        tenant=st.sampled_from(["default", "default", "acme", "nobody"]),
        entity=st.none() | st.sampled_from(["lead/a", "lead/b", "lead/", "a"]),
        kind=st.none() | st.sampled_from(["qualify", "score", "verify"]),
        version=st.none() | st.integers(1, 3),
        decided_from=moments | st.sampled_from([-(10**20), 10**20]),
        decided_before=moments | st.sampled_from([-(10**20), 10**20]),
        limit=st.integers(1, 7),
    )


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("index_after", [1, 3, 1000])
def test_pages_hold_what_a_loop_would_find(
    kind: str, index_after: int, decision: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the filter, page size and state of the index: no gap, no duplicate, in order."""

    @settings(max_examples=25, deadline=None)
    @given(history=histories(decision), sought=st.lists(filters(), min_size=5, max_size=12))
    def check(history: list[Decision], sought: list[DecisionFilter]) -> None:
        path = tmp_path_factory.mktemp("find") / "journal.db"
        asyncio.run(search(path, history, sought))

    async def search(path: Path, history: list[Decision], sought: list[DecisionFilter]) -> None:
        limits = Limits(scan=4, index_after=index_after)
        journal = (
            MemoryJournal(limits) if kind == "memory" else await SqliteJournal.open(path, limits)
        )
        try:
            for decided in history:
                await journal.append(decided)
            await settled(journal, index_after)
            for one in sought:
                assert await all_pages(journal, one) == naive(history, one)
        finally:
            await journal.close()

    check()
