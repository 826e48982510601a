"""Conditions as formulas: tests of dimensions, joined by and, or, not and choice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dealgate.proof.samples import Value


@dataclass(frozen=True, slots=True)
class Truth:
    """Always `value`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Atom:
    """A test of one dimension: `holds` says of a value true, false, or None for neither.

    It is asked about NO_VALUE only if `asks_presence`; otherwise that is neither. `other` is what
    it says of values that no condition names; `values` are those that it names itself.
    """

    dimension: str
    holds: Callable[[Value], bool | None]
    text: str
    asks_presence: bool = False
    other: bool | None = False
    values: frozenset[Value] = frozenset()


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Formula"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`then` of the first piece whose guard is true, and no truth at all if any of `on` has none.

    Guards exclude each other, and one of them is true if all of `on` are true or false.
    """

    on: tuple["Formula", ...]
    pieces: tuple[tuple["Formula", "Formula"], ...]


Formula: TypeAlias = Truth | Atom | Not | And | Or | Choice


def atoms(formula: Formula) -> Iterator[Atom]:
    """Yield every test in a formula."""
    if isinstance(formula, Atom):
        yield formula
    for part in _parts(formula):
        yield from atoms(part)


def _parts(formula: Formula) -> Sequence[Formula]:
    if isinstance(formula, Not):
        return (formula.part,)
    if isinstance(formula, (And, Or)):
        return formula.parts
    if isinstance(formula, Choice):
        return (*formula.on, *(part for piece in formula.pieces for part in piece))
    return ()


@dataclass(frozen=True, slots=True)
class Elements:
    """What a macro asks of the elements of the list at `path`: those that pass `filter`.

    `macro` is "exists", "all" or "size"; `test` is what the first two ask of each of them.
    """

    path: str
    macro: str
    filter: Formula
    test: Formula

    def keeps(self, wanted: object) -> Formula:
        """Return what an element must be for the macro to stay `wanted` when it is added."""
        if self.macro == "all" and wanted is True:
            return Or((Not(self.filter), self.test))
        if self.macro == "exists" and wanted is False:
            return Not(And((self.filter, self.test)))
        if self.macro == "size":
            return Not(self.filter)
        return Truth(value=True)

    def forbids(self, wanted: object) -> bool:
        """Tell whether the macro says something of every element, so that all must change."""
        return (self.macro, wanted) in {("all", True), ("exists", False)}

    def brings(self, wanted: object) -> Formula:
        """Return what an element must be to bring the macro about, or to count."""
        if self.forbids(wanted):
            return self.keeps(wanted)
        if self.macro == "all":
            return And((self.filter, Not(self.test)))
        if self.macro == "size":
            return self.filter
        return And((self.filter, self.test))
