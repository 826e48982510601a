"""What insights are computed from: a port, and the limits of what is read through it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from dealgate.model.decision import Decision
from dealgate.model.errors import OperatorError, RecordDamaged
from dealgate.model.results import Result

# A recorded decision, and its result by the newest revision, if one was reported.
Recorded: TypeAlias = tuple[Decision, Result | None]
# Yields a tenant's decisions of these kinds, in the order they were recorded, and an error for
# each that can no longer be read; blocks.
Read: TypeAlias = Callable[[Sequence[str]], Iterator[Recorded | RecordDamaged]]

MOST_DECISIONS = 500_000


class TooMuch(OperatorError):
    """More decisions would have to be read than one insight may; the message says the cure."""

    reason = "TOO_MUCH"


class Traffic:
    """Decisions as they are read, counted on the way."""

    def __init__(self, read: Read, most: int = MOST_DECISIONS) -> None:
        """Read at most this number."""
        self._read = read
        self._most = most
        self.decisions = 0
        self.results = 0
        self.damaged = 0
        self.fresh_to: int | None = None

    def of(self, *kinds: str) -> Iterator[Recorded]:
        """Yield the decisions of these kinds; raise TooMuch beyond the limit."""
        for record in self._read(kinds):
            if isinstance(record, RecordDamaged):
                self.damaged += 1
                continue
            decision, result = record
            self.decisions += 1
            if self.decisions > self._most:
                raise TooMuch(
                    f"more than {self._most:,} decisions would have to be read; "
                    "compute this from a copy of the journal that holds fewer"
                )
            self._see(decision.decided_at)
            if result is not None:
                self.results += 1
                self._see(result.recorded_at)
            yield decision, result

    def _see(self, instant: int) -> None:
        self.fresh_to = instant if self.fresh_to is None else max(self.fresh_to, instant)
