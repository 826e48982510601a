"""Instants and spans as exact numbers: nanoseconds, since the epoch and in UTC if an instant."""

from google.protobuf.timestamp_pb2 import Timestamp

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
# How far the clocks of two machines may differ: what is later by less has happened.
SKEW = 5 * 60 * SECOND
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # years 1 to 9999, UTC


def nanoseconds(instant: Timestamp) -> int:
    """Return the instant as a number; an absent one is the epoch."""
    return instant.seconds * SECOND + instant.nanos


def timestamp(nanoseconds: int) -> Timestamp:
    """Return the instant as protobuf writes it."""
    instant = Timestamp()
    instant.seconds, instant.nanos = divmod(nanoseconds, SECOND)
    return instant


def deadline(nanoseconds: int) -> Timestamp:
    """Return the instant, or the last second of the year 9999 if it lies behind that."""
    return timestamp(min(nanoseconds, LAST_SECOND * SECOND))
