"""Finds the entities in facts that have properties: by code that is written for their message.

It is asked of every question, and nearly always there are few of them, or none.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor

OURS = "dealgate."
SENT = "properties"
# Facts, and the same facts in another form → each entity's path, and the entity in both.
Walk: TypeAlias = Callable[[Any, Any], Sequence[tuple[str, Any, Any]]]


def walk_of(facts: Descriptor, wanted: Container[str], always: Container[str] = ()) -> Walk:
    """Return what finds the entities of the `wanted` messages, by name, that have properties.

    Those of which `always` has the name are found without any, too.
    """
    lines = _lines(facts, "m", "w", "", (wanted, always), ())
    body = ["found = []", *lines, "return found"]
    source = "\n    ".join(["def walk(m, w):", *body])
    scope: dict[str, Any] = {}
    exec(compile(source, f"<entities {facts.full_name}>", "exec"), scope)  # noqa: S102  # ours
    walk: Walk = scope["walk"]
    return walk


def leads_to(message: Descriptor, wanted: Container[str], above: tuple[str, ...] = ()) -> bool:
    """Tell whether a message is, or holds however deep, one of those wanted."""
    if message.name in wanted:
        return True
    inside = (*above, message.name)
    return any(leads_to(inner, wanted, inside) for _, inner in _below(message, inside))


def _below(
    message: Descriptor, above: Container[str]
) -> Iterator[tuple[FieldDescriptor, Descriptor]]:
    """Yield the fields that hold messages of ours, but those that lie above."""
    for field in message.fields:
        inner = field.message_type
        if inner is None or not inner.full_name.startswith(OURS) or inner.name in above:
            continue
        if not inner.GetOptions().map_entry:
            yield field, inner


def _lines(  # what is carried down
    message: Descriptor,
    given: str,
    other: str,
    path: str,
    named: tuple[Container[str], Container[str]],
    above: tuple[str, ...],
) -> list[str]:
    """Write what looks at the message in the variable `given`, and at its twin in `other`."""
    wanted, always = named
    lines = []
    if message.name in wanted:
        found = f"found.append((f{path!r}, {given}, {other}))"
        asked = "" if message.name in always else f"if {given}.HasField({SENT!r}): "
        lines.append(f"{asked}{found}")
    inside = (*above, message.name)
    for field, inner in _below(message, inside):
        if not leads_to(inner, wanted, inside):
            continue
        name, depth = field.name, len(inside)
        one, twin = f"m{depth}", f"w{depth}"
        place = f"{path}.{name}" if path else name
        if field.is_repeated:
            index = f"i{depth}"
            pairs = f"zip({given}.{name}, {other}.{name}, strict=True)"
            head = [f"for {index}, ({one}, {twin}) in enumerate({pairs}):"]
            place = f"{place}[{{{index}}}]"
        else:
            head = [f"if {given}.HasField({name!r}):"]
            head.append(f"    {one}, {twin} = {given}.{name}, {other}.{name}")
        below = _lines(inner, one, twin, place, named, inside)
        lines += [*head, *("    " + line for line in below)]
    return lines
