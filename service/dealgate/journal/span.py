"""Which ids a search must look at: those before its cursor, within its window of time.

Clocks step back and differ between servers, so an id's time may stray from its record's
`decided_at`. The journal keeps a bound on that drift with its records, and a span is widened by
it: correct whatever the clocks did, narrow if they did well.
"""

from collections.abc import Sequence

from dealgate.journal.record import id_bytes
from dealgate.model.decision import Decision, DecisionFilter
from dealgate.model.errors import UnknownDecision

MILLISECOND = 1_000_000  # in nanoseconds
LARGEST_INTEGER = 2**63 - 1  # that SQLite stores
AFTER_LAST_ID = b"\xff" * 17


def id_span(sought: DecisionFilter, drift: int) -> tuple[bytes, bytes]:
    """Return the first id and the one after the last; `drift` is in milliseconds.

    Raises UnknownDecision if `before` is not an id.
    """
    low, high = b"", AFTER_LAST_ID
    if sought.decided_from is not None:
        low = _first_id(sought.decided_from // MILLISECOND - drift)
    if sought.decided_before is not None:
        high = _first_id((sought.decided_before - 1) // MILLISECOND + drift + 1)
    if sought.before is not None:
        high = min(high, _cursor(sought.before))
    return low, high


def drift(decisions: Sequence[Decision]) -> int:
    """Return a bound, in milliseconds, on how far the ids of these stray from `decided_at`.

    It is coarse, so that the largest that is kept hardly ever grows.
    """
    farthest = max(
        abs(int(decision.id[:8] + decision.id[9:13], 16) - decision.decided_at // MILLISECOND)
        for decision in decisions
    )
    return (1 << farthest.bit_length()) - 1


def clamped(instant: int | None) -> int | None:
    """Return the instant as SQLite can compare it: no record lies beyond either end."""
    if instant is None:
        return None
    return max(-LARGEST_INTEGER, min(LARGEST_INTEGER, instant))


def _first_id(milliseconds: int) -> bytes:
    """Return what no UUIDv7 of this millisecond, or of a later one, is less than."""
    if milliseconds < 0:
        return b""
    if milliseconds >= 1 << 48:
        return AFTER_LAST_ID
    return milliseconds.to_bytes(6, "big")


def _cursor(before: str) -> bytes:
    try:
        return id_bytes(before)
    except ValueError as error:
        raise UnknownDecision("this page cannot be continued: its cursor is not an id") from error
