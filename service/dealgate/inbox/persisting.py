"""Retries what fails temporarily until it works."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import TypeVar

from dealgate.inbox.deciding import Pauses
from dealgate.model.errors import Defect
from dealgate.streams.port import Outgoing, Sink
from dealgate.streams.waves import fewest

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


async def publish(sink: Sink, events: Sequence[Outgoing], pauses: Pauses | None = None) -> None:
    """Publish until all is taken, in order for each partition."""
    for part in fewest(events, attrgetter("partition")):
        await persisting(partial(sink.publish, part), pauses)
