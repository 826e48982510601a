"""Texts and constants at a path of the facts, such as `deals[].opportunity.stage_name`.

A location is a path with the index of each element that it goes through: `deals[0].opportunity`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.message import Message

from dealgate.rulebook.messages import is_map

INDEX = re.compile(r"\[\d+\]")


def path_of(location: str) -> str:
    """Return the path that a location is on."""
    return INDEX.sub("[]", location)


def texts_of(facts: Message) -> Iterator[str]:
    """Yield every text that stands anywhere in the facts."""
    for field, value in facts.ListFields():
        items = value if field.is_repeated and not is_map(field) else [value]
        for item in items:
            if isinstance(item, str):
                yield item
            elif isinstance(item, Message):
                yield from texts_of(item)


def values_at(facts: Message, path: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands at a path, each with its location; what is not there is left out."""
    yield from _below(facts, path.split("."), "")


def _below(value: Any, steps: Sequence[str], location: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield location, value
        return
    name = steps[0].removesuffix("[]")
    field = next((field for field, _ in value.ListFields() if field.name == name), None)
    if field is None or is_map(field) or (field.message_type is None and len(steps) > 1):
        return
    start, held = f"{location}.{name}".lstrip("."), getattr(value, name)
    if not field.is_repeated:
        yield from _below(held, steps[1:], start)
    elif steps[0].endswith("[]"):
        for index, item in enumerate(held):
            yield from _below(item, steps[1:], f"{start}[{index}]")


def value_at(facts: Message, location: str) -> Any:
    """Return what stands at a location; None if nothing does."""
    found = dict(values_at(facts, path_of(location)))
    return found.get(location)


def with_value(facts: Message, location: str, value: Any) -> Message:
    """Return the facts with another value at a location at which there is one."""
    changed = type(facts)()
    changed.CopyFrom(facts)
    *above, last = location.split(".")
    holder: Any = changed
    for step in above:
        name, _, index = step.partition("[")
        holder = getattr(holder, name)
        holder = holder[int(index[:-1])] if index else holder
    name, _, index = last.partition("[")
    if index:
        getattr(holder, name)[int(index[:-1])] = value
    else:
        setattr(holder, name, value)
    return changed
