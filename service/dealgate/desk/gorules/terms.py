"""What a fact of a graph is here: an expression in CEL and its type, or a group of such."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal as Only
from typing import TypeAlias

Scalar: TypeAlias = Only["number", "text", "bool"]
OURS: Mapping[str, str] = {"number": "decimal", "text": "text", "bool": "bool"}
NO_ITEMS: Mapping[str, str] = {"number": '[decimal("0")]', "text": '[""]', "bool": "[false]"}
NOTHING: Mapping[str, str] = {"number": 'decimal("0")', "text": '""', "bool": "false"}
ATOM = re.compile(r"[\w.]+|(?:[\w.]+)?\([^()]*\)|\"[^\"\\]*\"")
NAMES = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# Words that CEL keeps for itself, and those that it or a rule file has a meaning for.
KEYWORDS = frozenset(
    {
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import"),
        *("in", "let", "loop", "package", "namespace", "null", "return", "true", "var", "void"),
        "while",
    }
)
RESERVED = KEYWORDS | {
    *("as_of", "today", "size", "int", "uint", "double", "bool", "string", "bytes", "list"),
    *("map", "type", "dyn", "duration", "timestamp", "date", "money", "decimal", "divide", "has"),
    *("lower", "math", "strings", "lists", "sets", "regex", "cel", "request", "verdict"),
}


class NotSaid(ValueError):
    """Something that rules here cannot say; says what."""


@dataclass(slots=True)
class Unknown:
    """A type that nothing has told yet."""


@dataclass(slots=True)
class ListOf:
    """A list of elements of one shape."""

    of: "Shape"


@dataclass(slots=True)
class Group:
    """Named facts; more are added as expressions read them."""

    parts: dict[str, "Shape"] = field(default_factory=dict)


Shape: TypeAlias = Scalar | Unknown | ListOf | Group


@dataclass(frozen=True, slots=True)
class Term:
    """An expression in CEL.

    `has` says in CEL when there is a value, empty: always; `needs`, when it can be computed:
    without that, GoRules fails. `owner` is the group of facts that it was read from, so that its
    type can still be told. `text` is what a number is called in a text, if that is known.
    """

    cel: str
    shape: Shape
    has: str = ""
    is_fact: bool = False
    owner: tuple[Group, str] | None = None
    needs: str = ""
    text: str = ""

    def as_(self, wanted: Scalar | ListOf) -> "Term":
        """Return this as what it must be; raises NotSaid if it is something else."""
        if isinstance(self.shape, Unknown) and self.owner:
            group, name = self.owner
            group.parts[name] = wanted
            return replace(self, shape=wanted)
        if self.shape != wanted and not isinstance(wanted, ListOf):
            raise NotSaid(f"a {worded(self.shape)} stands where a {wanted} is needed")
        return self

    @property
    def inner(self) -> str:
        """The expression as a part of another one."""
        return self.cel if ATOM.fullmatch(self.cel) else f"({self.cel})"


@dataclass(frozen=True, slots=True)
class Lost:
    """What could not be taken over, and why."""

    why: str


@dataclass(slots=True)
class Tree:
    """Named values, over those of `base`; `lost` says why others may be missing."""

    parts: dict[str, "Value"] = field(default_factory=dict)
    lost: str = ""
    base: "Term | None" = None


@dataclass(frozen=True, slots=True)
class Many:
    """A list that is written out: its values, and in CEL when each is in it; empty: always."""

    items: tuple["Value", ...]
    whens: tuple[str, ...]


Value: TypeAlias = Term | Lost | Tree | Many


def nothing(shape: Shape) -> str:
    """Write the value that stands for none: an empty text, 0, false, or a list of nothing."""
    if isinstance(shape, ListOf) and isinstance(shape.of, str):
        return f"{NO_ITEMS[shape.of]}.slice(0, 0)"
    if isinstance(shape, str):
        return NOTHING[shape]
    raise NotSaid(f"a {worded(shape)} that is missing")


def worded(shape: Shape) -> str:
    """Say what a shape is."""
    match shape:
        case Unknown():
            return "value of unknown type"
        case ListOf():
            return "list"
        case Group():
            return "group"
    return shape


def snake(name: str) -> str:
    """Return a name as ours are: small letters, digits and `_`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_") or "x"
    plain = plain if plain[0].isalpha() else f"x_{plain}"
    return f"{plain}_" if plain in KEYWORDS else plain


def member(value: Value, name: str) -> Value:
    """Return what a value has by this name; a fact that nobody has told yet becomes one."""
    match value:
        case Lost():
            return value
        case Tree(parts, lost, base):
            if name not in parts and base:
                return member(base, name)
            return parts.get(name) or Lost(lost or f"{name}, which nothing gives")
        case Term(cel, Group() as group, has):
            shape = group.parts.setdefault(name, Unknown())
            return Term(f"{cel}.{snake(name)}", shape, has, is_fact=True, owner=(group, name))
        case Term(cel, Unknown(), has, True, (owner, own)):
            group = owner.parts[own] = Group()
            return member(Term(cel, group, has, is_fact=True), name)
    raise NotSaid(f"{name} of a list" if isinstance(value, Many) else f"{value.cel} has no {name}")


def put(tree: Tree, path: list[str], value: Value) -> None:
    """Put a value below a path; what stood there becomes a group of values."""
    first, *rest = path
    if not rest:
        tree.parts[first] = value
        return
    below = tree.parts.get(first)
    if below is None and tree.base and first in getattr(tree.base.shape, "parts", {}):
        below = member(tree.base, first)
    inner = opened(below) if below else Tree()
    tree.parts[first] = inner
    put(inner, rest, value)


def opened(value: Value) -> Tree:
    """Return a copy of a group of values, each by its name."""
    match value:
        case Tree(parts, lost, base):
            return Tree(dict(parts), lost, base)
        case Term(_, Group()):
            return Tree(base=value)
        case Lost(why):
            return Tree(lost=why)
    return Tree()


def held_by(tree: Tree, name: str) -> "Value | None":
    """Return what a group of values has by a name, if it is known to have it."""
    if name in tree.parts:
        return tree.parts[name]
    known = isinstance(tree.base, Term) and name in getattr(tree.base.shape, "parts", {})
    return member(tree, name) if known else None


def merged(
    below: Tree, above: Tree, meet: Callable[[str, Value, Value], Value] | None = None
) -> Tree:
    """Lay values over others, group by group; `meet` says what two of one name come to."""
    found = Tree(dict(below.parts), above.lost or below.lost, above.base or below.base)
    for name, value in above.parts.items():
        held = held_by(below, name)
        grouped = isinstance(held, Tree) or isinstance(getattr(held, "shape", None), Group)
        if held is not None and grouped and isinstance(value, Tree) and value.parts:
            found.parts[name] = merged(opened(held), value, meet)
        else:
            found.parts[name] = meet(name, value, held) if held and meet else value
    return found


def both(*conditions: str) -> str:
    """Say that all of these hold; empty: that is always so."""
    found = list(dict.fromkeys(filter(None, conditions)))
    return found[0] if len(found) == 1 else " && ".join(f"({each})" for each in found)
