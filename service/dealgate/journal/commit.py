"""One transaction for a batch of appends: all are durable, or each hears why it is not."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import apsw

from dealgate.journal.appends import Appends
from dealgate.journal.errors import AlreadyRecorded
from dealgate.model.decision import Decision
from dealgate.model.errors import KeyReused, TurnTaken, Unavailable

RETRY_AFTER = 1.0  # seconds: a full disk is not emptied sooner
log = logging.getLogger(__name__)

Verdict: TypeAlias = Decision | Exception


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
        self._offered: Dictionary | None = None
        self._failing = False

    def offer(self, dictionary: Dictionary) -> None:
        """Compress with `dictionary` from the next commit on. From any thread."""
        self._offered = dictionary

    def commit(self, decisions: Sequence[Decision]) -> Sequence[Verdict]:
        """Return, durable, what each append returns, or the error it raises."""
        self._adopt()
        return self._commit(decisions)

    def _commit(self, decisions: Sequence[Decision]) -> Sequence[Verdict]:
        try:
            with self._db:
                verdicts = self._append_all(decisions)
        except Exception as error:  # noqa: BLE001 - the writer must outlive every fault
            if _of_storage(error):
                self._report(error)
                return [_unavailable() for _ in decisions]
            if len(decisions) == 1:
                return [error]
            # One of them cannot be stored: alone, it fails alone.
            return [verdict for decision in decisions for verdict in self._commit([decision])]
        self._report(None)
        return verdicts

    def _append_all(self, decisions: Sequence[Decision]) -> Sequence[Verdict]:
        verdicts = [self._append(decision) for decision in decisions]
        self._appends.finish(decisions)
        return verdicts

    def _append(self, decision: Decision) -> Verdict:
        try:
            return self._appends.append(decision)
        except (KeyReused, TurnTaken, AlreadyRecorded) as refusal:
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
