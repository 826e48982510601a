"""Compression: dictionaries are data, and every record comes back exactly, or says it cannot."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

from dealgate.journal.limits import Limits
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged
from tests.journal.decisions import decision

CALLERS = 50


def varied(numbers: Iterable[int]) -> list[Decision]:
    """Return decisions whose facts resemble each other as real ones do."""
    return [decision(number, facts=facts(Random(number))) for number in numbers]


def facts(random: Random) -> bytes:
    """Return a lead with its activities."""
    types = ["ACTIVITY_TYPE_DEMO_REQUEST", "ACTIVITY_TYPE_EMAIL_REPLY", "ACTIVITY_TYPE_CALL"]
    lead = {"id": random.randbytes(6).hex(), "company": {"employees": random.randrange(5000)}}
    activities = [{"type": random.choice(types)} for _ in range(random.randrange(9))]
    return json.dumps({"lead": lead, "activities": activities}).encode()


async def append_until_trained(
    journal: SqliteJournal, path: Path, start: int, dictionaries: int
) -> list[Decision]:
    """Append decisions from number `start` on until there are so many dictionaries in use."""
    appended: list[Decision] = []
    async with asyncio.timeout(60):
        while rows(path, "SELECT count(DISTINCT dictionary) FROM decisions") < [(dictionaries,)]:
            first = start + len(appended)
            batch = varied(range(first, first + CALLERS))
            appended += await asyncio.gather(*map(journal.append, batch))
    return appended


def rows(path: Path, statement: str) -> list[Any]:
    """Read the file as it is."""
    db = apsw.Connection(str(path))
    found = db.execute(statement).fetchall()
    db.close()
    return found


async def test_records_outlive_their_dictionaries(tmp_path: Path) -> None:
    """Records from before and after each training come back exactly, also after a restart."""
    path, limits = tmp_path / "journal.db", Limits(train_after=40)
    journal = await SqliteJournal.open(path, limits)
    decisions = await append_until_trained(journal, path, 0, dictionaries=1)
    await journal.close()
    journal = await SqliteJournal.open(path, limits)
    decisions += await append_until_trained(journal, path, len(decisions), 2)
    for decided in decisions:
        assert await journal.get("default", decided.id) == decided
    await journal.close()


async def test_a_dictionary_pays(tmp_path: Path) -> None:
    """The first records use none; with one, bodies take less than two thirds of the space."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path, Limits(train_after=200))
    await append_until_trained(journal, path, 0, dictionaries=1)
    await journal.close()
    by_dictionary = "SELECT avg(length(body)) FROM decisions GROUP BY dictionary ORDER BY 1 DESC"
    assert rows(path, "SELECT dictionary FROM decisions WHERE seq = 1") == [(None,)]
    (without,), (with_one,) = rows(path, by_dictionary)
    assert with_one < without * 2 / 3


async def test_records_too_alike_to_learn_from(tmp_path: Path) -> None:
    """If there is nothing to train on, the journal goes on without a dictionary."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path, Limits(train_after=5))
    for number in range(60):
        await journal.append(decision(number, facts=b"", answer=b"", trace_id=""))
    assert (await journal.get("default", decision(59).id)).facts == b""
    await journal.close()
    assert rows(path, "SELECT count(*) FROM decisions") == [(60,)]


async def test_a_rotten_body_is_not_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A byte that changed on disk is found: the record is lost by name, its neighbours are not."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    rotten, sound = [await journal.append(decided) for decided in varied([1, 2])]
    await journal.close()
    db = apsw.Connection(str(path))
    body = bytearray(db.execute("SELECT body FROM decisions WHERE seq = 1").get)
    body[len(body) // 2] ^= 1
    db.execute("UPDATE decisions SET body = ? WHERE seq = 1", (bytes(body),))
    db.close()
    journal = await SqliteJournal.open(path)
    with pytest.raises(
        RecordDamaged, match=f"{rotten.id} can no longer be read.*restore it from a backup"
    ):
        await journal.get("default", rotten.id)
    assert f"journal.db: the record of decision {rotten.id} can no longer be read" in caplog.text
    assert await journal.get("default", sound.id) == sound
    await journal.close()
