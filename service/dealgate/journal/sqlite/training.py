"""Trains the dictionaries that bodies are compressed with, on the records themselves."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zstandard import ZstdError, train_dictionary

from dealgate.journal.sqlite.commit import Dictionary, KeptDictionary
from dealgate.journal.sqlite.connection import open_reading
from dealgate.journal.sqlite.dictionaries import bodies_of

SIZE = 32 * 1024
log = logging.getLogger(__name__)


class Trainer:
    """Trains after a number of records, then each time the journal has grown tenfold."""

    def __init__(
        self, path: Path, after: int, offer: Callable[[Dictionary | KeptDictionary], None]
    ) -> None:
        """Train on the newest `after` records and `offer` what comes of it."""
        self._db = open_reading(path)
        self._bodies = bodies_of(self._db)
        self._after = after
        self._offer = offer
        self._known: int = self._db.execute("SELECT coalesce(max(id), 0) FROM dictionaries").get
        trained_at = self._db.execute("SELECT max(trained_at) FROM dictionaries").get
        self._due = after if trained_at is None else 10 * trained_at

    def run(self) -> bool:
        """Train if it is due; there is nothing more to do soon."""
        self._adopt()
        newest = self._db.execute("SELECT coalesce(max(seq), 0) FROM decisions").get
        if newest >= self._due:
            self._due = 10 * newest
            self._train(newest)
        return False

    def _adopt(self) -> None:
        """Offer what another process has trained since."""
        row: Any = self._db.execute(
            "SELECT id, trained_at FROM dictionaries ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row is not None and row[0] > self._known:
            self._known, trained_at = row
            self._due = 10 * trained_at
            self._offer(KeptDictionary(self._known))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _train(self, newest: int) -> None:
        rows = self._db.execute(
            "SELECT dictionary, body FROM decisions WHERE seq > ? AND seq <= ?",
            (newest - self._after, newest),
        )
        samples: list[bytes | bytearray | memoryview[int]] = [
            self._bodies.unpack(dictionary, body) for dictionary, body in rows
        ]
        try:
            content = train_dictionary(SIZE, samples).as_bytes()
        except ZstdError as error:  # too little, or too much alike, to learn from
            log.info("no dictionary from %d records: %s", len(samples), error)
        else:
            self._offer(Dictionary(content, newest))
