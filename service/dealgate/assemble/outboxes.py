"""Outboxes: what a server publishes of what is recorded, as the setting `outbox` says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from dealgate.aside.lasting import lasting
from dealgate.journal.port import Journal
from dealgate.model.feed import Feed, FeedFilter
from dealgate.settings import Settings
from dealgate.streams.addresses import Address, addresses
from dealgate.streams.formats import FORMATS
from dealgate.streams.outbox import Outbox, Route
from dealgate.streams.port import SinkUnusable
from dealgate.streams.sinks import open_sink
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.outboxes import observe_outboxes


@asynccontextmanager
async def publishing(
    settings: Settings, feed: Feed, journal: Journal, meter: Meter
) -> AsyncIterator[None]:
    """Within the block everything that is recorded leaves. Raises SinkUnusable."""
    async with AsyncExitStack() as stack:
        try:
            boxes = [
                _outbox(address, settings.outbox_secret, feed, journal, stack)
                for address in addresses(settings.outbox)
            ]
        except SinkUnusable as fault:
            raise SinkUnusable(f"DEALGATE_OUTBOX: {fault}") from None
        observe_outboxes(meter, boxes)
        tasks = [asyncio.create_task(lasting(f"outbox {box.name}", box.run)) for box in boxes]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _outbox(
    address: Address, secret: str, feed: Feed, journal: Journal, stack: AsyncExitStack
) -> Outbox:
    sink = open_sink(address, secret)
    stack.push_async_callback(sink.close)
    _, encode = FORMATS[address.format]
    route = Route(
        address.name,
        encode,
        FeedFilter(tenant=address.tenant),
        whole=address.is_whole,
        from_beginning=address.from_beginning,
    )
    return Outbox(route, feed, journal, sink)
