"""Power loss: whatever a disk may lose, no acknowledged decision is lost.

SIGKILL cannot show this, for the operating system's cache survives the process. So the shipped
code runs on a disk that notes every write, truncation and sync of the journal and its log. From
these notes we make the disks that a power loss could have left at many moments: all that was
synced, and of the rest any part of it, down to single sectors of one write.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import apsw

from dealgate.journal.connection import FULL
from dealgate.journal.limits import Limits
from dealgate.journal.sqlite import SqliteJournal
from dealgate.model.decision import Decision
from dealgate.model.errors import UnknownDecision

Build = Callable[..., Decision]

POWER_LOSSES = 60
SECTOR = 512
NORMAL = 1
# Small, so that the log starts over many times and dictionaries come and go.
LIMITS = Limits(checkpoint_pages=8, train_after=60, index_after=50)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes at an offset."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """The file is cut or grown to `size`."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything noted about the file before note number `started` is on the platter."""

    file: str
    started: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The caller was told."""

    decision: Decision


Note: TypeAlias = Write | Truncate | Sync | Acknowledged


class NotedFile(apsw.VFSFile):
    """A file that notes what is done to it. Others, such as the index, are not noted."""

    def __init__(self, notes: list[Note], name: str, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._notes = notes if name.endswith((".db", ".db-wal")) else []
        self._name = Path(name).name

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's name
        super().xWrite(data, offset)
        self._notes.append(Write(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        super().xTruncate(newsize)
        self._notes.append(Truncate(self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        started = len(self._notes)
        super().xSync(flags)
        self._notes.append(Sync(self._name, started))


class NotedDisk(apsw.VFS):
    """The default disk while it is open."""

    def __init__(self) -> None:
        super().__init__("noted", "unix", makedefault=True)
        self.notes: list[Note] = []

    def xOpen(self, name: Any, flags: list[int]) -> NotedFile:  # noqa: N802 - SQLite's name
        text = name.filename() if isinstance(name, apsw.URIFilename) else name
        return NotedFile(self.notes, text, flags)


@dataclass
class Platter:
    """What a file surely holds, and what was done to it since its last sync."""

    content: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Write | Truncate]] = field(default_factory=list)

    def sync(self, started: int) -> None:
        """Everything noted before `started` is now sure."""
        for number, change in self.pending:
            if number < started:
                apply(change, self.content)
        self.pending = [(n, change) for n, change in self.pending if n >= started]

    def after_power_loss(self, random: Random) -> bytes:
        """Return one of the contents that a power loss may leave."""
        content = bytearray(self.content)
        for _, change in self.pending:
            for part in survivors(change, random):
                apply(part, content)
        return bytes(content)


def apply(change: Write | Truncate, content: bytearray) -> None:
    """Do to `content` what was done to the file."""
    size = change.size if isinstance(change, Truncate) else change.offset
    content.extend(bytes(max(0, size - len(content))))
    if isinstance(change, Truncate):
        del content[size:]
    else:
        content[size : size + len(change.data)] = change.data


def survivors(change: Write | Truncate, random: Random) -> Iterator[Write | Truncate]:
    """Yield all of the change, none of it, or some sectors of it."""
    fate = random.choice(("all", "none", "torn"))
    if fate == "all":
        yield change
    elif fate == "torn" and isinstance(change, Write):
        for start in range(0, len(change.data), SECTOR):
            if random.random() < 0.5:
                part = change.data[start : start + SECTOR]
                yield Write(change.file, change.offset + start, part)


async def load(journal: SqliteJournal, notes: list[Note], build: Build) -> None:
    """Append in waves of callers, noting each acknowledgement as it comes."""
    random = Random(2)

    async def append(number: int) -> None:
        filling = random.randbytes(random.choice((40, 400, 9000)))
        key = f"k{number}" if number % 2 else None
        decided = await journal.append(build(number, facts=filling, key=key))
        notes.append(Acknowledged(decided))

    numbers = iter(range(600))
    while wave := list(islice(numbers, random.randint(1, 24))):
        await asyncio.gather(*map(append, wave))


def disks(
    notes: Sequence[Note], before: bytes, random: Random
) -> Iterator[tuple[dict[str, bytes], list[Decision]]]:
    """Yield what the disk may hold at moments of power loss, and what was acknowledged by then."""
    moments = set(random.sample(range(len(notes)), POWER_LOSSES))
    platters = {"journal.db": Platter(bytearray(before)), "journal.db-wal": Platter()}
    acknowledged: list[Decision] = []
    for number, note in enumerate(notes):
        if isinstance(note, Acknowledged):
            acknowledged.append(note.decision)
        elif isinstance(note, Sync):
            platters[note.file].sync(note.started)
        else:
            platters[note.file].pending.append((number, note))
        if number in moments:
            files = {name: p.after_power_loss(random) for name, p in platters.items()}
            yield files, list(acknowledged)


async def lost(directory: Path, files: dict[str, bytes], acknowledged: list[Decision]) -> int:
    """Open what the disk held with the shipped code; count the acknowledged that are missing."""
    directory.mkdir()
    for name, content in files.items():
        (directory / name).write_bytes(content)
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


async def losses(path: Path, synchronous: int, build: Build) -> tuple[int, Sequence[Note]]:
    """Run the load with that setting; return how many acknowledged decisions power could cost."""
    await (await SqliteJournal.open(path)).close()
    before = path.read_bytes()
    disk = NotedDisk()
    try:
        journal = await SqliteJournal.open(path, LIMITS)
        journal._writer._committer._db.pragma("synchronous", synchronous)
        await load(journal, disk.notes, build)
        notes = list(disk.notes)
        await journal.close()
    finally:
        disk.unregister()
    total = 0
    for number, (files, acknowledged) in enumerate(disks(notes, before, Random(3))):
        total += await lost(path.parent / f"disk-{number}", files, acknowledged)
    return total, notes


async def test_power_loss_costs_no_acknowledged_decision(tmp_path: Path, decision: Build) -> None:
    """At any moment, with any part of the unsynced writes lost or torn, all that is acked is there.

    The load checkpoints meanwhile: the journal's own file is among those torn.
    """
    total, notes = await losses(tmp_path / "journal.db", FULL, decision)
    assert total == 0
    assert sum(isinstance(note, Acknowledged) for note in notes) == 600
    assert sum(isinstance(note, Sync) and note.file == "journal.db" for note in notes) > 3


async def test_the_same_harness_sees_loss_without_full_sync(
    tmp_path: Path, decision: Build
) -> None:
    """The control: with synchronous=NORMAL the same load and moments do lose decisions."""
    total, _ = await losses(tmp_path / "journal.db", NORMAL, decision)
    assert total > 0
