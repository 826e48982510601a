"""What is old moves from a journal's file into an archive, and then goes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import apsw

from dealgate.journal.ages import Old
from dealgate.journal.chain import Sign
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.ranges import ranges
from dealgate.journal.retention import OWN_BOOKMARKS, Cutoff
from dealgate.journal.sqlite.copying import making
from dealgate.journal.sqlite.file import lock
from dealgate.journal.sqlite.index import index_path
from dealgate.journal.sqlite.links import Links
from dealgate.journal.sqlite.revision import NEWEST, revision_of
from dealgate.journal.sqlite.upkeep import (
    backup,
    changing_file,
    install,
    reading_file,
    refuse_existing,
)

MISSING = """
    SELECT count(*) FROM decisions AS mine
    WHERE {old} AND NOT EXISTS (
        SELECT 1 FROM archive.decisions AS theirs
        WHERE theirs.tenant = mine.tenant AND theirs.id = mine.id
        AND theirs.dictionary IS mine.dictionary AND theirs.body = mine.body
    )
"""


# What may go: nobody's last turn, and under no key that is still remembered.
FREE = "seq NOT IN (SELECT seq FROM {schema}turns) AND seq NOT IN (SELECT seq FROM {schema}keys)"


# What is taken away leaves its numbers taken: they are positions of the feed.
NEWEST_OF_ALL = "SELECT max(pruned, coalesce((SELECT max(seq) FROM main.decisions), 0))"


BEHIND = f"""
    SELECT name FROM main.bookmarks WHERE name NOT LIKE '{OWN_BOOKMARKS}%' AND first < (
        SELECT coalesce(max(seq), 0) FROM main.decisions WHERE {{old}}
    )
"""  # noqa: S608 - a constant


UNTOLD = """
    SELECT count(*) FROM results AS mine
    WHERE decision IN (SELECT id FROM decisions WHERE {old})
    AND NOT EXISTS (
        SELECT 1 FROM archive.results AS theirs
        WHERE theirs.tenant = mine.tenant AND theirs.decision = mine.decision
        AND theirs.revision = mine.revision
    )
"""


def archive(path: Path, to: Path, cutoffs: Sequence[Cutoff], *, removable: bool = False) -> int:
    """Copy what is old into a journal of its own; return how many decisions.

    `removable`: only what `prune` would take away. The copy can be read like any journal. Nothing
    is taken away: `prune` does that.
    """
    refuse_existing(to)
    part = to.with_name(f"{to.name}.archive")
    part.unlink(missing_ok=True)
    _refuse_other_schema(path)
    old = _old(cutoffs)
    young = f"NOT {old.removable()}" if removable else f"NOT ({old.condition})"
    with making(part, path, to):
        backup(path, part)
        with closing(apsw.Connection(str(part))) as db:
            with db, _noted(db, young, old.bindings):
                db.execute(f"DELETE FROM decisions WHERE {young}", old.bindings)  # noqa: S608
                _forget_what_hung_on_them(db)
            db.execute("VACUUM")
            kept: int = db.execute("SELECT count(*) FROM decisions").get
        install(part, to)
    return kept


def count_removable(path: Path, cutoffs: Sequence[Cutoff]) -> Sequence[tuple[str, str, int]]:
    """Return how many decisions of each tenant and kind are old, and needed no more.

    Raises JournalUnusable, also if somebody is writing the journal.
    """
    old = _old(cutoffs)
    with reading_file(path) as db, lock(path):
        _refuse_other_schema(path)
        rows: Any = db.execute(
            f"SELECT tenant, kind, count(*) FROM decisions WHERE {old.removable()} "  # noqa: S608
            "GROUP BY 1, 2 ORDER BY 1, 2",
            old.bindings,
        ).fetchall()
    return rows  # type: ignore[no-any-return]


def prune(
    path: Path,
    archived: Path,
    cutoffs: Sequence[Cutoff],
    sign: Sign | None = None,
    *,
    unread: bool = False,
) -> int:
    """Take away what is old and in the archive; return how many.

    No server may be writing. Who has the last turn of a series, or a key that is still remembered,
    stays. The chain notes what went, and `sign` signs that. Raises JournalUnusable if what would
    go is not in the archive, byte for byte, and, without `unread`, if a reader of the feed that
    keeps a bookmark has not come to it.
    """
    old = _old(cutoffs)
    with reading_file(archived), lock(path):
        _refuse_other_schema(path)
        with changing_file(path) as db:
            db.execute("ATTACH ? AS archive", (str(archived.resolve()),))
            _refuse_lacking(db, old, archived)
            if not unread:
                _refuse_unread(db, old)
            _remove_index(path)
            gone = _removed(db, old, sign)
            db.execute("DETACH archive")
            db.execute("VACUUM")
            db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    return gone


def _remove_index(path: Path) -> None:
    """Remove what is derived, before records go: whatever ends this leaves no index of theirs."""
    for end in ("", "-wal", "-shm"):
        index = index_path(path)
        index.with_name(index.name + end).unlink(missing_ok=True)


def _removed(db: apsw.Connection, old: Old, sign: Sign | None) -> int:
    """Take away what may go, in one transaction, and return how many decisions went."""
    going, bindings = old.removable("main."), old.bindings
    with db, _noted(db, going, bindings, sign):
        db.execute(f"UPDATE main.feed SET pruned = ({NEWEST_OF_ALL})")  # noqa: S608
        db.execute(f"DELETE FROM main.decisions WHERE {going}", bindings)  # noqa: S608
        gone = db.changes()
        _forget_what_hung_on_them(db, "main.")
    return gone


def _old(cutoffs: Sequence[Cutoff]) -> Old:
    return Old(cutoffs, ":{}", FREE)


def _count(db: apsw.Connection, statement: str, old: Old) -> int:
    number: int = db.execute(statement.format(old=old.removable()), old.bindings).get
    return number


@contextmanager
def _noted(
    db: apsw.Connection, condition: str, bindings: Mapping[str, Any], sign: Sign | None = None
) -> Iterator[None]:
    """Note in the chain which decisions, and how many results, the block takes away."""
    statement = f"SELECT seq FROM main.decisions WHERE {condition} ORDER BY seq"  # noqa: S608
    gone = ranges(seq for (seq,) in db.execute(statement, bindings))
    results: int = db.execute("SELECT count(*) FROM main.results").get
    yield
    links = Links(db, sign)
    links.begin()
    left: int = db.execute("SELECT count(*) FROM main.results").get
    links.extend((), (), {"gone": gone, "results": results - left})


def _refuse_other_schema(path: Path) -> None:
    with reading_file(path):
        revision = revision_of(path)
    if revision < NEWEST:
        raise JournalUnusable(f"{path}: has an older schema; start a server on it first")
    if revision > NEWEST:
        raise JournalUnusable(f"{path}: was written by a newer Dealgate; upgrade this one")


def _refuse_lacking(db: apsw.Connection, old: Old, archived: Path) -> None:
    """Raise JournalUnusable if the archive lacks a record that would go."""
    missing = _count(db, MISSING, old) + _count(db, UNTOLD, old)
    if missing:
        raise JournalUnusable(
            f"{archived}: lacks {missing} records that would be deleted; make a new "
            "archive of this journal that contains them all"
        )


def _refuse_unread(db: apsw.Connection, old: Old) -> None:
    """Raise JournalUnusable if a reader of the feed has not come to what would go."""
    behind: Any = db.execute(BEHIND.format(old=old.removable("main.")), old.bindings).fetchall()
    if behind:
        names = ", ".join(name for (name,) in behind)
        raise JournalUnusable(
            f"{names}: has not read everything that would be deleted; let it catch up, or "
            "delete unread records too with --unread"
        )


def _forget_what_hung_on_them(db: apsw.Connection, schema: str = "") -> None:
    """Delete what belongs to decisions that are no longer there."""
    for table in ("keys", "marks", "turns"):
        db.execute(
            f"DELETE FROM {schema}{table} WHERE seq NOT IN (SELECT seq FROM {schema}decisions)"  # noqa: S608
        )
    db.execute(
        f"DELETE FROM {schema}results WHERE NOT EXISTS (SELECT 1 FROM {schema}decisions AS d "  # noqa: S608
        f"WHERE d.tenant = results.tenant AND d.id = results.decision)"
    )
    db.execute(
        f"DELETE FROM {schema}result_positions AS p WHERE NOT EXISTS (SELECT 1 "  # noqa: S608
        f"FROM {schema}decisions AS d WHERE d.tenant = p.tenant AND d.id = p.decision)"
    )
