"""What an operator does with a journal in PostgreSQL: archive and prune, while servers write it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from uuid import UUID

import apsw
import psycopg

from dealgate.journal.ages import Old
from dealgate.journal.chain import Sign
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.postgres import upkeep_sql as sql
from dealgate.journal.postgres.committed import lock, named
from dealgate.journal.postgres.connection import Connection, connect, connect_writing
from dealgate.journal.postgres.evidence import PostgresEvidence
from dealgate.journal.postgres.links import Links
from dealgate.journal.postgres.reading import SNAPSHOT
from dealgate.journal.postgres.revision import is_current
from dealgate.journal.postgres.rows import bodies, to_result_row, to_row
from dealgate.journal.ranges import ranges
from dealgate.journal.record import from_row
from dealgate.journal.retention import Cutoff
from dealgate.journal.sqlite.filling import Archive, Batch, fill
from dealgate.model.errors import RecordDamaged

LONG = "SET statement_timeout = 0"  # one scan of all decisions


@dataclass(frozen=True, slots=True)
class PostgresUpkeep:
    """The journal that libpq finds under `name`, which messages call `shown`."""

    name: str
    shown: str

    @property
    def stem(self) -> str:
        """What its archives are named after."""
        return "journal"

    def count_removable(self, cutoffs: Sequence[Cutoff]) -> Sequence[tuple[str, str, int]]:
        """Return how many decisions of each tenant and kind are old, and needed no more."""
        old = _old(cutoffs)
        statement = f"""
            SELECT d.tenant, d.kind, count(*) FROM decisions AS d WHERE {old.removable()}
            GROUP BY 1, 2 ORDER BY 1, 2
        """  # noqa: S608 - built from constants
        with self._used(), closing(self._reading()) as db:
            return db.execute(statement, old.bindings).fetchall()

    def archive(
        self,
        to: Path,
        cutoffs: Sequence[Cutoff],
        sign: Sign | None = None,
        *,
        removable: bool = False,
    ) -> int:
        """Copy what is old into a journal's file, as of one instant; return how many decisions.

        `removable`: only what `prune` would take away. Raises JournalUnusable.
        """
        old = _old(cutoffs)
        condition = old.removable() if removable else old.condition
        with self._used(), closing(self._reading()) as db:
            db.execute(SNAPSHOT)
            rulesets = PostgresEvidence(db).rulesets()
            return fill(to, _batches(db, condition, old.bindings), rulesets, sign)

    def prune(
        self,
        archived: Path,
        cutoffs: Sequence[Cutoff],
        sign: Sign | None = None,
        *,
        unread: bool = False,
    ) -> int:
        """Take away what is old and in the archive, some at a time; return how many.

        Servers may be writing: what gets a result meanwhile stays. Raises JournalUnusable if
        anything that would go is not in the archive, byte for byte, and, without `unread`, if a
        reader of the feed that keeps a bookmark has not come to it.
        """
        old = _old(cutoffs)
        with self._used(), closing(self._writing()) as db, closing(Archive(archived)) as archive:
            for statement in sql.GOING:
                bindings = old.bindings if "{old}" in statement else None
                db.execute(statement.format(old=old.removable()), bindings)
            _refuse_missing(db, archive, archived)
            if not unread:
                _refuse_unread(db)
            links = Links(db, sign)
            gone, after = 0, 0
            while seqs := [seq for (seq,) in db.execute(sql.NEXT, (after,))]:
                gone += _taken(db, links, archive, seqs)
                after = seqs[-1]
            return gone

    def _reading(self) -> Connection:
        self._refuse_older()
        db = connect(self.name)
        db.execute(LONG)
        return db

    def _writing(self) -> Connection:
        self._refuse_older()
        db = connect_writing(self.name)
        db.execute(LONG)
        return db

    def _refuse_older(self) -> None:
        if not is_current(self.name):
            raise JournalUnusable(f"{self.shown}: has an older schema; start a server on it first")

    @contextmanager
    def _used(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.Error, apsw.Error) as error:
            reason = str(error).partition("\n")[0]
            raise JournalUnusable(
                f"{self.shown}: cannot be archived or pruned: {reason}"
            ) from error


def _old(cutoffs: Sequence[Cutoff]) -> Old:
    return Old(cutoffs, "%({})s", sql.FREE)


def _batches(db: Connection, condition: str, bindings: Any) -> Iterator[Batch]:
    with db.cursor("old") as cursor:
        cursor.itersize = sql.READ
        cursor.execute(f"{sql.DECISIONS} WHERE {condition} ORDER BY d.seq", bindings)
        while rows := cursor.fetchmany(sql.READ):
            yield _batch(db, rows)


def _batch(db: Connection, rows: Iterable[Sequence[Any]]) -> Batch:
    decisions = [(seq, to_row(columns)) for seq, *columns in rows]
    tenants = [row[1] for _, row in decisions]
    ids = [row[0].hex() for _, row in decisions]
    results = db.execute(sql.RESULTS, (tenants, ids)).fetchall()
    return Batch(decisions, [to_result_row(result) for result in results])


def _held(archive: Archive, batch: Batch) -> Sequence[tuple[int, Sequence[Any]]]:
    """Return the decisions that an archive has, with all their results."""
    results: dict[tuple[str, bytes], list[Sequence[Any]]] = {}
    for result in batch.results:
        results.setdefault((result[0], result[1]), []).append(result)
    return [
        (seq, row)
        for seq, row in batch.decisions
        if archive.holds(seq, row, results.get((row[1], row[0]), ()))
    ]


def _refuse_missing(db: Connection, archive: Archive, path: Path) -> None:
    missing, after = 0, 0
    while seqs := [seq for (seq,) in db.execute(sql.NEXT, (after,))]:
        batch = _batch(db, db.execute(sql.THESE, (seqs,)))
        missing += len(batch.decisions) - len(_held(archive, batch))
        after = seqs[-1]
    if missing:
        raise JournalUnusable(
            f"{path}: lacks {missing} records that would be deleted; make a new archive of this "
            "journal that contains them all"
        )


def _refuse_unread(db: Connection) -> None:
    last = max((tuple(row) for row in db.execute(sql.READ_LAST)), default=(0, 0))
    behind = [name for name, *position in db.execute(sql.BOOKMARKS) if tuple(position) < last]
    if behind:
        raise JournalUnusable(
            f"{', '.join(behind)}: has not read everything that would be deleted; let it catch "
            "up, or delete unread records too with --unread"
        )


def _taken(db: Connection, links: Links, archive: Archive, seqs: Sequence[int]) -> int:
    """Take away what the archive has of these; return how many."""
    batch = _batch(db, db.execute(sql.THESE, (seqs,)))
    going = _held(archive, batch)
    held = {(row[1], row[0]) for _, row in going}
    results = sum((result[0], result[1]) in held for result in batch.results)
    gone = _taken_away(db, links, going, results)
    if gone is not None:
        return gone
    # Some got a result since they were read: the others one by one.
    return sum(_taken(db, links, archive, [seq]) for seq, _ in going) if len(going) > 1 else 0


def _taken_away(
    db: Connection, links: Links, going: Sequence[tuple[int, Sequence[Any]]], results: int
) -> int | None:
    """Delete these decisions in one transaction with a link that says so; return how many.

    None: not one, as they no longer have so many results. Writers who write what has the same name,
    or by chance the same lock, wait meanwhile, so that everything that takes time is done before.
    """
    if not going:
        return 0
    owners = ([row[1] for _, row in going], [row[0].hex() for _, row in going])
    marks, begun = _marks(going), perf_counter()
    with db.transaction():
        # From here on no result comes for them.
        lock(db, named("result", ((row[1], UUID(bytes=row[0])) for _, row in going)))
        if db.execute(sql.COUNT_RESULTS, owners).fetchone() != (results,):
            return None
        db.execute(sql.TAKE_RESULTS, owners)
        db.execute(sql.TAKE_MARKS, marks)
        gone = sorted(seq for (seq,) in db.execute(sql.TAKE, ([seq for seq, _ in going],)))
        links.extend((), (), {"gone": ranges(gone), "results": results})
    links.committed()
    sleep(perf_counter() - begun)  # who waited comes first
    return len(gone)


def _marks(going: Sequence[tuple[int, Sequence[Any]]]) -> tuple[list[str], list[str], list[int]]:
    packed = bodies()
    marks: list[tuple[str, str, int]] = []
    for seq, row in going:
        try:
            marks += ((row[1], mark, seq) for mark in from_row(row, packed).marks)
        except RecordDamaged:  # its marks lead nowhere from now on
            continue
    return [mark[0] for mark in marks], [mark[1] for mark in marks], [mark[2] for mark in marks]
