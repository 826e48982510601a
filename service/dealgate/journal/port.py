"""What a journal is: everything the rest of Dealgate may ask of one, whatever keeps it.

Rooms that need less declare less, where they use it (`decide.Journal`, `lookup`, `wire/records`);
`urls.open_journal` returns all of it. `laws.py` says what every implementation promises, and
`tests/journal` holds each of them to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from dealgate.journal.bookmarks import BookmarkMove, Claim
from dealgate.journal.commits import Commits
from dealgate.journal.evidence import EvidenceSnapshot
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.errors import RecordDamaged
from dealgate.model.feed import FeedFilter, FeedPage, Position
from dealgate.model.results import Result

# What became of each decision of a batch, in order: what `append` returns, or what it raises.
Outcomes: TypeAlias = Sequence[Decision | Exception]
# A recorded decision, and its result by the newest revision, if one was reported.
Recorded: TypeAlias = tuple[Decision, Result | None]


class Journal(Protocol):
    """Remembers every decision. Belongs to the event loop it was opened on."""

    @property
    def fault(self) -> str | None:
        """Why decisions cannot be kept now, for the operator; None: they can be."""

    @property
    def commits(self) -> Commits:
        """The newest commit, and how much waits for the next."""

    async def append(self, decision: Decision) -> Decision:
        """Return `decision` once it is durable, or the first one under its key.

        Raises KeyReused (the key came with another body), TurnTaken (the series has moved on),
        Overloaded (the queue is full), Unavailable (the journal cannot be written), RecordDamaged
        (what the key leads to can no longer be read) and AlreadyRecorded (the id was appended
        before); ValueError or OverflowError if no journal could hold it.
        """

    async def append_all(self, decisions: Sequence[Decision]) -> Outcomes:
        """Return, in order, what `append` returns for each of them, or the error that it raises.

        They are one entry in the queue and become durable together; each is accepted or refused
        for itself, in order, as if appended one after the other. Never raises.
        """

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Return the first of them once all are durable, or the first decision under its key.

        They are recorded all or not at all, also if the process dies meanwhile. Only the first may
        have a key. Raises what `append` raises, for whichever of them.
        """

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, if any; raise KeyReused on another body."""

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises UnknownDecision and RecordDamaged."""

    async def find(self, sought: DecisionFilter) -> Page:
        """Return decisions, newest id first; raise UnknownDecision if `before` is not an id.

        A page may be short, or empty, and still have a `next_before`: its work is bounded. What
        can no longer be read is named in its `damaged`.
        """

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""

    async def attach(self, result: Result) -> Result:
        """Return `result` once it is durable, or the revision that it repeats.

        Raises UnknownDecision, ResultExists (the decision has another result, and this corrects
        none), Stale (it does not correct the newest revision), Overloaded and Unavailable.
        """

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""

    async def note(self, audited: Audited) -> None:
        """Return once an entry of the audit log is durable; raises Overloaded and Unavailable."""

    @property
    def feed_id(self) -> bytes:
        """What tells this journal from any other: its positions mean nothing elsewhere."""

    async def feed_end(self) -> Position:
        """Return the position after all that is recorded, as far as it may be read now."""

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Return what was recorded after that position, in order; raises Unavailable.

        Each decision and each revision of a result comes once, a result after its decision,
        whoever writes meanwhile. The work of a page is bounded: it may be empty and have `more`.
        """

    async def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come; None: it has not begun."""

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Return `move` once it is durable; raise BookmarkMoved if another moved it."""

    async def claim(self, claim: Claim) -> Claim:
        """Return `claim` once it is durable; raise BookmarkMoved if another has a name of it."""

    async def close(self) -> None:
        """Write what waits, then release what is open. May be called twice."""


class TenantReader(Protocol):
    """Reads one tenant's decisions in any process: it travels by pickle, without a secret."""

    def __call__(
        self, kinds: Sequence[str], since: int | None = None, after: str | None = None
    ) -> Iterator[Recorded | RecordDamaged]:
        """Yield decisions of these kinds in the order they were recorded; raise JournalUnusable.

        Each comes with its newest result; in place of one that can no longer be read comes why.
        Those recorded after the first is asked for are left out, and so are those decided before
        `since` (ns) and those recorded up to the decision `after`, which raises UnknownDecision if
        it is not there. Takes no lock that a writer would notice.
        """


class Reader(Protocol):
    """Reads a journal that somebody else may be writing: waits for nobody, changes nothing."""

    def decision(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises JournalUnusable, UnknownDecision and RecordDamaged."""

    def of_tenant(self, tenant: str) -> TenantReader:
        """Return what reads the decisions of this tenant."""

    def evidence(self) -> AbstractContextManager[EvidenceSnapshot]:
        """Within the block, read all evidence as of one instant; raises JournalUnusable."""

    def newest(self) -> Decision | None:
        """Return the newest decision of all tenants, as it is kept.

        None: there is none, or it cannot be read. Raises JournalUnusable.
        """
