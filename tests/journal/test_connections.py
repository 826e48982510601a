"""Connections to PostgreSQL that are lost, cancelled, or lead to a server that is not safe."""

import asyncio
import time

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.store import Store
from dealgate.journal.facts.urls import base_of
from dealgate.journal.postgres import connection
from dealgate.journal.postgres.journal import READERS
from dealgate.journal.sealed.database import DatabaseKeys
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Entity
from dealgate.model.entity_state import Upsert
from dealgate.model.errors import Unavailable
from dealgate.v1.lead_pb2 import Lead
from tests.journal.decisions import decision
from tests.journal.postgres import Postgres
from tests.journal.test_postgres import OURS, database, until, url

__all__ = ["url"]  # a fixture

HOURS = 3_600_000_000_000
OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND application_name LIKE 'deal%'"
)
BLOCKED = "SELECT pid FROM pg_stat_activity WHERE datname = '{}' AND wait_event_type = 'Lock'"
CANCEL = "SELECT pg_cancel_backend({})"
# Two of three transactions that keep facts meet another.
UNLUCKY = """
    CREATE SCHEMA dealgate_unlucky;
    CREATE SEQUENCE dealgate_unlucky.tries;
    CREATE FUNCTION dealgate_unlucky.meet() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('dealgate_unlucky.tries') % 3 <> 0 THEN
            RAISE EXCEPTION USING ERRCODE = '{}';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER unlucky AFTER INSERT ON dealgate.fact_revisions
    FOR EACH STATEMENT EXECUTE FUNCTION dealgate_unlucky.meet();
"""


async def test_lost_connections_do_not_pile_up(url: str, postgres: Postgres) -> None:
    """Each thread that reads has one, and what was lost is let go of at once."""
    journal = await open_journal(url)
    kept = await journal.append(decision(1))
    for _ in range(3):
        await asyncio.gather(*(journal.get("default", kept.id) for _ in range(2 * READERS)))
        await asyncio.to_thread(postgres.ask, OURS.format(database(url)))
    assert await journal.get("default", kept.id) == kept
    assert len(journal._reading._open) <= READERS  # type: ignore[attr-defined]
    await journal.close()
    await until(lambda: postgres.ask(OPEN.format(database(url))) == [(0,)])


async def test_a_read_that_is_cancelled_is_not_repeated(url: str, postgres: Postgres) -> None:
    """It would take as long again, and would leave a connection behind each time."""
    journal = await open_journal(url)
    kept = await journal.append(decision(1))
    name = database(url)
    (before,) = (await asyncio.to_thread(postgres.ask, OPEN.format(name)))[0]
    with connection.connect(postgres.url_of(name)) as other:
        for _ in range(3):
            with other.transaction():
                other.execute("LOCK TABLE dealgate.decisions IN ACCESS EXCLUSIVE MODE")
                reading = asyncio.ensure_future(journal.get("default", kept.id))
                await until(lambda: postgres.ask(BLOCKED.format(name)) != [])
                for (pid,) in postgres.ask(BLOCKED.format(name)):
                    postgres.ask(CANCEL.format(pid))
                with pytest.raises(Unavailable):
                    await reading
    assert await journal.get("default", kept.id) == kept
    (after,) = (await asyncio.to_thread(postgres.ask, OPEN.format(name)))[0]
    assert int(str(after)) <= int(str(before)) + READERS
    await journal.close()


@pytest.mark.parametrize("state", ["serialization_failure", "deadlock_detected"])
async def test_facts_that_meet_others_are_kept(url: str, postgres: Postgres, state: str) -> None:
    """What PostgreSQL asks to repeat is repeated: nobody is told to do it themselves."""
    store = Store(base_of(url), HOURS)
    await asyncio.to_thread(postgres.ask, UNLUCKY.format(state), database(url))
    for number in range(3):
        put = Upsert(Entity("lead", "L1"), Lead(id="L1", title=str(number)))
        (kept,) = await store.put("t", [put])
        assert kept.revision == number + 1
    await store.close()


async def test_a_server_that_is_not_safe_any_more_is_told(
    url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a fail-over to one that may lose what it commits callers hear that they may repeat."""
    store = Store(base_of(url), HOURS)
    keys = DatabaseKeys(KeysAt(url, url, is_database=True))
    put = Upsert(Entity("lead", "L1"), Lead(id="L1"))
    await store.put("t", [put])
    monkeypatch.setitem(connection.DURABLE, "fsync", {"always"})
    await asyncio.to_thread(postgres.ask, OURS.format(database(url)))
    with pytest.raises(Unavailable):
        await store.put("t", [put])
    with pytest.raises(Unavailable):
        keys.erase("t", "lead", b"0" * 16, time.time_ns())
    with pytest.raises(JournalUnusable):
        DatabaseKeys(KeysAt(url, url, is_database=True))
    monkeypatch.undo()
    await store.put("t", [put])
    assert not keys.erase("t", "lead", b"0" * 16, time.time_ns())
    keys.close()
    await store.close()
