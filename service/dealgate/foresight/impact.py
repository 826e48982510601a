"""The impact of a version on recorded decisions: counts that add up, whoever counted them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dealgate.foresight.causes import Cause
from dealgate.foresight.segments import Segment
from dealgate.foresight.sketch import Shift
from dealgate.foresight.weights import Money

MOST_VALUES = 60  # of a fact that is a segment: one with more is an id, or free text


class Transition(NamedTuple):
    """From one outcome, in a word, to another."""

    old: str
    new: str

    @property
    def is_flip(self) -> bool:
        """Whether the words differ."""
        return self.old != self.new

    def __str__(self) -> str:
        """`MQL → HOLD`."""
        return f"{self.old} → {self.new}"


class CauseKey(NamedTuple):
    """A first cause of a transition, with the condition in which it shows."""

    transition: Transition
    cause: Cause
    condition: str


@dataclass(slots=True)
class Weight:
    """Decisions, and the money they are about: minor units by currency.

    In `gross` refunds count like sales, where in `money` they take away from them.
    """

    decisions: int = 0
    money: Counter[str] = field(default_factory=Counter)
    gross: Counter[str] = field(default_factory=Counter)

    def add(self, money: Money) -> None:
        """Count one decision in."""
        self.decisions += 1
        if money is not None:
            minor, currency = money
            self.money[currency] += minor
            self.gross[currency] += abs(minor)

    def merge(self, other: "Weight") -> None:
        """Count all of the other's in."""
        self.decisions += other.decisions
        for currency, minor in other.money.items():
            self.money[currency] += minor
        for currency, minor in other.gross.items():
            self.gross[currency] += minor


@dataclass(slots=True)
class TransitionResults:
    """What became of decisions of one transition, within the window after they were taken.

    `mature` are those whose window has closed; of them `successes` and `failures` were reported in
    time. `open` are those whose window has not closed. `won` is the money of the successes.
    """

    mature: int = 0
    open: int = 0
    successes: int = 0
    failures: int = 0
    won: Counter[str] = field(default_factory=Counter)

    def merge(self, other: "TransitionResults") -> None:
        """Count all of the other's in."""
        self.mature += other.mature
        self.open += other.open
        self.successes += other.successes
        self.failures += other.failures
        for currency, minor in other.won.items():
            self.won[currency] += minor


@dataclass(frozen=True, slots=True)
class Example:
    """A decision that flipped, with its facts: the first of its transition and cause."""

    decision_id: str
    entity: str
    as_of: int
    facts: bytes
    fired: tuple[str, ...]
    undecided: tuple[str, ...]


@dataclass(slots=True)
class Impact:
    """What a new version makes of decisions, beside an old one.

    `same_word` counts decisions whose word stays while their rules differ, `not_as_recorded` those
    of which the old version says another word than was recorded, `erased` those that are left out
    because facts of theirs were erased. `fired` and `undecided` count the
    rules of the new version, `segments` the decisions and flips of each segment.
    """

    decisions: int = 0
    damaged: int = 0
    erased: int = 0
    same_word: int = 0
    not_as_recorded: int = 0
    first: int | None = None
    last: int | None = None
    matrix: dict[Transition, Weight] = field(default_factory=dict)
    causes: dict[CauseKey, Weight] = field(default_factory=dict)
    examples: dict[CauseKey, Example] = field(default_factory=dict)
    happened: dict[Transition, TransitionResults] = field(default_factory=dict)
    segments: dict[Segment, tuple[int, int]] = field(default_factory=dict)
    shifts: dict[str, Shift] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    crowded: set[str] = field(default_factory=set)

    @property
    def flips(self) -> Weight:
        """All decisions whose word is another, and their money."""
        flips = Weight()
        for transition, weight in self.matrix.items():
            if transition.is_flip:
                flips.merge(weight)
        return flips

    @property
    def share(self) -> float:
        """The share of decisions that flip."""
        return self.flips.decisions / self.decisions if self.decisions else 0.0

    def see(self, decided_at: int) -> None:
        """Note when a decision was taken."""
        self.first = decided_at if self.first is None else min(self.first, decided_at)
        self.last = decided_at if self.last is None else max(self.last, decided_at)

    def belong(self, segment: Segment, decisions: int, flips: int) -> None:
        """Count decisions to a segment, unless its fact has too many values to be one."""
        if segment[0] not in self.crowded:
            counted = self.segments.get(segment, (0, 0))
            self.segments[segment] = counted[0] + decisions, counted[1] + flips

    def thin(self) -> None:
        """Forget the facts that have too many values; called once in a while."""
        values = Counter(path for path, _ in self.segments)
        self.crowded |= {path for path, count in values.items() if count > MOST_VALUES}
        self.segments = {
            segment: counts
            for segment, counts in self.segments.items()
            if segment[0] not in self.crowded
        }

    def merge(self, other: "Impact") -> None:
        """Count all of the other's in, in any order; of two examples the earlier decision stays."""
        self.decisions += other.decisions
        self.damaged += other.damaged
        self.erased += other.erased
        self.same_word += other.same_word
        self.not_as_recorded += other.not_as_recorded
        for decided_at in (other.first, other.last):
            if decided_at is not None:
                self.see(decided_at)
        _merge(self.matrix, other.matrix, Weight)
        _merge(self.causes, other.causes, Weight)
        _merge(self.happened, other.happened, TransitionResults)
        _merge(self.shifts, other.shifts, Shift)
        for key, example in other.examples.items():
            mine = self.examples.setdefault(key, example)
            if example.decision_id < mine.decision_id:
                self.examples[key] = example
        self.fired.update(other.fired)
        self.undecided.update(other.undecided)
        self.crowded |= other.crowded
        for segment, (decisions, flipped) in other.segments.items():
            counted = self.segments.get(segment, (0, 0))
            self.segments[segment] = counted[0] + decisions, counted[1] + flipped
        self.thin()


def _merge(mine: dict[Any, Any], others: dict[Any, Any], new: Callable[[], Any]) -> None:
    for key, value in others.items():
        mine.setdefault(key, new()).merge(value)
