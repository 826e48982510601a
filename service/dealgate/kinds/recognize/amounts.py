"""Amounts: every one that facts hold, however deep, with its path."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.type.money_pb2 import Money

from dealgate.v1 import recognize_pb2 as pb


def amounts(facts: pb.RecognizeFacts) -> Iterator[tuple[str, Money]]:
    """Yield every amount in the contract's currency, however deep, with its path."""
    yield from _inside("", facts)


def _inside(path: str, message: Message) -> Iterator[tuple[str, Money]]:
    for field, value in message.ListFields():
        if field.message_type is None or not _holds_money(field.message_type):
            continue
        here = f"{path}.{field.name}" if path else field.name
        for name, item in _items(here, field, value):
            if isinstance(item, Money):
                yield name, item
            else:
                yield from _inside(name, item)


def _items(
    path: str, field: FieldDescriptor, value: Any
) -> Iterator[tuple[str, Any]]:  # a field's value
    if field.is_repeated:
        yield from ((f"{path}[{index}]", item) for index, item in enumerate(value))
    else:
        yield path, value


@cache
def _holds_money(message: Descriptor) -> bool:
    """Tell whether there is an amount in it; usage has none, and there may be much of it."""
    return message.full_name == Money.DESCRIPTOR.full_name or any(
        field.message_type is not None and _holds_money(field.message_type)
        for field in message.fields
    )
