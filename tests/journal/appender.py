"""A process to be killed: appends to a journal without end, and prints each id once it is acked.

Arguments: JOURNAL [results | together]

With `results`, each decision gets its result, and its id is printed once that is acked too. With
`together`, five decisions with one mark are appended at once, and the first one's id is printed.
"""

import asyncio
import hashlib
import os
import sys
from dataclasses import replace
from itertools import count

from dealgate.journal.limits import Limits
from dealgate.journal.port import Journal
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision, Entity
from dealgate.model.results import Result
from dealgate.wire.arrival import arrive

LIMITS = Limits(checkpoint_pages=50, train_after=100, index_after=100)
CALLERS = 32


def decision(decision_id: str) -> Decision:
    """Return the decision with this id: all else follows from it, so the killer can tell."""
    digest = hashlib.sha256(decision_id.encode()).digest()
    return Decision(
        id=decision_id,
        tenant="default",
        kind="score",
        entity=Entity("lead", digest.hex()[:6]),
        version=1,
        digest="d" * 64,
        engine="native/1",
        as_of=0,
        decided_at=int(decision_id[:8] + decision_id[9:13], 16) * 1_000_000,
        trace_id="",
        facts=digest * (1 + digest[0] % 20),
        answer=digest,
        outcome="A1",
        fired=("one",),
        key=decision_id if digest[1] % 2 else None,
        body_hash=digest,
    )


def result(decision_id: str) -> Result:
    """Return the result of the decision with this id."""
    digest = hashlib.sha256(decision_id.encode()).digest()
    return Result(
        tenant="default",
        decision_id=decision_id,
        revision=1,
        type="WON" if digest[2] % 2 else "LOST",
        happened_at=digest[3],
        recorded_at=digest[4],
        amount=digest[5] if digest[6] % 2 else None,
        currency="EUR" if digest[6] % 2 else "",
        reason="",
        recorded_by="crm",
        because="",
    )


async def caller(journal: Journal, *, results: bool) -> None:
    """Append one after the other, for ever."""
    for _ in count():
        decided = await journal.append(decision(arrive().id))
        if results:
            await journal.attach(result(decided.id))
        os.write(1, f"{decided.id}\n".encode())


async def flows(journal: Journal) -> None:
    """Append what belongs together, one flow after the other, for ever."""
    for _ in count():
        ids = [arrive().id for _ in range(5)]
        first = await journal.append_together(
            [replace(decision(each), marks=(ids[0],), key=None) for each in ids]
        )
        os.write(1, f"{first.id}\n".encode())


async def main(path: str, *, results: bool, together: bool) -> None:
    """Append from many callers at once."""
    journal = await open_journal(path, LIMITS)
    if together:
        await asyncio.gather(*(flows(journal) for _ in range(CALLERS)))
    await asyncio.gather(*(caller(journal, results=results) for _ in range(CALLERS)))


def run() -> None:
    """Do what the command line says."""
    chosen = {"results": "results" in sys.argv, "together": "together" in sys.argv}
    asyncio.run(main(sys.argv[1], **chosen))
