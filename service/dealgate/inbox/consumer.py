"""Events in, decisions out: what is fetched is decided, published, and only then acknowledged.

Three stages run side by side, each busy with one page: while one is decided, the next is fetched
and read, and the one before is published. So what is in flight is bounded, and a stage that is
slow or cannot go on holds up those before it.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dealgate.inbox.asking import InboxQuestion
from dealgate.inbox.deciding import Decides, Outcome, Pauses
from dealgate.inbox.incoming import Incoming
from dealgate.inbox.outgoing import AnswerWriter, letter, unreadable
from dealgate.inbox.persisting import persisting, publish
from dealgate.inbox.port import Delivery, Rejection, SettledDelivery, Source, SourceFailed
from dealgate.inbox.telling import Told
from dealgate.streams.port import Outgoing, Sink

STAGES = 3
TURN = 8  # deliveries that are read in one go

log = logging.getLogger("dealgate")


@dataclass(slots=True)
class DeliveryContents:
    """What is in a delivery: what it asks, what it only tells, and what is wrong with it."""

    delivery: Delivery
    asked: Sequence[InboxQuestion] = ()
    heard: Sequence[Incoming] = ()
    letters: list[Outgoing] = field(default_factory=list)
    rejection: Rejection | None = None
    answers: list[Outgoing] = field(default_factory=list)

    def reject(self, event: Incoming | None, rejection: Rejection) -> None:
        """Put an event aside."""
        self.rejection = rejection
        whole = unreadable(self.delivery, rejection) if event is None else letter(event, rejection)
        self.letters.append(whole)


Reader = Callable[[Delivery], DeliveryContents]
Page = Sequence[DeliveryContents]


class Witness(Protocol):
    """Hears of events that ask nothing, such as activities."""

    async def take(self, events: Sequence[Incoming]) -> Sequence[Rejection | None]:
        """Keep events durably, each once; return why, of each that is not kept.

        Raises a Defect: they may come again.
        """


@dataclass(frozen=True, slots=True)
class Ends:
    """Where events come from, and where answers and rejected events go; None: nowhere.

    The `witness` is called with events that ask nothing.
    """

    source: Source
    answers: Sink | None
    letters: Sink | None
    witness: Witness | None = None


class Consumer:
    """Consumes a source until it ends, or is asked to stop."""

    def __init__(
        self,
        ends: Ends,
        read: Reader,
        deciding: Decides,
        answered: AnswerWriter,
        in_flight: int,
        pauses: Pauses | None = None,
    ) -> None:
        """At most `in_flight` deliveries are held at a time."""
        self._ends = ends
        self._read = read
        self._deciding = deciding
        self._answered = answered
        self._most = max(in_flight // STAGES, 1)
        self._pauses = pauses or Pauses()
        self.taken = 0
        self.decided = 0
        self.heard = 0
        self.rejected = 0
        self._fetched_at: deque[float] = deque()
        self._is_away = False

    def lag(self) -> float:
        """Return how long the oldest event in flight has been so, in seconds; 0: none is."""
        oldest = next(iter(self._fetched_at), None)
        return 0.0 if oldest is None else time.monotonic() - oldest

    @property
    def behind(self) -> int | None:
        """How many events wait at the source; None: it does not tell."""
        behind: int | None = getattr(self._ends.source, "behind", None)
        return behind

    @property
    def is_idle(self) -> bool:
        """Whether it waits for the source, which has nothing: nothing is in flight or fails."""
        return not self._fetched_at and not self._is_away

    async def run(self, leave: asyncio.Event) -> None:
        """Consume; what is in flight when it is asked to stop is finished."""
        read: asyncio.Queue[Page | None] = asyncio.Queue(1)
        decided: asyncio.Queue[Page | None] = asyncio.Queue(1)
        async with asyncio.TaskGroup() as stages:
            stages.create_task(self._fetch(read, leave))
            stages.create_task(self._decide(read, decided))
            stages.create_task(self._publish(decided))

    async def _fetch(self, into: asyncio.Queue[Page | None], leave: asyncio.Event) -> None:
        left = asyncio.create_task(leave.wait())
        try:
            while not leave.is_set():
                fetching = asyncio.create_task(self._fetched())
                await asyncio.wait((fetching, left), return_when=asyncio.FIRST_COMPLETED)
                if not fetching.done():
                    fetching.cancel()
                    break
                deliveries = fetching.result()
                if not deliveries:
                    break
                self.taken += len(deliveries)
                self._fetched_at.append(time.monotonic())
                await into.put([read async for read in self._reading(deliveries)])
        finally:
            left.cancel()
        await into.put(None)

    async def _reading(self, deliveries: Sequence[Delivery]) -> AsyncIterator[DeliveryContents]:
        """Read a page, and let the other stages go on meanwhile: a server must not wait for it."""
        for index, delivery in enumerate(deliveries):
            if index % TURN == 0:
                await asyncio.sleep(0)
            yield self._read_alone(delivery)

    def _read_alone(self, delivery: Delivery) -> DeliveryContents:
        """Read a delivery; one that trips the reader up is put aside, and holds up no other."""
        try:
            return self._read(delivery)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes bring about
            log.error("an event could not be read: %s", type(error).__name__)  # noqa: TRY400 - the trace quotes it
            read = DeliveryContents(delivery)
            read.reject(None, Rejection("FAULT", "a fault of ours; see the log"))
            return read

    async def _fetched(self) -> Sequence[Delivery]:
        return await persisting(self._attempt, self._pauses)

    async def _attempt(self) -> Sequence[Delivery]:
        """Fetch once, and note whether the source can be reached."""
        try:
            deliveries = await self._ends.source.fetch(self._most)
        except SourceFailed:
            self._is_away = True
            raise
        self._is_away = False
        return deliveries

    async def _decide(
        self, pages: asyncio.Queue[Page | None], into: asyncio.Queue[Page | None]
    ) -> None:
        while (page := await pages.get()) is not None:
            asked = [item for read in page for item in read.asked]
            outcomes = iter(await self._deciding.decide(asked))
            for read in page:
                for item in read.asked:
                    self._note(read, item, next(outcomes))
            await self._hear(page)
            await into.put(page)
        await into.put(None)

    async def _hear(self, page: Page) -> None:
        heard = [(read, event) for read in page for event in read.heard]
        witness = self._ends.witness
        if not heard or witness is None:
            return
        events = [event for _, event in heard]
        rejections = await persisting(lambda: witness.take(events), self._pauses)
        for (read, event), rejection in zip(heard, rejections, strict=True):
            if rejection is None:
                self.heard += 1
            else:
                read.reject(event, rejection)

    def _note(self, read: DeliveryContents, asked: InboxQuestion, outcome: Outcome) -> None:
        if isinstance(outcome, Rejection):
            read.reject(asked.event, outcome)
        else:
            self.decided += 1
            # Nobody waits for the answer that facts were recorded.
            if self._ends.answers is not None and not isinstance(asked.request, Told):
                read.answers.append(self._answered.written(asked, outcome))

    async def _publish(self, pages: asyncio.Queue[Page | None]) -> None:
        while (page := await pages.get()) is not None:
            letters = [item for read in page for item in read.letters]
            await self._send(self._ends.answers, [item for read in page for item in read.answers])
            await self._send(self._ends.letters, letters)
            self._count(page)
            settled = [SettledDelivery(read.delivery, read.rejection) for read in page]
            try:
                await self._ends.source.acknowledge(settled)
            except SourceFailed as failure:
                # They come again, and are answered as they were.
                log.warning("events could not be acknowledged: %s", failure)
            self._fetched_at.popleft()

    async def _send(self, sink: Sink | None, events: Sequence[Outgoing]) -> None:
        """Publish, in order for each partition, until all is taken."""
        if sink is not None:
            await publish(sink, events, self._pauses)

    def _count(self, page: Page) -> None:
        for read in page:
            for sent in read.letters:
                self.rejected += 1
                log.warning("event rejected: %s", sent.kind)
