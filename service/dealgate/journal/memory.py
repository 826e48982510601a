"""A journal that forgets everything when the process ends: for tests and for trying things out."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import islice

from dealgate.journal.errors import AlreadyRecorded
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.record import id_bytes
from dealgate.journal.results import settled, unknown
from dealgate.journal.span import id_span
from dealgate.journal.sqlite.appends import refuse_turn
from dealgate.journal.sqlite.lookup import refuse_reuse
from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.errors import UnknownDecision
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

    async def append(self, decision: Decision) -> Decision:
        """Record `decision`, or return the first one under its key.

        Raises KeyReused, TurnTaken, AlreadyRecorded, and ValueError if the id is no UUID.
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

    async def append_all(self, decisions: Sequence[Decision]) -> Sequence[Decision | Exception]:
        """Return, in order, what `append` returns for each, or the error that it raises."""
        return await asyncio.gather(*map(self._kept, decisions))

    async def _kept(self, decision: Decision) -> Decision | Exception:
        try:
            return await self.append(decision)
        except Exception as error:  # noqa: BLE001 - whoever asked is told, and the others go on
            return error

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
            raise UnknownDecision(f"there is no decision {decision_id}") from None

    async def find(self, sought: DecisionFilter) -> Page:
        """Return decisions, newest id first; raise UnknownDecision if `before` is no id."""
        id_span(sought, drift=0)
        newest_first = sorted(self._decisions.values(), key=lambda found: found.id, reverse=True)
        matching = (found for found in newest_first if _matches(found, sought))
        decisions = list(islice(matching, sought.limit))
        more = next(matching, None) is not None
        return Page(decisions, decisions[-1].id if more else None)

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""
        newest_first = reversed(self._decisions.values())
        found = (one for one in newest_first if one.tenant == tenant and mark in one.marks)
        return list(islice(found, limit))

    async def last_of(self, tenant: str, series: str) -> Decision | None:
        """Return the decision that took the last turn of the series, or None if none did."""
        return self._turns.get((tenant, series))

    async def attach(self, result: Result) -> Result:
        """Add `result`, or return the revision that it repeats.

        Raises UnknownDecision, ResultExists and TurnTaken.
        """
        known = (result.tenant, result.decision_id)
        if known not in self._decisions:
            raise unknown(result)
        history = self._results.setdefault(known, [])
        repeated = settled(history, result)
        if repeated is None:
            history.append(result)
        return repeated or result

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""
        found = {known: self._results.get((tenant, known), []) for known in decision_ids}
        return {known: list(revisions) for known, revisions in found.items() if revisions}

    async def close(self) -> None:
        """Nothing to let go of."""

    def _record(self, decision: Decision) -> None:
        self._decisions[decision.tenant, decision.id] = decision
        if decision.key is not None:
            self._keys[decision.tenant, decision.key] = decision
        if decision.turn is not None:
            self._turns[decision.tenant, decision.turn.series] = decision
        for known, first in list(islice(self._keys.items(), SWEPT)):
            if first.decided_at < decision.decided_at - self._key_lifetime:
                del self._keys[known]


def _matches(found: Decision, sought: DecisionFilter) -> bool:
    return (
        found.tenant == sought.tenant
        and sought.entity in {None, str(found.entity)}
        and sought.kind in {None, found.kind}
        and sought.version in {None, found.version}
        and (sought.decided_from is None or found.decided_at >= sought.decided_from)
        and (sought.decided_before is None or found.decided_at < sought.decided_before)
        and (sought.before is None or found.id < sought.before)
    )
