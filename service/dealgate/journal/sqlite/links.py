"""The hash chain of a journal file. The caller holds the transaction and is the only writer."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import apsw

from dealgate.journal.chain import Head, Link, Sign, genesis, linked

COLUMNS = "number, previous, sealed_at, rows, results, note, digest, signature"
NEWEST = "SELECT number, digest FROM links ORDER BY number DESC LIMIT 1"
INSERT = f"INSERT INTO links ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
BATCH = 100


class Links:
    """Adds a link for each commit."""

    def __init__(
        self, db: apsw.Connection, sign: Sign | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """Unsigned without `sign`."""
        self._db = db
        self._sign = sign
        self._clock = clock
        self._has_begun = False

    def extend(
        self,
        rows: Iterable[tuple[int, Sequence[Any]]],
        results: Iterable[Sequence[Any]],
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """Link what this transaction writes: rows by number, and results."""
        newest = self._db.execute(NEWEST).fetchone()
        text = json.dumps(note, separators=(",", ":"), sort_keys=True) if note else ""
        before = Head("", 0, genesis("")) if newest is None else Head("", *newest)
        link = linked(before, self._clock(), rows, results, text, self._sign)
        self._db.execute(
            INSERT,
            (
                link.number,
                link.previous,
                link.sealed_at,
                link.rows,
                link.results,
                link.note,
                link.digest,
                link.signature,
            ),
        )

    def begin(self) -> None:
        """Begin the chain, if there is none: what is older is only counted.

        Call it first in a transaction: what it finds then is committed, and not looked for again.
        """
        if self._has_begun:
            return
        self._has_begun = self._db.execute(NEWEST).fetchone() is not None
        if not self._has_begun:
            self.extend((), (), {"older": older(self._db)})


def older(db: apsw.Connection) -> Mapping[str, int]:
    """Return how much there is: the number of the last decision, and how many results."""
    last: int = db.execute("SELECT coalesce(max(seq), 0) FROM decisions").get
    results: int = db.execute("SELECT count(*) FROM results").get
    return {"last": last, "results": results}


def links_of(db: apsw.Connection) -> Iterator[Link]:
    """Return every link, in order."""
    number = 0
    statement = f"SELECT {COLUMNS} FROM links WHERE number > ? ORDER BY number LIMIT {BATCH}"  # noqa: S608
    while True:
        rows: Any = db.execute(statement, (number,)).fetchall()
        if not rows:
            return
        for row in rows:
            yield Link("", *row)
        number = rows[-1][0]
