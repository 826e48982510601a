"""An event is acknowledged last: after its decision, and after its answer or its letter is out."""

import asyncio
from collections.abc import Sequence

import pytest
from google.protobuf.message import Message

from dealgate.inbox.consumer import Consumer, DeliveryContents, Ends
from dealgate.inbox.deciding import Deciding, Pauses
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.port import Delivery, SettledDelivery
from dealgate.inbox.reader import read_question
from dealgate.streams.formats import as_json
from dealgate.streams.port import Outgoing, SinkFailed
from dealgate.v1.flow_pb2 import FlowHeader
from dealgate.v1.lead_flow_pb2 import ProcessLeadResponse
from tests.inbox.events import delivery, event

QUICK = Pauses(first=0.0001, longest=0.001)
ASKED = event(1, data={"processLead": {"facts": {"lead": {"id": "L1"}}}})
POISON = event(2, data={"processLead": None})


class Told:
    """A source of two events, a server, and two sinks: what happens is kept in its order."""

    def __init__(self, failing: int = 0) -> None:
        """The first `failing` publications fail."""
        self.happened: list[str] = []
        self._failing = failing
        self._left = [delivery(ASKED), delivery(POISON)]

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Hand out what is left."""
        handed, self._left = self._left[:most], self._left[most:]
        return handed

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Note it."""
        self.happened += ["acknowledged"] * len(settled)

    async def decide(self, requests: Sequence[object]) -> Sequence[Message]:
        """Answer each."""
        self.happened.append("decided")
        return [ProcessLeadResponse(header=FlowHeader(flow_id="F")) for _ in requests]

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Fail, or take them."""
        await asyncio.sleep(0)
        if self._failing:
            self._failing -= 1
            self.happened.append("failed")
            raise SinkFailed("as scripted")
        self.happened += ["published"] * len(events)

    async def close(self) -> None:
        """Stay."""


@pytest.mark.parametrize("failing", [0, 3])
async def test_acknowledged_last(failing: int) -> None:
    """However often a sink fails: decided, then both published, and only then acknowledged."""
    told = Told(failing)
    answered = AnswerWriter("acme", as_json)
    ends = Ends(told, told, told)
    consumer = Consumer(ends, read_question, Deciding(told, QUICK), answered, 90, QUICK)

    await consumer.run(asyncio.Event())

    assert told.happened == [
        "decided",
        *["failed"] * failing,
        *["published"] * 2,
        *["acknowledged"] * 2,
    ]


async def test_what_trips_the_reader_up_is_put_aside() -> None:
    """Whatever it is: the events beside it are decided, and nothing is handed out again."""

    def tripping(came: Delivery) -> DeliveryContents:
        if came == delivery(POISON):
            raise ZeroDivisionError
        return read_question(came)

    told = Told()
    ends = Ends(told, told, told)
    consumer = Consumer(
        ends, tripping, Deciding(told, QUICK), AnswerWriter("acme", as_json), 90, QUICK
    )

    await consumer.run(asyncio.Event())

    assert told.happened == ["decided", *["published"] * 2, *["acknowledged"] * 2]
    assert consumer.rejected == 1
