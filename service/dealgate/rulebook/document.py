"""A document as a typed tree: text stays text, and every node knows its position."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dealgate.model.faults import Fault
from dealgate.model.rules import Location
from dealgate.rulebook.positions import index_of
from dealgate.rulebook.source import Source

NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text. `style` is "" (plain), "'", '"', "|", ">" or "csv" (a cell); `start` to `end` its span.

    `inline` tells that it stands inside `{…}` or `[…]`, where a comma ends plain text.
    """

    source: Source = field(repr=False, compare=False)
    start: int
    end: int
    value: str
    style: str = ""
    inline: bool = False

    @property
    def quoted(self) -> bool:
        """Whether it stands in quotes."""
        return self.style in {"'", '"'}

    @property
    def null(self) -> bool:
        """Whether it says that there is no value."""
        return self.style == "" and self.value in NULLS

    @property
    def location(self) -> Location:
        """Where it starts."""
        return self.source.location(self.start)

    def fault(self, message: str, hint: str = "", offset: int | None = None) -> Fault:
        """Return a fault that stands here, or at `offset` (code points) in the value."""
        return self.source.fault(self.index(offset), message, hint)

    def index(self, offset: int | None) -> int:
        """Return where in the file the value's code point at `offset` stands."""
        if offset is None:
            return self.start
        raw = self.source.text[self.start : self.end]
        return self.start + index_of(raw, self.style, self.value, offset)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    source: Source = field(repr=False, compare=False)
    start: int
    items: tuple["Node", ...]

    @property
    def location(self) -> Location:
        """Where it starts."""
        return self.source.location(self.start)

    def fault(self, message: str, hint: str = "") -> Fault:
        """Return a fault that stands here."""
        return self.source.fault(self.start, message, hint)


@dataclass(frozen=True, slots=True)
class Fields:
    """Keys with their values, in file order; no key comes twice."""

    source: Source = field(repr=False, compare=False)
    start: int
    fields: tuple[tuple[Scalar, "Node"], ...]

    @property
    def location(self) -> Location:
        """Where it starts."""
        return self.source.location(self.start)

    def __iter__(self) -> Iterator[tuple[Scalar, "Node"]]:
        return iter(self.fields)

    def get(self, name: str) -> "Node | None":
        """Return the value of the key `name`."""
        return next((value for key, value in self.fields if key.value == name), None)

    def key(self, name: str) -> Scalar | None:
        """Return the key `name` itself, for its place."""
        return next((key for key, _ in self.fields if key.value == name), None)

    def fault(self, message: str, hint: str = "") -> Fault:
        """Return a fault that stands here."""
        return self.source.fault(self.start, message, hint)


Node: TypeAlias = Scalar | Items | Fields


def below(node: Node | None, step: int | str) -> Node | None:
    """Return what stands at a key, or at a place counted from 0; None if nothing does."""
    if isinstance(node, Fields):
        return node.get(str(step))
    if isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def plain(node: Node) -> Any:
    """Return the tree as str, list and dict, for pydantic."""
    if isinstance(node, Scalar):
        return node.value.strip() if node.style in {"|", ">"} else node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key.value: plain(value) for key, value in node}


def described(node: Node) -> str:
    """Return what the node is, in an author's words."""
    if isinstance(node, Scalar):
        return "nothing" if node.null else "text"
    return "a list" if isinstance(node, Items) else "keys and values"
