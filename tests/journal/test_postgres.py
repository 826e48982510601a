"""PostgreSQL beneath a journal: connections that die, servers that go away, secrets, versions."""

import asyncio
import os
import pickle
from collections.abc import Callable

import psycopg
import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import Journal
from dealgate.journal.postgres.revision import NEWEST
from dealgate.journal.urls import open_journal, reader
from dealgate.model.decision import Decision, DecisionFilter
from dealgate.model.errors import RecordDamaged, Unavailable
from tests.journal.conftest import NewUrl
from tests.journal.decisions import decision
from tests.journal.postgres import Postgres, running
from tests.journal.racer import KEYS, TURNS
from tests.journal.test_shared import race

OURS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"

ROT = """
    UPDATE dealgate.decisions SET body = set_byte(body, 20, get_byte(body, 20) # 1)
    WHERE id = '{}'
"""


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """An empty journal."""
    return new_url("postgres")


def database(url: str) -> str:
    """Return the name of the URL's database."""
    return url.partition("?")[0].rpartition("/")[2]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - another thread makes it hold
            await asyncio.sleep(0.02)


async def appended(journal: Journal, decided: Decision) -> Decision:
    """Append, and repeat it with the same key for as long as that is the cure."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await journal.append(decided)
            except Unavailable:
                await asyncio.sleep(0.02)


async def test_keys_and_turns_are_global_among_servers(url: str) -> None:
    """Three processes race: each key has one decision, each turn one winner; none is skipped."""
    given = await asyncio.to_thread(race, url)
    assert all(racer["keys"] == given[0]["keys"] for racer in given)
    assert sorted(turn for racer in given for turn in racer["turns"]) == list(range(1, TURNS + 1))
    journal = await open_journal(url)
    page = await journal.find(DecisionFilter("default", limit=1000))
    assert len(page.decisions) == KEYS + TURNS
    await journal.close()


async def test_killed_connections_lose_nothing(url: str, postgres: Postgres) -> None:
    """Connections die again and again in the middle of commits; keys make it safe to ask again."""
    journal = await open_journal(url)
    decisions = [decision(n, key=f"k{n}") for n in range(400)]
    numbers = iter(decisions)

    async def caller() -> list[Decision]:
        return [await appended(journal, decided) for decided in numbers]

    callers = asyncio.gather(*(caller() for _ in range(16)))
    pause = 0.05
    while not callers.done():
        await asyncio.to_thread(postgres.ask, OURS.format(database(url)))
        await asyncio.sleep(pause)
        pause *= 1.1  # a busy machine needs longer than it has between two kills
    acknowledged = [decided for kept in await callers for decided in kept]
    page = await journal.find(DecisionFilter("default", limit=1000))
    assert list(page.decisions) == decisions[::-1]
    assert sorted(acknowledged, key=lambda decided: decided.id) == decisions
    await journal.close()


async def test_a_server_that_goes_away_is_noticed_and_found_again() -> None:
    """An idle journal knows soon; callers hear Unavailable; when it is back, all goes on."""
    with running() as server:
        journal = await open_journal(server.new_database())
        kept = await journal.append(decision(1))
        await asyncio.to_thread(server.stop)
        await until(lambda: journal.fault is not None)
        with pytest.raises(Unavailable, match="same idempotency key"):
            await journal.append(decision(2))
        with pytest.raises(Unavailable, match="cannot be read"):
            await journal.get("default", kept.id)
        await asyncio.to_thread(server.start)
        await until(lambda: journal.fault is None)
        assert await journal.get("default", kept.id) == kept
        assert await journal.append(decision(2)) == decision(2)
        await journal.close()


async def test_no_password_travels(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a reader's repr nor its pickle holds it; processes find it where libpq looks."""
    monkeypatch.setenv("PGPASSWORD", "")
    with_password = url.replace("postgres:@", "postgres:s3cret@")
    journal = await open_journal(with_password)
    recorded = reader(with_password).of_tenant("default")
    for text in (repr(recorded), repr(journal), pickle.dumps(recorded).decode("latin-1")):
        assert "s3cret" not in text
    assert os.environ["PGPASSWORD"] == "s3cret"
    await journal.close()


async def test_a_newer_schema_is_refused(url: str, postgres: Postgres) -> None:
    """A schema that this Dealgate does not know is refused by name, and left alone."""
    statement = "UPDATE dealgate.alembic_version SET version_num = '{}'"
    await asyncio.to_thread(postgres.ask, statement.format("9999"), database(url))
    try:
        with pytest.raises(JournalUnusable, match=r"newer Dealgate \(schema 9999"):
            await open_journal(url)
    finally:
        await asyncio.to_thread(postgres.ask, statement.format(NEWEST), database(url))


async def test_what_cannot_be_reached_is_told_without_its_password() -> None:
    """No server, no database: the URL is named, its password is not."""
    with pytest.raises(JournalUnusable) as caught:
        await open_journal("postgresql://ann:s3cret@127.0.0.1:1/sales")
    assert "postgresql://ann:***@127.0.0.1:1/sales: cannot be opened as a journal" in str(
        caught.value
    )
    assert "s3cret" not in str(caught.value)


async def test_a_rotten_body_is_lost_by_name(url: str, postgres: Postgres) -> None:
    """A byte that changed is found by its checksum; the record fails alone, in lists by its id."""
    journal = await open_journal(url)
    rotten, sound = [await journal.append(decision(n, key=f"k{n}")) for n in range(2)]
    await asyncio.to_thread(postgres.ask, ROT.format(rotten.id), database(url))
    with pytest.raises(RecordDamaged, match=rotten.id):
        await journal.get("default", rotten.id)
    with pytest.raises(RecordDamaged):
        await journal.append(rotten)
    assert await journal.append(sound) == sound
    page = await journal.find(DecisionFilter("default"))
    assert (list(page.decisions), list(page.damaged)) == ([sound], [rotten.id])
    await journal.close()


async def test_old_keys_are_swept(url: str, postgres: Postgres) -> None:
    """What is no longer remembered takes no room."""
    journal = await open_journal(url)
    await journal.append(decision(0, key="old"))
    await journal.append(decision(90_000_000, key="new"))  # 25 hours later
    keys = await asyncio.to_thread(postgres.ask, "SELECT key FROM dealgate.keys", database(url))
    assert keys == [("new",)]
    await journal.close()


async def test_a_stopped_writer_holds_nobody_up_for_ever(url: str) -> None:
    """A server that stops while it holds locks is cut off by PostgreSQL, and others go on."""
    journal = await open_journal(url)
    await journal.append(decision(1, key="k"))
    with psycopg.connect(url) as stopped:
        stopped.execute("SET idle_in_transaction_session_timeout = '1s'")
        stopped.execute(
            "SELECT pg_advisory_xact_lock(%s, b) FROM generate_series(0, 255) b", (0x6465616C,)
        )
        assert await appended(journal, decision(2, key="l")) == decision(2, key="l")
        with pytest.raises(psycopg.Error):
            stopped.execute("SELECT 1")
    await journal.close()
