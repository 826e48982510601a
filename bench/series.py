"""Measurements by name over interleaved rounds, each with its median and its range."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Operation = Callable[[], object]
# A burst is long enough to forget what ran before, and short enough for all to meet one weather.
BURST_SECONDS = 0.02


@dataclass
class Series:
    """Values by name, one a round; ratios are taken within a round, so others disturb them less."""

    unit: str
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """Note what was measured in this round."""
        self.values.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        """Return the middle of the values."""
        return median(self.values[name])

    def ratio(self, name: str, base: str) -> float:
        """Return the middle of the rounds' ratios to `base`."""
        pairs = zip(self.values[name], self.values[base], strict=True)
        return median(value / against for value, against in pairs)

    def told(self, base: str | None = None) -> dict[str, Any]:
        """Return medians, ranges, and ratios to `base`, as JSON writes them."""
        return {
            name: {
                "unit": self.unit,
                "median": median(values),
                "low": min(values),
                "high": max(values),
                **({"ratio": self.ratio(name, base)} if base else {}),
            }
            for name, values in self.values.items()
        }


def measured(operations: Mapping[str, Operation], rounds: int) -> Series:
    """Return the CPU µs of each operation, in bursts that take turns."""
    times = {name: _warmed(operation) for name, operation in operations.items()}
    series = Series("µs")
    for _ in range(rounds):
        for name, operation in operations.items():
            series.add(name, _burst(operation, times[name]) / 1e3)
    return series


def _warmed(operation: Operation) -> int:
    operation()
    once = max(_burst(operation, 3), 1)
    return max(int(BURST_SECONDS * 1e9 / once), 2)


def _burst(operation: Operation, times: int) -> float:
    start = time.thread_time_ns()
    for _ in range(times):
        operation()
    return (time.thread_time_ns() - start) / times
