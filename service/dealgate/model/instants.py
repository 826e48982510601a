"""Instants and spans as exact numbers: nanoseconds, since the epoch and in UTC if an instant."""

from google.protobuf.timestamp_pb2 import Timestamp

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def nanoseconds(instant: Timestamp) -> int:
    """Return the instant as a number; an absent one is the epoch."""
    return instant.seconds * SECOND + instant.nanos


def timestamp(nanoseconds: int) -> Timestamp:
    """Return the instant as protobuf writes it."""
    seconds, nanos = divmod(nanoseconds, SECOND)
    return Timestamp(seconds=seconds, nanos=nanos)
