"""What an insight costs, and what it costs the writer beside it.

Usage: .venv/bin/python -m bench.insight NEW_DIRECTORY [DECISIONS]
"""

import asyncio
import hashlib
import sys
import time
from pathlib import Path
from statistics import quantiles

from dealgate.aside.queues import WorkQueue
from dealgate.insight.serving import Insights
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.urls import reader
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, Entity
from dealgate.model.results import Result
from dealgate.v1 import insight_pb2 as pb
from dealgate.v1.lead_pb2 import Company, Lead
from dealgate.v1.score_pb2 import ScoreFacts
from dealgate.wire.arrival import arrive

DECISIONS, CALLERS, APPENDS = 50_000, 64, 20_000
RULES = [f"rule-{number}" for number in range(40)]


def decided() -> Decision:
    """Return a new decision of about a kilobyte."""
    arrival = arrive()
    digest = hashlib.sha256(arrival.id.encode()).digest()
    facts = ScoreFacts(lead=Lead(id=digest.hex(), company=Company(employees=digest[0])))
    return Decision(
        id=arrival.id,
        tenant="default",
        kind="score",
        entity=Entity("lead", digest.hex()[:8]),
        version=2,
        digest=digest.hex(),
        engine="native/1",
        as_of=arrival.at,
        decided_at=arrival.at,
        trace_id="",
        facts=facts.SerializeToString(),
        answer=digest * 24,
        outcome="A1",
        fired=tuple(RULES[byte % len(RULES)] for byte in digest[:4]),
        key=None,
        body_hash=digest,
    )


def happened(of: Decision) -> Result:
    """Return what came of a decision."""
    won = of.body_hash[1] % 2 == 0
    return Result(
        tenant=of.tenant,
        decision_id=of.id,
        revision=1,
        type="CONVERTED" if won else "NOT_CONVERTED",
        happened_at=of.as_of,
        recorded_at=of.decided_at,
        amount=None,
        currency="",
        reason="",
        recorded_by="bench",
        because="",
    )


async def fill(journal: SqliteJournal, count: int, *, results: bool = True) -> list[float]:
    """Append so many decisions from many callers; return how long each took, in ms."""
    took: list[float] = []

    async def caller() -> None:
        for _ in range(count // CALLERS):
            started = time.perf_counter()
            of = await journal.append(decided())
            took.append(1e3 * (time.perf_counter() - started))
            if results:
                await journal.attach(happened(of))

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return took


async def main(folder: Path, count: int) -> None:
    """Fill a journal, compute insights, and append alone and beside them."""
    path = folder / "journal.db"
    journal = await SqliteJournal.open(path)
    await fill(journal, count)
    queue = WorkQueue("insight", where="process", waiting=0, seconds=600)
    insights = Insights(queue, reader(str(path)).of_tenant, tuple, tuple(KINDS))
    asked = pb.GetRuleEffectivenessRequest(kind="score")

    async def ask() -> float:
        started = time.perf_counter()
        name = "GetRuleEffectiveness"
        data = await insights.answer(name, asked, "default", time.time_ns())
        read = pb.GetRuleEffectivenessResponse.FromString(data).basis.decisions
        seconds = time.perf_counter() - started
        print(f"rule effectiveness of {read:,} decisions: {seconds:.1f} s")
        return seconds

    await ask()
    alone = quantiles(await fill(journal, APPENDS, results=False), n=100)
    asking = asyncio.create_task(ask())
    both = quantiles(await fill(journal, APPENDS, results=False), n=100)
    await asking
    print(f"appends, {CALLERS} callers: p50 {alone[49]:.2f} ms, p99 {alone[98]:.2f} ms")
    print(f"beside an insight: p50 x {both[49] / alone[49]:.2f}, p99 x {both[98] / alone[98]:.2f}")
    await journal.close()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DECISIONS))
