"""A process to be killed: appends to a journal without end, and prints each id once it is acked.

Usage: appender.py JOURNAL
"""

import asyncio
import hashlib
import os
import sys
from itertools import count
from pathlib import Path

from dealgate.journal.limits import Limits
from dealgate.journal.sqlite import SqliteJournal
from dealgate.model.decision import Decision, Entity
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


async def caller(journal: SqliteJournal) -> None:
    """Append one after the other, for ever."""
    for _ in count():
        decided = await journal.append(decision(arrive().id))
        os.write(1, f"{decided.id}\n".encode())


async def main(path: Path) -> None:
    """Append from many callers at once."""
    journal = await SqliteJournal.open(path, LIMITS)
    await asyncio.gather(*(caller(journal) for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
