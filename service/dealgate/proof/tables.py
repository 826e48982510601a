"""What is proved of decision tables: gaps, overlaps, rows that others mask or make redundant.

All of it is by the union of the other rows, not pairwise, and by what the hit policy makes of it:
two rows that hold at once are a fault if only one may, and no news where the first one wins.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from dealgate.model.codes import Code, Severity
from dealgate.model.rules import AnyTable, HitPolicy
from dealgate.model.sentences import joined
from dealgate.proof.boxes import Index, Row, positions
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.formulas import And
from dealgate.proof.judging import Confirm
from dealgate.proof.prover import Prover, Shown, Unproved
from dealgate.proof.regions import Region
from dealgate.proof.rules import covering
from dealgate.proof.witness import Witness

SHOWN = 5  # findings of one sort of one table; there may be a hundred thousand overlaps
TRIED = 200  # pairs that are looked at to show as many
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
        self._pieces: list[Row] = []
        self._owner: list[int] = []
        self._start: list[int] = []

    def _cut(self) -> Index:
        """Write down where each row holds; most need one piece."""
        if not self._start:
            for number, formula in enumerate(self._formulas):
                self._start.append(len(self._pieces))
                pieces = self._prover.rows(formula, Region.TRUE)
                self._pieces += pieces
                self._owner += [number] * len(pieces)
            self._start.append(len(self._pieces))
        return Index(self._pieces)

    def _of(self, number: int) -> list[Row]:
        return self._pieces[self._start[number] : self._start[number + 1]]

    def _id(self, number: int) -> str:
        return self._rows[number].id

    # ── Gaps ────────────────────────────────────────────────────────────────────────────────

    def gaps(self) -> Iterator[Finding]:
        """Yield regions where no row holds, nor might hold if more were known."""
        if self._table.hit not in SINGLE:
            return
        possible = [
            row for formula in self._formulas for row in self._prover.rows(formula, Region.POSSIBLE)
        ]
        ids = [row.id for row in self._rows]
        for _ in range(SHOWN):
            findings = self._prover.shown(
                self._everything(), possible, lambda verdicts: verdicts.is_false(*ids)
            )
            if findings is None:
                return
            possible.append(findings.region)
            message = f"has no row for {self._prover.space.described(findings.region)}"
            hint = "add a row if something should be claimed then"
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
        if hit in {HitPolicy.FIRST, HitPolicy.PRIORITY}:
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
            found = self._prover.shown(self._met(pair, other), [], _firing(names))
            if found is not None:
                yield pair, other, found

    def _clashes(self, *, differ: bool) -> Iterator[Finding]:
        for one, other, shown in islice(self.overlapping(differ=differ), TRIED):
            first, second = sorted((one, other), key=lambda number: self._rows[number].location)
            where = self._prover.space.described(shown.region)
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
        index = self._cut()
        seen = set()
        for position, piece in enumerate(self._pieces):
            for later in positions(index.meeting(piece) >> position + 1):
                one, other = self._owner[position], self._owner[position + 1 + later]
                if one == other or (one, other) in seen:
                    continue
                seen.add((one, other))
                if not differ or self._rows[one].then != self._rows[other].then:
                    yield one, other

    def _met(self, number: int, other: int) -> list[Row]:
        formula = And((self._formulas[number], self._formulas[other]))
        return self._prover.rows(formula, Region.TRUE)

    # ── Rows that never claim ───────────────────────────────────────────────────────────────

    def masked(self) -> Iterator[Finding]:
        """Yield rows that hold only where better ones do, together."""
        if self._table.hit not in {HitPolicy.FIRST, HitPolicy.PRIORITY}:
            return
        index = self._cut()
        for number, row in enumerate(self._rows):
            before = self._meeting(index, number) & (1 << self._start[number]) - 1
            theirs = [self._pieces[position] for position in positions(before)]
            mine = self._of(number)
            if not mine or not theirs or self._prover.point(mine, theirs) is not None:
                continue
            owners = [self._rows[self._owner[position]] for position in positions(before)]
            by = covering(self._prover, mine, list(zip(owners, theirs, strict=True)))
            findings = self._prover.shown(mine, [], _with_any(row.id, [each.id for each in by]))
            if findings is None:
                continue  # it never holds at all, which is said of the row itself
            message = f"never claims: wherever it holds, {self._ahead([r.id for r in by])}"
            yield Finding(
                row.location,
                f"row {row.id}",
                Code.ROW_MASKED,
                Severity.FAULT,
                message,
                "move it up, fix its cells, or delete it",
                witness=findings.witness,
            )

    def _ahead(self, ids: Sequence[str]) -> str:
        one, many = ("is", "are") if self._table.hit is HitPolicy.PRIORITY else ("comes", "come")
        word = "better" if self._table.hit is HitPolicy.PRIORITY else "first"
        return f"{joined(ids)} {one if len(ids) == 1 else many} {word}"

    def _meeting(self, index: Index, number: int) -> int:
        found = 0
        for piece in self._of(number):
            found |= index.meeting(piece)
        return found

    def redundant(self) -> Iterator[Finding]:
        """Yield rows without which the table would claim the same."""
        if self._table.collects or self._table.hit is HitPolicy.UNIQUE:
            return
        index = self._cut()
        spare: set[int] = set()
        for number in reversed(range(len(self._rows))):
            alike = self._alike(index, number, spare)
            if alike and self._adds_nothing(index, number, alike):
                spare.add(number)
                finding = self._spare(index, number, alike)
                if finding is not None:
                    yield finding

    def _alike(self, index: Index, number: int, spare: set[int]) -> list[int]:
        """Return the pieces that may stand in for a row: of rows that claim the same."""
        is_ranked = self._table.hit in {HitPolicy.FIRST, HitPolicy.PRIORITY}
        meeting = self._meeting(index, number)
        return [
            position
            for position in positions(meeting)
            if (owner := self._owner[position]) != number
            and owner not in spare
            and (owner > number or not is_ranked)
            and self._rows[owner].then == self._rows[number].then
        ]

    def _adds_nothing(self, index: Index, number: int, alike: Sequence[int]) -> bool:
        mine, theirs = self._of(number), [self._pieces[position] for position in alike]
        if self._table.hit in {HitPolicy.ANY, HitPolicy.RULE_ORDER}:
            return bool(mine) and self._prover.point(mine, theirs) is None
        meeting, better = self._meeting(index, number), self._better(index, number)
        # Where it wins, one that claims the same must hold, and no other before that one.
        if self._prover.point(mine, better) is None:
            return False  # it never claims, which is said already
        if self._prover.point(mine, [*better, *theirs]) is not None:
            return False
        for position in positions(meeting):
            owner = self._owner[position]
            if owner <= number or self._rows[owner].then == self._rows[number].then:
                continue
            sooner = [self._pieces[p] for p in alike if self._owner[p] < owner]
            if self._prover.point(self._met(number, owner), [*better, *sooner]) is not None:
                return False
        return True

    def _better(self, index: Index, number: int) -> list[Row]:
        """Return the pieces of rows that win over a row and may hold where it does."""
        if self._table.hit not in {HitPolicy.FIRST, HitPolicy.PRIORITY}:
            return []
        before = self._meeting(index, number) & (1 << self._start[number]) - 1
        return [self._pieces[position] for position in positions(before)]

    def _spare(self, index: Index, number: int, alike: Sequence[int]) -> Finding | None:
        row, mine = self._rows[number], self._of(number)
        names = sorted({self._id(self._owner[position]) for position in alike})
        better = self._better(index, number)
        finding = self._prover.shown(mine, better, _with_any(row.id, names))
        if finding is None:
            return None
        return Finding(
            row.location,
            f"row {row.id}",
            Code.ROW_REDUNDANT,
            Severity.WARNING,
            f"adds nothing: without it {joined(names)} would claim the same",
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
