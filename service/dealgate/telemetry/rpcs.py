"""One server span and one duration for each RPC, with the right status on every path.

Not opentelemetry-instrumentation-grpc: for grpc.aio it reports OK for RPCs that crashed, ran out
of time or were cancelled, records exception texts, and has no metrics (docs/adr/0008-telemetry.md).
"""

import asyncio
import time
from collections.abc import AsyncIterable, Awaitable, Callable
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

import grpc

from dealgate.telemetry import names
from dealgate.telemetry.exceptions import error_type, tell_fault
from dealgate.telemetry.limits import RPC_BUCKETS
from dealgate.telemetry.otlp import (
    SPAN_ATTRIBUTE,
    Pair,
    attributes,
    before_float,
    kept_pair,
    named,
    pair,
)
from dealgate.telemetry.setup import Telemetry
from dealgate.telemetry.spans import CURRENT, SERVER, UNHARMED, Span
from dealgate.telemetry.stencil import Stencil, number, of_span

TRACE_ID = "x-trace-id"
SKIPPED = "/grpc.health.v1.Health/"
# A caller's own timer runs ahead of ours by as long as its request was on the way, so its
# cancellation may come in just before the deadline that caused it.
DEADLINE_SLACK = 0.05  # seconds
SERVER_FAULTS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Metadata: TypeAlias = tuple[tuple[str, str | bytes], ...]


class Context(Protocol):
    """What is looked at of an RPC."""

    arrived: float
    """When its call was taken up, on the clock of `time.perf_counter`."""

    def invocation_metadata(self) -> Metadata:
        """Return what the caller sent ahead of its messages."""

    def trailing_metadata(self) -> Metadata:
        """Return what goes with the status."""

    def set_trailing_metadata(self, trailers: Metadata, /) -> None:
        """Replace what goes with the status."""

    def peer(self) -> str:
        """Return the other end of the connection."""

    def time_remaining(self) -> float | None:
        """Return the seconds to the caller's deadline; None if it has none."""

    def code(self) -> grpc.StatusCode | None:
        """Return the status that it was ended with; None so far."""

    async def write(self, reply: Any, /) -> None:
        """Send one message of many."""


class RpcTelemetry:
    """Observes every RPC but health checks."""

    def __init__(self, telemetry: Telemetry) -> None:
        """Without export, only the caller's trace id is passed on."""
        self._tracer = telemetry.tracer
        self._later = telemetry.later
        self._held = telemetry.held
        self._duration = telemetry.meter.histogram(names.RPC_SERVER_CALL_DURATION, RPC_BUCKETS)
        self._extract = telemetry.extract

    def observe(self, method: str, handler: Any) -> Handler:
        """Return the handler of an RPC ("/service/name"), observed; make it once for each RPC."""
        if method.startswith(SKIPPED):
            unobserved: Handler = handler
            return unobserved
        return self._observing(method, handler)

    def _observing(self, method: str, handler: Any) -> Handler:
        streams = "stream" if handler.request_streaming else "unary"
        if handler.response_streaming:
            inner = handler.stream_stream or handler.unary_stream
            made = getattr(grpc, f"{streams}_stream_rpc_method_handler")
            answer = self._answering_many(method[1:], inner)
        else:
            inner = handler.stream_unary or handler.unary_unary
            made = getattr(grpc, f"{streams}_unary_rpc_method_handler")
            answer = self._answering_once(method[1:], inner)
        wrapped: Handler = made(answer, handler.request_deserializer, handler.response_serializer)
        return wrapped

    def _answering_once(self, method: str, inner: Callable[..., Awaitable[Any]]) -> Any:
        async def answer(request: Any, context: Context) -> Any:
            span = self._started(method, context)
            span.asks_once = True
            try:
                reply = await inner(request, context)
            except BaseException as error:
                self._ended(span, method, context, error)
                raise
            self._ended(span, method, context, None)
            return reply

        return answer

    def _answering_many(self, method: str, inner: Callable[..., Any]) -> Any:
        # Replies are written here, not yielded: a cancellation would otherwise end gRPC's own
        # loop, and our span only when the garbage collector finds the abandoned generator.
        async def answer(request: Any, context: Context) -> None:
            span = self._started(method, context)
            try:
                replies = inner(request, context)
                if isinstance(replies, AsyncIterable):
                    async for reply in replies:
                        await context.write(reply)
                else:
                    await replies
            except BaseException as error:
                self._ended(span, method, context, error)
                raise
            self._ended(span, method, context, None)

        return answer

    def _started(self, method: str, context: Context) -> Span:
        held = self._held
        held.open += 1
        parent = self._extract(context.invocation_metadata())
        span = self._tracer.serve(method, parent)
        span.back_to(context.arrived)
        span.waited = held.seconds
        # Never reset: gRPC runs each call in a task of its own, and the context ends with it.
        CURRENT.set(span)
        if span.trace_id:
            trailer = (TRACE_ID, span.trace_id_text)
            context.set_trailing_metadata((*context.trailing_metadata(), trailer))
        return span

    def _ended(
        self, span: Span, method: str, context: Context, error: BaseException | None
    ) -> None:
        ended = time.perf_counter()
        self._held.open -= 1
        with UNHARMED:
            code = status(context, error)
            wrong = _error_type(code, error) if code in SERVER_FAULTS else None
            peer = context.peer() if span.is_recording else ""
            self._later(self._tell, span, method, code.name, wrong, peer, ended)

    def _tell(
        self, span: Span, method: str, code: str, wrong: str | None, peer: str, ended: float
    ) -> None:
        if span.told_with is not None:
            tell, told = span.told_with
            try:
                tell(*told)
            except Exception as error:  # noqa: BLE001 - the RPC is told of all the same
                tell_fault(error)
        seconds = ended - span.begun + span.waited
        self._duration.record(seconds, ("grpc", method, code, wrong), span)
        if not span.is_recording:
            return
        if wrong is None and span.is_plain and not span.parent_id:
            self._later.spans.append(_root(span, method, peer, code, ended))
            return
        span.add(*_pairs(method, peer, code))
        if span.waited:
            span.set(names.RPC_WAIT, span.waited)
        if wrong is not None:
            span.is_error = True
            span.set(names.ERROR_TYPE, wrong)
        self._later.spans.append(span.encoded(ended))


def _root(span: Span, method: str, peer: str, code: str, ended: float) -> bytes:
    """Return the span of a call that brought no trace of its caller's."""
    waited = (span.waited,) if span.waited else ()
    stencil = _roots(method, peer, code, len(waited))
    return stencil(span.trace_id, span.span_id, span.started, span.instant(ended), *waited)


@lru_cache(maxsize=1024)
def _roots(method: str, peer: str, code: str, numbers: int) -> Stencil:
    """Return what writes spans of such calls, with how long they waited or without."""
    holes = [number(index) for index in range(numbers)]
    waited = (before_float(names.RPC_WAIT) + hole.sample for hole in holes)
    pairs = attributes(SPAN_ATTRIBUTE, (*_pairs(method, peer, code), *waited))
    return of_span(named(method, SERVER), pairs, *holes, is_root=True)


@lru_cache(maxsize=1024)
def _pairs(method: str, peer: str, code: str) -> tuple[Pair, ...]:
    return (
        kept_pair(names.RPC_SYSTEM_NAME, "grpc"),
        kept_pair(names.RPC_METHOD, method),
        kept_pair(names.RPC_STATUS_CODE, code),
        *_peer(peer),
    )


def _peer(peer: str) -> tuple[Pair, ...]:
    """Return who calls, from gRPC's "ipv4:127.0.0.1:4711" or "ipv6:%5B::1%5D:4711"."""
    family, _, rest = peer.partition(":")
    host, _, port = rest.rpartition(":")
    if family not in {"ipv4", "ipv6"} or not port.isdecimal():
        return ()
    address = host.replace("%5B", "").replace("%5D", "").strip("[]")
    return (
        pair(names.NETWORK_PEER_ADDRESS, address),
        pair(names.NETWORK_PEER_PORT, int(port)),
    )


def status(context: Context, error: BaseException | None) -> grpc.StatusCode:
    """Return the status that the caller of a finished RPC gets."""
    declared = context.code()
    if isinstance(error, asyncio.CancelledError):
        if declared:  # an abort was on its way, and the caller hung up on reading it
            return declared
        left = context.time_remaining()
        late = left is not None and left <= DEADLINE_SLACK
        return grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED
    if error is not None and not isinstance(error, grpc.aio.AbortError):
        return grpc.StatusCode.UNKNOWN
    return declared or grpc.StatusCode.OK


def _error_type(code: grpc.StatusCode, error: BaseException | None) -> str:
    if code is grpc.StatusCode.UNKNOWN and error is not None:
        return error_type(error)
    return code.name
