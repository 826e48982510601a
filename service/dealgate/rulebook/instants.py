"""Instants as authors write them: in UTC, to the nanosecond."""

import re
from datetime import UTC, datetime, timedelta

INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z)?")
NANOS = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(text: str, *, date_too: bool = False) -> int | None:
    """Return the nanoseconds from the epoch to the instant; None if `text` is not one.

    With `date_too`, a date means its first instant.
    """
    match = INSTANT.fullmatch(text)
    if match is None or not (match[2] or date_too):
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}+00:00")
    except ValueError:
        return None
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * NANOS + int((match[3] or "").ljust(9, "0"))


def written(nanos: int) -> str:
    """Return the instant as `2026-01-31T12:00:00Z`."""
    seconds, rest = divmod(nanos, NANOS)
    text = (EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{text}{fraction}Z"
