"""What a field may be changed to: the literals of the rules, and their neighbours."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.cases.mutation.literals import digits_apart, neighbours
from dealgate.language.values import NANOS
from dealgate.model.fields import Held
from dealgate.model.instants import DAY
from dealgate.model.money import exponent
from dealgate.model.vocabulary import property_at
from dealgate.rulebook.scalars import Field


@dataclass(frozen=True, slots=True)
class FieldValues:
    """What fields may be set to; `literals` stand in the rules."""

    literals: Sequence[Held]

    def of(self, field: Field, current: Held, as_of: int) -> Iterator[Held]:
        """Yield values for a field that now has `current`; None takes it away."""
        yield None
        seen = set()
        for value in self._candidates(field, current, as_of):
            key = value.SerializeToString() if isinstance(value, Message) else value
            if key not in seen:
                seen.add(key)
                yield value

    def plain(self, field: Field) -> Iterator[Held]:
        """Yield scalars for a field."""
        if field.enum_type is not None:
            yield from (value.number for value in field.enum_type.values if value.number)
        elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            yield from (True, False)
        elif (declared := property_at(field.full_name)) is not None and declared[1].values:
            yield from declared[1].values
        elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            texts = self._all(str)
            yield from texts
            yield from (text.upper() for text in texts if text.upper() != text)
            yield from ("other", "", "US")  # the last where only a country's code is accepted
        else:
            yield from self._numbers(field)

    def _numbers(self, field: Field) -> Iterator[Held]:
        real = field.cpp_type in {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}
        kinds = (int, float) if real else (int,)
        for kind in kinds:
            for value in self._all(kind):
                yield from (value, *neighbours(value))
        yield from (0, 1)

    def _candidates(self, field: Field, current: Held, as_of: int) -> Iterator[Held]:
        name = field.message_type.full_name if field.message_type is not None else ""
        if not name:
            yield from self.plain(field)
            if (
                current is not None
                and isinstance(current, (int, float))
                and field.enum_type is None
            ):
                yield from neighbours(current)
        elif name == "google.type.Money":
            yield from self._amounts(current)
        elif name == "google.type.Decimal":
            yield from self._decimals(current)
        elif name == "google.type.Date":
            yield from self._days(current, as_of)
        elif name == "google.protobuf.Timestamp":
            yield from self._instants(current, as_of)

    def _amounts(self, current: Held) -> Iterator[Money]:
        pairs = [literal for literal in self._all(tuple) if len(literal) == 2]
        if current is not None:
            pairs.append((current.currency_code, current.units * NANOS + current.nanos))
        for currency, nanos in pairs:
            unit = NANOS // 10 ** (exponent(currency) or 0)
            for amount in (nanos, nanos - unit, nanos + unit):
                units, rest = divmod(abs(amount), NANOS)
                sign = -1 if amount < 0 else 1
                yield Money(currency_code=currency, units=sign * units, nanos=sign * rest)

    def _decimals(self, current: Held) -> Iterator[DecimalMessage]:
        numbers = self._all(Decimal)
        if current is not None:
            numbers = [*numbers, Decimal(current.value)]
        for number in numbers:
            for near in (number, *digits_apart(number)):
                yield DecimalMessage(value=f"{near:f}")

    def _days(self, current: Held, as_of: int) -> Iterator[Date]:
        today = dt.datetime.fromtimestamp(as_of // NANOS, dt.UTC).date()
        days = [today, *(dt.date(*literal) for literal in self._all(tuple) if len(literal) == 3)]
        if current is not None:
            days.append(dt.date(current.year, current.month, current.day))
        days += [
            today + dt.timedelta(days=sign * span) for span in self._spans() for sign in (1, -1)
        ]
        for day in days:
            for step in (0, -1, 1):
                near = day + dt.timedelta(days=step)
                yield Date(year=near.year, month=near.month, day=near.day)

    def _instants(self, current: Held, as_of: int) -> Iterator[Timestamp]:
        instants = [as_of - sign * span * DAY for span in (0, *self._spans()) for sign in (1, -1)]
        if current is not None:
            instants.append(current.seconds * NANOS + current.nanos)
        for instant in instants:
            for near in (instant, instant - DAY, instant + DAY, instant - NANOS, instant + NANOS):
                yield Timestamp(seconds=near // NANOS, nanos=near % NANOS)

    def _spans(self) -> list[int]:
        """Return what may be numbers of days."""
        return [number for number in self._all(int) if 0 < number <= 3660]

    def _all(self, type_: type) -> list[Held]:
        return [literal for literal in self.literals if type(literal) is type_]
