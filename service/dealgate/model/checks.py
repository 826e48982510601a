"""What can be wrong with facts of any kind: a check returns every violation and raises nothing.

`malformed` (malformed.py) finds what no facts may hold, whatever their kind. The small checks here
each take a path and the value that stands there, for a kind to compose; an absent value passes all
of them but `required_id`, since what must be known is for the rules to say.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.instants import SKEW, nanoseconds
from dealgate.model.malformed import plain_decimal
from dealgate.model.zones import latest_day

Check = Callable[[Any], Iterable[Violation]]

ID_LENGTH = 256
# The longest amount worth stating is far shorter; a million digits would be an attack.
DECIMAL_LENGTH = 64
PLAIN_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
NANOS_MAX = 999_999_999
DURATION_SECONDS = 315_576_000_000  # protobuf's limit: 10,000 years


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


def are_usual_ids(ids: Sequence[str]) -> bool:
    """Tell at one look that nothing is wrong with ids that must be given, as is nearly always."""
    if "" in ids or len(set(ids)) != len(ids):
        return False
    return len("".join(ids)) <= ID_LENGTH or max(map(len, ids)) <= ID_LENGTH


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


def unless_given(path: str, of: Message, text: str, other: str) -> list[Violation]:
    """Two fields are given together, or neither is."""
    if of.HasField(text) == of.HasField(other):
        return []
    given, lacking = (text, other) if of.HasField(text) else (other, text)
    return [Violation(f"{path}.{lacking}", f"is required with {given}")]


def stage(path: str, name: str, stages: Collection[str]) -> list[Violation]:
    """A stage is one of the pipeline's."""
    if name in stages:
        return []
    return [
        Violation(path, f"is not a stage of this pipeline; the stages are: {', '.join(stages)}")
    ]


def at_most(path: str, items: Sequence[object], most: int, cure: str = "") -> list[Violation]:
    """A list has no more than `most` elements; `cure` says what to do with a longer one."""
    wrong = f"has more than {most} entries; {cure}" if cure else f"has more than {most} entries"
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


def has_happened(path: str, value: Timestamp, as_of: int) -> list[Violation]:
    """An instant of the past may lie after `as_of` (ns) only as far as clocks differ."""
    return [Violation(path, "is after as_of")] if nanoseconds(value) > as_of + SKEW else []


def has_come(path: str, day: Date, as_of: int) -> list[Violation]:
    """A day of the past may be one that has begun somewhere: in Auckland it is tomorrow already."""
    return [Violation(path, "is after as_of")] if day_number(day) > latest_day(as_of) else []
