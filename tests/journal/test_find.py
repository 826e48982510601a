"""Searches find exactly what a loop over all decisions would."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.journal.limits import Limits
from dealgate.journal.port import Journal
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.sqlite.search import UNINDEXED
from dealgate.model.decision import Decision, DecisionFilter, Entity
from dealgate.model.errors import UnknownDecision
from tests.journal.conftest import KEEPERS, NewUrl
from tests.journal.decisions import JULY, MILLISECOND, decision
from tests.journal.several import Several, open_kept


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
    """Wait until the index is as complete as it is sure to get."""
    for writer in journal.writers if isinstance(journal, Several) else [journal]:
        if isinstance(writer, SqliteJournal):
            async with asyncio.timeout(60):
                while writer._search._db.execute(UNINDEXED).get >= index_after:
                    await asyncio.to_thread(writer._housekeeper.wake)


# Once, and not for each decision: to make a strategy takes longer than to draw from it.
VALUES = st.fixed_dictionaries(
    {
        "tenant": st.sampled_from(["default", "default", "acme"]),
        "kind": st.sampled_from(["qualify", "score"]),
        "version": st.integers(1, 2),
        "entity": st.builds(Entity, st.just("lead"), st.sampled_from(["a", "b", "c"])),
    }
)
NUMBERS = st.lists(st.integers(0, 60), unique=True, max_size=40)
MILLISECONDS = st.integers(0, 60)
# The first and last nanosecond of a millisecond, and some between.
WITHIN = st.sampled_from([0, 1, 500_000, 999_999])


@st.composite
def histories(draw: st.DrawFn) -> list[Decision]:
    """Decisions in order of commit: few distinct values, and a clock that may jump both ways."""
    steady = draw(st.booleans())
    return [
        decision(
            number,
            decided_at=_moment(number if steady else draw(MILLISECONDS), draw(WITHIN)),
            **draw(VALUES),
        )
        for number in draw(NUMBERS)
    ]


def _moment(milliseconds: int, rest: int) -> int:
    return JULY + milliseconds * MILLISECOND + rest


def filters() -> st.SearchStrategy[DecisionFilter]:
    """Any combination of conditions, with bounds on, beside and far from instants that occur."""
    bounds = (
        st.none()
        | st.builds(_moment, st.integers(-5, 65), WITHIN)
        | st.sampled_from([-(10**20), 10**20])
    )
    return st.builds(
        DecisionFilter,
        tenant=st.sampled_from(["default", "default", "acme", "nobody"]),
        entity=st.none() | st.sampled_from(["lead/a", "lead/b", "lead/", "a"]),
        kind=st.none() | st.sampled_from(["qualify", "score", "verify"]),
        version=st.none() | st.integers(1, 3),
        decided_from=bounds,
        decided_before=bounds,
        limit=st.integers(1, 7),
    )


@pytest.mark.parametrize("keeper", KEEPERS)
# For each journal that there is: together they have twice as many as another law.
@settings(max_examples=settings().max_examples // 3, deadline=None)
@given(
    index_after=st.sampled_from([1, 3, 1000]),
    history=histories(),
    sought=st.lists(filters(), min_size=5, max_size=12),
)
async def test_pages_hold_what_a_loop_would_find(
    new_url: NewUrl,
    keeper: str,
    index_after: int,
    history: list[Decision],
    sought: list[DecisionFilter],
) -> None:
    """Whatever the filter, page size and state of the index: no gap, no duplicate, in order."""
    journal = await open_kept(new_url(keeper), Limits(scan=4, index_after=index_after))
    for decided in history:
        await journal.append(decided)
    await settled(journal, index_after)
    for one in sought:
        assert await all_pages(journal, one) == naive(history, one)
    await journal.close()


@pytest.mark.parametrize("keeper", KEEPERS)
async def test_a_cursor_that_is_no_id_is_refused(keeper: str, new_url: NewUrl) -> None:
    """A page cannot be continued from what is no id, and the message does not repeat it."""
    journal = await open_kept(new_url(keeper))
    with pytest.raises(UnknownDecision, match="cursor is not an id"):
        await journal.find(DecisionFilter("default", before="L1"))
    await journal.close()
