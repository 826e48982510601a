"""Everything a server works on off its event loop, each kind of work in a queue of its own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import ParamSpec, TypeVar

from dealgate.aside.queues import WorkQueue
from dealgate.telemetry import names
from dealgate.telemetry.otlp import kept_pair
from dealgate.telemetry.spans import Tracer

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

SECONDS = 60.0  # that one piece of work may take, if nothing shorter is said


class WatchedQueue(WorkQueue):
    """A queue with a span around each piece of work, its waiting included."""

    tracer = Tracer()

    async def run(
        self,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Return what the function returns, or raise what it raises."""
        told = (kept_pair(names.WORK_QUEUE, self.name),)
        with self.tracer.start(f"work {self.name}", pairs=told):
            return await super().run(function, *arguments, **named)


def _large() -> WatchedQueue:
    return WatchedQueue("large question", where="thread", waiting=64, seconds=SECONDS)


def _explanations() -> WatchedQueue:
    # An explanation bounds its own search, and then says how far it came.
    return WatchedQueue("explanation", where="thread", waiting=8, seconds=30.0)


def _replays() -> WatchedQueue:
    return WatchedQueue("replay", where="thread", waiting=64, seconds=SECONDS)


def _insights() -> WatchedQueue:
    return WatchedQueue("insight", where="process", waiting=15, seconds=SECONDS)


def _impacts() -> WatchedQueue:
    return WatchedQueue("impact", where="process", waiting=7, seconds=SECONDS)


def _changes() -> WatchedQueue:
    return WatchedQueue(
        "change of rules", where="process", waiting=0, seconds=SECONDS, megabytes=1024
    )


def _fits() -> WatchedQueue:
    # Each that waits holds as much as a message may, many times over.
    return WatchedQueue("attribution model", where="process", waiting=3, seconds=SECONDS)


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of one server."""

    large: WatchedQueue = field(default_factory=_large)
    explanations: WatchedQueue = field(default_factory=_explanations)
    replays: WatchedQueue = field(default_factory=_replays)
    insights: WatchedQueue = field(default_factory=_insights)
    impacts: WatchedQueue = field(default_factory=_impacts)
    changes: WatchedQueue = field(default_factory=_changes)
    fits: WatchedQueue = field(default_factory=_fits)

    @property
    def all(self) -> tuple[WatchedQueue, ...]:
        """All of them."""
        return tuple(getattr(self, queue.name) for queue in fields(self))

    def watch(self, tracer: Tracer) -> None:
        """Have `tracer` begin a span for each piece of work."""
        for queue in self.all:
            queue.tracer = tracer

    async def close(self) -> None:
        """End what is under way in all of them."""
        await asyncio.gather(*(queue.close() for queue in self.all))
