"""Spans: begun, filled and ended; what is ended is bytes, and on its way."""

import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

from dealgate.telemetry import names, otlp
from dealgate.telemetry.exceptions import error_type, tell_fault
from dealgate.telemetry.ids import SPAN_IDS, TRACE_IDS
from dealgate.telemetry.otlp import SPAN_ATTRIBUTE, Pair, Value, attributes, pair
from dealgate.telemetry.stencil import Filling, Stencil

INTERNAL, SERVER, CLIENT, CONSUMER = 1, 2, 3, 5

# Takes some spans or records, encoded.
Put: TypeAlias = Callable[[Sequence[bytes]], None]


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a caller's trace comes from."""

    trace_id: bytes
    span_id: bytes
    sampled: bool
    trace_state: bytes = b""


# Whether a trace is recorded: from its id and, if there is a parent, whether that was sampled.
Sampler: TypeAlias = Callable[[bytes, Parent | None], bool]


class Span:
    """What happens from its start to its end; within `with`, what begins is below it.

    Most spans have none of what is declared here, and it costs them nothing.
    """

    parent_id = b""
    _pairs = b""  # its attributes, encoded
    _more = b""  # its events and links, encoded
    _flags = otlp.SAMPLED | otlp.IS_REMOTE_KNOWN
    _token: Token["Span | None"] | None = None
    is_error = False
    # Of an RPC that asks one thing: what is reported of it goes with the RPC.
    asks_once = False
    told_with: tuple[Callable[..., None], tuple[Any, ...]] | None = None
    # Of a flow: what its steps leave, reported once it is known whether they were recorded.
    steps: list[tuple[Callable[..., None], tuple[Any, ...]]] | None = None
    span_id = b""
    subject_id = ""  # the decision or question that it is about, for log lines
    trace_state = b""
    waited = 0.0  # seconds before anybody could begin it

    def __init__(self, name_and_kind: bytes, trace_id: bytes, put: Put | None) -> None:
        """Without `put` nothing is recorded; an id may still be passed on."""
        self._name_and_kind = name_and_kind
        self._put = put
        self.is_recording = put is not None
        self.trace_id = trace_id
        if trace_id:
            self.span_id = SPAN_IDS.take()
        self.started = time.time_ns()
        self.begun = time.perf_counter()

    @property
    def trace_id_text(self) -> str:
        """The trace id in 32 hexadecimal digits, or an empty text."""
        return self.trace_id.hex()

    def below(self, parent: "Parent | Span", *, is_remote: bool = False) -> Self:
        """Note whose child this is."""
        self.parent_id = parent.span_id
        if parent.trace_state:
            self.trace_state = parent.trace_state
        if is_remote:
            self._flags |= otlp.IS_REMOTE
        return self

    def add(self, *pairs: Pair) -> None:
        """Add attributes."""
        self._pairs += attributes(SPAN_ATTRIBUTE, pairs)

    def set(self, key: str, value: Value) -> None:
        """Add an attribute, unless it is an empty list: tools refuse those, with all around it."""
        if self.is_recording and value not in ((), []):
            self.add(pair(key, value))

    def add_event(self, name: str, *pairs: Pair) -> None:
        """Add something that happened now."""
        if self.is_recording:
            self._more += otlp.event(name, time.time_ns(), pairs)

    def add_link(self, parent: Parent) -> None:
        """Point at a span of others."""
        if self.is_recording:
            self._more += otlp.link(parent.trace_id, parent.span_id)

    def back_to(self, reading: float) -> None:
        """Have it begin earlier, at this reading of the clock of `time.perf_counter`."""
        self.started = self.instant(reading)
        self.begun = reading

    def instant(self, reading: float) -> int:
        """Return a reading of the performance counter in nanoseconds since the epoch.

        The wall clock may step meanwhile; a duration may not.
        """
        return self.started + int((reading - self.begun) * 1e9)

    def child(self, stencil: Stencil, began: float, ended: float, *own: Filling) -> bytes:
        """Return a span below this one, which has nothing below itself.

        Seconds are those of the monotonic clock, which is the performance counter's, too.
        """
        started, begun = self.started, self.begun
        times = started + int((began - begun) * 1e9), started + int((ended - begun) * 1e9)
        return stencil(self.trace_id, SPAN_IDS.take(), self.span_id, *times, *own)

    def odd_child(self, name_and_kind: bytes, began: float, ended: float, pairs: bytes) -> bytes:
        """Return the same, field by field."""
        times = self.instant(began), self.instant(ended)
        ids = self.trace_id, SPAN_IDS.take(), self.span_id
        return otlp.span(*ids, self.trace_state, name_and_kind, *times, pairs)

    @property
    def is_plain(self) -> bool:
        """Whether it has nothing yet but its ids and times, so that a stencil can write it."""
        return not (self._pairs or self._more or self.trace_state or self.is_error)

    def encoded(self, ended: float) -> bytes:
        """Return it as it is when it ends; `ended` is a reading of the performance counter."""
        return otlp.span(
            self.trace_id,
            self.span_id,
            self.parent_id,
            self.trace_state,
            self._name_and_kind,
            self.started,
            self.started + int((ended - self.begun) * 1e9),
            self._pairs,
            self._more,
            is_error=self.is_error,
            flags=self._flags,
        )

    def end(self, ended: float = 0.0) -> None:
        """Send it; `ended` is a reading of the performance counter, 0: now."""
        if self._put is not None:
            self._put((self.encoded(ended or time.perf_counter()),))
            self._put = None

    def __enter__(self) -> Self:
        """Have what begins within the block be below this."""
        self._token = CURRENT.set(self)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        error: BaseException | None,
        _frames: TracebackType | None,
    ) -> None:
        """End, with the error that left the block."""
        if self._token is not None:
            CURRENT.reset(self._token)
        if error is not None and self.is_recording:
            self.set(names.ERROR_TYPE, error_type(error))
            self.is_error = isinstance(error, Exception) and not hasattr(error, "reason")
        self.end()


CURRENT: ContextVar[Span | None] = ContextVar("dealgate.span", default=None)


class Tracer:
    """Begins spans."""

    def __init__(self, put: Put | None = None, sampler: Sampler | None = None) -> None:
        """Without `put` only a caller's trace id is passed on; without `sampler` all is traced."""
        self._put = put
        self._sampler = sampler
        self.is_on = put is not None

    def start(self, name: str, kind: int = INTERNAL, pairs: Sequence[Pair] = ()) -> Span:
        """Begin a span below the current one, or a trace."""
        parent = CURRENT.get()
        named = otlp.named(name, kind)
        if parent is not None:
            span = Span(named, parent.trace_id, self._put if parent.is_recording else None)
            span.below(parent)
            span.subject_id = parent.subject_id
        else:
            span = self._root(named, None)
        if span.is_recording:
            span.add(*pairs)
        return span

    def serve(self, name: str, parent: Parent | None, pairs: Sequence[Pair] = ()) -> Span:
        """Begin the span of an RPC, in its caller's trace if it has one."""
        span = self._root(otlp.named(name, SERVER), parent)
        if parent is not None and span.trace_id:
            span.below(parent, is_remote=True)
        if span.is_recording:
            span.add(*pairs)
        return span

    def _root(self, named: bytes, parent: Parent | None) -> Span:
        if self._put is None:
            return Span(named, b"" if parent is None else parent.trace_id, None)
        trace_id = TRACE_IDS.take() if parent is None else parent.trace_id
        wanted = self._sampler is None or self._sampler(trace_id, parent)
        return Span(named, trace_id, self._put if wanted else None)


class Unharmed:
    """Nobody's call fails because telling of it did: the fault is logged, and goes no further."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        _type: type[BaseException] | None,
        error: BaseException | None,
        _frames: TracebackType | None,
    ) -> bool:
        """Log what went wrong, without its message."""
        if not isinstance(error, Exception):
            return False
        tell_fault(error)
        return True


UNHARMED = Unharmed()
