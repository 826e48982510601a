"""Every number that facts can hold, and facts that hold a given value of one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from dealgate.model.bound_table import BOUNDS, COMPUTED, Bound

Path: TypeAlias = tuple[FieldDescriptor, ...]
WHOLE = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
FLOATING = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
# 1e20 and 1e-20 in full: an exponent is not a plain decimal and stops no one.
HUGE, TINY = "1" + "0" * 20, "0." + "0" * 19 + "1"


@dataclass(frozen=True)
class Number:
    """A number that facts can hold: the fields that lead to it, and its bound if it has one."""

    path: Path
    key: str  # its message and field: "CommissionTier.from"

    @property
    def bound(self) -> Bound:
        """Its bound."""
        return BOUNDS[self.key]

    @property
    def is_decimal(self) -> bool:
        """Whether it is exact text."""
        return self.path[-1].message_type is not None

    @property
    def index(self) -> str:
        """Where a violation says it stands, in the first element of each list."""
        return ".".join(f"{one.name}[0]" if one.is_repeated else one.name for one in self.path)

    def extremes(self) -> Sequence[Any]:
        """Return values at the ends of what its type can hold, and some that are none."""
        if self.is_decimal:
            return (HUGE, f"-{HUGE}", TINY, f"-{TINY}", "9" * 64, "NaN", "Infinity", "", "0", "-1")
        if self.path[-1].cpp_type in FLOATING:
            return (1e300, -1e300, 5e-324, float("nan"), float("inf"), 0.0, -1.0)
        low, high = WHOLE[self.path[-1].cpp_type]
        return (low, high, 0, 1) if low == 0 else (low, high, -1, 0, 1)

    def outside(self) -> Sequence[Any]:
        """Return values just outside of its bound that its type can hold."""
        low, high = self.bound.low if self.bound.above else self.bound.low - 1, self.bound.high + 1
        if self.is_decimal:
            return (str(low), str(high))
        if self.path[-1].cpp_type in FLOATING:
            return (float(low), float(high))
        least, most = WHOLE[self.path[-1].cpp_type]
        return [value for value in (low, high) if least <= value <= most]

    def is_in(self, facts: Message) -> bool:
        """Tell whether the message that holds it is there."""
        at: Any = facts
        for field in self.path[:-1]:
            value = getattr(at, field.name)
            if field.is_repeated:
                if not value:
                    return False
                at = value[0]
            elif at.HasField(field.name):
                at = value
            else:
                return False
        return True

    def put(self, facts: Message, value: Any) -> None:
        """Set it in the first element of each list on the way."""
        at: Any = facts
        for field in self.path[:-1]:
            inner = getattr(at, field.name)
            if field.is_repeated:
                at = inner[0] if inner else inner.add()
            else:
                inner.SetInParent()
                at = inner
        if self.is_decimal:
            getattr(at, self.path[-1].name).CopyFrom(Decimal(value=value))
        else:
            setattr(at, self.path[-1].name, value)


def numbers(message: Descriptor, before: Path = ()) -> Iterator[Number]:
    """Yield every number in a message, however deep, but what a kind computes itself."""
    for field in message.fields:
        path, key = (*before, field), f"{message.name}.{field.name}"
        if field.message_type is None:
            if field.enum_type is None and field.cpp_type in (*WHOLE, *FLOATING):
                yield Number(path, key)
        elif field.message_type is Decimal.DESCRIPTOR:
            yield Number(path, key)
        elif not field.message_type.full_name.startswith("google.") and (
            field.message_type.name not in COMPUTED
        ):
            yield from numbers(field.message_type, path)


def amounts(message: Message) -> Iterator[Money]:
    """Yield every amount in a message."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else (value,):
            if isinstance(one, Money):
                yield one
            elif isinstance(one, Message):
                yield from amounts(one)
