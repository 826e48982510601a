"""The bytes written here say what the OpenTelemetry SDK says of the same spans and records."""

import struct
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from dealgate.telemetry import otlp
from dealgate.telemetry.otlp import (
    LOG_ATTRIBUTE,
    SAMPLED,
    SPAN_ATTRIBUTE,
    Envelope,
    attributes,
    before_float,
    before_text,
    named,
    pair,
)
from dealgate.telemetry.spans import INTERNAL, SERVER, Parent, Tracer
from dealgate.telemetry.stencil import number, of_record, of_span, words

TRACE, SPAN = bytes(range(1, 17)), bytes(range(1, 9))
RESOURCE: dict[str, Any] = {"service.name": "x", "process.pid": 7}
VALUES: dict[str, Any] = {
    "text": "é\u2028 \U0001f600",
    "empty": "",
    "yes": True,
    "no": False,
    "number": 2**40,
    "negative": -3,
    "zero": 0,
    "share": 0.25,
    "list": ["a", "b"],
}
URL = "https://opentelemetry.io/schemas/1.44.0"


def ours() -> Any:
    """Return a request written here: an RPC's span in a caller's trace, and one below it."""
    items: list[bytes] = []
    tracer = Tracer(items.extend)
    rpc = tracer.serve("a.B/C", Parent(TRACE, SPAN, sampled=True, trace_state=b"ot=th:8"))
    with rpc:
        inner = tracer.start("inner", pairs=[pair(key, value) for key, value in VALUES.items()])
        inner.add_event("exception", pair("exception.type", "x.Y"))
        inner.add_link(Parent(rpc.trace_id, rpc.span_id, sampled=True))
        inner.is_error = True
        inner.end()
    resource = [pair(key, value) for key, value in RESOURCE.items()]
    return ExportTraceServiceRequest.FromString(Envelope(resource, "scope", "1", URL)(items))


def theirs() -> Any:
    """Return the request that the SDK makes for the same."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource(RESOURCE), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("scope", "1", schema_url=URL)
    caller = SpanContext(
        int.from_bytes(TRACE),
        int.from_bytes(SPAN),
        is_remote=True,
        trace_flags=TraceFlags(1),
        trace_state=TraceState([("ot", "th:8")]),
    )
    parent = set_span_in_context(NonRecordingSpan(caller))
    rpc = tracer.start_span("a.B/C", parent, SpanKind.SERVER)
    links = [Link(rpc.get_span_context())]
    below = set_span_in_context(rpc)
    inner = tracer.start_span("inner", below, attributes=VALUES, links=links)
    inner.add_event("exception", {"exception.type": "x.Y"})
    inner.set_status(StatusCode.ERROR)
    inner.end()
    rpc.end()
    return encode_spans(memory.get_finished_spans())


def test_spans_say_the_same() -> None:
    """Resource, scope, ids, names, kinds, flags, attributes, events, links and status: alike."""
    mine, sdk = ours(), theirs()
    for request in (mine, sdk):
        inner, rpc = request.resource_spans[0].scope_spans[0].spans
        assert inner.parent_span_id == rpc.span_id == inner.links[0].span_id
        assert (rpc.parent_span_id, rpc.kind) == (SPAN, SERVER)
        request.resource_spans[0].schema_url = ""
        for span in (inner, rpc):
            assert span.trace_id == TRACE
            assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
            # The SDK leaves out that a span is sampled; OTLP has a bit for it.
            span.flags &= ~SAMPLED
            for field in (
                "span_id",
                "parent_span_id",
                "start_time_unix_nano",
                "end_time_unix_nano",
            ):
                span.ClearField(field)
        inner.events[0].ClearField("time_unix_nano")
        inner.links[0].ClearField("span_id")
        inner.links[0].ClearField("flags")
    assert mine == sdk


OWN = {"id": "0193-a", "subject": "5f"}


@pytest.mark.parametrize("is_root", [True, False])
def test_a_stencil_says_the_same(*, is_root: bool) -> None:
    """Spans of which many differ in little are the bytes that are written field by field."""
    holes = [words(len(value), index) for index, value in enumerate(OWN.values())]
    keys = [before_text(key, len(value)) for key, value in OWN.items()]
    shared = [pair(key, value) for key, value in VALUES.items()]

    def pairs(*own: bytes) -> bytes:
        told = [key + value for key, value in zip(keys, own, strict=True)]
        return attributes(SPAN_ATTRIBUTE, [*told, before_float("wait") + own_float, *shared])

    own_float = (last := number(0)).sample
    name = named("decide x", INTERNAL)
    stencil = of_span(name, pairs(*(hole.sample for hole in holes)), *holes, last, is_root=is_root)
    above = b"" if is_root else SPAN
    own, own_float = [value.encode() for value in OWN.values()], struct.pack("<d", 0.25)
    ids = (TRACE, SPAN) if is_root else (TRACE, SPAN, above)
    written = otlp.span(TRACE, SPAN, above, b"", name, 2**60, 2**60 + 1, pairs(*own))
    assert stencil(*ids, 2**60, 2**60 + 1, *own, 0.25) == written
    request = ExportTraceServiceRequest.FromString(Envelope([], "s", "1", URL)([written]))
    (span,) = request.resource_spans[0].scope_spans[0].spans
    read = {one.key: one.value for one in span.attributes}
    assert {key: read[key].string_value for key in OWN} == OWN
    assert read["wait"].double_value == 0.25


def test_a_stencil_of_records_says_the_same() -> None:
    """Log records from a template have the bytes of those written field by field."""
    hole, key = words(6), before_text("id", 6)
    told = attributes(LOG_ATTRIBUTE, [key + hole.sample, pair("mode", "live")])
    stencil = of_record(9, "INFO", told, "an.event", hole)
    told = attributes(LOG_ATTRIBUTE, [pair("id", "0193-a"), pair("mode", "live")])
    written = otlp.log_record(2**60, 9, "INFO", "", told, "an.event", TRACE, SPAN)
    assert stencil(2**60, 2**60, b"0193-a", TRACE, SPAN) == written


def test_log_records_are_read_as_they_were_meant() -> None:
    """A record's time, severity, words, attributes, event name and trace arrive."""
    pairs = otlp.attributes(otlp.LOG_ATTRIBUTE, [pair(k, v) for k, v in VALUES.items()])
    item = otlp.log_record(123, 13, "WARN", "words", pairs, "an.event", TRACE, SPAN)
    request = ExportLogsServiceRequest.FromString(Envelope([], "scope", "1", URL)([item]))
    (record,) = request.resource_logs[0].scope_logs[0].log_records
    assert (record.time_unix_nano, record.observed_time_unix_nano) == (123, 123)
    assert (record.severity_number, record.severity_text) == (13, "WARN")
    assert (record.body.string_value, record.event_name) == ("words", "an.event")
    assert (record.trace_id, record.span_id, record.flags) == (TRACE, SPAN, 1)
    assert {one.key for one in record.attributes} == set(VALUES)
