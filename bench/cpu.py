"""CPU time of a process with its children, and medians over interleaved rounds."""

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

# Linux numbers the clock of a process by its id; the 2 says "all its threads, ended ones too".
_ALL_THREADS = 2


def cpu_seconds(process_id: int) -> float:
    """Return the CPU time that all threads of a process and its children have used (Linux)."""
    used = time.clock_gettime(~process_id << 3 | _ALL_THREADS)
    return used + sum(cpu_seconds(child) for child in children(process_id))


def children(process_id: int) -> Iterator[int]:
    """Yield the processes that a process has started and that still run (Linux)."""
    for task in Path(f"/proc/{process_id}/task").iterdir():
        try:
            yield from map(int, (task / "children").read_text().split())
        except FileNotFoundError:  # the thread has ended meanwhile
            continue


class Rounds:
    """Measurements by name, one a round.

    Others use the machine too, so ratios are taken within a round, where both sides met the same
    weather, and the median over rounds is reported.
    """

    def __init__(self) -> None:
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, name: str, seconds: float) -> None:
        """Note what one operation cost in this round."""
        self._seconds[name].append(seconds)

    def __contains__(self, name: str) -> bool:
        """Whether there is such a measurement."""
        return name in self._seconds

    def microseconds(self, *names: str) -> float:
        """Return the median cost of these together, in µs."""
        return median(self._together(names)) * 1e6

    def ratio(self, names: tuple[str, ...], base: str) -> float:
        """Return the median of the rounds' ratios: these together to `base`."""
        pairs = zip(self._together(names), self._seconds[base], strict=True)
        return median(cost / against for cost, against in pairs)

    def difference(self, name: str, base: str) -> float:
        """Return the median over rounds of what this costs more than `base`, in µs."""
        pairs = zip(self._seconds[name], self._seconds[base], strict=True)
        return median(cost - against for cost, against in pairs) * 1e6

    def _together(self, names: tuple[str, ...]) -> list[float]:
        return [sum(costs) for costs in zip(*(self._seconds[name] for name in names), strict=True)]
