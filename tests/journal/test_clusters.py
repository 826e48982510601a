"""A journal that was dumped and restored into another cluster, whose transactions count from 3."""

import asyncio
import os
import subprocess

from dealgate.journal.bookmarks import BookmarkMove
from dealgate.journal.evidence import evidence_faults
from dealgate.journal.port import Journal
from dealgate.journal.urls import open_journal, reader
from dealgate.model.feed import ALL, START, FeedEvent, Position
from tests.journal.decisions import decision
from tests.journal.postgres import Postgres
from tests.journal.test_results import result

FAR = 1_000_000  # transactions that the cluster of before has had
AGED = """
    UPDATE dealgate.{table} SET xid = (xid::text::bigint + {far})::text::xid8
"""


async def told(journal: Journal, after: Position = START) -> list[tuple[str, bool]]:
    """Return what the feed tells after a position, and whether of a result."""
    page = await journal.feed(after, ALL)
    events = [item for item in page.items if isinstance(item, FeedEvent)]
    return [(event.decision.id, event.result is not None) for event in events]


async def test_the_feed_goes_on_after_a_restore(postgres: Postgres) -> None:
    """All is told once, in the order of recording, and bookmarks lead where they led."""
    for name in ("before", "after"):  # databases of their own: others are used again
        await asyncio.to_thread(postgres.ask, f"CREATE DATABASE {name}")
    journal = await open_journal(postgres.url_of("before"))
    first = await journal.append(decision(1))
    await journal.attach(result(first))
    read = Position((await journal.feed_end()).first + FAR, 2**63 - 1)
    await journal.append(decision(2))
    await journal.move_bookmark(BookmarkMove("out", None, read))
    await journal.close()
    for table in ("decisions", "results"):
        await asyncio.to_thread(postgres.ask, AGED.format(table=table, far=FAR), "before")
    await asyncio.to_thread(_restored, postgres)

    known = [(first.id, False), (first.id, True), (decision(2).id, False)]
    for number in (3, 4):
        journal = await open_journal(postgres.url_of("after"))
        await journal.append(decision(number))
        known.append((decision(number).id, False))
        assert await told(journal) == known
        mark = await journal.bookmark("out")
        assert mark == read
        assert await told(journal, read) == known[2:]
        assert await told(journal, await journal.feed_end()) == []
        await journal.close()
    with reader(postgres.url_of("after")).evidence() as kept:
        assert evidence_faults(kept) == []


def _restored(postgres: Postgres) -> None:
    """Dump one database, and restore it into the other."""
    url = postgres.url_of("before")
    dump = [str(postgres.programs / "pg_dump"), url]
    load = [
        str(postgres.programs / "psql"),
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        postgres.url_of("after"),
    ]
    environment = {**os.environ, "PGOPTIONS": ""}
    text = subprocess.run(dump, check=True, capture_output=True, env=environment).stdout
    subprocess.run(load, check=True, input=text, stdout=subprocess.DEVNULL, env=environment)
