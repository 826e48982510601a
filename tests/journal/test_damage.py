"""A damaged file: what lies on the damage is lost by name, and nobody else notices."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.urls import reader
from dealgate.model.decision import Decision, DecisionFilter
from dealgate.model.errors import RecordDamaged
from tests.journal.decisions import decision
from tests.journal.test_results import result

COUNT = 400
PAGE_BYTES = 4096


async def harmed(path: Path) -> tuple[SqliteJournal, list[Decision], list[Decision]]:
    """Return a journal with a leaf of its decisions overwritten, the sound ones, and the lost."""
    journal = await SqliteJournal.open(path)
    kept = [
        decision(n, key=f"k{n}", marks=("m",), facts=Random(n).randbytes(300)) for n in range(COUNT)
    ]
    await journal.append_all(kept)
    await journal.close()
    await asyncio.to_thread(overwrite_leaf, path, "decisions")
    journal = await SqliteJournal.open(path)
    lost = [decided for decided in kept if not await can_be_read(journal, decided)]
    assert 0 < len(lost) < COUNT / 4
    return journal, [decided for decided in kept if decided not in lost], lost


def overwrite_leaf(path: Path, table: str) -> None:
    """Overwrite the beginning of one page of this table or index, well in the middle."""
    pages = leaves(path, table)
    number = pages[len(pages) // 2]
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE_BYTES)
        file.write(b"\xff" * 60)


def leaves(path: Path, table: str) -> list[int]:
    """Return the numbers of the pages that hold the rows of a table or the entries of an index."""
    db = apsw.Connection(str(path))
    pages: Any = db.execute(
        "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno", (table,)
    ).fetchall()
    db.close()
    return [number for (number,) in pages]


async def can_be_read(journal: SqliteJournal, decided: Decision) -> bool:
    """Tell whether the journal still has it; what it has, it has exactly."""
    try:
        return await journal.get("default", decided.id) == decided
    except RecordDamaged:
        return False


async def test_by_key_it_is_the_same_error(tmp_path: Path) -> None:
    """A repeat whose first answer is lost hears RecordDamaged, by recall and by append."""
    journal, sound, lost = await harmed(tmp_path / "journal.db")
    for decided in lost:
        with pytest.raises(RecordDamaged):
            await journal.recall("default", decided.key or "", decided.body_hash)
        with pytest.raises(RecordDamaged):
            await journal.append(decided)
    for decided in sound:
        assert await journal.append(decided) == decided
    await journal.close()


async def test_innocent_callers_never_fail(tmp_path: Path) -> None:
    """Others append, one by one and in batches, while two callers repeat the damaged key."""
    journal, _, lost = await harmed(tmp_path / "journal.db")
    attacks = [journal.append(lost[n % len(lost)]) for n in range(60)]
    new = [decision(1000 + n, key=f"new{n}" if n % 2 else None) for n in range(120)]
    mixed = [*new[100:110], lost[0], *new[110:]]
    answers = await asyncio.gather(
        *attacks,
        *map(journal.append, new[:100]),
        journal.append_all(mixed),
        return_exceptions=True,
    )
    assert all(isinstance(answer, RecordDamaged) for answer in answers[:60])
    assert answers[60:160] == new[:100]
    batch = answers[160]
    assert isinstance(batch, Sequence)
    assert [n for n, verdict in enumerate(batch) if verdict != mixed[n]] == [10]
    assert journal.fault is None
    await journal.close()


async def test_lists_go_on_past_the_damage(tmp_path: Path) -> None:
    """Every sound decision is listed once, in order, and every lost one is named once."""
    journal, sound, lost = await harmed(tmp_path / "journal.db")
    listed: list[Decision] = []
    damaged: list[str] = []
    before = None
    while True:
        page = await journal.find(DecisionFilter("default", limit=30, before=before))
        listed += page.decisions
        damaged += page.damaged
        if page.next_before is None:
            break
        before = page.next_before
    assert listed == sound[::-1]
    assert damaged == [decided.id for decided in lost[::-1]]
    await journal.close()


async def test_what_finds_many_leaves_the_lost_out(tmp_path: Path) -> None:
    """Candidates by a mark, and all for insights: the sound ones, and word of the rest."""
    path = tmp_path / "journal.db"
    journal, sound, lost = await harmed(path)
    assert await journal.marked("default", "m", COUNT) == sound[::-1]
    records = await asyncio.to_thread(
        lambda: list(reader(str(path)).of_tenant("default")(["qualify"]))
    )
    assert [record[0] for record in records if not isinstance(record, RecordDamaged)] == sound
    assert sum(isinstance(record, RecordDamaged) for record in records) == len(lost)
    with pytest.raises(RecordDamaged):
        await asyncio.to_thread(reader(str(path)).decision, "default", lost[0].id)
    await journal.close()


async def test_damage_is_logged_once_a_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is asked for, the log tells of a lost record once, with its file."""
    journal, _, lost = await harmed(tmp_path / "journal.db")
    for _ in range(3):
        with pytest.raises(RecordDamaged):
            await journal.get("default", lost[0].id)
    told = [record.message for record in caplog.records if lost[0].id in record.message]
    assert len(told) == 1
    assert str(tmp_path / "journal.db") in told[0]
    await journal.close()


@pytest.mark.parametrize("table", ["keys", "keys_by_key", "marks", "turns", "results"])
async def test_damage_anywhere_harms_only_what_lies_there(tmp_path: Path, table: str) -> None:
    """Whatever table or index is hit, new decisions are kept, old ones are read by their id."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    kept = [
        decision(n, key=f"{n:03}" * 20, marks=(f"m{n % 7}" * 20,), facts=Random(n).randbytes(30))
        for n in range(COUNT)
    ]
    await journal.append_all(kept)
    for decided in kept:
        await journal.attach(result(decided))
    await journal.close()
    await asyncio.to_thread(overwrite_leaf, path, table)
    journal = await SqliteJournal.open(path)
    for decided in kept:
        assert await journal.get("default", decided.id) == decided
    new = [decision(1000 + n) for n in range(50)]
    assert await journal.append_all(new) == new
    singles = [decision(2000 + n, key=f"new{n}") for n in range(50)]
    answers = await asyncio.gather(*map(journal.append, singles), return_exceptions=True)
    assert all(answer in singles or isinstance(answer, RecordDamaged) for answer in answers)
    assert journal.fault is None
    await journal.close()


async def test_damage_that_looks_sound_misleads_nobody(tmp_path: Path) -> None:
    """Some bytes of the index of ids are others: each decision is there, or is told as damaged.

    Never is one unknown that was recorded, and never is another one's answer returned.
    """
    path, kept = tmp_path / "journal.db", [decision(n) for n in range(COUNT)]
    journal = await SqliteJournal.open(path)
    await journal.append_all(kept)
    await journal.close()
    sound = path.read_bytes()
    for seed in (7, 11, 16, 25):
        await asyncio.to_thread(scatter, path, sound, Random(seed))
        journal = await SqliteJournal.open(path)
        read = [await can_be_read(journal, decided) for decided in kept]
        assert sum(read) > COUNT / 2
        await journal.close()


def scatter(path: Path, sound: bytes, chance: Random) -> None:
    """Overwrite a few bytes of a leaf of the index of ids, in what was a sound file."""
    path.write_bytes(sound)
    pages = leaves(path, "decisions_by_id")
    start = (chance.choice(pages) - 1) * PAGE_BYTES + chance.randrange(2_000, 4_000)
    with path.open("r+b") as file:
        file.seek(start)
        file.write(chance.randbytes(32))
