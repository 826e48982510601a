"""Builds decisions, for tests and for processes of their own, which need nothing else of them."""

import hashlib
from typing import Any
from uuid import UUID

from dealgate.model.decision import Decision, Entity

JULY = 1_783_000_000_000_000_000  # nanoseconds since the epoch
MILLISECOND = 1_000_000


def decision(number: int = 1, **changes: Any) -> Decision:
    """`decision(7, kind="score")`: the seventh, taken 7 ms into `JULY`, with what you change."""
    taken = JULY + number * MILLISECOND
    time = (taken // MILLISECOND).to_bytes(6, "big")
    facts = changes.get("facts", b"\x0a\x02L1" + number.to_bytes(4, "big"))
    values = {
        "id": str(UUID(bytes=time + b"\x70\x00\x80" + bytes(7))),
        "tenant": "default",
        "kind": "qualify",
        "entity": Entity("lead", f"L{number}"),
        "version": 2,
        "digest": hashlib.sha256(b"qualify@2").hexdigest(),
        "engine": "native/1",
        "as_of": taken,
        "decided_at": taken,
        "trace_id": hashlib.md5(facts, usedforsecurity=False).hexdigest(),
        "facts": facts,
        "answer": b"\x12\x10NURTURE " + facts,
        "outcome": "NURTURE",
        "fired": ("too-small", "asked-for-demo"),
        "key": None,
        "body_hash": hashlib.sha256(facts).digest(),
    }
    return Decision(**{**values, **changes})
