"""What can be wrong with anything that happened to a line."""

from collections.abc import Iterator

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.model.checks import non_negative
from dealgate.model.days import day_number, precedes
from dealgate.model.errors import Violation
from dealgate.model.malformed import plain_decimal
from dealgate.v1 import recognize_pb2 as pb


def happened(path: str, day: Date, today: int) -> list[Violation]:
    """What has happened is on a day that has begun somewhere."""
    return [Violation(path, "is after as_of")] if day_number(day) > today else []


def in_time(path: str, name: str, event: Message, line: pb.RevenueLine) -> Iterator[Violation]:
    """What happens after a cancellation would vanish into what was cancelled."""
    if precedes(line, "cancelled_on", event, name):
        yield Violation(f"{path}.{name}", "is after cancelled_on")


def quantity(path: str, value: DecimalMessage) -> Iterator[Violation]:
    """A quantity is given, and not negative."""
    number = plain_decimal(value)
    if number is None:
        yield Violation(path, "is required")
    else:
        yield from non_negative(path, number)
