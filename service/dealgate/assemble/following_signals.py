"""Signals in a consumer: its events are tracked, and firings are sent."""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dealgate.aside.threads import in_thread
from dealgate.desk.expressions import expression_checker
from dealgate.inbox.consumer import Consumer
from dealgate.inbox.deciding import Decides
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.persisting import persisting
from dealgate.journal.signals.port import Limits, State, StateUnusable
from dealgate.journal.signals.urls import open_state
from dealgate.kinds import KINDS
from dealgate.signals.signal_folder import SignalFolder, read_signals
from dealgate.signals.telling import Hearing, Passing, Places, Telling
from dealgate.signals.tracking import Tracker
from dealgate.streams.formats import Encode

QUIET = 10.0  # seconds without an event after which the clock counts
TURN = 1.0  # seconds between two checks whether another consumer has stopped

log = logging.getLogger("dealgate")


@dataclass(frozen=True, slots=True)
class Followed:
    """Which signals are followed, as an operator says it. `until` (ns): where the clock stops."""

    tenant: str
    folder: SignalFolder
    state: str
    sink: str
    limits: Limits
    quiet: float
    until: int | None = None

    async def held(self, leave: asyncio.Event) -> State | None:
        """Open the state, and wait while another consumer has it; raises StateUnusable.

        None: it was asked to stop before its turn came.
        """
        state = await in_thread(open_state, self.state)
        is_waiting = False
        while not leave.is_set():
            if await persisting(lambda: in_thread(state.take_turn, self.tenant)):
                if is_waiting:
                    log.info("the other consumer has left: this one takes over")
                return state
            if not is_waiting:
                log.info("another consumer follows the signals of this tenant: this one waits")
            is_waiting = True
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN):
                    await leave.wait()
        state.close()
        return None

    def begun(
        self,
        state: State,
        places: Places,
        encode: Encode,
        deciding: Decides,
        answered: AnswerWriter,
    ) -> "Following":
        """Follow signals by a state that is held."""
        tracker = Tracker(
            self.tenant, self.folder.signals, self.folder.contexts, state, self.limits, time.time_ns
        )
        telling = Telling(tracker, self.tenant, places, encode, deciding, answered)
        return Following(tracker, telling, Passing(tracker, telling, self.quiet, self.until))


@dataclass(slots=True)
class Following:
    """Signals that are followed."""

    tracker: Tracker
    telling: Telling
    passing: Passing

    @property
    def hearing(self) -> Hearing:
        """What the consumer tells of events."""
        return Hearing(self.tracker, self.telling, self.passing)

    async def run(self, consumer: Consumer, leave: asyncio.Event) -> None:
        """Consume until the source ends or it is asked to stop, and send what fired.

        Raises StateUnusable if another consumer has taken the state over.
        """
        try:
            async with asyncio.TaskGroup() as group:
                passing = group.create_task(self.passing.run(lambda: consumer.is_idle))
                await consumer.run(leave)
                passing.cancel()
        except* StateUnusable as lost:
            raise _first(lost) from None
        if not leave.is_set():
            await self.passing.pass_time()  # a source that ended is as quiet as can be
        await self.telling.all()
        log.info("%d signals told", self.telling.told)


def _first(group: BaseExceptionGroup[StateUnusable]) -> StateUnusable:
    """Return an error of a group, which groups of tasks within have wrapped."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def followed(
    rules: Path, tenant: str, state: str, sink: str, limits: Limits, until: int | None
) -> Followed:
    """Return the signals of a rules folder; raise RulebookFaults."""
    folder = read_signals(rules, KINDS, expression_checker())
    return Followed(tenant, folder, state, sink, limits, QUIET, until)
