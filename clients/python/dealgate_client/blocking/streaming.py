"""Decisions in a stream, blocking."""

from collections.abc import Generator, Iterable
from functools import cached_property
from typing import Unpack

import grpc

from dealgate_client.blocking.caller import Caller
from dealgate_client.calls import Call
from dealgate_client.failures import failed
from dealgate_client.questions import Result
from dealgate_client.streams import Batches
from dealgate_client.v1.decision_service_pb2 import Question
from dealgate_client.v1.decision_service_pb2_grpc import DecisionServiceStub


class StreamCalls(Caller):
    """The stream of DecisionService: where it ends, and who gives up, differs on both sides."""

    def stream_decide(
        self, batches: Iterable[Iterable[Question]], **call: Unpack[Call]
    ) -> Generator[list[Result], None, None]:
        """Decide batch after batch of up to 256 questions: the bulk path.

        Yields the results of each batch as `batch_decide` returns them, in order. Batches are
        taken from another thread, and only as fast as the server reads them. A stream has no
        deadline unless `timeout` (seconds) is given, and a broken one is not retried: send
        again, with the same questions, what was not answered. Leaving the loop cancels it.
        """
        sent = Batches()
        stream = self._decisions.StreamDecide(
            sent.send(batches), timeout=call.get("timeout"), metadata=self._manner.metadata(call)
        )
        try:
            for response in stream:
                yield sent.receive(response)
        except grpc.RpcError as error:
            self._connection.check_open(error)
            raise failed(error) from error
        finally:
            stream.cancel()
        if sent.fault is not None:
            raise sent.fault

    @cached_property
    def _decisions(self) -> DecisionServiceStub:
        return DecisionServiceStub(self._connection.channel)
