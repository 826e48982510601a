"""Facts that events report, recorded by the server: many in one call, a faulty one alone."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from google.protobuf.message import Message

from dealgate.inbox.telling import Told
from dealgate.v1.fact_service_pb2 import AppendActivitiesRequest, PutFactsRequest
from dealgate_client.aio import AsyncClient
from dealgate_client.errors import DealgateError

Outcome: TypeAlias = Message | DealgateError
Item = TypeVar("Item")
Metadata: TypeAlias = Sequence[tuple[str, str]]


async def kept(
    client: AsyncClient, told: Sequence[Told], metadata: Metadata = ()
) -> Sequence[Outcome]:
    """Return what became of each, in order. Those before an activity are put before it.

    `metadata` are sent along.
    """
    outcomes: list[Outcome] = []
    for run in _runs(told):
        if isinstance(run[0], PutFactsRequest):
            # The client's messages are of the same contracts, and have types of their own.
            entities: list[Any] = [
                item.entities[0] for item in run if isinstance(item, PutFactsRequest)
            ]
            outcomes += await _halved(
                lambda part: client.put_facts(*part, metadata=metadata), entities
            )
        else:
            done: list[Any] = [
                item.activities[0] for item in run if isinstance(item, AppendActivitiesRequest)
            ]
            outcomes += await _halved(
                lambda part: client.append_activities(*part, metadata=metadata), done
            )
    return outcomes


def _runs(told: Sequence[Told]) -> Sequence[Sequence[Told]]:
    runs: list[list[Told]] = []
    for item in told:
        if runs and type(runs[-1][0]) is type(item):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


async def _halved(
    keep: Callable[[Sequence[Item]], Awaitable[Sequence[Message]]], items: Sequence[Item]
) -> list[Outcome]:
    """Keep all in one call; what is refused as a whole, in halves, until it is one alone."""
    try:
        return [*await keep(items)]
    except DealgateError as failure:
        if len(items) == 1:
            return [failure]
    half = len(items) // 2
    return [*await _halved(keep, items[:half]), *await _halved(keep, items[half:])]
