"""Claims of which the best alone counts: which of them never do, and which add nothing.

It is the question of a table whose first row wins, and of every fold of a kind that lets one claim
of several stand. What waits for a fact may hold back those behind it: an undecided row of a table
does, an undecided rule only where its kind says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from dealgate.proof.formulas import Formula
from dealgate.proof.pieces import Pieces
from dealgate.proof.prover import Prover
from dealgate.proof.regions import Region
from dealgate.proof.rows import Row, meet

Piece = tuple[int, Row]  # of which claim


def always(_ahead: int, _behind: int) -> bool:
    """Tell that whatever waits holds back all that is behind it."""
    return True


@dataclass(frozen=True)
class Ranking:
    """Claims by number, in the order in which they win; all methods raise Unproved.

    Those of equal rank count side by side. `waits` tells whether the first of two claims, if it is
    undecided, keeps the second one from counting; None: nothing does.
    """

    prover: Prover
    formulas: Sequence[Formula]
    claims: Sequence[object]
    ranks: Sequence[int]
    waits: Callable[[int, int], bool] | None = always

    @cached_property
    def true(self) -> Pieces:
        """Where each claim is made."""
        return Pieces(self.prover, self.formulas, Region.TRUE)

    @cached_property
    def possible(self) -> Pieces:
        """Where each claim is made, or might be if more were known."""
        return Pieces(self.prover, self.formulas, Region.POSSIBLE)

    @cached_property
    def _first(self) -> dict[int, int]:
        """Return the first claim of each rank."""
        return {rank: n for n, rank in reversed([*enumerate(self.ranks)])}

    # ── What never counts ───────────────────────────────────────────────────────────────────

    def ahead(self, number: int, within: Sequence[Row] | None = None) -> list[Piece]:
        """Return where better claims keep one from counting, as far as that meets `within`."""
        rows = self.true.of(number) if within is None else within
        first = self._first[self.ranks[number]]
        if self.waits is None:
            return [*self.true.at(self.true.meeting(rows) & self.true.before(first))]
        return [
            (owner, piece)
            for pieces, waiting in ((self.true, False), (self.possible, True))
            for owner, piece in pieces.at(pieces.meeting(rows) & pieces.before(first))
            if self.waits(owner, number) is waiting
        ]

    def is_masked(self, number: int) -> bool:
        """Tell of a claim that can be made that better ones always keep it from counting."""
        mine, better = self.true.of(number), [piece for _, piece in self.ahead(number)]
        return bool(mine and better) and self.prover.is_covered(mine, better)

    def is_kept_waiting(self, number: int) -> bool:
        """Tell whether a masked claim is kept back, on some facts, only by one that waits."""
        pieces, mine = self.true, self.true.of(number)
        before = pieces.meeting(mine) & pieces.before(self._first[self.ranks[number]])
        return not self.prover.is_covered(mine, [piece for _, piece in pieces.at(before)])

    # ── What adds nothing: no two claims are of one rank, and all wait or none ──────────────

    def alike(self, number: int, spare: set[int]) -> list[Piece]:
        """Return the pieces of later claims to the same effect, which may replace one."""
        pieces = self.true
        return [
            (owner, piece)
            for owner, piece in pieces.at(pieces.meeting(pieces.of(number)))
            if owner > number and owner not in spare and self._same(owner, number)
        ]

    def adds_nothing(self, number: int, alike: Sequence[Piece], spare: set[int]) -> bool:
        """Tell of a claim that sometimes counts whether the same would be claimed without it."""
        mine, theirs = self.true.of(number), [piece for _, piece in alike]
        better = [piece for _, piece in self.ahead(number)]
        if self.prover.is_covered(mine, better):
            return False  # it never counts, which is said already
        # Where it counts, one that claims the same must be made, and none may come before that.
        if not self.prover.is_covered(mine, [*better, *theirs]):
            return False
        return not any(
            self._comes_between(number, later, [p for o, p in alike if o <= later], better)
            for later in self._later(number, mine, spare)
        ) and not self._keeps_waiting(number, spare)

    def decides_alike(self, number: int, spare: set[int]) -> bool:
        """Tell of a claim that adds nothing whether all would wait without it where they do now."""
        doubtful, out = self._doubtful(number)
        for later in self._later(number, doubtful, spare):
            if self._is_first(later, doubtful, out):
                return False
            out = [*out, *self.possible.of(later)]
        return True

    @cached_property
    def _stops(self) -> Pieces:
        """Where each claim keeps those behind it from counting."""
        return self.true if self.waits is None else self.possible

    def _comes_between(
        self, number: int, later: int, alike: Sequence[Row], better: Sequence[Row]
    ) -> bool:
        met = _met(self.true.of(number), self._stops.of(later))
        return not self.prover.is_covered(met, [*better, *alike])

    def _keeps_waiting(self, number: int, spare: set[int]) -> bool:
        """Tell whether a claim, undecided, holds back what would claim otherwise, or nothing."""
        if self.waits is None:
            return False
        doubtful, out = self._doubtful(number)
        for later in self._later(number, doubtful, spare):
            if not self._same(later, number) and self._is_first(later, doubtful, out):
                return True
            out = [*out, *self.possible.of(later)]
        return not self.prover.is_covered(doubtful, out)

    def _is_first(self, later: int, within: Sequence[Row], out: Sequence[Row]) -> bool:
        """Tell whether a claim is ever made within some rows and outside of others."""
        return not self.prover.is_covered(_met(within, self.true.of(later)), out)

    def _doubtful(self, number: int) -> tuple[Sequence[Row], list[Row]]:
        """Return where a claim is or might be made; and where it is, or a better one counts."""
        within = self.possible.of(number)
        better = [piece for _, piece in self.ahead(number, within)]
        return within, [*better, *self.true.of(number)]

    def _later(self, number: int, within: Sequence[Row], spare: set[int]) -> list[int]:
        """Return the claims behind one that may be made within some rows, but for spare ones."""
        pieces = self._stops
        owners = {owner for owner, _ in pieces.at(pieces.meeting(within)) if owner > number}
        return sorted(o for o in owners if not (o in spare and self._same(o, number)))

    def _same(self, number: int, other: int) -> bool:
        return self.claims[number] == self.claims[other]


def _met(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    met = (meet(mine, theirs) for mine in rows for theirs in others)
    return [row for row in met if row is not None]
