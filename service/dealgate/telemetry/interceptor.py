"""One server span and one duration for each RPC, with the right status on every path.

Not opentelemetry-instrumentation-grpc: for grpc.aio it reports OK for RPCs that crashed, ran out
of time or were cancelled, records exception texts, and has no metrics (docs/adr/0008-telemetry.md).
"""

import asyncio
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import grpc
from opentelemetry import context as otel_context
from opentelemetry.metrics import Meter
from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from dealgate.telemetry import names

TRACE_ID = "x-trace-id"
SKIPPED = ("/grpc.health.v1.Health/",)
PROPAGATED = frozenset({"traceparent", "tracestate"})
# A caller's own timer runs ahead of ours by as long as its request was on the way, so its
# cancellation may come in just before the deadline that caused it.
DEADLINE_SLACK = 0.05  # seconds
CODES = {code.value[0]: code for code in grpc.StatusCode}
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

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Continuation: TypeAlias = Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]]


class RpcTelemetry(grpc.aio.ServerInterceptor):
    """Observes every RPC but health checks; put it outermost."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        """Without an SDK behind them, only the caller's trace id is passed on."""
        self._tracer = tracer
        self._duration = meter.create_histogram(
            names.RPC_DURATION,
            unit="s",
            description="Duration of incoming RPCs.",
            explicit_bucket_boundaries_advisory=names.RPC_BUCKETS,
        )
        self._propagator = TraceContextTextMapPropagator()
        self._observed: dict[str, tuple[Handler, Handler]] = {}

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        """Return the RPC's handler, observed; it is made once for each RPC."""
        method = handler_call_details.method
        handler = await continuation(handler_call_details)
        if handler is None or method.startswith(SKIPPED):
            return handler
        known = self._observed.get(method)
        if known is None or known[0] is not handler:
            known = self._observed[method] = (handler, self._observing(method, handler))
        return known[1]

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
            with self._observation(method, context):
                return await inner(request, context)

        return answer

    def _answering_many(self, method: str, inner: Callable[..., Any]) -> Any:
        # Replies are written here, not yielded: a cancellation would otherwise end gRPC's own
        # loop, and our span only when the garbage collector finds the abandoned generator.
        async def answer(request: Any, context: Context) -> None:
            with self._observation(method, context):
                replies = inner(request, context)
                if not isinstance(replies, AsyncIterable):
                    await replies
                    return
                async for reply in replies:
                    await context.write(reply)

        return answer

    @contextmanager
    def _observation(self, method: str, context: Context) -> Iterator[None]:
        started = time.perf_counter()
        span = self._started(method, context)
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            attributes = _ended(span, method, status(context, error), error)
            self._duration.record(time.perf_counter() - started, attributes)
            span.end()

    def _started(self, method: str, context: Context) -> Span:
        sent = context.invocation_metadata() or ()
        carrier = {key: value for key, value in sent if key in PROPAGATED}
        parent = self._propagator.extract(carrier)
        attributes = {names.RPC_SYSTEM: "grpc", names.RPC_METHOD: method}
        span = self._tracer.start_span(method, parent, SpanKind.SERVER, attributes)
        # Never detached: gRPC runs each call in a task of its own, and the context ends with it.
        otel_context.attach(set_span_in_context(span, parent))
        if span.get_span_context().is_valid:
            trace_id = format_trace_id(span.get_span_context().trace_id)
            context.set_trailing_metadata((*context.trailing_metadata(), (TRACE_ID, trace_id)))
        return span


def status(context: Context, error: BaseException | None) -> grpc.StatusCode:
    """Return the status that the caller of a finished RPC gets."""
    code: Any = context.code()  # None until one is set, whatever the stubs say
    declared: grpc.StatusCode | None = CODES.get(code, code)
    if isinstance(error, asyncio.CancelledError):
        if declared:  # an abort was on its way, and the caller hung up on reading it
            return declared
        left: Any = context.time_remaining()  # None without a deadline
        late = left is not None and left <= DEADLINE_SLACK
        return grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED
    if error is not None and not isinstance(error, grpc.aio.AbortError):
        return grpc.StatusCode.UNKNOWN
    return declared or grpc.StatusCode.OK


def _ended(
    span: Span, method: str, code: grpc.StatusCode, error: BaseException | None
) -> dict[str, str]:
    """Write the end of an RPC into its span, and return the attributes of its duration."""
    attributes = {
        names.RPC_SYSTEM: "grpc",
        names.RPC_METHOD: method,
        names.RPC_STATUS: code.name,
    }
    if code in SERVER_FAULTS:
        attributes[names.ERROR_TYPE] = _error_type(code, error)
        span.set_status(StatusCode.ERROR)
    span.set_attributes(attributes)
    return attributes


def _error_type(code: grpc.StatusCode, error: BaseException | None) -> str:
    if code is grpc.StatusCode.UNKNOWN and error is not None:
        return f"{type(error).__module__}.{type(error).__qualname__}"
    return code.name
