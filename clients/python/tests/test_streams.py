"""Streams of batches, and calls that end early."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import grpc
import pytest
from google.rpc.status_pb2 import Status

from clients.python.tests.conftest import PATIENCE, Ask
from clients.python.tests.stand_in import StandIn, fail, hang
from dealgate_client import (
    AsyncClient,
    Client,
    ClientClosed,
    InvalidQuestion,
    Lead,
    Question,
    Response,
    Retry,
    ScoreFacts,
    Unavailable,
    question,
)
from dealgate_client.questions import Result
from dealgate_client.v1.decision_service_pb2 import StreamDecideRequest, StreamDecideResponse


def batch(*ids: str) -> list[Question]:
    """Return a question about each of these leads."""
    return [question(ScoreFacts(lead=Lead(id=known))) for known in ids]


def decided(results: list[Result]) -> list[str]:
    """Return the id of each decision."""
    return [result.header.decision_id for result in results if isinstance(result, Response)]


def test_a_stream_answers_every_batch_in_order(ask: Ask) -> None:
    """Batches of any size come back as lists of the same size."""
    batches = [batch("1", "2"), batch("3"), batch("4", "5", "6")]
    answered = ask(lambda client: client.stream_decide(batches))
    assert [decided(results) for results in answered] == [
        ["decision-1", "decision-2"],
        ["decision-3"],
        ["decision-4", "decision-5", "decision-6"],
    ]


def test_a_refused_batch_refuses_its_questions_and_the_stream_goes_on(
    ask: Ask, server: StandIn
) -> None:
    """Each question of the batch gets the batch's error; the next batch is answered."""

    def refuse(request: StreamDecideRequest, _context: object) -> StreamDecideResponse:
        error = Status(code=3, message="too many")
        return StreamDecideResponse(batch_id=request.batch_id, error=error)

    server.then(refuse)
    first, second = ask(lambda client: client.stream_decide([batch("1", "2"), batch("3")]))
    assert [type(error) for error in first] == [InvalidQuestion, InvalidQuestion]
    assert decided(second) == ["decision-3"]


def test_the_callers_own_fault_reaches_the_caller(ask: Ask) -> None:
    """An exception in the caller's iterator is raised as it is, not as a status of gRPC's."""

    def batches() -> Iterator[list[Question]]:
        yield batch("1")
        raise LookupError("the source broke")

    with pytest.raises(LookupError, match="the source broke"):
        ask(lambda client: client.stream_decide(batches()))


def test_a_broken_stream_is_not_repeated(ask: Ask, server: StandIn) -> None:
    """What was answered is the caller's already: sending again is the caller's decision."""
    server.then(fail(grpc.StatusCode.UNAVAILABLE))
    with pytest.raises(Unavailable):
        ask(lambda client: client.stream_decide([batch("1")]))
    assert len(server.received) == 1


def test_leaving_the_loop_cancels_the_stream(server: StandIn) -> None:
    """The server learns that nobody listens any more."""

    def endless() -> Iterator[list[Question]]:
        while True:
            yield batch("1")

    with Client(server.target) as client:
        stream = client.stream_decide(endless())
        next(stream)
        stream.close()
        assert server.cancelled.wait(PATIENCE)


async def test_an_asyncio_stream_takes_async_batches_and_can_be_left(server: StandIn) -> None:
    """Batches may come from an async generator; closing the stream cancels the call."""

    async def endless() -> AsyncIterator[list[Question]]:
        while True:
            yield batch("1")
            await asyncio.sleep(0)

    async with AsyncClient(server.target) as client:
        async with aclosing(client.stream_decide(endless())) as stream:
            assert decided(await anext(stream)) == ["decision-1"]
        assert await asyncio.to_thread(server.cancelled.wait, PATIENCE)


async def test_cancelling_a_task_cancels_its_call(server: StandIn) -> None:
    """The task ends with CancelledError, the server's side of the call too, nothing retries."""
    server.then(hang)
    async with AsyncClient(server.target) as client:
        task = asyncio.create_task(client.score_lead(lead=Lead(id="00Q1"), timeout=60))
        assert await asyncio.to_thread(server.called.wait, PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.cancelled.wait, PATIENCE)
    assert len(server.received) == 1


async def test_closing_an_asyncio_client_fails_its_calls(server: StandIn) -> None:
    """A task that nobody cancelled gets ClientClosed, not a CancelledError that would kill it."""
    server.then(hang)
    client = AsyncClient(server.target)
    task = asyncio.create_task(client.score_lead(lead=Lead(id="00Q1"), timeout=60))
    assert await asyncio.to_thread(server.called.wait, PATIENCE)
    await client.close()
    with pytest.raises(ClientClosed):
        await task


def test_closing_a_client_fails_its_calls(server: StandIn) -> None:
    """A call in another thread ends with ClientClosed and is not retried."""
    server.then(hang)
    client = Client(server.target, retry=Retry(attempts=9))
    caught: list[BaseException] = []

    def call() -> None:
        try:
            client.score_lead(lead=Lead(id="00Q1"), timeout=60)
        except ClientClosed as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert server.called.wait(PATIENCE)
    client.close()
    thread.join(PATIENCE)
    assert len(caught) == len(server.received) == 1
