"""Where each of a table's rows is, piece by piece: most rows need one."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from dealgate.proof.formulas import Formula
from dealgate.proof.prover import Prover
from dealgate.proof.regions import Region
from dealgate.proof.rows import Index, Row, positions


class Pieces:
    """The pieces of one region of each row, in the order of the rows."""

    def __init__(self, prover: Prover, formulas: Sequence[Formula], region: Region) -> None:
        """Raises Unproved if a row has too many."""
        self.rows: list[Row] = []
        self.owners: list[int] = []
        self._start: list[int] = []
        for number, formula in enumerate(formulas):
            self._start.append(len(self.rows))
            self.rows += prover.rows(formula, region)
            self.owners += [number] * (len(self.rows) - self._start[-1])
        self._start.append(len(self.rows))

    @cached_property
    def index(self) -> Index:
        """Which pieces meet a given one."""
        return Index(self.rows)

    def of(self, number: int) -> list[Row]:
        """Return the pieces of a row."""
        return self.rows[self._start[number] : self._start[number + 1]]

    def before(self, number: int) -> int:
        """Return the pieces of all rows before one: bit p for the piece at position p."""
        return (1 << self._start[number]) - 1

    def meeting(self, pieces: Sequence[Row]) -> int:
        """Return those that share a point with any of some pieces, in bits."""
        meeting = 0
        for piece in pieces:
            meeting |= self.index.meeting(piece)
        return meeting

    def at(self, bits: int) -> Iterator[tuple[int, Row]]:
        """Yield the pieces that bits stand for, each with its row."""
        for position in positions(bits):
            yield self.owners[position], self.rows[position]
