"""Calls to a running server, and what each costs it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bench.local_server import LocalServer
from bench.question import FACTS
from dealgate_client import AsyncClient, DealgateError, question

AT_ONCE, BATCH, BATCHES_AT_ONCE = 32, 128, 8
KNOWN: dict[str, Any] = {field.name: value for field, value in FACTS.ListFields()}
Calling = Callable[[AsyncClient, int], Awaitable[None]]


async def call_cost(
    server: LocalServer, calling: Calling, client: AsyncClient, times: int
) -> float:
    """Return the CPU seconds that the server spends on one of `times` decisions or calls."""
    before = server.cpu_seconds()
    await calling(client, times)
    return (server.cpu_seconds() - before) / times


async def health(client: AsyncClient, times: int) -> None:
    """Ask whether the server serves: a call with next to nothing in it."""
    await _at_once(times, client.is_serving)


async def unary(client: AsyncClient, times: int) -> None:
    """Decide, one call each."""
    await _at_once(times, lambda: client.score_lead(**KNOWN))


async def explained(client: AsyncClient, times: int) -> None:
    """The same, with every condition and the values it read."""
    await _at_once(times, lambda: client.score_lead(**KNOWN, explain=True))


async def dry(client: AsyncClient, times: int) -> None:
    """The same, with nothing recorded."""
    await _at_once(times, lambda: client.score_lead(**KNOWN, dry_run=True))


async def batched(client: AsyncClient, times: int) -> None:
    """Decide in batches, a few at once."""
    batches = iter(range(times // BATCH))

    async def caller() -> None:
        for _ in batches:
            _check(await client.batch_decide([question(FACTS) for _ in range(BATCH)]))

    await asyncio.gather(*(caller() for _ in range(BATCHES_AT_ONCE)))


async def streamed(client: AsyncClient, times: int) -> None:
    """Decide in batches on one stream."""
    batches = ([question(FACTS) for _ in range(BATCH)] for _ in range(times // BATCH))
    async for results in client.stream_decide(batches):
        _check(results)


def _check(results: list[Any]) -> None:
    for result in results:
        if isinstance(result, DealgateError):
            raise result


async def _at_once(times: int, call: Callable[[], Awaitable[Any]]) -> None:
    async def caller() -> None:
        for _ in range(times // AT_ONCE):
            await call()

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
