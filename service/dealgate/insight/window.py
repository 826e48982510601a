"""Which time an insight is about, as numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from dealgate.model.instants import nanoseconds
from dealgate.v1 import insight_pb2 as pb

FIRST, LAST = -(2**62), 2**62  # the years 1823 to 2116: differences fit into a BIGINT


@dataclass(frozen=True, slots=True)
class Window:
    """Instants in nanoseconds since the epoch: `first`, the first after it, and `as_of`."""

    first: int
    before: int
    as_of: int

    @property
    def bindings(self) -> Mapping[str, int]:
        """The parameters of a statement: $first, $before, $as_of."""
        return {"first": self.first, "before": self.before, "as_of": self.as_of}

    def holds(self, instant: int) -> bool:
        """Tell whether the instant lies in the window, and not after `as_of`."""
        return self.first <= instant < self.before and instant <= self.as_of


def window_of(asked: pb.InsightWindow, now: int) -> Window:
    """Return the window that was asked for."""
    as_of = nanoseconds(asked.as_of) if asked.HasField("as_of") else now
    first = nanoseconds(asked.since) if asked.HasField("since") else FIRST
    before = nanoseconds(asked.before) if asked.HasField("before") else LAST
    return Window(bounded(first), bounded(before), bounded(as_of))


def bounded(instant: int) -> int:
    """Return the instant, or the end of what a table can hold on its side."""
    return max(FIRST, min(LAST, instant))
