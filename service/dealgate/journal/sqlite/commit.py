"""One transaction for a batch of entries: all are durable, or each hears why it is not."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import apsw

from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.results import Results
from dealgate.journal.sqlite.appends import Appends
from dealgate.model.decision import Decision
from dealgate.model.errors import (
    KeyReused,
    ResultExists,
    TurnTaken,
    Unavailable,
    UnknownDecision,
)
from dealgate.model.results import Result

RETRY_AFTER = 1.0  # seconds: a full disk is not emptied sooner
log = logging.getLogger(__name__)

Entry: TypeAlias = Decision | Result
Verdict: TypeAlias = Entry | Exception
REFUSALS = (KeyReused, TurnTaken, AlreadyRecorded, ResultExists, UnknownDecision)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A zstd dictionary, trained on records up to the one numbered `trained_at`."""

    content: bytes
    trained_at: int


class Committer:
    """Commits batches through the only writing connection, on one thread."""

    def __init__(self, db: apsw.Connection, key_lifetime: int) -> None:
        """`key_lifetime` is in nanoseconds."""
        self._db = db
        self._appends = Appends(db, key_lifetime)
        self._results = Results(db)
        self._offered: Dictionary | None = None
        self._failing = False

    def offer(self, dictionary: Dictionary) -> None:
        """Compress with `dictionary` from the next commit on. From any thread."""
        self._offered = dictionary

    def commit(self, entries: Sequence[Entry]) -> Sequence[Verdict]:
        """Return, durable, what each append or attachment returns, or the error it raises."""
        self._adopt()
        return self._commit(entries)

    def _commit(self, entries: Sequence[Entry]) -> Sequence[Verdict]:
        try:
            with self._db:
                verdicts = self._keep_all(entries)
        except Exception as error:  # noqa: BLE001 - the writer must outlive every fault
            if _of_storage(error):
                self._report(error)
                return [_unavailable() for _ in entries]
            if len(entries) == 1:
                return [error]
            # One of them cannot be stored: alone, it fails alone.
            return [verdict for entry in entries for verdict in self._commit([entry])]
        self._report(None)
        return verdicts

    def _keep_all(self, entries: Sequence[Entry]) -> Sequence[Verdict]:
        verdicts = [self._keep(entry) for entry in entries]
        decisions = [entry for entry in entries if isinstance(entry, Decision)]
        if decisions:
            self._appends.finish(decisions)
        return verdicts

    def _keep(self, entry: Entry) -> Verdict:
        try:
            if isinstance(entry, Decision):
                return self._appends.append(entry)
            return self._results.attach(entry)
        except REFUSALS as refusal:
            return refusal

    def _report(self, error: Exception | None) -> None:
        """Log that commits fail, or no longer do; not each of thousands a second."""
        if error and not self._failing:
            log.error("journal %s: cannot be written", self._db.filename, exc_info=error)
        elif self._failing and not error:
            log.warning("journal %s: can be written again", self._db.filename)
        self._failing = error is not None

    def _adopt(self) -> None:
        """Keep the offered dictionary, in its own transaction: no decision shares its fate."""
        offered, self._offered = self._offered, None
        if offered is None:
            return
        try:
            self._appends.add_dictionary(offered.content, offered.trained_at)
        except apsw.Error:
            log.exception("journal %s: a dictionary could not be kept", self._db.filename)


def _of_storage(error: Exception) -> bool:
    """Tell whether the file is at fault, rather than a decision that cannot be stored."""
    return isinstance(error, apsw.Error) and not isinstance(error, apsw.TooBigError)


def _unavailable() -> Unavailable:
    return Unavailable(
        "the journal cannot be written; ask again later, with the same idempotency key", RETRY_AFTER
    )
