"""A journal that forgets everything when the process ends: for tests and for trying things out."""

import os
from collections.abc import Mapping, Sequence
from itertools import islice
from operator import attrgetter

from dealgate.journal.bookmarks import BookmarkMove, Claim, refuse_second_mover
from dealgate.journal.commits import Commits
from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.laws import refuse_reuse, refuse_turn, settled, unknown_decision
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.memory_reader import matches
from dealgate.journal.merging import FEED_ROWS
from dealgate.journal.port import Outcomes
from dealgate.journal.record import id_bytes
from dealgate.journal.span import id_span
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.feed import FeedEvent, FeedFilter, FeedPage, Position
from dealgate.model.results import Result

SWEPT = 18  # keys looked at per append, as the SQLite journal does when appends come one by one


class MemoryJournal:
    """The same promises as SqliteJournal, except that nothing outlives the process."""

    def __init__(self, limits: Limits = DEFAULTS) -> None:
        self._key_lifetime = limits.key_nanoseconds
        self._decisions: dict[tuple[str, str], Decision] = {}
        self._keys: dict[tuple[str, str], Decision] = {}
        self._turns: dict[tuple[str, str], Decision] = {}
        self._results: dict[tuple[str, str], list[Result]] = {}
        self.audited: list[Audited] = []
        self._events: list[FeedEvent] = []
        self._bookmarks: dict[str, Position] = {}
        self.feed_id = os.urandom(8)

    @property
    def commits(self) -> Commits:
        """There are none: what is kept in memory waits for nothing."""
        return Commits()

    @property
    def fault(self) -> None:
        """Memory has none."""
        return None

    async def append(self, decision: Decision) -> Decision:
        """Record `decision`, or return the first one under its key.

        Raises KeyReused, TurnTaken, AlreadyRecorded, and ValueError if the id is not a UUID.
        """
        if decision.key is not None:
            first = await self.recall(decision.tenant, decision.key, decision.body_hash)
            if first is not None:
                return first
        turn = decision.turn
        if turn is not None:
            last = self._turns.get((decision.tenant, turn.series))
            refuse_turn(turn, last.turn.number if last is not None and last.turn else 0)
        id_bytes(decision.id)
        if (decision.tenant, decision.id) in self._decisions:
            raise AlreadyRecorded(decision.id)
        self._record(decision)
        return decision

    async def append_all(self, decisions: Sequence[Decision]) -> Outcomes:
        """Return, in order, what `append` returns for each of them, or the error it raises."""
        return [await self._outcome(decision) for decision in decisions]

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Record all and return the first, or return the first one under its key."""
        first, *rest = decisions
        recorded = await self.append(first)
        if recorded is not first:
            return recorded
        for index, decision in enumerate(rest, 1):
            try:
                await self.append(decision)
            except Exception:
                self._forget(decisions[:index])
                raise
        return first

    async def note(self, audited: Audited) -> None:
        """Keep an entry of the audit log."""
        self.audited.append(audited)

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, if any; raise KeyReused on another body."""
        first = self._keys.get((tenant, key))
        if first is not None:
            refuse_reuse(first.body_hash, body_hash)
        return first

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision, or raise UnknownDecision."""
        try:
            return self._decisions[tenant, decision_id]
        except KeyError:
            raise unknown_decision(decision_id) from None

    async def find(self, sought: DecisionFilter) -> Page:
        """Return decisions, newest id first; raise UnknownDecision if `before` is not an id."""
        id_span(sought, drift=0)
        newest_first = sorted(self._decisions.values(), key=attrgetter("id"), reverse=True)
        matching = (decision for decision in newest_first if matches(decision, sought))
        decisions = list(islice(matching, sought.limit))
        more = next(matching, None) is not None
        return Page(decisions, decisions[-1].id if more else None)

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""
        newest_first = reversed(self._decisions.values())
        marked = (
            decision
            for decision in newest_first
            if decision.tenant == tenant and mark in decision.marks
        )
        return list(islice(marked, limit))

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""
        return self._turns.get((tenant, series))

    async def attach(self, result: Result) -> Result:
        """Add `result`, or return the revision that it repeats.

        Raises UnknownDecision, ResultExists and Stale.
        """
        known = (result.tenant, result.decision_id)
        if known not in self._decisions:
            raise unknown_decision(result.decision_id)
        history = self._results.setdefault(known, [])
        repeated = settled(history, result)
        if repeated is None:
            history.append(result)
            self._tell(self._decisions[known], result)
        return repeated or result

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        histories = {known: self._results.get((tenant, known), []) for known in decision_ids}
        return {known: list(revisions) for known, revisions in histories.items() if revisions}

    async def feed_end(self) -> Position:
        """Return the position after all that is recorded."""
        return Position(len(self._events), 0)

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Return what was recorded after that position, in order."""
        rows = self._events[after.first : after.first + FEED_ROWS]
        through = max(after, Position(after.first + len(rows), 0)) if rows else after
        more = len(self._events) > through.first
        return FeedPage([event for event in rows if wanted.admits(event)], through, more)

    async def bookmark(self, name: str) -> Position | None:
        """Return how far the reader of this name has come; None: it has not begun."""
        return self._bookmarks.get(name)

    async def move_bookmark(self, move: BookmarkMove) -> BookmarkMove:
        """Move it; raise BookmarkMoved if somebody else moved it before."""
        refuse_second_mover(move, self._bookmarks.get(move.name))
        self._bookmarks[move.name] = move.to
        return move

    async def claim(self, claim: Claim) -> Claim:
        """Keep it; raise BookmarkMoved if another has a name of it."""
        for move in claim.moves:
            refuse_second_mover(move, self._bookmarks.get(move.name))
        self._bookmarks.update({move.name: move.to for move in claim.moves})
        if claim.audited is not None:
            self.audited.append(claim.audited)
        return claim

    async def close(self) -> None:
        """There is nothing to release."""

    async def _outcome(self, decision: Decision) -> Decision | Exception:
        try:
            return await self.append(decision)
        except Exception as error:  # noqa: BLE001 - its caller is told, and the others go on
            return error

    def _forget(self, decisions: Sequence[Decision]) -> None:
        """Take back what was recorded last."""
        del self._events[len(self._events) - len(decisions) :]
        for decision in decisions:
            del self._decisions[decision.tenant, decision.id]
            if decision.key is not None:
                self._keys.pop((decision.tenant, decision.key), None)
        for decision in decisions:
            if decision.turn is not None:
                self._take_back(decision.tenant, decision.turn.series)

    def _take_back(self, tenant: str, series: str) -> None:
        """Give the last turn of a series back to the decision before."""
        self._turns.pop((tenant, series), None)
        for decision in self._decisions.values():
            if decision.tenant == tenant and decision.turn and decision.turn.series == series:
                self._turns[tenant, series] = decision

    def _tell(self, decision: Decision, result: Result | None = None) -> None:
        position = Position(len(self._events) + 1, 0)
        self._events.append(FeedEvent(position, decision, result))

    def _record(self, decision: Decision) -> None:
        self._decisions[decision.tenant, decision.id] = decision
        self._tell(decision)
        if decision.key is not None:
            self._keys[decision.tenant, decision.key] = decision
        if decision.turn is not None:
            self._turns[decision.tenant, decision.turn.series] = decision
        for known, first in list(islice(self._keys.items(), SWEPT)):
            if first.decided_at < decision.decided_at - self._key_lifetime:
                del self._keys[known]
