"""What an expression of ZEN, the language of GoRules, consists of."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, a truth, or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A fact; `$` is what a cell's column holds, `#` the element of a list at hand."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`."""

    of: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`of[at]`."""

    of: "Node"
    at: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Prefixed:
    """`not of`, `-of`, `+of`."""

    operator: str
    of: "Node"


@dataclass(frozen=True, slots=True)
class Pair:
    """`left operator right`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    """`test ? yes : no`."""

    test: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class Interval:
    """`[low..high)`; what lies outside of it, if its brackets face outwards: `)low..high(`."""

    low: "Node"
    high: "Node"
    has_low: bool
    has_high: bool
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """`[a, b]`."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """`{a: 1, b: 2}`."""

    fields: tuple[tuple[str, "Node"], ...]


Node: TypeAlias = (
    Literal | Name | Member | Index | Call | Prefixed | Pair | Choice | Interval | Items | Fields
)


def inside(node: object) -> Iterator[object]:
    """Yield a node, and all that it consists of."""
    yield node
    if isinstance(node, tuple):
        for each in node:
            yield from inside(each)
    elif is_dataclass(node):
        for part in fields(node):
            yield from inside(getattr(node, part.name))
