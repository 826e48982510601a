"""Firings are sent: published as CloudEvents, and asked about; only then forgotten.

What was sent and not yet forgotten when a process dies is sent again with the same id, which is
the idempotency key of its question, too.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dealgate.aside.threads import in_thread
from dealgate.inbox.asking import InboxQuestion, Request, asked_as
from dealgate.inbox.deciding import Decides
from dealgate.inbox.incoming import Incoming
from dealgate.inbox.outgoing import AnswerWriter, letter
from dealgate.inbox.persisting import persisting, publish
from dealgate.inbox.port import Rejection
from dealgate.journal.signals.port import UNASKABLE, WaitingFiring
from dealgate.signals.tracking import Tracker
from dealgate.streams.event import CloudEvent
from dealgate.streams.formats import Encode
from dealgate.streams.port import Outgoing, Sink
from dealgate.v1 import signal_pb2 as pb
from dealgate.v1.deal_flow_pb2 import ProcessDealRequest
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.lead_flow_pb2 import ProcessLeadRequest

FIRED = "dealgate.v1.signal.fired"
AT_ONCE = 256
TICK = 1.0  # seconds between two looks at the clock
REQUESTS: dict[str, type[Request]] = {
    request.DESCRIPTOR.full_name: request
    for request in (Question, ProcessLeadRequest, ProcessDealRequest)
}

log = logging.getLogger("dealgate")


@dataclass(frozen=True, slots=True)
class Places:
    """Where signals, the answers to their questions and what is refused go; None: nowhere."""

    signals: Sink | None
    answers: Sink | None
    letters: Sink | None


class Telling:
    """Settles and tells until there is nothing more to tell."""

    def __init__(
        self,
        tracker: Tracker,
        tenant: str,
        places: Places,
        encode: Encode,
        deciding: Decides,
        answered: AnswerWriter,
    ) -> None:
        """`encode` writes signals; `answered` writes answers."""
        self._tracker, self._tenant, self._places = tracker, tenant, places
        self._encode, self._deciding, self._answered = encode, deciding, answered
        self.told = 0
        self._changed = asyncio.Event()

    async def all(self) -> None:
        """Judge all whose time has come, and tell what fired."""
        while True:
            is_full = await self.settle()
            await self.tell()
            if not is_full:
                return

    async def settle(self) -> bool:
        """Judge those whose time has come; tell if it stopped, since too much waits to be sent."""
        return await persisting(lambda: in_thread(self._tracker.settle))

    async def room(self) -> None:
        """Return once not too much waits to be sent: firings must not pile up without end."""
        if not self._tracker.is_full:
            return
        log.warning("too many signals wait to be sent: no more events are fetched until they are")
        while self._tracker.is_full:
            self._changed.clear()
            await self._changed.wait()
        log.info("signals are sent again: events are fetched")

    async def tell(self) -> None:
        """Tell what fired."""
        while fired := await persisting(lambda: in_thread(self._tracker.untold, AT_ONCE)):
            await self._tell(fired)
            await persisting(lambda: in_thread(self._tracker.told, fired))  # awaited
            self.told += len(fired)
            self._changed.set()

    async def _tell(self, fired: Sequence[WaitingFiring]) -> None:
        await self._publish(self._places.signals, [self._outgoing(firing) for firing in fired])
        asked = [self._asked(firing) for firing in fired if firing.request_type in REQUESTS]
        answers: list[Outgoing] = []
        letters = [self._letter(firing) for firing in fired if firing.request_type == UNASKABLE]
        for item, outcome in zip(asked, await self._deciding.decide(asked), strict=True):
            if isinstance(outcome, Rejection):
                log.warning("the question of a signal was rejected: %s", outcome.reason)
                letters.append(letter(item.event, outcome))
            else:
                answers.append(self._answered.written(item, outcome))
        await self._publish(self._places.answers, answers)
        await self._publish(self._places.letters, letters)

    async def _publish(self, sink: Sink | None, events: Sequence[Outgoing]) -> None:
        if sink is not None:
            await publish(sink, events)

    def _outgoing(self, fired: WaitingFiring) -> Outgoing:
        told = pb.Signal.FromString(fired.signal)
        event = CloudEvent(
            id=fired.id,
            source=f"/dealgate/{self._tenant}",
            type=FIRED,
            subject=fired.entity,
            time=told.at.ToJsonString(),
            extensions={"tenant": self._tenant, "signal": told.name},
            data=told,
        )
        return Outgoing(event.id, FIRED, told.name, event.partition, self._encode(event))

    def _letter(self, fired: WaitingFiring) -> Outgoing:
        reason, message = json.loads(fired.request)
        log.warning("a signal has no question: %s: %s", reason, message)
        data = json.dumps({"id": fired.id}).encode()
        return letter(self._incoming(fired, data), Rejection(reason, message))

    def _incoming(self, fired: WaitingFiring, data: bytes) -> Incoming:
        source = f"/dealgate/{self._tenant}/signals"
        return Incoming(fired.id, source, FIRED, {"subject": fired.entity}, data)

    def _asked(self, fired: WaitingFiring) -> InboxQuestion:
        request = REQUESTS[fired.request_type].FromString(fired.request)
        data = json.dumps({"id": fired.id}).encode()  # what a dead letter would hold
        return asked_as(self._incoming(fired, data), request)


class Hearing:
    """Keeps events that come, and says that they did."""

    def __init__(self, tracker: Tracker, telling: Telling, passing: "Passing") -> None:
        self._tracker, self._telling, self._passing = tracker, telling, passing

    async def take(self, events: Sequence[Incoming]) -> Sequence[Rejection | None]:
        """Keep events durably, each once; return why, of each that is not kept.

        While too much waits to be sent, it waits, too.
        """
        await self._telling.room()
        rejections = await in_thread(self._tracker.take, events)
        self._passing.stir()
        return rejections


class Passing:
    """Lets time pass where nothing comes, and tells what that comes to."""

    def __init__(self, tracker: Tracker, telling: Telling, quiet: float, until: int | None) -> None:
        """After `quiet` seconds without an event the clock counts, up to `until` (ns)."""
        self._tracker, self._telling = tracker, telling
        self._quiet, self._until = quiet, until
        self._stirred, self._settled = asyncio.Event(), asyncio.Event()

    def stir(self) -> None:
        """Say that something came."""
        self._stirred.set()

    async def run(self, is_idle: Callable[[], bool]) -> None:
        """Go on until it is cancelled.

        A stream is quiet only while its consumer `is_idle`: what is held up, by a sink or a server
        that is away, is no silence, and would be late once it is looked at.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell())
            await self._settle(is_idle)

    async def _tell(self) -> None:
        """Tell what fired, apart from what is judged: a sink may be away for long."""
        while True:
            self._settled.clear()
            await self._telling.tell()
            await self._settled.wait()

    async def _settle(self, is_idle: Callable[[], bool]) -> None:
        still = 0.0
        while True:
            try:
                async with asyncio.timeout(TICK):
                    await self._stirred.wait()
            except TimeoutError:
                still = still + TICK if is_idle() else 0.0
            else:
                self._stirred.clear()
                still = 0.0
            if still >= self._quiet:
                await self.pass_time()
            await self._telling.settle()
            self._settled.set()

    async def pass_time(self) -> None:
        """Let the clock count."""
        now = self._tracker.now()
        clock = now if self._until is None else min(now, self._until)
        await persisting(lambda: in_thread(self._tracker.pass_time, clock))
