"""Measures the SQLite journal: .venv/bin/python -m bench.journal NEW_DIRECTORY.

Not a test: nothing is asserted. The figures in docs/adr/0006-journal.md come from here.
"""

import asyncio
import hashlib
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles
from time import perf_counter, process_time, time_ns

from dealgate.journal.limits import Limits
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.model.decision import Decision, DecisionFilter, Entity
from dealgate.wire.arrival import arrive

APPENDS = 20_000
READS = 2_000
ROUNDS = 15
WORK = 150e-6  # seconds that a caller keeps the event loop busy before each append
random = Random(1)


def decision() -> Decision:
    """Return a decision of ordinary size: about 1.3 KB of facts and answer, every second keyed."""
    lead = {f"fact_{n}": random.randrange(1000) for n in range(20)}
    activities = [
        {"type": "ACTIVITY_TYPE_CALL", "at": time_ns()} for _ in range(random.randrange(12))
    ]
    fired = [{"rule": f"rule-{n}", "because": f"the reason of rule {n}"} for n in range(6)]
    facts = json.dumps({"lead": lead, "activities": activities}).encode()
    decision_id = arrive().id
    return Decision(
        id=decision_id,
        tenant="default",
        kind="qualify",
        entity=Entity("lead", f"L{random.randrange(5000)}"),
        version=2,
        digest=hashlib.sha256(b"qualify@2").hexdigest(),
        engine="native/1",
        as_of=time_ns(),
        decided_at=time_ns(),
        trace_id=random.randbytes(16).hex(),
        facts=facts,
        answer=json.dumps(fired).encode() + random.randbytes(16),
        outcome="NURTURE",
        fired=tuple(f"rule-{n}" for n in range(6)),
        key=decision_id if random.random() < 0.5 else None,
        body_hash=hashlib.sha256(facts).digest(),
    )


async def appends(journal: SqliteJournal, callers: int) -> None:
    """Append from so many callers at once, each one after the other."""
    waits: list[float] = []
    decisions = [decision() for _ in range(APPENDS if callers > 8 else APPENDS // 10)]

    async def caller(own: Iterator[Decision]) -> None:
        for decided in own:
            started = perf_counter()
            await journal.append(decided)
            waits.append(perf_counter() - started)

    wall, cpu, shared = perf_counter(), process_time(), iter(decisions)
    await asyncio.gather(*(caller(shared) for _ in range(callers)))
    wall, cpu = perf_counter() - wall, process_time() - cpu
    rate = f"{len(decisions) / wall:9.0f} appends/s {cpu / len(decisions) * 1e6:6.1f} us cpu each"
    show(f"{callers:5} callers", waits, rate)


async def batches(journal: SqliteJournal, length: int) -> None:
    """Compare batches as one entry with the same decisions appended each for itself."""
    ways: dict[str, Callable[[Sequence[Decision]], Awaitable[object]]] = {
        "each for itself": lambda batch: asyncio.gather(*map(journal.append, batch)),
        "as one entry": journal.append_all,
    }
    costs = await alternately(ways, length)
    for name, cost in costs.items():
        sys.stdout.write(f"batch of {length}, {name:16} {cost:6.1f} us cpu a decision\n")
    sys.stdout.write(f"  ratio {costs['as one entry'] / costs['each for itself']:.2f}\n")


async def paces(folder: Path, callers: int) -> None:
    """Compare paces of commits, while callers who each do something come one after the other."""
    costs: dict[str, list[tuple[float, float]]] = {}
    journals = {
        pace: await SqliteJournal.open(
            folder / f"pace-{pace}.db", Limits(pace=timedelta(milliseconds=pace))
        )
        for pace in (0, 1, 3, 5)
    }
    for _ in range(ROUNDS):
        for pace, journal in journals.items():
            costs.setdefault(f"{pace} ms", []).append(await asked(journal, callers))
    for name, rounds in costs.items():
        cpu, wait = median(cpu for cpu, _ in rounds), median(wait for _, wait in rounds)
        sys.stdout.write(
            f"{callers:4} callers, pace {name}: {cpu:6.1f} us cpu, p50 {wait:6.2f} ms\n"
        )
    for journal in journals.values():
        await journal.close()


async def asked(journal: SqliteJournal, callers: int) -> tuple[float, float]:
    """Return the CPU of an append in microseconds, and the median wait in milliseconds."""
    decisions = [decision() for _ in range(callers * 50)]
    shared, waits = iter(decisions), list[float]()

    async def caller() -> None:
        for decided in shared:
            busy_until = perf_counter() + WORK
            while perf_counter() < busy_until:
                pass
            started = perf_counter()
            await journal.append(decided)
            waits.append(perf_counter() - started)

    cpu = process_time()
    await asyncio.gather(*(caller() for _ in range(callers)))
    each = (process_time() - cpu) / len(decisions) - WORK
    return each * 1e6, median(waits) * 1e3


async def alternately(
    ways: Mapping[str, Callable[[Sequence[Decision]], Awaitable[object]]], length: int
) -> dict[str, float]:
    """Return the median CPU a decision, in microseconds, of ways that take turns."""
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            batch = [decision() for _ in range(length)]
            cpu = process_time()
            await way(batch)
            costs[name].append((process_time() - cpu) / length * 1e6)
    return {name: median(cost) for name, cost in costs.items()}


async def reads(name: str, read: Callable[[], Awaitable[object]]) -> None:
    """Repeat a read, one after the other."""
    waits = []
    for _ in range(READS):
        started = perf_counter()
        await read()
        waits.append(perf_counter() - started)
    show(name, waits)


def show(name: str, waits: list[float], more: str = "") -> None:
    """Print the median and the 99th percentile, in microseconds."""
    cuts = quantiles(waits, n=100)
    sys.stdout.write(
        f"{name:28} p50 {cuts[49] * 1e6:9.0f} us  p99 {cuts[98] * 1e6:9.0f} us {more}\n"
    )


async def main(path: Path) -> None:
    """Fill a journal, then read from it."""
    journal = await SqliteJournal.open(path)
    for callers in (1, 16, 64, 256, 1024):
        await appends(journal, callers)
    for length in (16, 64, 256):
        await batches(journal, length)
    for crowd in (1, 4, 32, 128):
        await paces(path.parent, crowd)
    await reading(journal)
    await journal.close()
    await asyncio.to_thread(space, path)


def space(path: Path) -> None:
    """Print what a record takes on disk, and what was written for it (Linux tells)."""
    appended = 4 * APPENDS + APPENDS // 10
    counts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    sys.stdout.write(f"{path.stat().st_size / appended:.0f} bytes a record on disk, ")
    sys.stdout.write(f"{int(counts['write_bytes']) / appended / 1024:.1f} KiB written for it\n")


async def reading(journal: SqliteJournal) -> None:
    """Read back what was appended last, at random."""
    page = await journal.find(DecisionFilter("default", limit=1000))
    raw = mean(len(found.facts) + len(found.answer) for found in page.decisions)
    sys.stdout.write(f"{raw:.0f} bytes of facts and answer in each\n")

    def some() -> Decision:
        return random.choice(page.decisions)

    async def through_a_thread() -> object:
        return await asyncio.to_thread(journal._lookup.by_id, "default", some().id)

    await reads("get, on the event loop", lambda: journal.get("default", some().id))
    await reads("get, through a thread", through_a_thread)
    await reads("find 20 of an entity", lambda: journal.find(entity(some())))
    await reads("find the newest 100", lambda: journal.find(DecisionFilter("default")))


def entity(found: Decision) -> DecisionFilter:
    """Return the search for what else was decided about the same thing."""
    return DecisionFilter("default", entity=str(found.entity), limit=20)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) / "journal.db"))
