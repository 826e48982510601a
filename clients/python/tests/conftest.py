"""A stand-in server, and both clients behind one face, so that each claim is proved for both."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from clients.python.tests.stand_in import StandIn
from dealgate_client import AsyncClient, Client, Retry

PATIENCE = 60  # seconds, for a machine that is busy with something else
QUICK = Retry(first_pause=0.001, longest_pause=0.002)
Ask: TypeAlias = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server that runs for one test."""
    stand_in = StandIn()
    yield stand_in
    stand_in.stop()


@pytest.fixture(params=["blocking", "asyncio"])
def ask(request: pytest.FixtureRequest, server: StandIn) -> Ask:
    """Use a client of either sort, made with the keywords given: `ask(lambda c: c.score_lead(…))`.

    What the calls return is awaited or drained, so that both sorts return the same.
    """

    def blocking(use: Callable[[Any], Any], **settings: Any) -> Any:
        with Client(server.target, **{"retry": QUICK, **settings}) as client:
            result = use(client)
            return list(result) if inspect.isgenerator(result) else result

    async def asynchronous(use: Callable[[Any], Any], **settings: Any) -> Any:
        async with AsyncClient(server.target, **{"retry": QUICK, **settings}) as client:
            result = use(client)
            if inspect.isasyncgen(result):
                return [item async for item in result]
            return await result

    def run(use: Callable[[Any], Any], **settings: Any) -> Any:
        return asyncio.run(asynchronous(use, **settings))

    return blocking if request.param == "blocking" else run
