"""Random tables over a few values, and what is true of them by looking at every combination.

The oracle shares nothing with the proof: it judges cells in Python, missing facts included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

# None: the fact is missing. Every class that a cell below can tell apart has a value here.
COUNTS = (None, 0, 1, 2, 3, 4, 5, 6)
NAMES = (None, "a", "b", "c", "other")
FLAGS = (None, False, True)
COLORS = (None, "RED", "BLUE")
RATIOS = (None, 0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
NAMED_RATIOS = [0.25, 0.5, 0.75, 1.0]  # so that there is a value between any two
SIGNS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
Truth = bool | None


@dataclass(frozen=True)
class Cell:
    """A condition on one column as CEL, and its truth for each of the column's values."""

    text: str
    truths: tuple[Truth, ...]


@dataclass(frozen=True)
class Column:
    """A fact and its values."""

    path: str
    values: tuple[Any, ...]


COLUMNS = (
    Column("thing.count", COUNTS),
    Column("thing.name", NAMES),
    Column("thing.flag", FLAGS),
    Column("thing.color", COLORS),
    Column("thing.ratio", RATIOS),
)


@dataclass(frozen=True)
class RandomTable:
    """Columns, and rows of cells with the claim of each; an empty cell is None."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    claims: tuple[str, ...]

    def conditions(self) -> list[str]:
        """Return each row's condition in CEL."""
        return [" && ".join(c.text for c in row if c) or "true" for row in self.rows]

    def points(self) -> list[tuple[Truth, ...]]:
        """Return what all rows come to, for every combination of values."""
        numbers = product(*(range(len(column.values)) for column in self.columns))
        return [tuple(_row(row, point) for row in self.rows) for point in numbers]


def _row(row: Sequence[Cell | None], point: Sequence[int]) -> Truth:
    truths = [c.truths[number] for c, number in zip(row, point, strict=True) if c]
    if False in truths:
        return False
    return None if None in truths else True


def random_table(random: Random) -> RandomTable:
    """Draw one to three columns and up to six rows."""
    columns = tuple(random.sample(COLUMNS, random.randint(1, 3)))
    rows = tuple(
        tuple(_cell(random, column) for column in columns) for _ in range(random.randint(1, 6))
    )
    return RandomTable(columns, rows, tuple(random.choice("xyz") for _ in rows))


def _cell(random: Random, column: Column) -> Cell | None:
    chance = random.random()
    if chance < 0.25:
        return None
    if chance < 0.32:
        has = tuple(value is not None for value in column.values)
        return Cell(f"has({column.path})", has)
    if chance < 0.39:
        return Cell(f"!has({column.path})", tuple(value is None for value in column.values))
    cell = next(iter(_tests(random, column)))
    if chance < 0.46:
        opposite = tuple(None if truth is None else not truth for truth in cell.truths)
        return Cell(f"!({cell.text})", opposite)
    return cell


def _tests(random: Random, column: Column) -> Iterator[Cell]:
    known = [value for value in column.values if value not in {None, "other"}]
    known = NAMED_RATIOS if column.values is RATIOS else known
    if column.values is FLAGS:
        yield Cell(column.path, column.values)
    elif column.values in (NAMES, COLORS):
        chosen = random.sample(known, random.randint(1, len(known) - 1))
        text = ", ".join(_literal(column, value) for value in chosen)
        truths = tuple(None if v is None else v in chosen for v in column.values)
        yield Cell(f"{column.path} in [{text}]", truths)
    elif random.random() < 0.5:
        yield _compared(column, random.choice(list(SIGNS)), random.choice(known[:-1] or known))
    else:
        low, high = sorted(random.sample(known[:-1], 2))
        one, other = _compared(column, ">=", low), _compared(column, "<", high)
        pairs = zip(one.truths, other.truths, strict=True)
        yield Cell(
            f"{one.text} && {other.text}", tuple(None if a is None else a and b for a, b in pairs)
        )


def _compared(column: Column, sign: str, value: Any) -> Cell:
    truths = tuple(None if v is None else SIGNS[sign](v, value) for v in column.values)
    return Cell(f"{column.path} {sign} {value}", truths)


def _literal(column: Column, value: Any) -> str:
    return f"COLOR_{value}" if column.values is COLORS else f'"{value}"'
