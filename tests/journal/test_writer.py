"""When the writer commits: at once for those who come alone, in batches under load."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from dealgate.journal.draft import CommitVerdict, Entry
from dealgate.journal.limits import Limits
from dealgate.journal.writer import ENOUGH, Writer
from dealgate.model.decision import Decision
from tests.journal.decisions import decision

PATIENCE = 30
NEVER = timedelta(hours=1)


class Counting:
    """Keeps nothing, and knows how many entries each commit had."""

    synced = 0.0

    def __init__(self) -> None:
        """No commit so far."""
        self.commits: list[int] = []

    def commit(self, entries: Sequence[Entry]) -> Sequence[CommitVerdict]:
        """Take all."""
        self.commits.append(len(entries))
        return [entry for entry in entries if isinstance(entry, Decision)]


@asynccontextmanager
async def writing(limits: Limits) -> AsyncIterator[tuple[Writer, Counting]]:
    """Yield a writer that has made a commit of one entry."""
    counting = Counting()
    writer = Writer(counting, asyncio.get_running_loop(), limits, lambda _: None)
    try:
        async with asyncio.timeout(PATIENCE):
            await writer.keep((decision(),))
            yield writer, counting
    finally:
        writer.commits.press(lambda: False)
        writer.refuse()
        await asyncio.to_thread(writer.close)


async def test_who_comes_alone_is_committed_at_once() -> None:
    """However long the pace is."""
    async with writing(Limits(pace=NEVER)) as (writer, counting):
        for _ in range(3):
            await writer.keep((decision(),))
        assert counting.commits == [1, 1, 1, 1]


async def test_while_questions_wait_a_commit_waits_for_their_decisions() -> None:
    """Until it is worth its while, however long the pace is."""
    async with writing(Limits(pace=NEVER)) as (writer, counting):
        writer.commits.press(lambda: True)
        kept = [writer.keep((decision(),)) for _ in range(ENOUGH)]
        await asyncio.sleep(0.05)
        assert counting.commits == [1]
        kept.append(writer.keep((decision(),)))
        await asyncio.gather(*kept)
        assert counting.commits == [1, ENOUGH + 1]


async def test_when_no_question_waits_any_more_a_commit_waits_for_nobody() -> None:
    """Whoever was gathered is committed."""
    async with writing(Limits(pace=NEVER)) as (writer, counting):
        waits = threading.Event()
        waits.set()
        writer.commits.press(waits.is_set)
        kept = [writer.keep((decision(),)) for _ in range(2)]
        await asyncio.sleep(0.01)
        assert counting.commits == [1]
        waits.clear()
        await asyncio.gather(*kept)
        assert counting.commits == [1, 2]


async def test_without_a_pace_a_commit_waits_for_nobody() -> None:
    """Zero: as often as the disk allows."""
    async with writing(Limits(pace=timedelta(0))) as (writer, counting):
        writer.commits.press(lambda: True)
        await writer.keep((decision(),))
        assert counting.commits == [1, 1]
