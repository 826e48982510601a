"""The hash chains of a journal in PostgreSQL: one for each connection that writes."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from dealgate.journal.chain import Head, Link, Sign, genesis, linked
from dealgate.journal.postgres.connection import Connection

COLUMNS = "chain, number, previous, sealed_at, rows, results, note, digest, signature"
INSERT = f"INSERT INTO links ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
HEADS = "SELECT DISTINCT ON (chain) chain, number, digest FROM links ORDER BY chain, number DESC"
OLDER = """
    SELECT (SELECT coalesce(max(seq), 0) FROM decisions), (SELECT count(*) FROM results)
"""
BATCH = 100


class Links:
    """Adds a link for each commit of one connection."""

    def __init__(
        self, db: Connection, sign: Sign | None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """Begin a chain with the first link: what another connection wrote is never awaited."""
        self._db = db
        self._sign = sign
        self._clock = clock
        name = str(uuid4())
        self._head = Head(name, 0, genesis(name))
        self._next = self._head

    def extend(
        self,
        rows: Iterable[tuple[int, Sequence[Any]]],
        results: Iterable[Sequence[Any]],
        note: Mapping[str, Any],
    ) -> None:
        """Link what this transaction writes: rows by number, and results; `committed` is owed."""
        told = note if self._head.number else {**self._beginning(), **note}
        text = json.dumps(told, separators=(",", ":"), sort_keys=True) if told else ""
        link = linked(self._head, self._clock(), rows, results, text, self._sign)
        self._db.execute(
            INSERT,
            (
                UUID(link.chain),
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
        self._next = Head(link.chain, link.number, link.digest)

    def committed(self) -> None:
        """Note that the transaction is committed: the next link follows its own."""
        self._head = self._next

    def _beginning(self) -> Mapping[str, Any]:
        """Return what the first link says: where the others stand, or what is older than all."""
        heads = heads_of(self._db)
        if heads:
            told = [[head.chain, head.number, head.digest.hex()] for head in heads]
            return {"follows": told}
        (row,) = self._db.execute(OLDER)
        return {"older": {"last": row[0], "results": row[1]}}


def heads_of(db: Connection) -> Sequence[Head]:
    """Return the end of each chain."""
    return [Head(str(chain), number, bytes(digest)) for chain, number, digest in db.execute(HEADS)]


def links_of(db: Connection, chain: str) -> Iterator[Link]:
    """Return every link of a chain, in order."""
    number = 0
    statement = f"""
        SELECT {COLUMNS} FROM links WHERE chain = %s AND number > %s ORDER BY number LIMIT {BATCH}
    """  # noqa: S608
    while rows := db.execute(statement, (UUID(chain), number)).fetchall():
        for name, number, previous, sealed_at, *packed in rows:
            told, results, note, digest, signature = packed
            yield Link(
                str(name),
                number,
                bytes(previous),
                sealed_at,
                bytes(told),
                bytes(results),
                note,
                bytes(digest),
                bytes(signature),
            )
