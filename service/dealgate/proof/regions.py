"""Where a formula is true, where it is false, and where it may be either: as rows of boxes.

Rules are three-valued, so there are four regions, and each of the last two is all that one of the
first two leaves out: TRUE, FALSE, POSSIBLE (not false: true, or a fact is missing) and
DOUBTFUL (not true).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import reduce
from itertools import pairwise

from dealgate.proof.boxes import TooHard
from dealgate.proof.describing import described
from dealgate.proof.dimensions import MONEY, Class, Dimension
from dealgate.proof.formulas import And, Atom, Choice, Formula, Not, Or, Truth
from dealgate.proof.rows import Box, Row, meet, widest
from dealgate.proof.samples import NO_VALUE, Value

MANY = 32  # classes; fewer are asked about one by one
ROWS = 2_000  # of one region; beyond that, nothing is said


class Region(Enum):
    """Which part of all facts."""

    TRUE = "true"
    FALSE = "false"
    POSSIBLE = "not false"
    DOUBTFUL = "not true"


OPPOSITE = {
    Region.TRUE: Region.FALSE,
    Region.FALSE: Region.TRUE,
    Region.POSSIBLE: Region.DOUBTFUL,
    Region.DOUBTFUL: Region.POSSIBLE,
}
# Each region, and the one that holds everything else.
LEFT_OUT = {
    Region.TRUE: Region.DOUBTFUL,
    Region.FALSE: Region.POSSIBLE,
    Region.POSSIBLE: Region.FALSE,
    Region.DOUBTFUL: Region.TRUE,
}


class Space:
    """All combinations of classes of some dimensions, one column each."""

    def __init__(self, dimensions: Mapping[str, Dimension]) -> None:
        self.dimensions = list(dimensions.values())
        self.column = {key: column for column, key in enumerate(dimensions)}
        self.classes: list[tuple[Class, ...]] = [d.classes() for d in self.dimensions]
        self.full: Box = tuple(self._all(column) for column in range(len(self.dimensions)))
        self._named: dict[int, dict[Value, int]] = {}
        self._rows: dict[tuple[int, Region], tuple[Formula, list[Row]]] = {}
        self._hard: dict[tuple[int, Region], tuple[Formula, str]] = {}

    def _all(self, column: int) -> int:
        every = (1 << len(self.classes[column])) - 1
        return every & ~1 if self.dimensions[column].always else every

    def rows(self, formula: Formula, region: Region) -> list[Row]:
        """Return rows that together are that region of a formula; raises TooHard, each time."""
        if (id(formula), region) in self._hard:
            raise TooHard(self._hard[id(formula), region][1])
        try:
            return self._computed(formula, region)
        except TooHard as error:
            self.refuse(formula, region, str(error))
            raise

    def _computed(self, formula: Formula, region: Region) -> list[Row]:
        # A table of 500 rows that tells a fact is as many choices, one within the other.
        waiting = [(formula, region)]
        while waiting:
            part, wanted = waiting[-1]
            if self._has(part, wanted):  # from before, or seeded: its parts need not be known
                waiting.pop()
                continue
            before = [need for need in _needs(part, wanted) if not self._has(*need)]
            waiting += before
            if before:
                continue
            # The formula is kept, so that no other one can get its id.
            self._rows[id(part), wanted] = part, self._written(part, wanted)
            waiting.pop()
        return self._rows[id(formula), region][1]

    def _has(self, formula: Formula, region: Region) -> bool:
        return (id(formula), region) in self._rows

    def seed(self, formula: Formula, region: Region, rows: list[Row]) -> None:
        """Take rows that are known to be that region of a formula."""
        self._rows[id(formula), region] = formula, rows

    def refuse(self, formula: Formula, region: Region, why: str) -> None:
        """Take it that a region of a formula is known to be too hard."""
        self._hard[id(formula), region] = formula, why

    def known_rows(self, formula: Formula, region: Region) -> list[Row] | str | None:
        """Return the rows of a region if they were asked for before, or why they are too hard."""
        key = id(formula), region
        if key in self._hard:
            return self._hard[key][1]
        return self._rows[key][1] if key in self._rows else None

    def _written(self, formula: Formula, region: Region) -> list[Row]:
        if isinstance(formula, Truth):
            return [()] if formula.value == (region in {Region.TRUE, Region.POSSIBLE}) else []
        if isinstance(formula, Atom):
            return self._atom(formula, region)
        if isinstance(formula, Not):
            return self.rows(formula.part, OPPOSITE[region])
        if isinstance(formula, Choice):
            return self._choice(formula, region)
        joint = isinstance(formula, And) == (region in {Region.TRUE, Region.POSSIBLE})
        parts = [self.rows(part, region) for part in formula.parts]
        return _joined(parts) if joint else _gathered(parts)

    def _atom(self, atom: Atom, region: Region) -> list[Row]:
        column = self.column[atom.dimension]
        true, false = self.masks(atom)
        all_ = self.full[column]
        mask = {
            Region.TRUE: true,
            Region.FALSE: false,
            Region.POSSIBLE: all_ & ~false,
            Region.DOUBTFUL: all_ & ~true,
        }[region]
        if not mask:
            return []
        return [()] if mask == all_ else [((column, mask),)]

    def masks(self, atom: Atom) -> tuple[int, int]:
        """Return the classes for which a test is true, and those for which it is false."""
        column = self.column[atom.dimension]
        true = false = 0
        for low, high in self._runs(column, atom):
            holds = _holds(atom, self.classes[column][low])
            bits = (1 << high) - (1 << low)
            true |= bits if holds is True else 0
            false |= bits if holds is False else 0
        return true & self.full[column], false & self.full[column]

    def _runs(self, column: int, atom: Atom) -> Iterator[tuple[int, int]]:
        """Yield runs of classes, from one up to another, that a test does not tell apart.

        A thousand rows name a thousand values, and each of them asks about one.
        """
        count = len(self.classes[column])
        ends = {self._at(column).get(value) for value in atom.values}
        if count <= MANY or not ends or None in ends or self.dimensions[column].type == MONEY:
            yield from ((bit, bit + 1) for bit in range(count))
            return
        inner = {end + step for end in ends if end is not None for step in (0, 1)}
        # What no condition names is the last class of words: it may be unlike all before it.
        cuts = sorted({0, 1, count - 1, count, *inner})
        yield from pairwise(cuts)

    def _at(self, column: int) -> Mapping[Value, int]:
        """Return where the values that conditions name stand among the classes."""
        if column not in self._named:
            self._named[column] = {
                item.sample: bit
                for bit, item in enumerate(self.classes[column])
                if not item.is_interval and not item.other
            }
        return self._named[column]

    def _choice(self, choice: Choice, region: Region) -> list[Row]:
        cases = [
            _joined([self.rows(guard, Region.TRUE), self.rows(part, region)])
            for guard, part in choice.pieces
        ]
        if region in {Region.POSSIBLE, Region.DOUBTFUL}:
            cases += [
                _joined([self.rows(on, Region.POSSIBLE), self.rows(on, Region.DOUBTFUL)])
                for on in choice.on
            ]
        return _gathered(cases)

    def described(self, row: Iterable[tuple[int, int]]) -> str:
        """Write a row: `lead.company.employees: from 50 to less than 200; lead.country: "DE"`."""
        parts = []
        for column, mask in row:
            if mask != self.full[column]:
                dimension = self.dimensions[column]
                parts.append(described(dimension, self.classes[column], mask & self.full[column]))
        return "; ".join(parts) or "any facts"


def _needs(formula: Formula, region: Region) -> Iterator[tuple[Formula, Region]]:
    """Yield the regions of its parts that a region of a formula is made of."""
    if isinstance(formula, Not):
        yield formula.part, OPPOSITE[region]
    elif isinstance(formula, And | Or):
        yield from ((part, region) for part in formula.parts)
    elif isinstance(formula, Choice):
        for guard, part in formula.pieces:
            yield from ((guard, Region.TRUE), (part, region))
        if region in {Region.POSSIBLE, Region.DOUBTFUL}:
            for on in formula.on:
                yield from ((on, Region.POSSIBLE), (on, Region.DOUBTFUL))


def _holds(atom: Atom, item: Class) -> bool | None:
    if item.sample is NO_VALUE:
        return atom.holds(NO_VALUE) if atom.asks_presence else None
    return atom.other if item.other else atom.holds(item.sample)


def _joined(parts: Sequence[list[Row]]) -> list[Row]:
    return reduce(_both, sorted(parts, key=len), [()])


def _both(ones: list[Row], others: list[Row]) -> list[Row]:
    if len(ones) * len(others) > ROWS:
        raise TooHard("has too many combinations of conditions")
    met = (meet(row, other) for row in ones for other in others)
    return _fewer([row for row in met if row is not None])


def _gathered(parts: Sequence[list[Row]]) -> list[Row]:
    rows = _fewer([row for part in parts for row in part])
    if len(rows) > ROWS:
        raise TooHard("has too many combinations of conditions")
    return rows


def _fewer(rows: list[Row]) -> list[Row]:
    """Leave out rows that lie within others; too many are only freed of repetitions."""
    rows = list(dict.fromkeys(rows))
    return rows if len(rows) > 200 else widest(rows)
