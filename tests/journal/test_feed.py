"""The feed of every journal: each decision and result once, in one order, whoever writes and reads.

The claim is held against a brute-force read: what the journal holds in the end.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from random import Random
from typing import Any, TypeAlias

import psycopg
import pytest

from dealgate.journal.bookmarks import BookmarkMove, BookmarkMoved, Claim
from dealgate.journal.feed import JournalFeed
from dealgate.journal.merging import FEED_ROWS
from dealgate.journal.port import Journal
from dealgate.journal.urls import open_journal
from dealgate.model.audit import Audited
from dealgate.model.feed import ALL, START, Feed, FeedEvent, FeedFilter, FeedItem, Position
from tests.journal.conftest import NewUrl, Open
from tests.journal.decisions import JULY, decision
from tests.journal.postgres import Postgres
from tests.journal.test_results import result

# A decision by its id, and the revision of a result, or 0.
Told: TypeAlias = tuple[str, int]
ROUNDS, BATCH = 4, 25


def told(items: Iterable[FeedItem]) -> list[Told]:
    """Return what the items tell, and refuse damage."""
    events = [item for item in items if isinstance(item, FeedEvent)]
    return [(e.decision.id, e.result.revision if e.result else 0) for e in events]


async def read(journal: Journal, after: Position = START, wanted: FeedFilter = ALL) -> list[Told]:
    """Return all that there is after a position, page after page."""
    items: list[FeedItem] = []
    while True:
        page = await journal.feed(after, wanted)
        items += page.items
        after = page.position
        if not page.more:
            return told(items)


async def write(journal: Journal, offset: int, chance: Random) -> set[Told]:
    """Append decisions, some with a result at once or two; return what was recorded."""
    written: set[Told] = set()
    for round_ in range(ROUNDS):
        first = offset + round_ * BATCH
        taken = [decision(first + n) for n in range(chance.randint(1, BATCH))]
        written |= {(one.id, 0) for one in taken}
        await journal.append_all(taken)
        for one in chance.sample(taken, min(3, len(taken))):
            await journal.attach(result(one))
            written.add((one.id, 1))
            if chance.random() < 0.3:
                await journal.attach(result(one, revision=2, because="typo", reason="again"))
                written.add((one.id, 2))
    return written


async def watch(feed: Feed, chance: Random, ended: asyncio.Event) -> list[Told]:
    """Read as a caller does who loses its stream now and then, and begins again at a token."""
    position, seen = START, list[Told]()
    while True:
        was_ended = ended.is_set()
        page = await feed.after(position, ALL)
        # Of what was on its way, only so much arrived: the token is that of the last event.
        arrived = page.items if chance.random() < 0.7 else page.items[: len(page.items) // 2]
        whole = len(arrived) == len(page.items)
        seen += told(arrived)
        position = page.position if whole else arrived[-1].position if arrived else position
        if whole and not page.more:
            if was_ended and not page.items:
                return seen
            await feed.wait(position)
        elif chance.random() < 0.3:
            await asyncio.sleep(0.01)  # a slow reader


def refuse_disorder(seen: Sequence[Told], written: set[Told]) -> None:
    """Fail unless each was told once, and each result after its decision and earlier revisions."""
    assert len(seen) == len(set(seen))
    assert set(seen) == written
    order = {event: n for n, event in enumerate(seen)}
    late = [(id_, n) for id_, n in seen if n and order[id_, n - 1] > order[id_, n]]
    assert late == []


async def test_nothing_is_lost_or_told_twice(open_journal_of_each: Open) -> None:
    """Writers race, readers are cut off, lag and resume: all tell what the journal holds."""
    journal = await open_journal_of_each()
    # Little is kept, so that readers fall behind it.
    feed = JournalFeed(journal, poll=0.05, kept=20)
    ended = asyncio.Event()
    readers = [asyncio.create_task(watch(feed, Random(n), ended)) for n in range(3)]
    writers = [write(journal, 10_000 * n, Random(7 + n)) for n in range(4)]
    written = set[Told]().union(*await asyncio.gather(*writers))
    ended.set()
    for seen in await asyncio.gather(*readers):
        refuse_disorder(seen, written)
    final = await read(journal)
    refuse_disorder(final, written)


async def test_the_order_never_changes(journal: Journal) -> None:
    """What is read in pages, or later from any event on, is the same list."""
    await write(journal, 0, Random(1))
    page = await journal.feed(START, ALL)
    everything = await read(journal)
    assert everything[: len(page.items)] == told(page.items)
    for n in range(0, len(page.items), 17):
        assert await read(journal, page.items[n].position) == everything[n + 1 :]


async def test_pages_are_bounded(journal: Journal) -> None:
    """A journal longer than a page comes in several; results do not overtake decisions."""
    taken = [decision(n) for n in range(FEED_ROWS + 10)]
    await journal.append_all(taken)
    await asyncio.gather(*(journal.attach(result(one)) for one in taken))
    page = await journal.feed(START, ALL)
    assert page.more
    assert len(page.items) == FEED_ROWS
    refuse_disorder(await read(journal), {(one.id, n) for one in taken for n in (0, 1)})


async def test_the_end_is_after_all_that_is_recorded(journal: Journal) -> None:
    """From the end on comes only what is recorded afterwards, results included."""
    first = await journal.append(decision(1))
    await journal.attach(result(first))
    end = await journal.feed_end()
    assert await read(journal, end) == []
    await journal.attach(result(first, revision=2, because="typo", reason="other"))
    await journal.append(decision(2))
    assert await read(journal, end) == [(first.id, 2), (decision(2).id, 0)]


async def test_filters(journal: Journal) -> None:
    """Each condition holds for decisions and their results; one tenant never hears of another."""
    plain = await journal.append(decision(1))
    other = await journal.append(decision(2, tenant="acme"))
    scored = await journal.append(decision(3, kind="score", outcome="A1", fired=("warm",)))
    for one in (plain, other, scored):
        await journal.attach(result(one))

    async def seen(**conditions: Iterable[str]) -> list[str]:
        given: Any = {name: frozenset(values) for name, values in conditions.items()}
        return [id_ for id_, _ in await read(journal, START, replace(mine, **given))]

    mine = FeedFilter(tenant="default")
    assert await seen() == [plain.id, scored.id] * 2
    assert await seen(kinds={"score"}) == [scored.id] * 2
    assert await seen(outcomes={"NURTURE", "MQL"}) == [plain.id] * 2
    assert await seen(entities={"lead/L3"}) == [scored.id] * 2
    assert await seen(rules={"warm", "hot"}) == [scored.id] * 2
    assert await seen(kinds={"score"}, rules={"too-small"}) == []


async def test_an_open_transaction_hides_nothing_from_a_reader(postgres: Postgres) -> None:
    """A transaction that took its number first and commits last is still told, and in its turn."""
    url = postgres.new_database()
    journal = await open_journal(url)
    await journal.append(decision(1))
    held = psycopg.connect(url)
    held.execute("SELECT pg_current_xact_id()")
    held.execute(
        "INSERT INTO dealgate.decisions SELECT nextval('dealgate.decisions_seq'), "
        "gen_random_uuid(), tenant, decided_at, kind, version, entity, outcome, dictionary, body "
        "FROM dealgate.decisions"
    )
    await journal.append(decision(2))
    before = await journal.feed(START, ALL)
    assert [one for one, _ in told(before.items)] == [decision(1).id]
    held.commit()
    held.close()
    assert len(await read(journal, before.position)) == 2
    await journal.close()


async def test_a_bookmark_is_moved_by_one(journal: Journal) -> None:
    """It is kept with the journal; who moves it from where it no longer is is told so."""
    assert await journal.bookmark("out") is None
    first = BookmarkMove("out", None, Position(3, 0))
    assert await journal.move_bookmark(first) == first
    assert await journal.bookmark("out") == Position(3, 0)
    with pytest.raises(BookmarkMoved):
        await journal.move_bookmark(first)
    await journal.move_bookmark(BookmarkMove("out", Position(3, 0), Position(4, 1)))
    assert await journal.bookmark("out") == Position(4, 1)
    assert await journal.bookmark("another") is None


async def test_a_claim_is_made_once_and_as_a_whole(journal: Journal) -> None:
    """Whoever comes second is told, and claims none of its names; a note is kept with a claim."""
    note = Audited(JULY, "ann", "", "releases.yaml", "in use")
    for names, is_first in (("ab", True), ("bc", False), ("c", True), ("c", False)):
        claim = Claim([*names], note)
        with nullcontext() if is_first else pytest.raises(BookmarkMoved):
            assert await journal.claim(claim) == claim
    assert await journal.bookmark("a") == await journal.bookmark("c") == START


async def test_a_journal_knows_itself(new_url: NewUrl, lasting_url: str) -> None:
    """Its id survives, and no other journal has it."""
    ids = []
    for url in (lasting_url, lasting_url, new_url("sqlite"), "memory:"):
        journal = await open_journal(url)
        ids.append(journal.feed_id)
        await journal.close()
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


async def test_an_older_journal_is_brought_into_order(new_url: NewUrl) -> None:
    """What was recorded before there was a feed comes first, results after decisions."""
    for keeper, undo in UNDO.items():
        url = new_url(keeper)
        journal = await open_journal(url)
        taken = [decision(n) for n in range(3)]
        await journal.append_all(taken)
        for one in reversed(taken):
            await journal.attach(result(one))
        await journal.attach(result(taken[1], revision=2, because="typo", reason="again"))
        await journal.close()
        undo(url)
        journal = await open_journal(url)
        await journal.append(decision(9))
        events = [(one.id, 0) for one in taken] + [(one.id, 1) for one in taken]
        events.insert(5, (taken[1].id, 2))
        assert await read(journal) == [*events, (decision(9).id, 0)]
        await journal.close()


def undo_sqlite(url: str) -> None:
    """Bring the schema back to where there was no feed."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
        db.executescript("""
            DROP TABLE result_positions; DROP TABLE feed; DROP TABLE bookmarks;
            UPDATE alembic_version SET version_num = '0005';
        """)


def undo_postgres(url: str) -> None:
    """Bring the schema back to where there was no feed."""
    with closing(psycopg.connect(url, autocommit=True)) as db:
        for statement in (
            "SET search_path = dealgate",
            "ALTER TABLE decisions DROP COLUMN xid",
            "ALTER TABLE results DROP COLUMN xid, DROP COLUMN seq",
            "DROP TABLE feed, bookmarks",
            "UPDATE alembic_version SET version_num = '0003'",
        ):
            db.execute(statement)


UNDO: Mapping[str, Callable[[str], None]] = {"sqlite": undo_sqlite, "postgres": undo_postgres}
