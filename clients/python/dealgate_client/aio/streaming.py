"""Decisions in streams, for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Unpack

import grpc

from dealgate_client.aio.caller import Caller
from dealgate_client.aio.connection import pause
from dealgate_client.calls import Call, Watch
from dealgate_client.errors import DealgateError, Unavailable
from dealgate_client.failures import failed
from dealgate_client.questions import Result
from dealgate_client.streams import Batches, Watching
from dealgate_client.v1.decision_service_pb2 import Question, StreamDecideRequest, WatchedEvent
from dealgate_client.v1.decision_service_pb2_grpc import DecisionServiceStub

if TYPE_CHECKING:
    from dealgate_client.v1.decision_service_pb2_grpc import DecisionServiceAsyncStub

# How long the first batch waits for the server to take the stream up: more than a way there and
# back, and bearable where a proxy holds the news back until the first answer.
TAKEN_UP_SECONDS: Final = 2.0


class StreamCalls(Caller):
    """The streams of DecisionService: where they end, and who gives up, differs on both sides."""

    async def stream_decide(
        self,
        batches: AsyncIterable[Iterable[Question]] | Iterable[Iterable[Question]],
        **call: Unpack[Call],
    ) -> AsyncGenerator[list[Result], None]:
        """Decide batch after batch of up to 256 questions: the bulk path.

        Yields the results of each batch as `batch_decide` returns them, in order. Batches are
        taken only as fast as the server reads them. A stream has no deadline unless `timeout`
        (seconds) is given, and a broken one is not retried: send again, with the same
        questions, what was not answered. Close the generator to cancel it (`aclosing`).
        """
        sent = Batches()

        async def requests() -> AsyncIterator[StreamDecideRequest]:
            await _taken_up(stream)
            async for request in sent.send_aio(batches):
                yield request

        stream = self._decisions.StreamDecide(
            requests(),
            timeout=call.get("timeout"),
            metadata=self._manner.metadata(call),
        )
        try:
            async for response in stream:
                yield sent.receive(response)
        except grpc.RpcError as error:
            raise failed(error) from error
        except asyncio.CancelledError as error:
            self._connection.check_open(error)
            raise
        finally:
            stream.cancel()
        if sent.fault is not None:
            raise sent.fault

    async def watch_decisions(self, **chosen: Unpack[Watch]) -> AsyncGenerator[WatchedEvent, None]:
        """Yield decisions and results as they are recorded, in the order of the journal.

        It goes on by itself over lost connections and servers that leave: nothing is left out or
        yielded twice. To go on later, or in another process, keep the `resume_token` of the last
        event that you are done with. Close the generator to end it (`aclosing`).
        """
        watching = Watching(chosen, self._manner.retry)
        while True:
            stream = self._decisions.WatchDecisions(
                watching.request,
                timeout=watching.begin(),
                metadata=self._manner.metadata(chosen),
            )
            try:
                async for response in stream:
                    for event in watching.hear(response):
                        yield event
                failure: DealgateError = Unavailable("the server ended the watch", "UNAVAILABLE")
            except grpc.RpcError as error:
                failure = failed(error)
                failure.__cause__ = error
            except asyncio.CancelledError as error:
                self._connection.check_open(error)
                raise
            finally:
                stream.cancel()
            await pause(watching.pause(failure))

    @cached_property
    def _decisions(self) -> "DecisionServiceAsyncStub":
        return DecisionServiceStub(self._connection.channel)


async def _taken_up(stream: "grpc.aio.StreamStreamCall[Any, Any]") -> None:
    """Wait until the server has taken the stream up, or has refused it.

    gRPC reports INTERNAL instead of a refusal that arrives while it sends.
    """
    headers = asyncio.ensure_future(stream.initial_metadata())
    await asyncio.wait([headers], timeout=TAKEN_UP_SECONDS)
