"""The two ends of a stream of batches that blocking and asyncio streams share."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Final

from dealgate_client.calls import Watch, watch_request
from dealgate_client.errors import DeadlineExceeded, DealgateError, Unavailable
from dealgate_client.failures import refused
from dealgate_client.questions import Result, results
from dealgate_client.retry import Retry, Tries
from dealgate_client.v1.decision_service_pb2 import (
    Question,
    StreamDecideRequest,
    StreamDecideResponse,
    WatchDecisionsResponse,
    WatchedEvent,
)


class Batches:
    """Numbers batches as they are sent, and remembers how many questions each one has.

    If the caller's iterator raises, the stream ends as if it were exhausted: what was sent is
    still answered, and `fault` is raised afterwards. gRPC would swallow it.
    """

    def __init__(self) -> None:
        """Nothing is sent yet."""
        self._sent = 0
        self._sizes: dict[str, int] = {}
        self.fault: BaseException | None = None

    def send(self, batches: Iterable[Iterable[Question]]) -> Iterator[StreamDecideRequest]:
        """Yield the request of every batch."""
        try:
            for batch in batches:
                yield self._numbered(batch)
        except Exception as fault:  # noqa: BLE001  whatever it is, it is the caller's, and raised there
            self.fault = fault

    async def send_aio(
        self, batches: AsyncIterable[Iterable[Question]] | Iterable[Iterable[Question]]
    ) -> AsyncIterator[StreamDecideRequest]:
        """Yield the request of every batch."""
        if not isinstance(batches, AsyncIterable):
            batches = _one_after_another(batches)
        try:
            async for batch in batches:
                yield self._numbered(batch)
        except Exception as fault:  # noqa: BLE001  as above
            self.fault = fault

    def receive(self, response: StreamDecideResponse) -> list[Result]:
        """Return a result for every question of the batch; a refused batch refuses them all."""
        size = self._sizes.pop(response.batch_id, 0)
        if response.HasField("error"):
            return [refused(response.error)] * size
        return results(response.answers)

    def _numbered(self, batch: Iterable[Question]) -> StreamDecideRequest:
        request = StreamDecideRequest(batch_id=str(self._sent), questions=batch)
        self._sizes[request.batch_id] = len(request.questions)
        self._sent += 1
        return request


# A watch is opened anew this often, so that it moves to new servers, and notices a network that
# lost it in silence.
STREAM_SECONDS = 300.0
FOR_EVER: Final = 10**9


class Watching:
    """One watch, over as many streams as it takes; it begins each where the last one ended."""

    def __init__(self, chosen: Watch, retry: Retry) -> None:
        """Begin as `chosen` says; pause between streams as `retry` says."""
        self.request = watch_request(chosen)
        self._timeout = chosen.get("timeout")
        self._retry = replace(retry, attempts=FOR_EVER)
        self._tries = self._begun()
        self._is_heard = False

    def hear(self, response: WatchDecisionsResponse) -> Iterable[WatchedEvent]:
        """Yield the events of a response, and note where to go on."""
        self._tries = self._begun()
        self._is_heard = True
        yield from response.events
        self.request.from_beginning = False
        self.request.resume_token = response.resume_token

    def begin(self) -> float:
        """Begin a stream; return how many seconds it may take."""
        self._is_heard = False
        return STREAM_SECONDS if self._timeout is None else min(STREAM_SECONDS, self._timeout)

    def pause(self, failure: DealgateError) -> float:
        """Return the seconds to wait before the next stream.

        Raises `failure` if there is no point in another one, Unavailable if no server was heard.
        """
        if not isinstance(failure, DeadlineExceeded):
            seconds = self._tries.pause(failure)
            if seconds is None:
                raise failure
            return seconds
        if self._is_heard or self._tries.remaining() > 0:
            return 0.0
        words = f"no server was heard for {self._timeout} s"
        raise Unavailable(words, "UNAVAILABLE") from failure

    def _begun(self) -> Tries:
        return Tries(self._retry, FOR_EVER if self._timeout is None else self._timeout)


async def _one_after_another(
    batches: Iterable[Iterable[Question]],
) -> AsyncIterator[Iterable[Question]]:
    for batch in batches:
        yield batch
