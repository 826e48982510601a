"""One transaction for a batch of entries: all are durable, or each gets the reason."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import apsw

from dealgate.journal.chain import Sign
from dealgate.journal.damage import DamageLog
from dealgate.journal.draft import CommitVerdict, Draft, Entry
from dealgate.journal.halves import by_halves
from dealgate.journal.sqlite.appends import Appends
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.guard import Guard
from dealgate.journal.sqlite.lookup import Lookup
from dealgate.journal.sqlite.revisions import Results
from dealgate.journal.sqlite.sharing import Sharing, Sole
from dealgate.journal.standing import JournalHealth
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged, Unavailable

RETRY_AFTER = 1.0  # seconds: a full disk is not emptied sooner
log = logging.getLogger(__name__)

# Part of the file is damaged, or one entry cannot be stored: not everybody's fault, nor the disk's.
ALONE = (apsw.CorruptError, apsw.TooBigError)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A zstd dictionary, trained on records up to the one numbered `trained_at`."""

    content: bytes
    trained_at: int


@dataclass(frozen=True, slots=True)
class KeptDictionary:
    """A dictionary that another process trained, and that the journal holds."""

    id: int


class Committer:
    """Commits batches through the only writing connection, on one thread."""

    def __init__(
        self,
        db: apsw.Connection,
        reader: apsw.Connection,
        key_lifetime: int,
        sharing: Sharing | Sole,
        guard: Guard,
        standing: JournalHealth,
        damage: DamageLog,
        sign: Sign | None = None,
    ) -> None:
        """`key_lifetime` is in nanoseconds; what cannot be kept is told to `standing`."""
        self._db = db
        self._sharing = sharing
        self._guard = guard
        self._standing = standing
        self._damage = damage
        self._appends = Appends(db, key_lifetime, sign)
        self._lookup = Lookup(reader, bodies_of(reader))
        self._results = Results(reader)
        self._offered: Dictionary | KeptDictionary | None = None
        self._sweeps = True
        self.synced = 0.0

    def offer(self, dictionary: Dictionary | KeptDictionary) -> None:
        """Compress with `dictionary` from the next commit on. From any thread."""
        self._offered = dictionary

    def commit(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        """Return, durable, what each append or attachment returns, or the error it raises.

        Without entries it only tries whether the journal can be written.
        """
        try:
            with self._sharing.commit():
                verdicts, fault = self._attempt(entries)
        except Exception as error:  # noqa: BLE001 - the writer must outlive every fault
            self._standing.failed(str(error), error)
        else:
            if fault is None:
                self._standing.worked()
                return verdicts
            self._standing.failed(fault)
        return [_unavailable() for _ in entries]

    def _attempt(self, entries: Sequence[Entry]) -> tuple[Sequence[CommitVerdict], str | None]:
        """Commit, and say whether the files are no longer where they were: it may not last."""
        fault = self._guard.moved() or self._guard.cut()
        if fault is not None:
            return (), fault
        self._adopt()
        verdicts = self._commit(entries) if entries else self._touch()
        return verdicts, self._guard.moved() or self._guard.beheaded()

    def _touch(self) -> Sequence[CommitVerdict]:
        """Write the same again, durably."""
        with self._db:
            self._db.pragma("user_version", self._db.pragma("user_version"))
        return ()

    def _commit(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        verdicts = by_halves(entries, self._written, _is_everybodys)
        damage = [verdict for verdict in verdicts if isinstance(verdict, apsw.CorruptError)]
        if damage and len(damage) == len(entries):
            raise damage[0]  # nothing can be kept: this is no longer one caller's trouble
        return [
            self._nowhere(verdict) if isinstance(verdict, apsw.CorruptError) else verdict
            for verdict in verdicts
        ]

    def _written(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        draft = Draft(self._lookup, self._results, self._appends.bodies, self._damage)
        verdicts = [draft.judge(entry) for entry in entries]
        if draft.is_empty:
            return verdicts
        with self._db:
            self._appends.write(draft)
            if draft.decisions and self._sweeps:
                self._sweep(draft.decisions)
            written = monotonic()
        self.synced = monotonic() - written
        return verdicts

    def _sweep(self, decisions: Sequence[Decision]) -> None:
        """Forget old keys, unless just they are damaged: then they are remembered for longer."""
        try:
            self._appends.sweep(decisions)
        except apsw.CorruptError:
            self._sweeps = False
            log.exception("journal %s: expired keys are no longer deleted", self._db.filename)
            raise  # the transaction is spoilt, and begun again without this

    def _nowhere(self, error: apsw.CorruptError) -> RecordDamaged:
        damage = RecordDamaged(
            "this cannot be stored: the journal is damaged at this place; restore a backup of it"
        )
        damage.__cause__ = error
        self._damage.tell(damage)
        return damage

    def _adopt(self) -> None:
        """Keep the offered dictionary, in its own transaction: no decision shares its fate."""
        offered, self._offered = self._offered, None
        if offered is None:
            return
        if isinstance(offered, KeptDictionary):
            self._appends.bodies.use(offered.id)
            return
        try:
            self._appends.add_dictionary(offered.content, offered.trained_at)
        except apsw.Error:
            log.exception("journal %s: a dictionary could not be kept", self._db.filename)


def _is_everybodys(error: Exception) -> bool:
    """Tell whether the file is at fault, rather than an entry that cannot be stored."""
    return isinstance(error, apsw.Error) and not isinstance(error, ALONE)


def _unavailable() -> Unavailable:
    return Unavailable(
        "the journal cannot be written; ask again later, with the same idempotency key", RETRY_AFTER
    )
