"""What fails for now is tried again until it works, and what must stay in order is sent so."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from dealgate.inbox.deciding import Pauses
from dealgate.model.errors import Defect
from dealgate.streams.port import Outgoing

Result = TypeVar("Result")

log = logging.getLogger("dealgate")


async def persisting(
    attempt: Callable[[], Awaitable[Result]], pauses: Pauses | None = None
) -> Result:
    """Try until it works. What fails is a Defect: sources, sinks, the state of signals."""
    pauses = pauses or Pauses()
    pause, failing = pauses.first, False
    while True:
        try:
            result = await attempt()
        except Defect as failure:
            if not failing:
                log.warning("%s; it is tried again until it works", failure)
            failing = True
            await asyncio.sleep(max(pause, getattr(failure, "retry_after", 0.0)))
            pause = min(pause * 2, pauses.longest)
        else:
            return result


def in_waves(events: Sequence[Outgoing]) -> Sequence[Sequence[Outgoing]]:
    """Part events so that no part has two of one partition; parts keep their order."""
    parts: list[list[Outgoing]] = []
    latest: dict[str, int] = {}
    for event in events:
        index = latest.get(event.partition, -1) + 1
        latest[event.partition] = index
        if index == len(parts):
            parts.append([])
        parts[index].append(event)
    return parts
