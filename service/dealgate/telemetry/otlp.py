"""OTLP as bytes: spans and log records, written here field by field.

A message object for each span would cost several times what the span does. A test compares these
bytes with what the OpenTelemetry SDK sends for the same span.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from dealgate.telemetry.limits import LIST_LENGTH, VALUE_LENGTH

Value: TypeAlias = "str | bool | int | float | Sequence[str]"
# A KeyValue with its length before it: it lacks only the tag of the field that it stands in.
Pair: TypeAlias = bytes

# Tags of fields: number, and 0 for a varint, 1 for 8 bytes, 2 for bytes with their length.
SPAN_ATTRIBUTE, LOG_ATTRIBUTE, EVENT_ATTRIBUTE, PLAIN_ATTRIBUTE = b"\x4a", b"\x32", b"\x1a", b"\x0a"
_TIMES = struct.Struct("<BQBQ")
_FIXED64 = struct.Struct("<BQ")
_FLOAT = struct.Struct("<d")
_FLAGS_TAG = 0x0185  # field 16
IS_REMOTE_KNOWN, IS_REMOTE, SAMPLED = 0x100, 0x200, 0x01
_FLAGS = {
    flags: struct.pack("<HI", _FLAGS_TAG, flags)
    for flags in (SAMPLED | IS_REMOTE_KNOWN, SAMPLED | IS_REMOTE_KNOWN | IS_REMOTE)
}
# Lengths of nearly everything that is written here.
_SHORT = [bytes((n,)) if n < 0x80 else bytes((n & 0x7F | 0x80, n >> 7)) for n in range(2048)]
_LOG_SAMPLED = struct.pack("<BI", 0x45, SAMPLED)  # field 8


def varint(number: int) -> bytes:
    """Return the number, not negative, in groups of seven bits."""
    if number < len(_SHORT):
        return _SHORT[number]
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def with_length(data: bytes) -> bytes:
    """Return the bytes with their length before them."""
    return varint(len(data)) + data


def text(value: str) -> bytes:
    """Return UTF-8 of at most so many characters, whatever the text holds."""
    return value[:VALUE_LENGTH].encode("utf-8", "replace")


def pair(key: str, value: Value) -> Pair:
    """Return an attribute."""
    if isinstance(value, float):
        return before_float(key) + _FLOAT.pack(value)
    return with_length(_key(key) + b"\x12" + with_length(_any_value(value)))


@lru_cache(maxsize=64)
def before_float(key: str) -> bytes:
    """Return what an attribute begins with whose value is 8 bytes of a float."""
    before = _key(key) + b"\x12\x09\x21"
    return varint(len(before) + _FLOAT.size) + before


@lru_cache(maxsize=64)
def before_text(key: str, length: int) -> bytes:
    """Return what an attribute begins with whose value is a text of so many bytes."""
    before = _key(key) + b"\x12" + varint(length + 1 + len(varint(length)))
    before += b"\x0a" + varint(length)
    return varint(len(before) + length) + before


def long_pair(key: str, value: str) -> Pair:
    """Return an attribute whose text is bounded by whoever made it, such as frames."""
    return with_length(_key(key) + b"\x12" + with_length(b"\x0a" + with_length(value.encode())))


@lru_cache(maxsize=4096, typed=True)
def kept_pair(key: str, value: str | bool | int) -> Pair:  # noqa: FBT001 - a value, no flag
    """Return an attribute whose values repeat, such as a version."""
    return pair(key, value)


def attributes(tag: bytes, pairs: Iterable[Pair]) -> bytes:
    """Return attributes as a repeated field."""
    return tag.join((b"", *pairs))


@lru_cache(maxsize=512)
def _key(key: str) -> bytes:
    return b"\x0a" + with_length(key.encode())


def _any_value(value: Value) -> bytes:
    if isinstance(value, str):
        return b"\x0a" + with_length(text(value))
    if isinstance(value, bool):
        return b"\x10\x01" if value else b"\x10\x00"
    if isinstance(value, int):
        return b"\x18" + varint(value & 0xFFFFFFFFFFFFFFFF)
    if isinstance(value, float):
        return b"\x21" + _FLOAT.pack(value)
    values = (b"\x0a" + with_length(_any_value(entry)) for entry in value[:LIST_LENGTH])
    return b"\x2a" + with_length(b"".join(values))


@lru_cache(maxsize=512)
def named(name: str, kind: int) -> bytes:
    """Return a span's name and kind."""
    return b"\x2a" + with_length(text(name)) + b"\x30" + varint(kind)


def span(  # noqa: PLR0913, PLR0917 - a span has so many fields
    trace_id: bytes,
    span_id: bytes,
    parent_id: bytes,
    trace_state: bytes,
    name_and_kind: bytes,
    started: int,
    ended: int,
    pairs: bytes,
    more: bytes = b"",
    *,
    is_error: bool = False,
    flags: int = SAMPLED | IS_REMOTE_KNOWN,
) -> bytes:
    """Return a span as a field of ScopeSpans; `started` and `ended` are nanoseconds.

    `pairs` are its attributes, `more` its events and links, all encoded.
    """
    body = b"".join(
        (
            b"\x0a\x10",
            trace_id,
            b"\x12\x08",
            span_id,
            b"\x1a" + with_length(trace_state) if trace_state else b"",
            b"\x22\x08" + parent_id if parent_id else b"",
            name_and_kind,
            _TIMES.pack(0x39, started, 0x41, ended),
            pairs,
            more,
            b"\x7a\x02\x18\x02" if is_error else b"\x7a\x00",
            _FLAGS[flags],
        )
    )
    return b"\x12" + varint(len(body)) + body


def event(name: str, at: int, pairs: Iterable[Pair]) -> bytes:
    """Return an event as a field of a span."""
    body = _FIXED64.pack(0x09, at) + b"\x12" + with_length(text(name))
    return b"\x5a" + with_length(body + attributes(EVENT_ATTRIBUTE, pairs))


def link(trace_id: bytes, span_id: bytes) -> bytes:
    """Return a link as a field of a span."""
    return b"\x6a" + with_length(b"\x0a\x10" + trace_id + b"\x12\x08" + span_id)


def log_record(
    at: int,
    severity: int,
    severity_text: str,
    body: str,
    pairs: bytes,
    event_name: str = "",
    trace_id: bytes = b"",
    span_id: bytes = b"",
) -> bytes:
    """Return a log record as a field of ScopeLogs; `pairs` are its attributes, tags and all."""
    record = b"".join(
        (
            _TIMES.pack(0x09, at, 0x59, at),
            _what(severity, severity_text, event_name),
            b"\x2a" + with_length(_any_value(body)) if body else b"",
            pairs,
            _LOG_SAMPLED + b"\x4a\x10" + trace_id if trace_id else b"",
            b"\x52\x08" + span_id if trace_id and span_id else b"",
        )
    )
    return b"\x12" + varint(len(record)) + record


@lru_cache(maxsize=256)
def _what(severity: int, severity_text: str, event_name: str) -> bytes:
    told = b"\x10" + varint(severity) + b"\x1a" + with_length(severity_text.encode())
    return told + (b"\x62" + with_length(event_name.encode()) if event_name else b"")


class Envelope:
    """Puts spans or log records into an export request: resource and scope once a batch."""

    def __init__(self, resource: Sequence[Pair], scope: str, version: str, schema_url: str) -> None:
        """`resource` describes the process."""
        url = b"\x1a" + with_length(schema_url.encode())
        self._resource = b"\x0a" + with_length(attributes(PLAIN_ATTRIBUTE, resource))
        named_scope = (
            b"\x0a" + with_length(scope.encode()) + b"\x12" + with_length(version.encode())
        )
        self._scope = b"\x0a" + with_length(named_scope)
        self._url = url

    def __call__(self, items: Sequence[bytes]) -> bytes:
        """Return the request."""
        # Lengths first, so that items are copied once.
        size = len(self._scope) + sum(map(len, items)) + len(self._url)
        scoped = b"\x12" + varint(size)
        size += len(self._resource) + len(scoped) + len(self._url)
        before = (b"\x0a", varint(size), self._resource, scoped, self._scope)
        return b"".join((*before, *items, self._url, self._url))
