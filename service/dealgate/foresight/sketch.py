"""Distributions in bounded memory that add up exactly: counts of values by their size.

A value is counted in a bin whose ends differ by 2 %, so a quantile is right to 1 %; least, most
and count are exact, sums to a billionth a value. The order of merging does not matter.
"""

import math
from collections import Counter
from dataclasses import dataclass, field

GROWTH = math.log(1.02)
SMALLEST = 1e-9
BILLION = 1_000_000_000


@dataclass(slots=True)
class Sketch:
    """Values, most of them by their bin alone: (sign, logarithm)."""

    bins: Counter[tuple[int, int]] = field(default_factory=Counter)
    billionths: int = 0
    least: float = math.inf
    most: float = -math.inf

    @property
    def count(self) -> int:
        """How many values there are."""
        return self.bins.total()

    @property
    def total(self) -> float:
        """Their sum."""
        return self.billionths / BILLION

    @property
    def mean(self) -> float | None:
        """Their mean, if there are any."""
        return self.total / self.count if self.count else None

    def add(self, value: float, times: int = 1) -> None:
        """Count a value in, that many times."""
        self.bins[_bin(value)] += times
        self.billionths += round(value * BILLION) * times
        self.least = min(self.least, value)
        self.most = max(self.most, value)

    def merge(self, other: "Sketch") -> None:
        """Count all of the other's in."""
        self.bins.update(other.bins)
        self.billionths += other.billionths
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)

    def quantile(self, share: float) -> float | None:
        """Return the value below which this share lies, to 1 %; None if there are no values."""
        rank, seen = share * (self.count - 1), 0
        for bin_ in sorted(self.bins, key=_middle):
            seen += self.bins[bin_]
            if seen > rank:
                return min(max(_middle(bin_), self.least), self.most)
        return None


def _bin(value: float) -> tuple[int, int]:
    if abs(value) < SMALLEST:
        return 0, 0
    return (1 if value > 0 else -1), round(math.log(abs(value)) / GROWTH)


def _middle(bin_: tuple[int, int]) -> float:
    sign, power = bin_
    return sign * math.exp(power * GROWTH)


@dataclass(slots=True)
class Shift:
    """One measure under both versions: how it is distributed, and in which direction it moved."""

    before: Sketch = field(default_factory=Sketch)
    after: Sketch = field(default_factory=Sketch)
    up: int = 0
    down: int = 0
    billionths: int = 0

    @property
    def moved(self) -> float:
        """By how much the values of both moved, all together."""
        return self.billionths / BILLION

    def add(self, before: float | None, after: float | None, times: int = 1) -> None:
        """Count the values of that many questions in; None: that version gave none."""
        if before is not None:
            self.before.add(before, times)
        if after is not None:
            self.after.add(after, times)
        if before is not None and after is not None:
            self.up += times * (after > before)
            self.down += times * (after < before)
            self.billionths += round((after - before) * BILLION) * times

    def merge(self, other: "Shift") -> None:
        """Count all of the other's in."""
        self.before.merge(other.before)
        self.after.merge(other.after)
        self.up += other.up
        self.down += other.down
        self.billionths += other.billionths

    @property
    def is_unmoved(self) -> bool:
        """Whether both versions said the same of every question."""
        return not (self.up or self.down) and self.before.bins == self.after.bins
