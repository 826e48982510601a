"""Decisions in streams, blocking."""

from collections.abc import Generator, Iterable
from functools import cached_property
from typing import Unpack

import grpc

from dealgate_client.blocking.caller import Caller
from dealgate_client.blocking.connection import pause
from dealgate_client.calls import Call, Watch
from dealgate_client.errors import DealgateError, Unavailable
from dealgate_client.failures import failed
from dealgate_client.questions import Result
from dealgate_client.streams import Batches, Watching
from dealgate_client.v1.decision_service_pb2 import Question, WatchedEvent
from dealgate_client.v1.decision_service_pb2_grpc import DecisionServiceStub


class StreamCalls(Caller):
    """The streams of DecisionService: where they end, and who gives up, differs on both sides."""

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

    def watch_decisions(self, **chosen: Unpack[Watch]) -> Generator[WatchedEvent, None, None]:
        """Yield decisions and results as they are recorded, in the order of the journal.

        It goes on by itself over lost connections and servers that leave: nothing is left out or
        yielded twice. To go on later, or in another process, keep the `resume_token` of the last
        event that you are done with. Leaving the loop ends it.
        """
        watching = Watching(chosen, self._manner.retry)
        while True:
            stream = self._decisions.WatchDecisions(
                watching.request,
                timeout=watching.begin(),
                metadata=self._manner.metadata(chosen),
            )
            try:
                for response in stream:
                    yield from watching.hear(response)
                failure: DealgateError = Unavailable("the server ended the watch", "UNAVAILABLE")
            except grpc.RpcError as error:
                self._connection.check_open(error)
                failure = failed(error)
                failure.__cause__ = error
            finally:
                stream.cancel()
            pause(watching.pause(failure))

    @cached_property
    def _decisions(self) -> DecisionServiceStub:
        return DecisionServiceStub(self._connection.channel)
