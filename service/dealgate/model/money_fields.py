"""Where facts hold amounts, however deep; rates and conversions apart."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.type.money_pb2 import Money

from dealgate.model.fields import descriptor_of, message_of

DEEP = 8  # messages within each other that one test is written for
OWN = ("exchange_rates", "conversions")
# Tells whether facts of a class hold amounts in none of some currencies.
_BY_CLASS: dict[type[Message], Callable[[Any, Collection[str]], bool]] = {}


def currencies_in(facts: Message) -> set[str]:
    """Return the currencies of all amounts in the facts."""
    return {amount.currency_code for _, amount in amounts_in(facts)}


def amounts_in(facts: Message, prefix: str = "") -> Iterator[tuple[str, Money]]:
    """Yield the path and the message of each amount, however deep; rates and conversions apart."""
    for name, is_repeated, is_money in _holders(descriptor_of(facts)):
        if is_repeated:
            values = [(f"{prefix}{name}[{n}]", item) for n, item in enumerate(getattr(facts, name))]
        elif facts.HasField(name):
            values = [(f"{prefix}{name}", getattr(facts, name))]
        else:
            continue
        for path, item in values:
            if is_money:
                yield path, item
            else:
                yield from amounts_in(item, f"{path}.")


def holds_foreign(facts: Message, kept: Collection[str]) -> bool:
    """Tell whether there is an amount in another currency than those in `kept`."""
    foreign = _BY_CLASS.get(facts.__class__)
    if foreign is None:
        foreign = _BY_CLASS[facts.__class__] = _has_foreign(descriptor_of(facts))
    return foreign(facts, kept)


@cache
def _has_foreign(message: Descriptor) -> Callable[[Any, Collection[str]], bool]:
    """Return what tells whether a message of a type holds an amount in none of some currencies.

    It is written for the type, because nearly always the answer is no.
    """
    scope: dict[str, Any] = {}
    lines = ["def has_foreign(m, kept):", *_foreign_lines(message, "m", 1, scope)]
    source = "\n".join([*lines, "    return False"])
    exec(compile(source, f"<amounts {message.full_name}>", "exec"), scope)  # noqa: S102  # ours
    has_foreign: Callable[[Any, Collection[str]], bool] = scope["has_foreign"]
    return has_foreign


def _foreign_lines(
    message: Descriptor, value: str, depth: int, scope: dict[str, Any]
) -> Iterator[str]:
    """Write the test of what is in `value`, a variable; deep in a message others are called."""
    indent, inner = "    " * depth, f"v{depth}"
    for name, is_repeated, is_money in _holders(message):
        type_ = message_of(message.fields_by_name[name])
        if is_repeated:
            yield f"{indent}for {inner} in getattr({value}, {name!r}):"
        else:
            yield f"{indent}if {value}.HasField({name!r}):"
            yield f"{indent}    {inner} = getattr({value}, {name!r})"
        if is_money:
            yield f"{indent}    if {inner}.currency_code not in kept: return True"
        elif depth < DEEP:
            yield from _foreign_lines(type_, inner, depth + 1, scope)
        else:
            below = f"below_{type_.full_name.replace('.', '_')}"
            scope[below] = lambda m, kept, type_=type_: _has_foreign(type_)(m, kept)
            yield f"{indent}    if {below}({inner}, kept): return True"


@cache
def _holders(message: Descriptor) -> Sequence[tuple[str, bool, bool]]:
    """Return the fields that hold amounts: name, whether it is a list, whether of amounts."""
    fields = sorted(message.fields, key=lambda field: int(field.number))
    return tuple(
        (field.name, field.is_repeated, field.message_type is Money.DESCRIPTOR)
        for field in fields
        if field.name not in OWN and _holds_amounts(field.message_type, frozenset())
    )


def _holds_amounts(message: Descriptor | None, above: frozenset[str]) -> bool:
    if message is None or message.full_name in above:
        return False
    inside = above | {message.full_name}
    return message is Money.DESCRIPTOR or any(
        _holds_amounts(field.message_type, inside) for field in message.fields
    )
