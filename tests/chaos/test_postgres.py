"""PostgreSQL that fails beneath a journal: standbys, fail-over, serialization, a full disk."""

import asyncio
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dealgate.journal.facts.store import Store
from dealgate.journal.facts.urls import base_of
from dealgate.journal.port import Journal
from dealgate.journal.postgres import commit
from dealgate.journal.postgres.confirmations import Unconfirmed
from dealgate.journal.retention import DAY
from dealgate.journal.sealed.database import DatabaseKeys
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.signals.postgres import PostgresState
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision, DecisionFilter, Entity
from dealgate.model.entity_state import Upsert
from dealgate.model.errors import Unavailable
from dealgate.v1.lead_pb2 import Lead
from tests.chaos.test_kills import verified
from tests.journal.decisions import decision
from tests.journal.postgres import Postgres, running
from tests.journal.standby import PATIENCE, Standby, following
from tests.journal.test_postgres import appended, database, until

CALLERS = 16
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
# Two of three transactions that keep a decision are asked to try again.
UNLUCKY = """
    CREATE SEQUENCE dealgate.tries;
    CREATE FUNCTION dealgate.unlucky() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('dealgate.tries') % 3 <> 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER unlucky AFTER INSERT ON dealgate.decisions
    FOR EACH STATEMENT EXECUTE FUNCTION dealgate.unlucky();
"""


@pytest.fixture(scope="module")
def primary() -> Iterator[Postgres]:
    """A server of this module's own: it does not survive."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def standby(primary: Postgres) -> Iterator[Standby]:
    """What follows it."""
    with following(primary) as follower:
        yield follower


async def all_appended(journal: Journal, decisions: Sequence[Decision]) -> list[Decision]:
    """Return what callers are told who ask again for as long as they are refused."""
    numbers = iter(decisions)

    async def caller() -> list[Decision]:
        return [await appended(journal, decided) for decided in numbers]

    told = await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return sorted((one for some in told for one in some), key=lambda decided: decided.id)


async def test_serialization_failures(primary: Postgres) -> None:
    """Bar: a commit that PostgreSQL asks to repeat is repeated, and is in the chain once."""
    url = primary.new_database()
    await asyncio.to_thread(primary.ask, UNLUCKY, database(url))
    journal = await open_journal(url)
    decisions = [decision(n, key=f"k{n}") for n in range(100)]
    assert await asyncio.gather(*map(journal.append, decisions)) == decisions
    assert journal.fault is None
    await journal.close()
    await asyncio.to_thread(verified, url)


async def test_another_isolation_by_default(primary: Postgres) -> None:
    """Bar: each key has one decision, and no caller is refused, whatever a database's default is.

    Three servers race for the same keys: in a snapshot from before the lock, one would miss what
    another has just committed.
    """
    url = primary.new_database()
    isolation = "ALTER DATABASE {} SET default_transaction_isolation = 'repeatable read'"
    await asyncio.to_thread(primary.ask, isolation.format(database(url)))
    journals = [await open_journal(url) for _ in range(3)]
    decisions = [decision(n, key=f"k{n}") for n in range(200)]
    told = await asyncio.gather(
        *(journal.append(decided) for decided in decisions for journal in journals)
    )
    assert list(told) == [decided for decided in decisions for _ in journals]
    assert all(journal.fault is None for journal in journals)
    for journal in journals:
        await journal.close()


async def test_a_standby_that_is_gone(
    primary: Postgres, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bar: nothing is acknowledged that the standby has not confirmed, and health tells.

    Whoever cancels the wait in PostgreSQL makes the commit a success there, but not here.
    """
    monkeypatch.setattr(commit, "SLOW_SECONDS", 0.2)
    journal = await open_journal(primary.new_database())
    await asyncio.to_thread(standby.stop)
    waiting = asyncio.ensure_future(journal.append(decision(1, key="k1")))
    await until(lambda: "standbys" in (journal.fault or ""))
    await until(lambda: primary.ask(WAITING) != [])
    await asyncio.to_thread(primary.ask, CANCEL)
    with pytest.raises(Unavailable):
        await waiting
    again = asyncio.ensure_future(journal.append(decision(1, key="k1")))
    await asyncio.sleep(0.5)
    assert not again.done()
    await asyncio.to_thread(standby.start)
    assert await again == decision(1, key="k1")
    await until(lambda: journal.fault is None)
    await journal.close()


async def test_what_no_standby_has_is_not_acknowledged(primary: Postgres, standby: Standby) -> None:
    """Bar: facts that were put, keys that were destroyed, signals: also after a fail-over."""
    url = primary.new_database()
    store = Store(base_of(url), DAY)
    keys = DatabaseKeys(KeysAt(url, url, is_database=True))
    state = PostgresState(url, "signals")
    await asyncio.to_thread(standby.stop)
    try:
        for ask in (
            lambda: store.put("t", [Upsert(Entity("lead", "L1"), Lead(id="L1"), key="k")]),
            lambda: asyncio.to_thread(keys.erase, "t", "lead", b"0" * 16, 1),
            lambda: asyncio.to_thread(_noted, state),
        ):
            refused = asyncio.ensure_future(ask())
            await until(lambda asked=refused: primary.ask(CANCEL) == [] and asked.done())  # type: ignore[misc]
            with pytest.raises((Unavailable, Unconfirmed)):
                await refused
            again = asyncio.ensure_future(ask())
            await until(lambda: primary.ask(WAITING) != [])
            assert not again.done()
            await asyncio.to_thread(standby.start)
            await again
            await asyncio.to_thread(standby.stop)
    finally:
        await asyncio.to_thread(standby.start)
    state.close()
    keys.close()
    await store.close()


def _noted(state: PostgresState) -> None:
    with state.transaction("t") as within:
        within.rows("SELECT pg_logical_emit_message(true, 'test', 'noted')")


async def test_fail_over(primary: Postgres, standby: Standby) -> None:
    """Bar: zero acknowledged decisions are lost, and the journal finds the new primary by itself.

    The primary dies under load, and its standby is promoted a moment later.
    """
    url = standby.url_after(primary.new_database())
    journal = await open_journal(url)
    decisions = [decision(n, key=f"k{n}") for n in range(400)]
    loading = asyncio.ensure_future(all_appended(journal, decisions))
    async with asyncio.timeout(PATIENCE):
        while (await journal.find(DecisionFilter("default", limit=1000))).decisions[100:] == []:
            pass
    await asyncio.to_thread(primary.stop)
    await until(lambda: journal.fault is not None)
    await asyncio.to_thread(standby.promote)
    assert await loading == decisions
    assert journal.fault is None
    page = await journal.find(DecisionFilter("default", limit=1000))
    assert list(page.decisions) == decisions[::-1]
    await journal.close()
    await asyncio.to_thread(verified, url)


async def test_a_full_disk(tmp_path: Path, *, thorough: bool) -> None:
    """Bar: zero acknowledged decisions are lost; health tells until there is room again."""
    if not thorough:
        pytest.skip("fills a disk of its own: make chaos")
    with small_disk(tmp_path) as disk, running(disk) as server:
        journal = await open_journal(server.new_database())
        kept = [await journal.append(decision(n, key=f"k{n}")) for n in range(20)]
        ballast = disk / "ballast"
        await asyncio.to_thread(fill, ballast)
        refused = 0
        for number in range(100, 4_000):
            try:
                kept.append(await journal.append(big(number)))
            except Unavailable:
                refused += 1
                if refused == 20:
                    break
        assert refused == 20
        assert "DiskFull" in (journal.fault or "")
        await asyncio.sleep(1.5)  # probes have been made
        assert "DiskFull" in (journal.fault or "")
        assert [await journal.get("default", decided.id) for decided in kept] == kept
        ballast.unlink()
        await until(lambda: journal.fault is None)
        assert await appended(journal, decision(9_000)) == decision(9_000)
        page = await journal.find(DecisionFilter("default", limit=5_000))
        assert list(page.decisions) == [decision(9_000), *kept[::-1]]
        await journal.close()


def big(number: int) -> Decision:
    """Return a decision that takes a page and more."""
    facts = b"".join(n.to_bytes(8, "big") for n in range(number, number + 3_000))
    return decision(number, key=f"k{number}", facts=facts)


def fill(ballast: Path) -> None:
    """Take all the room there is, to the last block."""
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
                file.flush()
        except OSError:
            pass


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of 160 MB within the block; skips where that is not allowed."""
    disk = folder / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=0755", "tmpfs", str(disk)]
    mounted = subprocess.run(command, check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounts a small disk, which this user may not")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
