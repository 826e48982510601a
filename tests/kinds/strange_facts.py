"""Strange facts: those of a shipped case, changed at random, for any kind.

Facts made of nothing are refused by the first check. These keep most of what makes the case
sound, so that many come as far as an outcome: changes either touch one place, or all amounts, all
days or all numbers at once, which leaves currencies alike and days in their order.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, TypeAlias

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from tests.kinds.strange_values import (
    BOUNDS,
    CURRENCIES,
    DECIMALS,
    FIRST,
    INTEGERS,
    KNOWN,
    LAST,
    MOST,
    TEXTS,
    put,
)

Change: TypeAlias = Callable[[Random, Any], None]

DAY, SECOND = 86_400, 1_000_000_000
# How far from the end of the calendar facts are moved, in days: deadlines lie as far ahead.
MARGINS = (0, 1, 40, 400)
MOVED, MISJUDGED = 0.3, 0.4  # which share is moved there; and from there on, only `as_of`


def changed(random: Random, facts: Message, as_of: int) -> tuple[Message, int]:
    """Return a copy of the facts, changed up to four times, and when (ns) they are judged."""
    strange = type(facts)()
    strange.CopyFrom(facts)
    for _ in range(random.choice((0, 1, 1, 2, 2, 3, 4))):
        random.choice(CHANGES)(random, strange)
    drawn = random.random()
    if drawn > MISJUDGED:
        return strange, as_of
    margin = random.choice(MARGINS) * DAY
    moment = random.choice((FIRST + margin, LAST - margin))
    if drawn < MOVED:
        _shift(strange, moment - as_of // SECOND)
    return strange, moment * SECOND + random.choice((0, 1, SECOND - 1))


def forget(random: Random, facts: Message) -> None:
    """Something is not known."""
    node = random.choice(list(_nodes(facts)))
    given = [field.name for field, _ in node.ListFields()]
    if given:
        node.ClearField(random.choice(given))


def overwrite(random: Random, facts: Message) -> None:
    """Something is another value than anybody expects, or there is one more of it."""
    node = random.choice(list(_nodes(facts)))
    fields = [one for one in node.DESCRIPTOR.fields if one.message_type is not Struct.DESCRIPTOR]
    put(random, node, random.choice(fields))


def repeat(random: Random, facts: Message) -> None:
    """A list holds an element more often, each time by an id of its own if it has one."""
    lists = [
        value
        for node in _nodes(facts)
        for field, value in node.ListFields()
        if field.is_repeated and field.message_type is not None
    ]
    if not lists:
        return
    elements = random.choice(lists)
    model = type(elements[0]).FromString(random.choice(elements).SerializeToString())
    for count in range(random.choice((1, 2, 5, 40))):
        elements.append(model)
        if "id" in model.DESCRIPTOR.fields_by_name:
            elements[-1].id = f"{model.id}-{count}"


def swap(random: Random, facts: Message) -> None:
    """A text stands where another one belongs."""
    texts = [
        (node, field.name, value)
        for node in _nodes(facts)
        for field, value in node.ListFields()
        if isinstance(value, str) and not isinstance(node, KNOWN)
    ]
    if texts:
        node, name, _ = random.choice(texts)
        found = [value for _, _, value in texts]
        setattr(node, name, random.choice([random.choice(found), random.choice(TEXTS)]))


def grow(random: Random, facts: Message) -> None:
    """All amounts are so many times as large, or all of them as large as can be."""
    factor, most = random.choice((10**6, 10**9, 10**12, -1, 0)), random.choice((0, 0, MOST, 2**62))
    for money in _all_of(facts, Money):
        money.units = most or max(-MOST - 1, min(money.units * factor, MOST))
        money.nanos = 0


def convert(random: Random, facts: Message) -> None:
    """All amounts are in another currency."""
    code = random.choice(CURRENCIES)
    for money in _all_of(facts, Money):
        money.currency_code, money.nanos = code, 0


def enlarge(random: Random, facts: Message) -> None:
    """About half of all whole and decimal numbers are one extreme."""
    number, text = random.choice(INTEGERS), random.choice(DECIMALS)
    for decimal in _all_of(facts, Decimal):
        decimal.value = random.choice((decimal.value, text))
    for node in _nodes(facts):
        for field, value in [] if isinstance(node, KNOWN) else node.ListFields():
            if field.cpp_type in BOUNDS and not field.is_repeated:
                low, high = BOUNDS[field.cpp_type]
                extreme = max(low, min(number, high))
                setattr(node, field.name, random.choice((value, extreme)))


CHANGES: Sequence[Change] = (
    *(forget, overwrite, overwrite, overwrite, repeat),
    *(swap, grow, convert, enlarge),
)


def _shift(facts: Message, seconds: int) -> None:
    """Move all days and instants, at most to the ends of the calendar."""
    for instant in _all_of(facts, Timestamp):
        instant.seconds = max(FIRST, min(instant.seconds + seconds, LAST))
    for day in _all_of(facts, Date):
        try:
            number = dt.date(day.year, day.month, day.day).toordinal() + seconds // DAY
        except ValueError:
            continue  # changed into no day before
        moved = dt.date.fromordinal(max(1, min(number, dt.date.max.toordinal())))
        day.year, day.month, day.day = moved.year, moved.month, moved.day


def _nodes(message: Message) -> Iterator[Message]:
    """Yield the message and every one in it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in value if field.is_repeated else (value,):
                yield from _nodes(one)


def _all_of(facts: Message, kind: type[Message]) -> list[Any]:
    return [node for node in _nodes(facts) if isinstance(node, kind)]
