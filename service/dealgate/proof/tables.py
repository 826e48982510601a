"""What is proved of decision tables: gaps, overlaps, rows that others mask or make redundant.

All of it is by the union of the other rows, not pairwise, and by what the hit policy makes of it:
two rows that hold at once are a fault if only one may, and no news where the first one wins.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from dealgate.model.codes import Code, Severity
from dealgate.model.rules import AnyTable, HitPolicy
from dealgate.model.sentences import joined
from dealgate.proof.columns import described
from dealgate.proof.covers import covering
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.formulas import And
from dealgate.proof.judging import Confirm
from dealgate.proof.prover import Prover, Shown, Unproved
from dealgate.proof.ranking import Piece, Ranking
from dealgate.proof.regions import Region
from dealgate.proof.rows import Row, positions
from dealgate.proof.witness import Witness

SHOWN = 5  # findings of one sort of one table; there may be a hundred thousand overlaps
TRIED = 200  # pairs that are looked at to show as many
RANKED = {HitPolicy.FIRST, HitPolicy.PRIORITY}
SINGLE = {HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY, HitPolicy.PRIORITY}


def table_findings(prover: Prover, unknown: list[Unknown]) -> Iterator[Finding]:
    """Yield the findings of every table; what stays open is added to `unknown`."""
    for table in prover.ruleset.tables:
        analysis = TableAnalysis(prover, table)
        for part in (analysis.gaps, analysis.overlaps, analysis.masked, analysis.redundant):
            try:
                yield from part()
            except Unproved as error:
                subject = f"table {table.id}"
                unknown.append(Unknown(table.location, subject, error.reason, error.detail))


class TableAnalysis:
    """One table; its rows in the order in which they win, if any does."""

    def __init__(self, prover: Prover, table: AnyTable) -> None:
        self._prover = prover
        self._table = table
        self._rows = list(table.rows)
        if table.hit is HitPolicy.PRIORITY:
            rank = list(table.priority).index
            self._rows.sort(key=lambda row: rank(table.value(row)))
        self._formulas = [prover.rules[row.id] for row in self._rows]

    @cached_property
    def _ranking(self) -> Ranking:
        claims = [row.then for row in self._rows]
        return Ranking(self._prover, self._formulas, claims, range(len(claims)))

    def _id(self, number: int) -> str:
        return self._rows[number].id

    # ── Gaps ────────────────────────────────────────────────────────────────────────────────

    def gaps(self) -> Iterator[Finding]:
        """Yield regions where no row holds, nor might hold if more were known."""
        if self._table.hit not in SINGLE:
            return
        possible = [*self._ranking.possible.rows]
        ids = [row.id for row in self._rows]
        for rank in range(SHOWN + 1):
            findings = self._prover.shown(
                self._everything(), possible, lambda verdicts: verdicts.is_false(*ids)
            )
            if findings is None:
                return
            if rank == SHOWN:
                message = "has more gaps than these; close them first"
                yield self._finding(Code.TABLE_GAP, Severity.WARNING, message, "", findings.witness)
                return
            possible.append(findings.region)
            message = f"has no row for {described(self._prover, self._table, findings)}"
            hint = "add a row if something should be claimed then"
            if any(column.source in self._table.allowed for column in self._table.columns):
                hint += (
                    ";\n`allowed:` binds cells and not what arrives: let the fact declare values"
                )
            yield self._finding(Code.TABLE_GAP, Severity.WARNING, message, hint, findings.witness)

    def _everything(self) -> list[Row]:
        """All facts; for a table over a list those with an element in it."""
        first = self._formulas[0]
        if self._rows[0].each is not None and isinstance(first, And):
            return self._prover.rows(first.parts[0], Region.TRUE)
        return [()]

    # ── Overlaps ────────────────────────────────────────────────────────────────────────────

    def overlaps(self) -> Iterator[Finding]:
        """Yield pairs of rows that hold at once and may not, or that it is good to know of."""
        hit = self._table.hit
        if hit not in SINGLE:
            return
        clashes = self._clashes(differ=hit is not HitPolicy.UNIQUE)
        if hit in RANKED:
            for finding in islice(clashes, 1):
                yield self._softened(finding)
            return
        shown = list(islice(clashes, SHOWN))
        yield from shown
        if len(shown) == SHOWN and next(clashes, None) is not None:
            message = "has more rows that hold at once; fix these first"
            yield self._finding(Code.TABLE_OVERLAP, Severity.FAULT, message)

    def _softened(self, finding: Finding) -> Finding:
        message = f"{finding.message}, as others may; the {self._winner} claims"
        return self._finding(
            Code.TABLE_OVERLAP_RESOLVED, Severity.NOTE, message, "", finding.witness
        )

    @property
    def _winner(self) -> str:
        return "better one" if self._table.hit is HitPolicy.PRIORITY else "first one"

    def overlapping(self, *, differ: bool) -> Iterator[tuple[int, int, Shown]]:
        """Yield all pairs of rows that hold at once, shown on facts.

        `differ`: only of rows that claim different things. Raises Unproved.
        """
        for pair, other in self._pairs(differ=differ):
            names = {self._id(pair), self._id(other)}
            example = self._prover.shown(self._met(pair, other), [], _firing(names))
            if example is not None:
                yield pair, other, example

    def _clashes(self, *, differ: bool) -> Iterator[Finding]:
        for row, other, shown in islice(self.overlapping(differ=differ), TRIED):
            first, second = sorted((row, other), key=lambda number: self._rows[number].location)
            where = described(self._prover, self._table, shown)
            hint = "let one of them leave that out"
            yield Finding(
                self._rows[second].location,
                f"table {self._table.id}",
                Code.TABLE_OVERLAP,
                Severity.FAULT,
                f"overlaps: {self._id(first)} and {self._id(second)} hold at once: {where}",
                f"{hint}, or claim the same in both" if differ else hint,
                witness=shown.witness,
            )

    def _pairs(self, *, differ: bool) -> Iterator[tuple[int, int]]:
        pieces, seen = self._ranking.true, set[tuple[int, int]]()
        for position, piece in enumerate(pieces.rows):
            owner = pieces.owners[position]
            for later in positions(pieces.index.meeting(piece) >> position + 1):
                other = pieces.owners[position + 1 + later]
                if owner == other or (owner, other) in seen:
                    continue
                seen.add((owner, other))
                if not differ or self._rows[owner].then != self._rows[other].then:
                    yield owner, other

    def _met(self, number: int, other: int) -> list[Row]:
        formula = And((self._formulas[number], self._formulas[other]))
        return self._prover.rows(formula, Region.TRUE)

    # ── Rows that never claim ───────────────────────────────────────────────────────────────

    def masked(self) -> Iterator[Finding]:
        """Yield rows that hold only where better ones do or may hold, together.

        Where a better row waits for a fact, none below it claims.
        """
        if self._table.hit not in RANKED:
            return
        ranking = self._ranking
        for number, row in enumerate(self._rows):
            if not ranking.is_masked(number):
                continue
            mine, better = ranking.true.of(number), ranking.ahead(number)
            owners = [self._rows[owner] for owner, _ in better]
            theirs = [piece for _, piece in better]
            by = covering(self._prover, mine, list(zip(owners, theirs, strict=True)))
            shown = self._prover.shown(mine, [], _firing([row.id]))
            if shown is None:
                continue  # it never holds at all, which is said of the row itself
            ids = [rank.id for rank in by]
            waits = ranking.is_kept_waiting(number)
            message = f"never claims: wherever it holds, {self._ahead(ids, waits=waits)}"
            yield Finding(
                row.location,
                f"row {row.id}",
                Code.ROW_MASKED,
                Severity.FAULT,
                message,
                "to claim where a fact is missing, write `unknown` in a row above; or delete it"
                if waits
                else "move it up, fix its cells, or delete it",
                witness=shown.witness,
            )

    def _ahead(self, ids: Sequence[str], *, waits: bool) -> str:
        is_one = len(ids) == 1
        word = "better" if self._table.hit is HitPolicy.PRIORITY else "first"
        verb = ("is", "are") if self._table.hit is HitPolicy.PRIORITY else ("comes", "come")
        ahead = f"{verb[not is_one]} {word}"
        if not waits:
            return f"{joined(ids)} {ahead}"
        either = "holds or waits" if is_one else "hold or wait"
        return f"{joined(ids)} {either} for a missing fact, and {ahead}"

    def redundant(self) -> Iterator[Finding]:
        """Yield rows without which the table would claim the same."""
        if self._table.collects or self._table.hit is HitPolicy.UNIQUE:
            return
        spare: set[int] = set()
        for number in reversed(range(len(self._rows))):
            alike = self._alike(number, spare)
            if alike and self._adds_nothing(number, alike, spare):
                finding = self._spare(number, alike, spare)
                spare.add(number)
                if finding is not None:
                    yield finding

    def _alike(self, number: int, spare: set[int]) -> list[Piece]:
        """Return the pieces that may replace a row: of rows that claim the same."""
        if self._table.hit in RANKED:
            return self._ranking.alike(number, spare)
        pieces = self._ranking.possible
        return [
            (owner, piece)
            for owner, piece in pieces.at(pieces.meeting(pieces.of(number)))
            if owner not in {number, *spare} and self._rows[owner].then == self._rows[number].then
        ]

    def _adds_nothing(self, number: int, alike: Sequence[Piece], spare: set[int]) -> bool:
        ranking = self._ranking
        if self._table.hit in RANKED:
            return ranking.adds_nothing(number, alike, spare)
        true = [row for owner in {owner for owner, _ in alike} for row in ranking.true.of(owner)]
        mine, possible = ranking.true.of(number), [piece for _, piece in alike]
        return (
            bool(mine)
            and self._prover.point(mine, true) is None
            and self._prover.point(ranking.possible.of(number), possible) is None
        )

    def _spare(self, number: int, alike: Sequence[Piece], spare: set[int]) -> Finding | None:
        row, mine = self._rows[number], self._ranking.true.of(number)
        names = sorted({self._id(owner) for owner, _ in alike})
        better = []
        waits = ""
        if self._table.hit in RANKED:
            better = [piece for _, piece in self._ranking.ahead(number)]
            if not self._ranking.decides_alike(number, spare):
                waits = ", and would not wait for a missing fact"
        finding = self._prover.shown(mine, better, _with_any(row.id, names))
        if finding is None:
            return None
        return Finding(
            row.location,
            f"row {row.id}",
            Code.ROW_REDUNDANT,
            Severity.WARNING,
            f"adds nothing: without it {joined(names)} would claim the same{waits}",
            "delete it, or say what it should add",
            witness=finding.witness,
        )

    def _finding(
        self,
        code: Code,
        severity: Severity,
        message: str,
        hint: str = "",
        witness: Witness | None = None,
    ) -> Finding:
        subject = f"table {self._table.id}"
        return Finding(
            self._table.location, subject, code, severity, message, hint, witness=witness
        )


def _firing(ids: Iterable[str]) -> Confirm:
    return lambda verdicts: verdicts.fires(*ids)


def _with_any(id_: str, others: Sequence[str]) -> Confirm:
    return lambda verdicts: verdicts.fires(id_) and verdicts.any_fires(others)
