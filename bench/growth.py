"""How costs grow: with rules, with facts, with a journal.

A law of growth is the exponent of the power that fits best: 0 does not grow, 1 is linear.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import samples
from bench.question import FACTS
from bench.series import Series, measured
from dealgate.engine.native import NativeEngine
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.decision import Decision, Entity
from dealgate.model.rules import AnyRuleSet, Expression
from dealgate.rulebook.catalog import Catalog
from dealgate.wire.arrival import arrive

AS_OF = 1_785_000_000 * 10**9
APPENDS = 512
RULES, ACTIVITIES, DEALS = (50, 100, 200, 400), (8, 40, 200, 1000), (50, 200, 800)
ROWS = (APPENDS, 8_000)
# What rules look like that have much in common, that exclude each other, and that have nothing
# in common.
SHAPES: Mapping[str, Callable[[int], str]] = {
    "share a condition": lambda n: f"lead.company.employees >= 50 && lead.company.employees < {n}",
    "exclude each other by equality": lambda n: f'lead.company.name == "{n}"',
    "exclude each other by interval": lambda n: (
        f"lead.company.employees >= {10 * n} && lead.company.employees < {10 * n + 10}"
    ),
    "have nothing in common": lambda n: f"lead.company.employees * {n} + {n} > 100000",
}


def grown(catalog: Catalog, rounds: int) -> dict[str, Any]:
    """Return each series of sizes, with the exponent of its growth."""
    told: dict[str, Any] = {}
    for shape, source in SHAPES.items():
        told[f"fire: rules that {shape}"] = _law(_rules(catalog, source), rounds)
    told["score: activities"] = _law(_score(catalog), rounds)
    told["forecast: open deals"] = _law(_forecast(catalog), rounds)
    told["journal: rows before"] = asyncio.run(_journal())
    return told


def _law(operations: Mapping[int, Callable[[], object]], rounds: int) -> dict[str, Any]:
    series = measured({str(size): operation for size, operation in operations.items()}, rounds)
    sizes = {size: series.median(str(size)) for size in operations}
    return {"unit": "µs", "sizes": sizes, "exponent": exponent(sizes)}


def exponent(sizes: Mapping[int, float]) -> float:
    """Return the slope of costs over sizes, both as logarithms, by least squares."""
    xs, ys = [log(size) for size in sizes], [log(cost) for cost in sizes.values()]
    middle, mean = sum(xs) / len(xs), sum(ys) / len(ys)
    above = sum((x - middle) * (y - mean) for x, y in zip(xs, ys, strict=True))
    return above / sum((x - middle) ** 2 for x in xs)


def _rules(catalog: Catalog, source: Callable[[int], str]) -> dict[int, Callable[[], object]]:
    base, checker = catalog.version("score", 2), CelChecker()

    def of(size: int) -> Callable[[], object]:
        rules = []
        for number in range(size):
            text = source(number + 1)
            checked = checker.check(text, facts=base.message, variables={}, expected="bool")
            when = Expression(text, checked.type, checked.ast, base.location)
            rules.append(replace(base.rules[0], id=f"r{number}", when=when, each=None))
        program = NativeEngine().prepare(replace(base, rules=rules, facts={}, tables=()))
        return lambda: program.fire(FACTS, AS_OF, explain=False)

    return {size: of(size) for size in RULES}


def _score(catalog: Catalog) -> dict[int, Callable[[], object]]:
    ruleset = catalog.version("score", 2)

    def of(size: int) -> Callable[[], object]:
        facts = type(FACTS)()
        facts.CopyFrom(FACTS)
        first = max(one.at.seconds for one in FACTS.activities)
        del facts.activities[:]
        for number in range(size):
            one = facts.activities.add(id=f"a{number}", type=1 + number % 30, count=1)
            one.at.seconds = first - 3600 * number
        return _judging(ruleset, facts, (first + 1) * 10**9)

    return {size: of(size) for size in ACTIVITIES}


def _forecast(catalog: Catalog) -> dict[int, Callable[[], object]]:
    ruleset, at = catalog.version("forecast", 2), int(samples.NOW.timestamp()) * 10**9
    return {size: _judging(ruleset, samples.forecast(size, 200), at) for size in DEALS}


def _judging(ruleset: AnyRuleSet, facts: Any, at: int) -> Callable[[], object]:
    kind, program = KINDS[ruleset.kind], NativeEngine().prepare(ruleset)
    return lambda: judged(kind, program, facts, at)


async def _journal() -> dict[str, Any]:
    """Append to a journal that is new, and to one that is not; µs of wall time a decision."""
    series = Series("µs")
    with TemporaryDirectory() as folder:
        journal = await SqliteJournal.open(Path(folder) / "journal.db")
        await _append(journal, APPENDS)  # warm
        for rows in ROWS:
            await _append(journal, rows)
            start = asyncio.get_running_loop().time()
            await _append(journal, APPENDS)
            series.add(str(rows), (asyncio.get_running_loop().time() - start) / APPENDS * 1e6)
        await journal.close()
    return {"unit": "µs", "sizes": {rows: series.median(str(rows)) for rows in ROWS}}


async def _append(journal: SqliteJournal, times: int) -> None:
    for _ in range(0, times, 128):
        await journal.append_all([_decision() for _ in range(128)])


def _decision() -> Decision:
    arrival = arrive()
    return Decision(
        id=arrival.id,
        tenant="bench",
        kind="score",
        entity=Entity("lead", arrival.id),
        version=2,
        digest="0" * 64,
        engine="native",
        as_of=arrival.at,
        decided_at=arrival.at,
        trace_id="",
        facts=FACTS.SerializeToString(),
        answer=b"answer" * 200,
        outcome="B2",
        fired=("small-company",),
        key=None,
        body_hash=bytes(32),
    )
