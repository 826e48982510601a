"""What an operator does with a journal's file: count, verify, copy."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from dealgate.journal.chain import Head
from dealgate.journal.derived import Derived
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.evidence import count_older, evidence_faults
from dealgate.journal.record import COLUMNS, from_row
from dealgate.journal.signing import Verifier
from dealgate.journal.sqlite.connection import JournalFile, open_reading, open_writing, path_of
from dealgate.journal.sqlite.copying import copy_database, making, reason
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.evidence import SqliteEvidence
from dealgate.journal.sqlite.file import make_private, sync_directory
from dealgate.journal.sqlite.leads import SqliteLeads
from dealgate.model.errors import RecordDamaged

BATCH = 1000
TABLES = ("decisions", "results", "keys", "marks", "turns", "dictionaries", "links")


@dataclass(frozen=True, slots=True)
class Stats:
    """What a journal holds. Sizes are bytes, instants nanoseconds since the epoch."""

    files: Mapping[str, int]
    rows: Mapping[str, int]
    by_kind: Sequence[tuple[str, str, int]]
    first: int | None
    last: int | None
    body_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Verified:
    """How many records could be read, and what is wrong with the others.

    `older`: how many of them the chain only counts.
    """

    sound: int
    faults: Sequence[str]
    older: int = 0


def stats(journal: JournalFile) -> Stats:
    """Count what is in a journal, beside a server that writes it; raise JournalUnusable."""
    path = path_of(journal)
    with reading_file(journal) as db:
        rows = {table: db.execute(f"SELECT count(*) FROM {table}").get for table in TABLES}  # noqa: S608
        by_kind: Any = db.execute(
            "SELECT tenant, kind, count(*) FROM decisions GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        ).fetchall()
        span: Any = db.execute(
            "SELECT min(decided_at), max(decided_at), coalesce(sum(length(body)), 0) FROM decisions"
        ).fetchone()
        free = db.pragma("freelist_count") * db.pragma("page_size")
    names = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", ".index"))]
    files = {name.name: name.stat().st_size for name in names if name.exists()}
    first, last, body = span
    return Stats(files, rows, by_kind, first, last, body, free)


def verify(
    journal: JournalFile,
    told: Callable[[int], object] = lambda _: None,
    *,
    verifier: Verifier | None = None,
    heads: Sequence[Head] = (),
) -> Verified:
    """Read every record of a journal, and hold it against its chain; raise JournalUnusable.

    SQLite checks the file, too. `told` is called with how many were read so far. With `verifier`
    every link must be signed; the `heads` must be in their chains.
    """
    faults: list[str] = []
    sound = older = 0
    with reading_file(journal) as db:
        db.execute("BEGIN")  # as of one instant: a server may be writing
        checked: Any = db.execute("PRAGMA integrity_check(20)").fetchall()
        faults += [f"the file: {words}" for (words,) in checked if words != "ok"]
        try:
            kept = SqliteEvidence(db)
            derived = Derived(SqliteLeads(db), kept.notes())
            for fault in _read_all(db, derived):
                sound += fault is None
                faults += [] if fault is None else [fault]
                if sound % BATCH == 0:
                    told(sound)
        except apsw.CorruptError as error:
            faults.append(f"the file: records cannot be listed any further: {error}")
        else:
            faults += evidence_faults(kept, verifier, heads)
            older = count_older(kept)
            faults += derived.faults()
        orphans = db.execute(
            "SELECT count(*) FROM results WHERE decision NOT IN (SELECT id FROM decisions)"
        ).get
    if orphans:
        faults.append(f"{orphans} results belong to no decision")
    return Verified(sound, faults, older)


def _read_all(db: apsw.Connection, derived: Derived) -> Iterator[str | None]:
    bodies, seq = bodies_of(db), 0
    statement = f"SELECT seq, {COLUMNS} FROM decisions WHERE seq > ? ORDER BY seq LIMIT {BATCH}"  # noqa: S608
    while True:
        rows: Any = db.execute(statement, (seq,)).fetchall()
        if not rows:
            return
        seq = rows[-1][0]
        for number, *row in rows:
            try:
                derived.see(number, from_row(row, bodies))
            except RecordDamaged as damage:
                yield str(damage)
            else:
                yield None


def heads(path: Path) -> Sequence[Head]:
    """Return the end of a journal's chain, to be kept elsewhere; raise JournalUnusable."""
    with reading_file(path) as db:
        return SqliteEvidence(db).heads()


def backup(journal: JournalFile, to: Path) -> int:
    """Copy a journal beside a server that writes it, as of one instant; return its bytes.

    The copy has no log and is durable when this returns. Raises JournalUnusable if there is
    something already, and if it cannot be copied; then no file is left.
    """
    refuse_existing(to)
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    with reading_file(journal) as db, making(part, path_of(journal), to):
        make_private(part)
        copy_database(db, part)
        install(part, to)
    return to.stat().st_size


def refuse_existing(to: Path) -> None:
    """Raise JournalUnusable if there is something at this path."""
    if to.exists():
        raise JournalUnusable(f"{to}: exists already; name a file that does not")


def install(part: Path, to: Path) -> None:
    """Give a finished file its name, durably."""
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.rename(to)
    sync_directory(to.parent)


@contextmanager
def reading_file(journal: JournalFile) -> Iterator[apsw.Connection]:
    """Within the block, read a journal; raise JournalUnusable if it is not one."""
    path = path_of(journal)
    if not path.is_file():
        raise JournalUnusable(f"{path}: there is no journal here; name it with --journal")
    try:
        with closing(open_reading(journal)) as db:
            yield db
    except apsw.Error as error:
        raise JournalUnusable(f"{path}: cannot be used as a journal: {reason(error)}") from error


@contextmanager
def changing_file(path: Path) -> Iterator[apsw.Connection]:
    """Within the block, change a journal; raise JournalUnusable if it cannot be."""
    try:
        with closing(open_writing(path)) as db:
            yield db
    except apsw.Error as error:
        raise JournalUnusable(f"{path}: cannot be changed: {reason(error)}") from error
