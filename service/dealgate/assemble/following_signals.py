"""Signals beside a consumer: what it hears is followed, and what fires is told."""

import asyncio
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from dealgate.desk.expressions import expression_checker
from dealgate.inbox.consumer import Consumer
from dealgate.inbox.deciding import Decides
from dealgate.inbox.outgoing import Answered
from dealgate.kinds import KINDS
from dealgate.signals.signal_folder import SignalFolder, read_signals
from dealgate.signals.state import Limits
from dealgate.signals.state_file import StateFile
from dealgate.signals.telling import Hearing, Passing, Places, Telling
from dealgate.signals.tracking import Tracker
from dealgate.streams.formats import Encode

QUIET = 10.0  # seconds without an event after which the clock counts

log = logging.getLogger("dealgate")


@dataclass(frozen=True, slots=True)
class Followed:
    """Which signals are followed, as an operator says it. `until` (ns): where the clock stops."""

    tenant: str
    folder: SignalFolder
    state: Path
    sink: str
    limits: Limits
    quiet: float
    until: int | None = None

    def begun(
        self, places: Places, encode: Encode, deciding: Decides, answered: Answered
    ) -> "Following":
        """Open the state; raise StateUnusable."""
        state = StateFile(self.state)
        tracker = Tracker(
            self.tenant, self.folder.signals, self.folder.contexts, state, self.limits, time.time_ns
        )
        telling = Telling(tracker, self.tenant, places, encode, deciding, answered)
        return Following(state, tracker, telling, Passing(tracker, telling, self.quiet, self.until))


@dataclass(slots=True)
class Following:
    """Signals that are followed."""

    state: StateFile
    tracker: Tracker
    telling: Telling
    passing: Passing

    @property
    def hearing(self) -> Hearing:
        """What the consumer tells of events."""
        return Hearing(self.tracker, self.telling, self.passing)

    def close(self) -> None:
        """Close the state."""
        self.state.close()

    async def run(self, consumer: Consumer, leave: asyncio.Event) -> None:
        """Consume until the source ends or it is told to leave, and tell what fired."""
        async with asyncio.TaskGroup() as group:
            passing = group.create_task(self.passing.run(lambda: consumer.is_idle))
            await consumer.run(leave)
            passing.cancel()
        if not leave.is_set():
            await self.passing.pass_time()  # a source that ended is as quiet as can be
        await self.telling.all()
        log.info("%d signals told", self.telling.told)


def followed(
    rules: Path, tenant: str, state: Path, sink: str, limits: Limits, until: int | None
) -> Followed:
    """Return the signals of a rules folder; raise RulebookFaults."""
    folder = read_signals(rules, KINDS, expression_checker())
    return Followed(tenant, folder, state, sink, limits, QUIET, until)
