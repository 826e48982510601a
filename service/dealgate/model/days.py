"""Calendar days as numbers: google.type.Date to the proleptic ordinal of `date` and back."""

import datetime as dt
from calendar import monthrange

from google.protobuf.message import Message
from google.type.date_pb2 import Date

EPOCH = dt.date(1970, 1, 1).toordinal()


def day_number(day: Date) -> int:
    """Return the number of the day. Raises ValueError if it is invalid: `malformed` finds those."""
    return dt.date(day.year, day.month, day.day).toordinal()


def in_order(day: Date) -> int:
    """Return a number that is greater for a later day, and 0 for none: to compare, not to count."""
    number: int = day.year << 9 | day.month << 5 | day.day
    return number


def date_message(number: int) -> Date:
    """Return the day with this number."""
    message = Date()
    put_day(message, number)
    return message


def put_day(message: Date, number: int) -> None:
    """Make `message` say the day with this number: quicker than to copy one."""
    day = dt.date.fromordinal(number)
    message.year, message.month, message.day = day.year, day.month, day.day


def is_day(day: Date) -> bool:
    """Return whether the message is a day of the calendar."""
    try:
        day_number(day)
    except ValueError:
        return False
    return True


def days_of_month(number: int) -> tuple[int, int]:
    """Return the numbers of the first and last day of the month that the day is in."""
    day = dt.date.fromordinal(number)
    first = day.replace(day=1).toordinal()
    return first, first + monthrange(day.year, day.month)[1] - 1


def months_later(number: int, months: int) -> int:
    """Return the same day a number of months later, or that month's last day.

    Raises ValueError or OverflowError behind the year 9999.
    """
    day = dt.date.fromordinal(number)
    years, month = divmod(day.month - 1 + months, 12)
    first = dt.date(day.year + years, month + 1, 1)
    _, last = days_of_month(first.toordinal())
    return min(first.toordinal() + day.day - 1, last)


def precedes(message: Message, field: str, other: Message, limit: str) -> bool:
    """Return whether a day is before another one; if one is not given, it is not."""
    if not (message.HasField(field) and other.HasField(limit)):
        return False
    return day_number(getattr(message, field)) < day_number(getattr(other, limit))
