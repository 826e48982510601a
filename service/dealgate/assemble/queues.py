"""Everything a server works on off its event loop, each kind of work in a queue of its own."""

import asyncio
from dataclasses import dataclass, field, fields

from dealgate.aside.queues import WorkQueue

SECONDS = 60.0  # that one piece of work may take, if nothing shorter is said


def _large() -> WorkQueue:
    return WorkQueue("large question", where="thread", waiting=64, seconds=SECONDS)


def _explanations() -> WorkQueue:
    # An explanation bounds its own search, and then says how far it came.
    return WorkQueue("explanation", where="thread", waiting=8, seconds=30.0)


def _replays() -> WorkQueue:
    return WorkQueue("replay", where="thread", waiting=64, seconds=SECONDS)


def _insights() -> WorkQueue:
    return WorkQueue("insight", where="process", waiting=15, seconds=SECONDS)


def _changes() -> WorkQueue:
    return WorkQueue("change of rules", where="process", waiting=0, seconds=SECONDS, megabytes=1024)


def _fits() -> WorkQueue:
    # Each that waits holds as much as a message may, many times over.
    return WorkQueue("attribution model", where="process", waiting=3, seconds=SECONDS)


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of one server."""

    large: WorkQueue = field(default_factory=_large)
    explanations: WorkQueue = field(default_factory=_explanations)
    replays: WorkQueue = field(default_factory=_replays)
    insights: WorkQueue = field(default_factory=_insights)
    changes: WorkQueue = field(default_factory=_changes)
    fits: WorkQueue = field(default_factory=_fits)

    async def close(self) -> None:
        """End what is under way in all of them."""
        queues = [getattr(self, queue.name) for queue in fields(self)]
        await asyncio.gather(*(queue.close() for queue in queues))
