"""Decisions in a stream, for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

import grpc

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Call
from dealgate_client.failures import failed
from dealgate_client.questions import Result
from dealgate_client.streams import Batches
from dealgate_client.v1.decision_service_pb2 import Question
from dealgate_client.v1.decision_service_pb2_grpc import DecisionServiceStub

if TYPE_CHECKING:
    from dealgate_client.v1.decision_service_pb2_grpc import DecisionServiceAsyncStub


class StreamCalls(Caller):
    """The stream of DecisionService: where it ends, and who gives up, differs on both sides."""

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
        stream = self._decisions.StreamDecide(
            sent.send_aio(batches),
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

    @cached_property
    def _decisions(self) -> "DecisionServiceAsyncStub":
        return DecisionServiceStub(self._connection.channel)
