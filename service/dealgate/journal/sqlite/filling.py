"""An archive of a journal that is kept elsewhere: a journal's file, with a chain of its own."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from dealgate.journal.chain import Sign
from dealgate.journal.derived import ARCHIVE
from dealgate.journal.record import COLUMNS
from dealgate.journal.results import COLUMNS as RESULT_COLUMNS
from dealgate.journal.sqlite.beginning import began
from dealgate.journal.sqlite.connection import open_reading, open_writing
from dealgate.journal.sqlite.file import make_private
from dealgate.journal.sqlite.links import Links
from dealgate.journal.sqlite.upkeep import install, refuse_existing

# ruff: noqa: S608 - statements are built from constants, and from nothing else
DECISION = f"INSERT INTO decisions (seq, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
RESULT = f"INSERT INTO results ({RESULT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# In the feed of an archive, results come after all decisions.
POSITION = "INSERT INTO result_positions VALUES (?, ?, ?, ?, ?)"
RULESET = "INSERT INTO rulesets VALUES (?, ?, ?)"
KEPT = f"SELECT {COLUMNS} FROM decisions WHERE seq = ?"
REVISIONS = f"SELECT {RESULT_COLUMNS} FROM results WHERE tenant = ? AND decision = ?"
AFTER_ALL = 2**63 - 1


class Batch(NamedTuple):
    """Decisions by number, as record.py makes their rows, and rows of their results."""

    decisions: Sequence[tuple[int, Sequence[Any]]]
    results: Sequence[Sequence[Any]]


def fill(
    to: Path,
    batches: Iterable[Batch],
    rulesets: Sequence[tuple[str, int, str]],
    sign: Sign | None = None,
) -> int:
    """Write an archive, durably; return how many decisions. Raises JournalUnusable."""
    refuse_existing(to)
    part = to.with_name(f"{to.name}.archive")
    part.unlink(missing_ok=True)
    make_private(part)
    began(part)
    decisions = results = 0
    with closing(open_writing(part)) as db:
        with db:
            links = Links(db, sign)
            links.begin()
            links.extend((), (), {ARCHIVE: True})
            db.executemany(RULESET, rulesets)
            for batch in batches:
                db.executemany(DECISION, ((seq, *row) for seq, row in batch.decisions))
                db.executemany(RESULT, batch.results)
                placed = enumerate(batch.results, results + 1)
                db.executemany(POSITION, ((AFTER_ALL, number, *row[:3]) for number, row in placed))
                links.extend(batch.decisions, batch.results)
                decisions += len(batch.decisions)
                results += len(batch.results)
        db.pragma("journal_mode", "delete")
    install(part, to)
    return decisions


class Archive:
    """Tells what an archive holds."""

    def __init__(self, path: Path) -> None:
        """Open it; raises apsw.Error."""
        self._db = open_reading(path)

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def holds(self, seq: int, row: Sequence[Any], results: Iterable[Sequence[Any]]) -> bool:
        """Tell whether it has the decision and its results, byte for byte."""
        if self._db.execute(KEPT, (seq,)).fetchone() != tuple(row):
            return False
        kept: Any = self._db.execute(REVISIONS, (row[1], row[0])).fetchall()
        return {tuple(result) for result in results} <= set(kept)
