"""What can be wrong with facts of any kind: a check returns every violation and raises nothing.

`malformed` finds what no facts may hold, whatever their kind. The small checks after it each
take a path and the value that stands there, for a kind to compose; an absent value passes all
of them but `required_id`, since what must be known is for the rules to say.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model import money
from dealgate.model.errors import Violation
from dealgate.model.instants import FIRST_SECOND, LAST_SECOND, nanoseconds

Check = Callable[[Any], Iterable[Violation]]

ID_LENGTH = 256
# The longest amount worth stating is far shorter; a million digits would be an attack.
DECIMAL_LENGTH = 64
PLAIN_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
NANOS_MAX = 999_999_999
DURATION_SECONDS = 315_576_000_000  # protobuf's limit: 10,000 years


def malformed(facts: Message) -> list[Violation]:
    """Return every value in `facts`, however deep, that its type forbids, with its path.

    That is: Money, Date, Decimal, Timestamp and Duration that are none, enum numbers that are
    not declared, and floating-point numbers that are not finite.
    """
    checks = _checks(facts.DESCRIPTOR)
    found: list[Violation] = []
    for field, value in facts.ListFields():
        check = checks.get(field.number)
        if check is None:
            continue
        if field.is_repeated:
            for index, item in enumerate(value):
                found += _placed(f"{field.name}[{index}]", check(item))
        else:
            found += _placed(field.name, check(value))
    return found


def required(path: str, given: object) -> list[Violation]:
    """A fact must be given: `given` is its presence, or its text, list or number but 0."""
    return [] if given else [Violation(path, "is required")]


def required_id(path: str, value: str) -> list[Violation]:
    """An id must be given and have at most 256 characters."""
    return optional_id(path, value) if value else [Violation(path, "is required; give your id")]


def optional_id(path: str, value: str) -> list[Violation]:
    """An id, if given, has at most 256 characters."""
    wrong = len(value) > ID_LENGTH
    return [Violation(path, f"is longer than {ID_LENGTH} characters")] if wrong else []


def unique_ids(path: str, ids: Iterable[str], name: str = "id") -> list[Violation]:
    """No two elements of the list at `path` may have one id; absent ids are not compared."""
    seen: dict[str, int] = {}
    return [
        Violation(f"{path}[{index}].{name}", f"repeats {path}[{seen[value]}]; ids are unique")
        for index, value in enumerate(ids)
        if value and seen.setdefault(value, index) != index
    ]


def computed(path: str, given: object) -> list[Violation]:
    """A fact that a kind derives may not be sent: `given` is its presence."""
    return [Violation(path, "is computed by the service; leave it out")] if given else []


def unless_given(path: str, of: Message, one: str, other: str) -> list[Violation]:
    """Two fields are given together, or neither is."""
    if of.HasField(one) == of.HasField(other):
        return []
    given, lacking = (one, other) if of.HasField(one) else (other, one)
    return [Violation(f"{path}.{lacking}", f"is required with {given}")]


def at_most(path: str, items: Sequence[object], most: int, cure: str = "") -> list[Violation]:
    """A list has no more than `most` elements; `cure` says what to do with a longer one."""
    wrong = f"are more than {most}; {cure}" if cure else f"are more than {most}"
    return [Violation(path, wrong)] if len(items) > most else []


def within(path: str, value: float | Decimal, low: float, high: float) -> list[Violation]:
    """A number must lie in [low, high]."""
    return [] if low <= value <= high else [Violation(path, f"must be from {low} to {high}")]


def non_negative(path: str, value: float | Decimal) -> list[Violation]:
    """A number may not be negative."""
    return [Violation(path, "must not be negative")] if value < 0 else []


def non_negative_money(path: str, amount: Money) -> list[Violation]:
    """An amount may not be negative."""
    return non_negative(path, min(amount.units, amount.nanos))


def share(path: str, value: DecimalMessage) -> list[Violation]:
    """A share must lie in [0, 1]: 0.2 is 20 %."""
    number = plain_decimal(value)
    wrong = number is not None and not 0 <= number <= 1
    return [Violation(path, "is a share from 0 to 1; write 20 % as 0.2")] if wrong else []


def same_currency(amounts: Sequence[tuple[str, Money]]) -> list[Violation]:
    """All amounts given must be in the currency of the first one given."""
    given = [(path, amount.currency_code) for path, amount in amounts if amount.currency_code]
    return [
        Violation(path, f"is in another currency than {given[0][0]}; convert it first")
        for path, currency in given[1:]
        if currency != given[0][1]
    ]


def not_after(path: str, value: Timestamp, limit_path: str, limit: Timestamp) -> list[Violation]:
    """An instant may not come after another one."""
    wrong = nanoseconds(value) > nanoseconds(limit)
    return [Violation(path, f"is after {limit_path}")] if wrong else []


def plain_decimal(value: DecimalMessage) -> Decimal | None:
    """Return the exact number, or None if the message is absent, empty or malformed."""
    text = value.value
    wrong = len(text) > DECIMAL_LENGTH or not PLAIN_DECIMAL.fullmatch(text)
    return None if wrong else Decimal(text)


def _money(value: Money) -> list[Violation]:
    wrong = money.fault(value)
    return [] if wrong is None else [Violation("", wrong)]


def _date(value: Date) -> list[Violation]:
    try:
        dt.date(value.year, value.month, value.day)
    except ValueError:
        return [Violation("", "is no day of the calendar; give year, month and day")]
    return []


def _decimal(value: DecimalMessage) -> list[Violation]:
    cure = f'is no plain decimal of at most {DECIMAL_LENGTH} characters; write it as "0.25"'
    return [] if plain_decimal(value) is not None else [Violation("", cure)]


def _timestamp(value: Timestamp) -> list[Violation]:
    right = FIRST_SECOND <= value.seconds <= LAST_SECOND and 0 <= value.nanos <= NANOS_MAX
    return [] if right else [Violation("", "is no instant of the years 1 to 9999")]


def _duration(value: Duration) -> list[Violation]:
    ranged = abs(value.seconds) <= DURATION_SECONDS and abs(value.nanos) <= NANOS_MAX
    right = ranged and value.seconds * value.nanos >= 0
    return [] if right else [Violation("", "is no duration of at most 10,000 years")]


def _finite(value: float) -> list[Violation]:
    return [] if math.isfinite(value) else [Violation("", "must be a finite number")]


WELL_KNOWN: dict[str, Check] = {
    Money.DESCRIPTOR.full_name: _money,
    Date.DESCRIPTOR.full_name: _date,
    DecimalMessage.DESCRIPTOR.full_name: _decimal,
    Timestamp.DESCRIPTOR.full_name: _timestamp,
    Duration.DESCRIPTOR.full_name: _duration,
}


def _placed(path: str, violations: Iterable[Violation]) -> list[Violation]:
    return [
        Violation(f"{path}.{one.field}" if one.field else path, one.description)
        for one in violations
    ]


@cache
def _checks(message: Descriptor) -> dict[int, Check]:
    """Return the check of each field that can be malformed, by field number."""
    found = {field.number: _check(field) for field in message.fields}
    return {number: check for number, check in found.items() if check is not None}


def _check(field: FieldDescriptor) -> Check | None:
    if field.message_type is not None:
        return WELL_KNOWN.get(field.message_type.full_name, malformed)
    if field.enum_type is not None:
        return _declared(field.enum_type)
    return _finite if field.cpp_type in FLOATING else None


def _declared(enum: EnumDescriptor) -> Check:
    numbers = frozenset(enum.values_by_number)
    wrong = [Violation("", f"is no number that enum {enum.name} declares")]
    return lambda value: [] if value in numbers else wrong


FLOATING = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
