"""Power loss: whatever a disk may lose, no acknowledged decision is lost.

SIGKILL cannot show this, for the operating system's cache survives the process. So the shipped
code runs on a disk that notes what is done to the journal and its log, and is opened again on
disks that a power loss could have left at many moments.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from math import inf
from pathlib import Path
from random import Random

import apsw

from dealgate.journal.limits import Limits
from dealgate.journal.sqlite.connection import FULL
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.model.decision import Decision
from dealgate.model.errors import UnknownDecision
from tests.journal.decisions import decision
from tests.journal.power import Acknowledged, Note, NotedDisk, Sync, disks

NORMAL = 1
APPENDS = 400
POWER_LOSSES = 50
# Small, so that the log starts over many times and dictionaries come and go.
LIMITS = Limits(checkpoint_pages=8, train_after=60, index_after=50)


async def load(journal: SqliteJournal, notes: list[Note]) -> None:
    """Append in waves of callers, noting each acknowledgement as it comes."""
    random = Random(2)

    async def append(number: int) -> None:
        filling = random.randbytes(random.choice((40, 400, 9000)))
        key = f"k{number}" if number % 2 else None
        decided = await journal.append(decision(number, facts=filling, key=key))
        notes.append(Acknowledged(decided))

    numbers = iter(range(APPENDS))
    while wave := list(islice(numbers, random.randint(1, 24))):
        await asyncio.gather(*map(append, wave))


def write(directory: Path, files: dict[str, bytes]) -> None:
    """Make the directory hold what the disk held."""
    directory.mkdir()
    for name, content in files.items():
        (directory / name).write_bytes(content)


async def lost(directory: Path, files: dict[str, bytes], acknowledged: list[Decision]) -> int:
    """Open what the disk held with the shipped code; count the acknowledged that are missing."""
    write(directory, files)
    journal = await SqliteJournal.open(directory / "journal.db")
    missing = 0
    for decided in acknowledged:
        try:
            assert await journal.get(decided.tenant, decided.id) == decided
        except UnknownDecision:
            missing += 1
    await journal.close()
    check = apsw.Connection(str(directory / "journal.db"))
    assert check.pragma("integrity_check") == "ok"
    check.close()
    return missing


async def noted(path: Path, synchronous: int) -> Sequence[Note]:
    """Run the load on a journal with that setting; return what was done to the disk."""
    disk = NotedDisk()
    try:
        journal = await SqliteJournal.open(path, LIMITS)
        journal._committer._db.pragma("synchronous", synchronous)
        await load(journal, disk.notes)
        notes = list(disk.notes)
        await journal.close()
    finally:
        disk.unregister()
    return notes


async def losses(
    path: Path, synchronous: int, *, enough: float = inf
) -> tuple[int, Sequence[Note]]:
    """Return how many acknowledged decisions power loss could cost, and what the disk saw.

    No further disk is opened once `enough` are lost.
    """
    await (await SqliteJournal.open(path)).close()
    before = await asyncio.to_thread(path.read_bytes)
    notes = await noted(path, synchronous)
    total = 0
    for number, (files, acknowledged) in enumerate(disks(notes, before, POWER_LOSSES)):
        total += await lost(path.parent / f"disk-{number}", files, acknowledged)
        if total >= enough:
            break
    return total, notes


async def test_power_loss_costs_no_acknowledged_decision(tmp_path: Path) -> None:
    """At any moment, with any part of the unsynced writes lost or torn, all that is acked is there.

    The load checkpoints meanwhile: the journal's own file is among those torn.
    """
    total, notes = await losses(tmp_path / "journal.db", FULL)
    assert total == 0
    assert sum(isinstance(note, Acknowledged) for note in notes) == APPENDS
    assert sum(isinstance(note, Sync) and note.file == "journal.db" for note in notes) > 3


async def test_the_same_harness_sees_loss_without_full_sync(tmp_path: Path) -> None:
    """The control: with synchronous=NORMAL the same load and moments do lose decisions."""
    total, _ = await losses(tmp_path / "journal.db", NORMAL, enough=1)
    assert total > 0
