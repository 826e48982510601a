"""Idempotency keys that are cheap for the server to index."""

import secrets
import time
import uuid


def new_key() -> str:
    """Return a UUIDv7: keys made later sort later, so the server appends to its index."""
    milliseconds = time.time_ns() // 1_000_000
    version, variant = 0x7, 0b10
    value = milliseconds << 80 | version << 76 | secrets.randbits(12) << 64
    value |= variant << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
