"""A disk that notes what is done to it, and the disks that a power loss could have left instead.

What was synced is sure. Of the rest, each write may be there, be missing, or be torn: any of its
sectors without the others.
"""

# ruff: noqa: D102, N802 - the methods of files and disks are SQLite's, named and described there

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import apsw

from dealgate.model.decision import Decision

SECTOR = 512


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

    def xWrite(self, data: Any, offset: int) -> None:
        super().xWrite(data, offset)
        self._notes.append(Write(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._notes.append(Truncate(self._name, newsize))

    def xSync(self, flags: int) -> None:
        started = len(self._notes)
        super().xSync(flags)
        self._notes.append(Sync(self._name, started))


class NotedDisk(apsw.VFS):
    """The default disk while it is open."""

    def __init__(self) -> None:
        super().__init__("noted", "unix", makedefault=True)
        self.notes: list[Note] = []

    def xOpen(self, name: Any, flags: list[int]) -> NotedFile:
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


def disks(
    notes: Sequence[Note], before: bytes, power_losses: int
) -> Iterator[tuple[dict[str, bytes], list[Decision]]]:
    """Yield what the disk may hold at moments of power loss, and what was acknowledged by then."""
    random = Random(3)
    moments = set(random.sample(range(len(notes)), power_losses))
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
