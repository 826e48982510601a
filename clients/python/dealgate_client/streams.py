"""The two ends of a stream of batches that blocking and asyncio streams share."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

from dealgate_client.failures import refused
from dealgate_client.questions import Result, results
from dealgate_client.v1.decision_service_pb2 import (
    Question,
    StreamDecideRequest,
    StreamDecideResponse,
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


async def _one_after_another(
    batches: Iterable[Iterable[Question]],
) -> AsyncIterator[Iterable[Question]]:
    for batch in batches:
        yield batch
