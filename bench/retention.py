"""Measures retention in PostgreSQL: .venv/bin/python -m bench.retention [OLD [YOUNG]].

How long `dealgate journal retain` takes, what it leaves of the tables, and what it costs a server
that writes meanwhile. Not a test: nothing is asserted. The figures in docs/adr/0104-retention.md
come from here. Starts a PostgreSQL of its own on the disk of temporary files, with syncs.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import quantiles
from time import perf_counter, time, time_ns

from bench.journal import decision
from dealgate.journal.port import Journal
from dealgate.journal.retention import DAY
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision
from dealgate.model.results import Result
from dealgate.wire.arrival import arrive
from tests.journal.postgres import Postgres, running

OLD, YOUNG = 200_000, 100_000
BATCH, AT_ONCE = 500, 4
TOLD = 5  # of which one has a result
WRITERS, PAUSE, ALONE = 8, 0.04, 20.0  # who write all the time; seconds
DISK = Path(tempfile.gettempdir())
SIZES = """
    SELECT relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup, autovacuum_count
    FROM pg_stat_user_tables WHERE schemaname = 'dealgate' AND pg_total_relation_size(relid) > 1e6
    ORDER BY 2 DESC
"""
WRITTEN = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


def main() -> None:
    """Fill, retain, fill again with as many, and retain again."""
    given = [int(word) for word in sys.argv[1:3]]
    old, young = [*given, *(OLD, YOUNG)[len(given) :]]
    with tempfile.TemporaryDirectory() as folder, running(DISK) as postgres:
        url = postgres.new_database()
        show(f"{old:,} old decisions and {young:,} young ones, every {TOLD}th with a result")
        asyncio.run(filled(url, young, 0))
        for _ in range(2):
            asyncio.run(filled(url, old, 60))
            tables(postgres, "before")
            with writing(url, Path(folder)) as waits:
                asyncio.run(asyncio.sleep(ALONE))
                retained(postgres, url, Path(folder), waits)
            tables(postgres, "after")
            begun = perf_counter()
            postgres.ask("VACUUM", "journal_0")
            tables(postgres, f"after a VACUUM of {perf_counter() - begun:.1f} s")


async def filled(url: str, many: int, days: int) -> None:
    """Record so many, decided so many days ago."""
    journal, begun = await open_journal(url), perf_counter()
    batches = iter(range(0, many, BATCH))

    async def caller() -> None:
        for _ in batches:
            at = time_ns() - days * DAY
            decisions = [replace(decision(), decided_at=at, key=None) for _ in range(BATCH)]
            decisions = [replace(each, id=arrive().id) for each in decisions]
            await journal.append_all(decisions)
            await asyncio.gather(*(told(journal, each) for each in decisions[::TOLD]))

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    await journal.close()
    show(f"filled with {many:,} in {perf_counter() - begun:.0f} s")


async def told(journal: Journal, of: Decision) -> None:
    """Record what became of a decision."""
    at = of.decided_at
    await journal.attach(Result(of.tenant, of.id, 1, "WON", at, at, 100, "EUR", "", "crm", ""))


def retained(postgres: Postgres, url: str, folder: Path, waits: Path) -> None:
    """Retain beside those who write."""
    wal, begun = number(postgres, WRITTEN), time()
    command = [sys.executable, "-m", "dealgate", "journal"]
    archive = folder / f"{int(begun)}.db"
    before = ["--journal", url, "--before", instant(30)]
    run([*command, "archive", str(archive), *before])
    archived = time()
    run([*command, "prune", "--archive", str(archive), *before])
    pruned = time()
    show(f"archived in {archived - begun:.1f} s ({archive.stat().st_size / 1e6:.0f} MB)")
    written = (number(postgres, WRITTEN) - wal) / 1e6
    show(f"pruned in {pruned - archived:.1f} s; {written:.0f} MB of WAL, writers included")
    lines = [json.loads(line) for line in waits.read_text().splitlines()]
    for name, start, end in (
        ("alone", 0.0, begun),
        ("beside archive", begun, archived),
        ("beside prune", archived, pruned),
    ):
        for keyed in (False, True):
            waits_of = [wait for at, wait, key in lines if start <= at < end and key is keyed]
            percentiles(f"{name}, {'with' if keyed else 'without'} a key", waits_of)


def run(command: Sequence[str]) -> None:
    """Run a command, and show what it says."""
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    show((told.stdout + told.stderr).strip())


@contextmanager
def writing(url: str, folder: Path) -> Iterator[Path]:
    """Have a process that records decisions all the while, and how long each took."""
    waits = folder / f"waits-{int(time())}.jsonl"
    command = [sys.executable, "-m", "bench.retention", "write", url, str(waits)]
    writer = subprocess.Popen(command)
    try:
        yield waits
    finally:
        writer.terminate()
        writer.wait()


async def write(url: str, waits: Path) -> None:
    """Record until killed."""
    journal = await open_journal(url)

    async def caller(numbers: Iterator[int]) -> None:
        for _ in numbers:
            decided, begun = decision(), perf_counter()
            await journal.append(decided)
            waited = [time(), perf_counter() - begun, decided.key is not None]
            file.write(f"{json.dumps(waited)}\n")
            file.flush()
            await asyncio.sleep(PAUSE)

    with waits.open("w") as file:
        numbers = count()
        await asyncio.gather(*(caller(numbers) for _ in range(WRITERS)))


def tables(postgres: Postgres, when: str) -> None:
    """Show how large tables are, and how much of them is dead."""
    postgres.ask("SELECT pg_stat_force_next_flush()", "journal_0")
    for name, size, live, dead, vacuums in postgres.ask(SIZES, "journal_0"):
        rows = f"{live:,} live, {dead:,} dead, {vacuums} autovacuums"
        show(f"{when}: {name} {float(size) / 1e6:.0f} MB, {rows}")  # type: ignore[arg-type]


def number(postgres: Postgres, statement: str) -> float:
    """Return the number that a statement asks for."""
    ((value,),) = postgres.ask(statement, "journal_0")
    return float(value)  # type: ignore[arg-type]


def instant(days: int) -> str:
    """Return the date so many days ago."""
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"


def percentiles(name: str, waits: Sequence[float]) -> None:
    """Show how long appends took."""
    cut = quantiles(waits, n=100)
    show(
        f"{name}: {len(waits):,} appends, p50 {cut[49] * 1e3:.1f} ms, p95 {cut[94] * 1e3:.1f}, "
        f"p99 {cut[98] * 1e3:.1f}, longest {max(waits) * 1e3:.0f}"
    )


def show(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        asyncio.run(write(sys.argv[2], Path(sys.argv[3])))
    else:
        main()
