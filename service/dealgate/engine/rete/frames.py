"""Frames: how messages travel between the engine and its child process."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO


def framed(message: Mapping[str, Any]) -> bytes:
    """Return JSON behind its length in four bytes."""
    body = json.dumps(message, allow_nan=False).encode()
    return len(body).to_bytes(4) + body


def compact(message: Mapping[str, Any]) -> str:
    """Write JSON as the library needs it: it compares strings as they are spelt."""
    return json.dumps(message, ensure_ascii=False, allow_nan=False)


def frames(source: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield messages until the other side is gone."""
    while len(header := source.read(4)) == 4:
        length = int.from_bytes(header)
        body = source.read(length)
        if len(body) < length:
            return
        yield json.loads(body)
