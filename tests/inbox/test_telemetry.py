"""What operators see of a consumer: counts, what is in flight, and the traces of producers."""

import asyncio
from collections.abc import Sequence
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

from dealgate.inbox.asking import InboxQuestion, Request, asked_by
from dealgate.inbox.consumer import Consumer, Ends
from dealgate.inbox.incoming import Incoming, read_event
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.inbox.port import Delivery, Rejection, SettledDelivery
from dealgate.inbox.reader import reader_hearing
from dealgate.inbox.server import Called
from dealgate.journal.signals.port import SignalsKept
from dealgate.signals.tracking import Counts
from dealgate.streams.formats import as_json
from dealgate.telemetry.inboxes import TracedDeciding, observe_inbox, observe_signals
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.propagation import carried, extractor
from dealgate.telemetry.spans import Tracer
from dealgate.v1.decision_service_pb2 import Question
from dealgate.v1.fact_service_pb2 import (
    AppendActivitiesRequest,
    EntityActivity,
    EntityFacts,
    PutFactsRequest,
)
from dealgate.v1.lead_flow_pb2 import ProcessLeadRequest
from tests.inbox.events import delivery, event

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEARD = "dealgate.v1.activity.recorded"


class Source:
    """Three events, of which one is poison, and what it knows of those behind."""

    behind = 7

    def __init__(self) -> None:
        self._left = [
            delivery(event(1, traceparent=f"00-{TRACE}-{SPAN}-01")),
            delivery(event(2, type=HEARD)),
            delivery(event(3, data={})),
        ]

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Hand out what is left."""
        handed, self._left = self._left[:most], self._left[most:]
        return handed

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Take it."""

    async def close(self) -> None:
        """Stay."""


class Decides:
    """Rejects everything: what is decided does not matter here."""

    carried: Sequence[tuple[str, str]] = ()

    async def decide(self, asked: Sequence[InboxQuestion]) -> list[Any]:
        """Reject each; note what a call would carry."""
        self.carried = carried()
        return [Rejection("NO", "no") for _ in asked]


class Hears:
    """Keeps nothing."""

    async def take(self, events: Sequence[Incoming]) -> Sequence[Rejection | None]:
        """Say that all are kept."""
        return [None for _ in events]


def read(meter: Meter) -> dict[str, dict[Any, float]]:
    """Return every metric's numbers, by its name."""
    return {reading.metric.name: dict(reading.numbers) for reading in meter.read()}


async def test_a_consumer_is_measured() -> None:
    """What came, what became of it, what is in flight, and what waits at the source."""
    consumer = Consumer(
        Ends(Source(), None, None, Hears()),
        reader_hearing({HEARD}),
        Decides(),
        AnswerWriter("acme", as_json),
        in_flight=30,
    )
    meter = Meter(is_on=True)
    observe_inbox(meter, consumer)
    assert read(meter)["dealgate.inbox.lag"] == {(): 0.0}
    await consumer.run(asyncio.Event())
    numbers = read(meter)
    assert numbers["dealgate.inbox.taken"] == {(): 3}
    outcomes = {("decided",): 0, ("heard",): 1, ("rejected",): 2}
    assert numbers["dealgate.inbox.events"] == outcomes
    assert numbers["dealgate.inbox.lag"] == {(): 0.0}
    assert numbers["dealgate.inbox.behind"] == {(): 7}


async def test_a_span_is_linked_to_the_producers_trace() -> None:
    """CloudEvents' traceparent leads to the span in which the question was decided."""
    spans: list[bytes] = []
    decides = Decides()
    deciding = TracedDeciding(decides, Tracer(spans.extend), extractor(["tracecontext"]))
    sent = [event(1, traceparent=f"00-{TRACE}-{SPAN}-01"), event(2), event(3, traceparent="x")]
    await deciding.decide([asked_by(read_event(delivery(told))) for told in sent])
    (span,) = ScopeSpans.FromString(b"".join(spans)).spans
    assert (span.name, span.kind) == ("consume", Span.SPAN_KIND_CONSUMER)
    assert [(link.trace_id.hex(), link.span_id.hex()) for link in span.links] == [(TRACE, SPAN)]
    assert [(pair.key, pair.value.int_value) for pair in span.attributes] == [
        ("dealgate.inbox.size", 3)
    ]
    traceparent = f"00-{span.trace_id.hex()}-{span.span_id.hex()}-01"
    assert decides.carried == [("traceparent", traceparent)]
    assert carried() == ()


async def test_the_server_is_told_of_the_trace() -> None:
    """Every call to it carries what the consumer's trace says: its spans are below."""
    calls: list[tuple[str, Any]] = []

    class Client:
        """Notes calls."""

        def __getattr__(self, name: str) -> Any:
            async def called(*told: Any, metadata: Any, **_: Any) -> list[Any]:
                calls.append((name, metadata))
                return list(told)

            return called

    sent = [("traceparent", f"00-{TRACE}-{SPAN}-01")]
    requests: list[Request] = [
        Question(),
        ProcessLeadRequest(),
        PutFactsRequest(entities=[EntityFacts()]),
        AppendActivitiesRequest(activities=[EntityActivity()]),
    ]
    client: Any = Client()
    await Called(client, lambda: sent).decide(requests)
    names = {"batch_decide", "process_lead", "put_facts", "append_activities"}
    assert {name for name, _ in calls} == names
    assert all(metadata == sent for _, metadata in calls)


def test_signals_are_measured() -> None:
    """Arrivals, firings, what was not known, and how much is kept."""
    counts = Counts()
    meter = Meter(is_on=True)
    observe_signals(meter, counts)
    assert "dealgate.signal.entities" not in {n for n, of in read(meter).items() if of}
    counts.arrived["late"] += 2
    counts.fired["visits"] += 1
    counts.undecided["visits"] += 3
    counts.stood = SignalsKept(5 * 10**9, 4, 3, 2)
    numbers = read(meter)
    assert numbers["dealgate.signal.events"] == {("late",): 2}
    assert numbers["dealgate.signal.fired"] == {("visits",): 1}
    assert numbers["dealgate.signal.undecided"] == {("visits",): 3}
    kept = ("entities", "waiting", "untold", "watermark")
    assert [numbers[f"dealgate.signal.{name}"][()] for name in kept] == [4, 3, 2, 5.0]
