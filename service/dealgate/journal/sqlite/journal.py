"""The embedded journal: one SQLite file, written by one thread of one process.

<journal>         every decision; `connection.py` says how it is kept durable
<journal>-wal     its newest commits; belongs to it, like <journal>-shm
<journal>.index   derived, may be deleted while the journal is closed (`index.py`)
<journal>.lock    held by the process that writes (`file.py`)
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

import apsw

from dealgate.aside.threads import in_thread
from dealgate.journal.bookmarks import BookmarkMove, Claim
from dealgate.journal.commits import Commits
from dealgate.journal.damage import DamageLog
from dealgate.journal.draft import Together
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.laws import unknown_decision
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.port import Outcomes
from dealgate.journal.sqlite.beginning import began
from dealgate.journal.sqlite.checkpoint import Checkpointer
from dealgate.journal.sqlite.commit import Committer
from dealgate.journal.sqlite.connection import open_reading, open_writing
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.feed import FeedReader
from dealgate.journal.sqlite.file import (
    lock,
    make_directory,
    make_private,
    refuse_second_name,
    sync_directory,
    tell_beginning,
    warn_of_readers,
)
from dealgate.journal.sqlite.guard import Guard
from dealgate.journal.sqlite.housekeeping import Housekeeper
from dealgate.journal.sqlite.index import Indexer
from dealgate.journal.sqlite.lookup import Lookup
from dealgate.journal.sqlite.revision import is_current
from dealgate.journal.sqlite.search import Search
from dealgate.journal.sqlite.sharing import Sharing, Sole
from dealgate.journal.sqlite.training import Trainer
from dealgate.journal.sqlite.watch import Watch
from dealgate.journal.standing import JournalHealth
from dealgate.journal.verdicts import kept, outcome
from dealgate.journal.writer import Writer
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.errors import DealgateError, RecordDamaged, Unavailable
from dealgate.model.feed import FeedFilter, FeedPage, Position
from dealgate.model.results import Result

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

RETRY_AFTER = 1.0
log = logging.getLogger(__name__)


class SqliteJournal:
    """Belongs to the event loop it was opened on."""

    @classmethod
    async def open(cls, path: Path, limits: Limits = DEFAULTS, *, shared: bool = False) -> Self:
        """Open the journal at `path`, creating it and bringing its schema up to date.

        `shared`: other processes may write it, too, who all say so. Raises JournalUnusable: it has
        a writer already, is from a newer Dealgate, is not a journal, or cannot be kept durable
        there. Blocks nobody.
        """
        loop = asyncio.get_running_loop()
        return await in_thread(cls, path, limits, loop, shared=shared)

    def __init__(
        self, path: Path, limits: Limits, loop: asyncio.AbstractEventLoop, *, shared: bool
    ) -> None:
        """Blocks; call `open` instead."""
        path = path.resolve()
        self._shared = shared
        self._loop = loop
        self._damage = DamageLog(str(path))
        self._standing = JournalHealth(str(path))
        self._rows = 0
        self._rows_due = min(limits.index_after, limits.train_after)
        with ExitStack() as opened, _opening(path):
            make_directory(path.parent)
            opened.enter_context(lock(path, shared=shared))
            self._sharing = opened.enter_context(closing(Sharing(path) if shared else Sole()))
            with self._sharing.commit():
                _prepare(path)
                self._open_writer(path, limits, opened)
                self._open_readers(path, limits, opened)
            self._opened = opened.pop_all()

    @property
    def fault(self) -> str | None:
        """Why decisions cannot be kept now, for the operator; None: they can be."""
        return self._standing.fault

    @property
    def commits(self) -> Commits:
        """The newest commit, and how much waits for the next."""
        return self._writer.commits

    async def append(self, decision: Decision) -> Decision:
        """Return `decision` once it is durable, or the first one under its key.

        Raises KeyReused (the key came with another body), TurnTaken (the series has moved on),
        Overloaded (the queue is full), Unavailable (the file cannot be written) and
        AlreadyRecorded (the id was appended before).
        A caller that is cancelled cannot know whether its decision is recorded; nor can one that
        hears Unavailable, should the process crash before the next commit. The key tells later.
        """
        (verdict,) = await self._writer.keep((decision,))
        return kept(verdict, Decision)

    async def append_all(self, decisions: Sequence[Decision]) -> Outcomes:
        """Return, in order, what `append` returns for each of them, or the error it raises."""
        try:
            verdicts = await self._writer.keep(tuple(decisions))
        except DealgateError as refusal:
            return [refusal] * len(decisions)
        return [outcome(verdict) for verdict in verdicts]

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Return the first once all are durable, or the first decision under its key."""
        (verdict,) = await self._writer.keep((Together(tuple(decisions)),))
        return kept(verdict, Decision)

    async def attach(self, result: Result) -> Result:
        """Return `result` once it is durable, or the revision that it repeats.

        Raises UnknownDecision, ResultExists (the decision has another result, and this corrects
        none), Stale (it does not correct the newest revision), Overloaded and Unavailable.
        """
        (verdict,) = await self._writer.keep((result,))
        return kept(verdict, Result)

    async def note(self, audited: Audited) -> None:
        """Return once an entry of the audit log is durable; raises Overloaded and Unavailable."""
        (verdict,) = await self._writer.keep((audited,))
        kept(verdict, Audited)

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, if any; raise KeyReused on another body."""
        with self._reading():
            return self._lookup.by_key(tenant, key, body_hash)

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision, or raise UnknownDecision."""
        # On the event loop: a point read takes a quarter of the time of a hop to a thread.
        with self._reading():
            decision = self._lookup.by_id(tenant, decision_id)
        if decision is None:
            raise unknown_decision(decision_id)
        return decision

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""
        with self._reading():
            return self._lookup.by_mark(tenant, mark, limit)

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""
        with self._reading():
            return self._lookup.by_turn(tenant, series)

    async def find(self, sought: DecisionFilter) -> Page:
        """Return decisions, newest id first; raise UnknownDecision if `before` is not an id.

        A page may be short, or empty, and still have a `next_before`: its work is bounded.
        """
        return await self._searched(self._search.find, sought)

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        return await self._searched(self._search.results, tenant, decision_ids)

    @property
    def feed_id(self) -> bytes:
        """What tells this journal from any other."""
        return self._feed.id

    async def feed_end(self) -> Position:
        """Return the position after all that is recorded."""
        return await self._searched(self._feed.end)

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Return what was recorded after that position, in order; raises Unavailable."""
        return await self._searched(self._feed.after, after, wanted)

    async def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come; None: it has not begun."""
        with self._reading():
            return self._lookup.bookmark(name)

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved if another moved it."""
        (verdict,) = await self._writer.keep((move,))
        return kept(verdict, BookmarkMove)

    async def claim(self, claim: Claim) -> Claim:
        """Return `claim` once it is durable; raise BookmarkMoved if another has a name of it."""
        (verdict,) = await self._writer.keep((claim,))
        return kept(verdict, Claim)

    async def close(self) -> None:
        """Write what waits, then close the file. May be called twice."""
        self._writer.refuse()
        await in_thread(self._opened.close)

    def _open_writer(self, path: Path, limits: Limits, opened: ExitStack) -> None:
        db = opened.enter_context(closing(open_writing(path)))
        self._checkpointer = opened.enter_context(
            closing(Checkpointer(path, db, limits.checkpoint_pages, shared=self._shared))
        )
        guard = self._guard = opened.enter_context(closing(Guard(path, db)))
        reader = opened.enter_context(closing(open_reading(path)))
        committer = self._committer = Committer(
            db,
            reader,
            limits.key_nanoseconds,
            self._sharing,
            guard,
            self._standing,
            self._damage,
            limits.sign,
        )
        indexer = opened.enter_context(closing(Indexer(path, limits.index_after)))
        trainer = opened.enter_context(closing(Trainer(path, limits.train_after, committer.offer)))
        chores = (self._checkpointer.run, indexer.run, trainer.run)
        alone = [self._sharing.alone(chore) for chore in chores]
        self._housekeeper = opened.enter_context(closing(Housekeeper(alone)))
        self._writer = Writer(committer, self._loop, limits, self._after_commit)
        opened.enter_context(closing(self._writer))
        watch = Watch(path, guard, self._standing, self._checkpointer.rescue, self._writer.probe)
        opened.enter_context(closing(watch))

    def _open_readers(self, path: Path, limits: Limits, opened: ExitStack) -> None:
        reader = opened.enter_context(closing(open_reading(path)))
        self._lookup = Lookup(reader, bodies_of(reader))
        self._search = opened.enter_context(closing(Search(path, limits.scan)))
        follower = opened.enter_context(closing(open_reading(path)))
        self._feed = FeedReader(follower, bodies_of(follower))
        self._searcher = opened.enter_context(ThreadPoolExecutor(1, "journal-search"))

    def _after_commit(self, rows: int) -> None:
        self._guard.committed(self._checkpointer.pages)
        self._checkpointer.hold_to_cap()
        self._rows += rows
        if self._rows >= self._rows_due or self._checkpointer.is_due:
            self._rows = 0
            self._housekeeper.wake()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with self._damage.telling():
                yield
        except apsw.CorruptError as error:
            damage = RecordDamaged(
                "the journal is damaged where this is looked up; ask for less, or restore a backup"
            )
            damage.__cause__ = error
            self._damage.tell(damage)
            raise damage from error
        except apsw.Error as error:
            log.exception("the journal cannot be read")
            raise Unavailable("the journal cannot be read; try again later", RETRY_AFTER) from error

    async def _searched(
        self, search: Callable[Asked, Answer], *asked: Asked.args, **named: Asked.kwargs
    ) -> Answer:
        def run() -> Answer:
            with self._reading():
                return search(*asked, **named)

        try:
            answer = self._loop.run_in_executor(self._searcher, run)
        except RuntimeError as error:
            raise Unavailable("the journal is closed; ask another server", RETRY_AFTER) from error
        return await answer


def _prepare(path: Path) -> None:
    """Create the file, or bring its schema up to date."""
    if path.is_file():
        refuse_second_name(path)
    if is_current(path):
        warn_of_readers(path)
        return
    tell_beginning(path)
    make_private(path)
    if not began(path):
        # Imported here alone: half a second that most starts do without.
        from dealgate.journal.sqlite.schema import migrate  # noqa: PLC0415

        migrate(path)
    sync_directory(path.parent)


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise JournalUnusable(f"{path}: cannot be opened as a journal: {error}") from error
