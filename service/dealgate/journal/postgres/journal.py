"""The journal of many servers: each commits what waits in it at once; all share a database."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from threading import Event
from typing import Concatenate, ParamSpec, Self, TypeVar

import psycopg
from psycopg import errors as pg

from dealgate.aside.lasting import lasting_thread
from dealgate.aside.threads import in_thread
from dealgate.journal.bookmarks import BookmarkMove, Claim
from dealgate.journal.commits import Commits
from dealgate.journal.damage import DamageLog
from dealgate.journal.draft import Together
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.laws import unknown_decision
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.port import Outcomes
from dealgate.journal.postgres.commit import Committer
from dealgate.journal.postgres.connection import (
    Connection,
    connect,
    connect_writing,
    without_password,
)
from dealgate.journal.postgres.feed import FeedReader
from dealgate.journal.postgres.lookup import Lookup
from dealgate.journal.postgres.numbering import continue_numbers
from dealgate.journal.postgres.readers import Readers
from dealgate.journal.postgres.revision import is_current
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

READERS = 4
TICK = 0.5  # seconds between tries of a database that nobody writes to
RETRY_AFTER = 1.0
log = logging.getLogger(__name__)


class PostgresJournal:
    """Belongs to the event loop it was opened on."""

    @classmethod
    async def open(cls, url: str, shown: str, limits: Limits = DEFAULTS) -> Self:
        """Open the journal at `url`, creating its schema or bringing it up to date.

        `shown` is what the log calls it. Raises JournalUnusable. Blocks nobody.
        """
        return await in_thread(cls, url, shown, limits, asyncio.get_running_loop())

    def __init__(
        self, url: str, shown: str, limits: Limits, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Blocks; call `open` instead."""
        self._loop = loop
        self._scan = limits.scan
        self._damage = DamageLog(shown)
        self._standing = JournalHealth(shown)
        self._name = without_password(url)
        self._reading = Readers(self._name)
        self._closed = Event()
        with ExitStack() as opened, _opening(shown):
            _prepare(self._name)
            with closing(connect(self._name)) as db:
                continue_numbers(db, shown)
                self._feed_id = FeedReader(db).id()
            self._committer = opened.enter_context(closing(self._new_committer(limits)))
            opened.callback(self._reading.close)
            self._threads = opened.enter_context(ThreadPoolExecutor(READERS, "journal-read"))
            self._writer = Writer(self._committer, loop, limits, _nothing)
            opened.enter_context(closing(self._writer))
            watch = lasting_thread("journal-watch", self._watch, self._closed)
            opened.callback(watch.join)
            opened.callback(self._closed.set)
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
        """Return `decision` once it is durable, or the first one under its key."""
        (verdict,) = await self._writer.keep((decision,))
        return kept(verdict, Decision)

    async def append_all(self, decisions: Sequence[Decision]) -> Outcomes:
        """Return, in order, what `append` returns for each of them, or the error it raises."""
        try:
            verdicts = await self._writer.keep(tuple(decisions)) if decisions else ()
        except DealgateError as refusal:
            return [refusal] * len(decisions)
        return [outcome(verdict) for verdict in verdicts]

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Return the first once all are durable, or the first decision under its key."""
        (verdict,) = await self._writer.keep((Together(tuple(decisions)),))
        return kept(verdict, Decision)

    async def attach(self, result: Result) -> Result:
        """Return `result` once it is durable, or the revision that it repeats."""
        (verdict,) = await self._writer.keep((result,))
        return kept(verdict, Result)

    async def note(self, audited: Audited) -> None:
        """Return once an entry of the audit log is durable; raises Overloaded and Unavailable."""
        (verdict,) = await self._writer.keep((audited,))
        kept(verdict, Audited)

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, if any; raise KeyReused on another body."""
        return await self._read(Lookup.by_key, tenant, key, body_hash)

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises UnknownDecision and RecordDamaged."""
        decision = await self._read(Lookup.by_id, tenant, decision_id)
        if decision is None:
            raise unknown_decision(decision_id)
        return decision

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""
        return await self._read(Lookup.by_mark, tenant, mark, limit)

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""
        return await self._read(Lookup.by_turn, tenant, series)

    async def find(self, sought: DecisionFilter) -> Page:
        """Return decisions, newest id first; raise UnknownDecision if `before` is not an id."""
        return await self._read(Lookup.find, sought)

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        return await self._read(Lookup.results, tenant, decision_ids)

    @property
    def feed_id(self) -> bytes:
        """What tells this journal from any other."""
        return self._feed_id

    async def feed_end(self) -> Position:
        """Return the position after all that may be read now."""
        return await self._read(Lookup.feed_end)

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Return what was recorded after that position, in order; raises Unavailable."""
        return await self._read(Lookup.feed, after, wanted)

    async def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come; None: it has not begun."""
        return await self._read(Lookup.bookmark, name)

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved if another moved it."""
        (verdict,) = await self._writer.keep((move,))
        return kept(verdict, BookmarkMove)

    async def claim(self, claim: Claim) -> Claim:
        """Return `claim` once it is durable; raise BookmarkMoved if another has a name of it."""
        (verdict,) = await self._writer.keep((claim,))
        return kept(verdict, Claim)

    async def close(self) -> None:
        """Write what waits, then close the connections. May be called twice."""
        self._writer.refuse()
        await in_thread(self._opened.close)

    def _new_committer(self, limits: Limits) -> Committer:
        def open_() -> Connection:
            return connect_writing(self._name)

        return Committer(open_, limits.key_nanoseconds, self._standing, self._damage, limits.sign)

    def _watch(self) -> None:
        while not self._closed.wait(TICK):
            self._committer.look()
            self._writer.probe()

    async def _read(
        self,
        read: Callable[Concatenate[Lookup, Asked], Answer],
        *asked: Asked.args,
        **named: Asked.kwargs,
    ) -> Answer:
        def run() -> Answer:
            with self._telling():
                return self._reading.read(lambda db: read(Lookup(db, self._scan), *asked, **named))

        try:
            answer = self._loop.run_in_executor(self._threads, run)
        except RuntimeError as error:
            raise Unavailable("the journal is closed; ask another server", RETRY_AFTER) from error
        return await answer

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            with self._damage.telling():
                yield
        except (pg.DataCorrupted, pg.IndexCorrupted) as error:
            raise RecordDamaged(
                "the journal is damaged where this is looked up; ask for less, or restore a backup"
            ) from error
        except psycopg.Error as error:
            log.error("the journal cannot be read: %s", type(error).__name__)  # noqa: TRY400 - the statement may hold facts
            raise Unavailable("the journal cannot be read; try again later", RETRY_AFTER) from error


def _prepare(name: str) -> None:
    """Create the schema, or bring it up to date."""
    if is_current(name):
        return
    # Imported here alone: a quarter of a second that most starts do without.
    from dealgate.journal.postgres.schema import migrate  # noqa: PLC0415

    migrate(name)


def _nothing(_: int) -> None:
    """After a commit there is nothing to look after: PostgreSQL does."""


@contextmanager
def _opening(shown: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if isinstance(error, JournalUnusable):
            raise
        reason = str(error).partition("\n")[0]
        raise JournalUnusable(f"{shown}: cannot be opened as a journal: {reason}") from error
