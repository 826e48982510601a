"""The analysis of tables agrees with looking at every combination of facts, missing ones too."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from dealgate.model.codes import Code
from dealgate.model.rules import COLLECTING, HitPolicy
from dealgate.proof.findings import Finding
from dealgate.proof.prover import Prover
from dealgate.proof.tables import TableAnalysis
from tests.proof.proving import SPECIMEN, claiming, tabled
from tests.proof.random_tables import RandomTable, Truth, random_table

CHUNKS = 4
QUICK = 240
BEST_FIRST = ("y", "z", "x")
WAITS = "waits"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_tables_are_judged_as_by_looking_everywhere(
    chunk: int, request: pytest.FixtureRequest
) -> None:
    """Gaps, overlaps, masked and redundant rows: none is missed, and none is made up.

    `make fuzz` looks at more.
    """
    wanted = request.config.getoption("--proof-tables") or QUICK
    for seed in range(chunk, wanted, CHUNKS):
        table = random_table(Random(seed))
        assert judged(table) == looked_at(table), f"seed {seed}: {table.conditions()}"


def judged(table: RandomTable) -> dict[str, Any]:
    """Return what the analysis finds."""
    ruleset = tabled(claiming(table.conditions(), table.claims), HitPolicy.UNIQUE)
    prover = Prover(ruleset, SPECIMEN)

    def under(hit: HitPolicy) -> TableAnalysis:
        ranked = replace(ruleset.tables[0], hit=hit, output=("say",), priority=BEST_FIRST)
        return TableAnalysis(prover, ranked)

    unique, first, any_ = under(HitPolicy.UNIQUE), under(HitPolicy.FIRST), under(HitPolicy.ANY)
    best, all_ = under(HitPolicy.PRIORITY), under(HitPolicy.RULE_ORDER)
    silent = [under(hit) for hit in COLLECTING]
    return {
        "masked if best": rows(best.masked(), Code.ROW_MASKED),
        "spare if best": rows(best.redundant(), Code.ROW_REDUNDANT),
        "spare if all": rows(all_.redundant(), Code.ROW_REDUNDANT),
        "gap if best": any(best.gaps()),
        "said of all": [*all_.gaps(), *all_.overlaps(), *all_.masked()],
        "said of sums": [
            each
            for table_ in silent
            for part in (table_.gaps, table_.overlaps, table_.masked, table_.redundant)
            for each in part()
        ],
        "gap": any(unique.gaps()),
        "overlaps": sorted((a, b) for a, b, _ in unique.overlapping(differ=False)),
        "conflicts": sorted((a, b) for a, b, _ in any_.overlapping(differ=True)),
        "masked": rows(first.masked(), Code.ROW_MASKED),
        "spare if first": rows(first.redundant(), Code.ROW_REDUNDANT),
        "spare if any": rows(any_.redundant(), Code.ROW_REDUNDANT),
    }


def rows(found: Any, code: Code) -> list[int]:
    """Return the rows that findings are about; each has facts that show it."""
    findings: Sequence[Finding] = list(found)
    assert all(finding.witness is not None for finding in findings)
    return sorted(int(f.subject.removeprefix("row r")) for f in findings if f.code is code)


def looked_at(table: RandomTable) -> dict[str, Any]:
    """Return what is true of a table."""
    points, count = table.points(), range(len(table.rows))
    both = [
        (a, b) for a in count for b in count if a < b and any(p[a] and p[b] for p in points)
    ]  # fmt: skip
    order = sorted(count, key=lambda row: BEST_FIRST.index(table.claims[row]))
    best = RandomTable(
        table.columns,
        tuple(table.rows[row] for row in order),
        tuple(table.claims[row] for row in order),
    )
    ranked = best.points()
    gap = any(all(truth is False for truth in p) for p in points)
    return {
        "masked if best": sorted(order[r] for r in count if _is_masked(ranked, r)),
        "spare if best": sorted(order[r] for r in _spare(best, ranked, _spare_if_first)),
        "spare if all": _spare(table, points, _spare_if_any),
        "gap if best": gap,
        "said of all": [],
        "said of sums": [],
        "gap": gap,
        "overlaps": both,
        "conflicts": [(a, b) for a, b in both if table.claims[a] != table.claims[b]],
        "masked": [r for r in count if _is_masked(points, r)],
        "spare if first": _spare(table, points, _spare_if_first),
        "spare if any": _spare(table, points, _spare_if_any),
    }


def _is_masked(points: Sequence[tuple[Truth, ...]], row: int) -> bool:
    holds = [p for p in points if p[row]]
    return bool(holds) and not any(_is_false(p[:row]) for p in holds)


def _is_false(truths: Sequence[Truth]) -> bool:
    """Whether none of these rows holds or waits: a row that waits lets none below it claim."""
    return all(truth is False for truth in truths)


def _spare(table: RandomTable, points: Sequence[tuple[Truth, ...]], judge: Any) -> list[int]:
    spare: set[int] = set()
    for row in reversed(range(len(table.rows))):
        if judge(table, points, row, spare):
            spare.add(row)
    return sorted(spare)


def _spare_if_any(
    table: RandomTable, points: Sequence[tuple[Truth, ...]], row: int, spare: set[int]
) -> bool:
    alike = [
        r for r, c in enumerate(table.claims) if c == table.claims[row] and r not in {row, *spare}
    ]
    holds = [p for p in points if p[row]]
    waits = [p for p in points if p[row] is None]
    return (
        bool(holds)
        and all(any(p[r] for r in alike) for p in holds)
        and not any(_is_false([p[r] for r in alike]) for p in waits)
    )


def _spare_if_first(
    table: RandomTable, points: Sequence[tuple[Truth, ...]], row: int, spare: set[int]
) -> bool:
    """Whether the table would claim the same without a row, or at most wait no more."""
    first = [p for p in points if _is_false(p[:row])]
    wins = [p for p in first if p[row]]
    waits = [p for p in first if p[row] is None]
    mine = table.claims[row]
    return (
        bool(wins)
        and all(_next(table, p, row, spare) == mine for p in wins)
        and all(_next(table, p, row, spare) in {mine, WAITS} for p in waits)
    )


def _next(table: RandomTable, point: tuple[Truth, ...], row: int, spare: set[int]) -> str:
    """Return the claim of the next row that holds; of those to be deleted only others count.

    WAITS if a row before that one waits for a fact; nothing if none holds.
    """
    for later in range(row + 1, len(point)):
        if later in spare and table.claims[later] == table.claims[row]:
            continue
        if point[later] is not False:
            return table.claims[later] if point[later] else WAITS
    return ""
