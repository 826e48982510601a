"""What a seed throws, which is always the same, and what is won by it.

All trials of a deal are looked at together: they are lanes of one integer, and Python adds,
compares and multiplies thousands of bits in the time that it takes for a few turns of a loop.
"""

import struct
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from operator import add
from random import Random
from threading import Lock
from typing import NamedTuple

KEPT_DEALS = 512  # of at most 2,000 trials each: 16 MB a seed
KEPT_BITS = 512  # of as many trials: at most 8 MB a seed
# How many bits a lane has, and how `struct` reads that: narrow ones cost half.
NARROW, WIDE = 32, 64
CODES = {NARROW: "L", WIDE: "Q"}
# Ranks are less than this, which is also the bit that tells the lower of two.
RANKS = 16


class Thrown(NamedTuple):
    """A deal's throws in ascending order; and in the lane of each trial 2^16 - 1 - its rank."""

    ascending: "array[float]"
    lanes: int


class Throws:
    """Throws of one seed: for the first deals they are kept."""

    def __init__(self, seed: int, trials: int, lane: int) -> None:
        """Throw what every question needs; `lane` is NARROW or WIDE."""
        self._random, self._trials = Random(seed), trials  # noqa: S311  # repeatable, not secret
        self._lanes = struct.Struct(f"<{trials}{CODES[lane]}")
        self._ones = self._packed([1] * trials)
        self.first = _throw(self._random, trials)
        self._kept: list[Thrown] = []
        self._lock = Lock()
        # Deals of one stage have the same chance, and a pipeline is forecast again and again.
        self._below = lru_cache(maxsize=KEPT_BITS)(self._lower)

    def won(self, chances: Sequence[tuple[float, int]]) -> list[int]:
        """Return what each trial wins: of each deal the amount, if it throws less than its limit.

        Amounts are at least 0, and together they fit into a lane.
        """
        kept, below, won = self._keep(min(len(chances), KEPT_DEALS)), self._below, 0
        for index, ((limit, amount), thrown) in enumerate(zip(chances, kept, strict=False)):
            won += below(index, bisect_left(thrown.ascending, limit)) * amount
        won >>= RANKS
        sums = [*self._lanes.unpack(won.to_bytes(self._lanes.size, "little"))]
        return self._won_beyond(chances[KEPT_DEALS:], sums)

    def _lower(self, deal: int, many: int) -> int:
        """Return a bit in the lane of each trial whose rank is less than `many`: see RANKS."""
        return self._kept[deal].lanes + self._ones * many & self._ones << RANKS

    def _won_beyond(self, chances: Sequence[tuple[float, int]], sums: list[int]) -> list[int]:
        """Go on where what is kept ends."""
        if not chances:
            return sums
        random = Random()  # noqa: S311  # as above
        random.setstate(self._random.getstate())
        for limit, amount in chances:
            thrown = _throw(random, self._trials)
            sums = list(map(add, sums, [amount if throw < limit else 0 for throw in thrown]))
        return sums

    def _keep(self, deals: int) -> Sequence[Thrown]:
        """Return the throws of that many deals."""
        with self._lock:
            while len(self._kept) < deals:
                self._kept.append(self._ranked(_throw(self._random, self._trials)))
        return self._kept

    def _ranked(self, throws: Sequence[float]) -> Thrown:
        order = sorted(range(self._trials), key=throws.__getitem__)
        lanes = [0] * self._trials
        for rank, trial in enumerate(order):
            lanes[trial] = (1 << RANKS) - 1 - rank
        return Thrown(array("d", [throws[trial] for trial in order]), self._packed(lanes))

    def _packed(self, lanes: Sequence[int]) -> int:
        return int.from_bytes(self._lanes.pack(*lanes), "little")


def _throw(random: Random, times: int) -> list[float]:
    return [random.random() for _ in range(times)]
