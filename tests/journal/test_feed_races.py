"""A feed under way while something else happens to it."""

import asyncio
from dataclasses import replace

from dealgate.journal.feed import JournalFeed
from dealgate.journal.memory import MemoryJournal
from dealgate.model.feed import ALL, START, FeedEvent, FeedFilter, FeedPage, Position
from tests.journal.decisions import decision


class Erasing(MemoryJournal):
    """A journal in which everybody is erased; a read ends once it may, with what was then."""

    def __init__(self) -> None:
        """Nobody is erased, and reads end at once."""
        super().__init__()
        self.erased = 0
        self.reading = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def forgotten(self) -> int:
        """Return how often somebody was erased."""
        return self.erased

    async def feed(self, after: Position, wanted: FeedFilter) -> FeedPage:
        """Read; who is erased by then has no facts."""
        page = await super().feed(after, wanted)
        if self.erased:
            items = [
                replace(item, decision=replace(item.decision, facts=b""))
                for item in page.items
                if isinstance(item, FeedEvent)
            ]
            page = replace(page, items=items)
        self.reading.set()
        await self.may_end.wait()
        return page


async def test_what_was_read_before_an_erasure_is_not_kept_after_it() -> None:
    """Somebody is erased while the feed reads, another asks: what was read is told to nobody."""
    journal = Erasing()
    await journal.append(decision(1))
    feed = JournalFeed(journal, poll=0.001)
    journal.may_end.clear()
    slow = asyncio.create_task(feed.after(START, ALL))
    await journal.reading.wait()
    journal.erased = 1
    other = asyncio.create_task(feed.after(START, ALL))
    await asyncio.sleep(0)
    journal.may_end.set()
    await asyncio.gather(slow, other)
    page = await feed.after(START, ALL)
    assert [item.decision.facts for item in page.items if isinstance(item, FeedEvent)] == [b""]
