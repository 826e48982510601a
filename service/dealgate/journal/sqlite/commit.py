"""One transaction for a batch of entries: all are durable, or each hears why it is not."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import apsw

from dealgate.journal.damage import DamageLog
from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.sqlite.appends import Appends
from dealgate.journal.sqlite.results import Results
from dealgate.model.decision import Decision
from dealgate.model.errors import (
    KeyReused,
    RecordDamaged,
    ResultExists,
    Stale,
    TurnTaken,
    Unavailable,
    UnknownDecision,
)
from dealgate.model.results import Result

RETRY_AFTER = 1.0  # seconds: a full disk is not emptied sooner
log = logging.getLogger(__name__)

Entry: TypeAlias = Decision | Result
Verdict: TypeAlias = Entry | Exception
REFUSALS = (KeyReused, TurnTaken, Stale, AlreadyRecorded, ResultExists, UnknownDecision)
# Part of the file is damaged, or one entry cannot be stored: nobody else's fault, nor the disk's.
ALONE = (apsw.CorruptError, apsw.TooBigError)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A zstd dictionary, trained on records up to the one numbered `trained_at`."""

    content: bytes
    trained_at: int


class Committer:
    """Commits batches through the only writing connection, on one thread."""

    def __init__(self, db: apsw.Connection, key_lifetime: int, damage: DamageLog) -> None:
        """`key_lifetime` is in nanoseconds."""
        self._db = db
        self._damage = damage
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
        try:
            verdicts = self._commit(entries)
        except Exception as error:  # noqa: BLE001 - the writer must outlive every fault
            self._report(error)
            return [_unavailable() for _ in entries]
        self._report(None)
        return verdicts

    def _commit(self, entries: Sequence[Entry]) -> Sequence[Verdict]:
        try:
            with self._db:
                verdicts = self._keep_all(entries)
                decisions = [entry for entry in entries if isinstance(entry, Decision)]
                if decisions:
                    self._appends.widen_drift(decisions)
                    self._appends.sweep(decisions)
        except Exception as error:
            if _of_storage(error):
                raise
            return self._commit_apart(entries)
        return verdicts

    def _keep_all(self, entries: Sequence[Entry]) -> Sequence[Verdict]:
        verdicts: list[Verdict] = []
        for plain, run in groupby(entries, _is_plain):
            if plain:
                decisions = [entry for entry in run if isinstance(entry, Decision)]
                self._appends.append_plain(decisions)
                verdicts += decisions
            else:
                verdicts += [self._keep(entry) for entry in run]
        return verdicts

    def _keep(self, entry: Entry) -> Verdict:
        try:
            if isinstance(entry, Decision):
                return self._appends.append(entry)
            return self._results.attach(entry)
        except RecordDamaged as damage:
            self._damage.tell(damage)
            return damage
        except REFUSALS as refusal:
            return refusal

    def _commit_apart(self, entries: Sequence[Entry]) -> Sequence[Verdict]:
        """Commit them together, but each in a savepoint of its own: one that fails, fails alone."""
        with self._db:
            verdicts = [self._keep_apart(entry) for entry in entries]
            kept = [verdict for verdict in verdicts if isinstance(verdict, Decision)]
            if kept:
                self._appends.widen_drift(kept)
                self._sweep_apart(kept)
        damage = [verdict for verdict in verdicts if isinstance(verdict, apsw.CorruptError)]
        if len(damage) == len(entries):
            raise damage[0]  # nothing can be kept: no longer one caller's trouble
        return [
            _unavailable() if isinstance(verdict, apsw.CorruptError) else verdict
            for verdict in verdicts
        ]

    def _keep_apart(self, entry: Entry) -> Verdict:
        try:
            with self._db:
                verdict = self._keep(entry)
        except Exception as error:
            if _of_storage(error):
                raise
            return error
        return verdict

    def _sweep_apart(self, kept: Sequence[Decision]) -> None:
        """Forget old keys, unless just they are damaged: then they are remembered for longer."""
        try:
            with self._db:
                self._appends.sweep(kept)
        except apsw.CorruptError:
            log.exception("journal %s: old keys cannot be forgotten", self._db.filename)

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


def _is_plain(entry: Entry) -> bool:
    """Tell whether nothing has to be looked up before this entry can be inserted."""
    return (
        isinstance(entry, Decision) and entry.key is None and entry.turn is None and not entry.marks
    )


def _of_storage(error: Exception) -> bool:
    """Tell whether the file is at fault, rather than a decision that cannot be stored."""
    return isinstance(error, apsw.Error) and not isinstance(error, ALONE)


def _unavailable() -> Unavailable:
    return Unavailable(
        "the journal cannot be written; ask again later, with the same idempotency key", RETRY_AFTER
    )
