"""What becomes of a batch of entries, judged by the laws before anything is written.

What is committed is read first, and what is new is only inserted afterwards. A damaged page that
is met in a transaction would spoil all of it; met here, it is the trouble of the one who asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from dealgate.journal.body import Bodies
from dealgate.journal.bookmarks import BookmarkMove, BookmarkMoved, Claim, refuse_second_mover
from dealgate.journal.damage import DamageLog
from dealgate.journal.laws import refuse_reuse, refuse_turn, settled, unknown_decision
from dealgate.journal.record import Row, to_row
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision
from dealgate.model.errors import (
    KeyReused,
    RecordDamaged,
    ResultExists,
    Stale,
    TurnTaken,
    UnknownDecision,
)
from dealgate.model.feed import Position
from dealgate.model.results import Result


@dataclass(frozen=True, slots=True)
class Together:
    """Decisions that are recorded all or not at all; the first one's key stands for all."""

    decisions: Sequence[Decision]


Entry: TypeAlias = Decision | Result | Together | Audited | BookmarkMove | Claim
# Of decisions together, the first.
CommitVerdict: TypeAlias = Decision | Result | Audited | BookmarkMove | Claim | Exception
REFUSALS = (KeyReused, TurnTaken, Stale, ResultExists, UnknownDecision, BookmarkMoved, ValueError)


class Lookup(Protocol):
    """Decisions that are committed."""

    def by_key(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the first decision under this key, or None; raise KeyReused on another body."""

    def turn(self, tenant: str, series: str) -> int:
        """Return the number of the last turn that was given, or 0."""

    def bookmark(self, name: str) -> Position | None:
        """Return where the bookmark is; None: it has not begun."""


class Results(Protocol):
    """Results that are committed."""

    def has_decision(self, tenant: str, decision_id: str) -> bool:
        """Tell whether a result could belong to it; raise UnknownDecision if it is not an id."""

    def of(self, tenant: str, decision_ids: Sequence[str]) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""


class Draft:
    """Entries of one commit: each is judged as if those before it were recorded already."""

    def __init__(self, lookup: Lookup, results: Results, bodies: Bodies, damage: DamageLog) -> None:
        """`lookup` and `results` read what is committed; `bodies` packs what is new."""
        self._lookup = lookup
        self._results = results
        self._bodies = bodies
        self._damage = damage
        self._keys: dict[tuple[str, str], Decision] = {}
        self._turns: dict[tuple[str, str], int] = {}
        self._histories: dict[tuple[str, str], list[Result]] = {}
        self._ids: set[tuple[str, str]] = set()
        self.decisions: list[Decision] = []
        self.rows: list[Row] = []
        self.results: list[Result] = []
        self.bookmarks: dict[str, Position] = {}
        self.audited: list[Audited] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.is_told or self.bookmarks)

    @property
    def is_told(self) -> bool:
        """Whether there is something that the chain has to tell."""
        return bool(self.rows or self.results or self.audited)

    @property
    def note(self) -> Mapping[str, Any]:
        """What the link of this commit says besides its rows."""
        if not self.audited:
            return {}
        return {"audit": [entry.written() for entry in self.audited]}

    def judge(self, entry: Entry) -> CommitVerdict:
        """Return what is to be answered once the draft is written."""
        try:
            return self._judged(entry)
        except RecordDamaged as damage:
            self._damage.tell(damage)
            return damage
        except REFUSALS as refusal:
            return refusal

    def _judged(self, entry: Entry) -> CommitVerdict:
        if isinstance(entry, Decision):
            return self._append(entry)
        if isinstance(entry, Audited):
            self.audited.append(entry)
            return entry
        if isinstance(entry, Together):
            return self._append_together(entry)
        if isinstance(entry, Result):
            return self._attach(entry)
        return self._claim(entry) if isinstance(entry, Claim) else self._move(entry)

    def _append_together(self, together: Together) -> Decision:
        """Append all, or leave the draft as it was."""
        begun = len(self.decisions)
        series = {(d.tenant, d.turn.series) for d in together.decisions if d.turn is not None}
        turns = {name: self._turns.get(name) for name in series}
        first, *rest = together.decisions
        try:
            recorded = self._append(first)
            if recorded is first:
                for decision in rest:
                    self._append(decision)
        except Exception:
            self._take_back(begun, turns)
            raise
        return recorded

    def _take_back(self, begun: int, turns: Mapping[tuple[str, str], int | None]) -> None:
        """Forget the decisions from that one on, and return the series to these turns."""
        for decision in self.decisions[begun:]:
            self._ids.discard((decision.tenant, decision.id))
            if decision.key is not None:
                self._keys.pop((decision.tenant, decision.key), None)
        # Each decision is one row.
        del self.rows[begun:], self.decisions[begun:]
        for series, last in turns.items():
            self._turns.pop(series, None)
            if last is not None:
                self._turns[series] = last

    def _move(self, move: BookmarkMove) -> BookmarkMove:
        refuse_second_mover(move, self._bookmark(move.name))
        self.bookmarks[move.name] = move.to
        return move

    def _claim(self, claim: Claim) -> Claim:
        for move in claim.moves:
            refuse_second_mover(move, self._bookmark(move.name))
        self.bookmarks.update({move.name: move.to for move in claim.moves})
        if claim.audited is not None:
            self.audited.append(claim.audited)
        return claim

    def _bookmark(self, name: str) -> Position | None:
        return self.bookmarks.get(name) or self._lookup.bookmark(name)

    def _append(self, decision: Decision) -> Decision:
        if decision.key is not None:
            first = self._first(decision.tenant, decision.key, decision.body_hash)
            if first is not None:
                return first
        if decision.turn is not None:
            refuse_turn(decision.turn, self._turn(decision.tenant, decision.turn.series))
        self.rows.append(to_row(decision, self._bodies))
        self._note(decision)
        return decision

    def _first(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        first = self._keys.get((tenant, key))
        if first is None:
            return self._lookup.by_key(tenant, key, body_hash)
        refuse_reuse(first.body_hash, body_hash)
        return first

    def _turn(self, tenant: str, series: str) -> int:
        taken = self._turns.get((tenant, series))
        return self._lookup.turn(tenant, series) if taken is None else taken

    def _note(self, decision: Decision) -> None:
        self.decisions.append(decision)
        self._ids.add((decision.tenant, decision.id))
        if decision.key is not None:
            self._keys[decision.tenant, decision.key] = decision
        if decision.turn is not None:
            self._turns[decision.tenant, decision.turn.series] = decision.turn.number

    def _attach(self, proposed: Result) -> Result:
        history = self._history(proposed)
        repeated = settled(history, proposed)
        if repeated is not None:
            return repeated
        history.append(proposed)
        self.results.append(proposed)
        return proposed

    def _history(self, proposed: Result) -> list[Result]:
        subject = (proposed.tenant, proposed.decision_id)
        if subject not in self._histories:
            if subject not in self._ids and not self._results.has_decision(*subject):
                raise unknown_decision(proposed.decision_id)
            self._histories[subject] = list(self._committed(*subject))
        return self._histories[subject]

    def _committed(self, tenant: str, decision_id: str) -> Sequence[Result]:
        return self._results.of(tenant, [decision_id]).get(decision_id, ())


def rulesets_of(decisions: Sequence[Decision]) -> Sequence[tuple[str, int, str]]:
    """Return kind, version and digest of every rule set that decided, each once, in one order."""
    return sorted({(decision.kind, decision.version, decision.digest) for decision in decisions})


def decisions_in(entries: Iterable[Entry]) -> list[Decision]:
    """Return the decisions of all entries, in order."""
    decisions: list[Decision] = []
    for entry in entries:
        if isinstance(entry, Together):
            decisions += entry.decisions
        elif isinstance(entry, Decision):
            decisions.append(entry)
    return decisions


def bookmarks_in(entries: Sequence[Entry]) -> set[str]:
    """Return the names of the bookmarks that entries move or claim."""
    moves = {entry.name for entry in entries if isinstance(entry, BookmarkMove)}
    return moves.union(*(entry.names for entry in entries if isinstance(entry, Claim)))


def rows_in(entries: Iterable[Entry]) -> int:
    """Return how many decisions and results all entries hold."""
    return sum(len(entry.decisions) if isinstance(entry, Together) else 1 for entry in entries)
