"""A change of facts that would have led to another outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.explain.candidates import Candidate
from dealgate.explain.verdicts import WhatIfVerdict


@dataclass(frozen=True, slots=True)
class Flip:
    """Changes which together lead to `verdict`, another outcome; without any of them it stays."""

    changes: tuple[Candidate, ...]
    verdict: WhatIfVerdict

    @property
    def step(self) -> float:
        """How large the changes are."""
        return sum(change.step for change in self.changes)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of the search: the maximum number of verdicts.

    With `seconds` it also ends by the clock, and may find less on a slower machine. `gentle` lets
    other threads have their turn after every verdict.
    """

    tries: int = 30_000
    seconds: float | None = None
    gentle: bool = False


@dataclass(frozen=True, slots=True)
class Flips:
    """The flips, by size, then by step. `bound` says what was left out; empty: nothing was.

    `mended` is a flip of three changes or more, of what the outcome rests on; None: there is none.
    `fixed` are the paths of known facts that cannot change, and `learnt` what such facts that
    nobody sent would lead to if they turned out to be something.
    """

    flips: Sequence[Flip]
    tries: int
    bound: str = ""
    mended: Flip | None = None
    fixed: Sequence[str] = ()
    learnt: Sequence[Flip] = ()


def by_size(flip: Flip) -> tuple[object, ...]:
    """Return what flips are sorted by: the number of changes, then their step."""
    return len(flip.changes), flip.step, [change.spot.path for change in flip.changes]


def says_less(less: Candidate, more: Candidate) -> bool:
    """Tell whether every fact of one new element is a fact of the other too."""
    if not isinstance(less.after, Message):
        return False
    merged = type(more.after)()
    merged.CopyFrom(more.after)
    merged.MergeFrom(less.after)
    return bool(merged == more.after)
