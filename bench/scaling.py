"""How an impact grows with the decisions it looks back on: time, CPU and memory from 10⁴ on.

Decides one journal's worth of varied questions, writes them as Parquet, lays the same decisions
out anew under new ids until there are enough, and runs `dealgate impact` on each size, in one
process and in one for each core. `python -m bench.scaling [LARGEST [SMALLEST]]`, by default 10⁶ and
10⁴: five minutes; 10⁷ takes half an hour.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import log
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from bench.cpu import children, cpu_seconds
from bench.local_server import RULES, local_server
from bench.question import FACTS
from dealgate.assemble.process import loading
from dealgate.foresight.parquet import ROW_GROUP, export
from dealgate.journal.urls import reader
from dealgate.kinds import KINDS
from dealgate_client import AsyncClient, Question, ScoreFacts, question

KIND, OLD, NEW = "score", 3, 4
DECIDED, BATCH, AT_ONCE = 10_000, 250, 4
LARGEST = 1_000_000
ALONE = 100_000  # one process is asked for no more
LOOK = 0.2  # seconds between two looks at what a command holds
PAGE = os.sysconf("SC_PAGE_SIZE")
AGAIN = """
    COPY (
        SELECT * REPLACE (id || '-' || copy AS id, entity || '-' || copy AS entity)
        FROM read_parquet('{source}'), range({copies}) AS copies(copy)
    ) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE {rows})
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One impact: seconds by the wall and of CPU, and the most that all its processes held."""

    decisions: int
    jobs: int
    wall: float
    cpu: float
    megabytes: int
    document: dict[str, Any]


def main(largest: int = LARGEST, smallest: int = DECIDED) -> None:
    """Run and print."""
    with tempfile.TemporaryDirectory() as folder:
        decided = _decided(Path(folder))
        runs = []
        for size in _sizes(smallest, largest):
            home = _laid_out(decided, size // DECIDED, Path(folder, str(size)))
            same = [_impact(home, jobs) for jobs in ((1, 0) if size <= ALONE else (0,))]
            assert same[0].document == same[-1].document, "whoever counts counts the same"
            runs += same
    for jobs in sorted({run.jobs for run in runs}):
        same = [run for run in runs if run.jobs == jobs]
        print(f"{_processes(jobs)}: {_law(same)}")


def _sizes(smallest: int, largest: int) -> Iterator[int]:
    size = smallest
    while size <= largest:
        yield size
        size *= 10


def _decided(folder: Path) -> Path:
    """Return the file of one journal's decisions."""
    with local_server() as server:
        asyncio.run(_asked(server.target))
        records = reader(str(server.folder / "journal.db")).of_tenant("default")([KIND])
        with loading():
            (written,) = export(records, KINDS[KIND], folder)
    assert written.decisions == DECIDED
    return written.path


async def _asked(target: str) -> None:
    chance = Random(7)
    batches = [[_question(chance, n) for n in range(BATCH)] for _ in range(DECIDED // BATCH)]
    async with AsyncClient(target, timeout=300) as client:

        async def caller() -> None:
            while batches:
                await client.batch_decide(batches.pop())

        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))


def _question(chance: Random, number: int) -> Question:
    """Return the question of the bench about another lead: size, activities and their order."""
    facts = ScoreFacts()
    facts.CopyFrom(FACTS)
    facts.lead.id = f"L{number}"
    facts.lead.company.employees = chance.randrange(1, 5_000)
    del facts.activities[chance.randrange(len(facts.activities) + 1) :]
    return question(facts)


def _laid_out(source: Path, copies: int, home: Path) -> Path:
    target = home / KIND / source.name
    target.parent.mkdir(parents=True)
    # To keep an order that nobody needs, it would hold everything before it writes.
    with duckdb.connect(config={"preserve_insertion_order": False}) as db:
        db.execute(AGAIN.format(source=source, copies=copies, target=target, rows=ROW_GROUP))
    return home


def _impact(home: Path, jobs: int) -> Run:
    command = [sys.executable, "-m", "dealgate", "impact", f"{KIND}@{NEW}", "--against", str(OLD)]
    chosen = ["--parquet", str(home), "--jobs", str(jobs), "--rules", str(RULES)]
    begun, cpu, held = time.perf_counter(), 0.0, 0
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen([*command, *chosen, "--format", "json"], stdout=told) as process:
            # A process that has ended tells neither any more: looked at again and again.
            while process.poll() is None:
                with suppress(OSError):  # one of them has just ended
                    cpu = max(cpu, cpu_seconds(process.pid))
                held = max(held, _megabytes(process.pid))
                time.sleep(LOOK)
        wall = time.perf_counter() - begun
        told.seek(0)
        document = json.load(told)
    run = Run(document["decisions"], jobs, wall, cpu, held, document)
    _told(run)
    return run


def _megabytes(pid: int) -> int:
    """Return what a process and its children hold together."""
    held = 0
    with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE // 2**20
        held += sum(_megabytes(child) for child in children(pid))
    return held


def _processes(jobs: int) -> str:
    return "one process" if jobs == 1 else "one for each core"


def _told(run: Run) -> None:
    rate = 2 * run.decisions / run.wall
    print(
        f"{run.decisions:>10,} decisions, {_processes(run.jobs):<17}: {run.wall:8.1f} s,"
        f" {run.cpu:8.1f} s of CPU, {rate:8,.0f}/s, {run.megabytes:4} MB",
        flush=True,
    )


def _law(runs: Sequence[Run]) -> str:
    """Return start and slope of the line through the smallest and the largest, and the exponent."""
    least, most = runs[0], runs[-1]
    if least is most:
        return "one size has no law"
    each = (most.cpu - least.cpu) / (most.decisions - least.decisions)
    start = least.cpu - each * least.decisions
    said = f"CPU = {start:.1f} s + {1e6 * each:.0f} µs a record"
    if len(runs) > 2:  # a line through two sizes goes through both
        before = runs[-2]
        power = log((most.cpu - start) / (before.cpu - start))
        said += f", exponent {power / log(most.decisions / before.decisions):.2f}"
    return f"{said}; memory {least.megabytes} to {most.megabytes} MB"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
