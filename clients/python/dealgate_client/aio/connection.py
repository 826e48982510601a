"""A connection whose calls are awaited."""

import asyncio
from typing import TypeVar

import grpc.aio

from dealgate_client.connect import Tls, connect_aio
from dealgate_client.errors import ClientClosed

Request = TypeVar("Request")
Response = TypeVar("Response")

pause = asyncio.sleep


class Connection:
    """A channel, and whether it was closed."""

    def __init__(self, target: str, tls: Tls | None) -> None:
        """Connect when first used."""
        self._channel = connect_aio(target, tls)
        self._closed = False

    @property
    def channel(self) -> grpc.aio.Channel:
        """The channel; raises ClientClosed."""
        # gRPC crashes the whole process when a stub is made on a closed channel.
        self.check_open()
        return self._channel

    async def close(self) -> None:
        """Close the channel; calls in flight fail with ClientClosed."""
        self._closed = True
        await self._channel.close()

    async def ask(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        timeout: float,  # noqa: ASYNC109  gRPC keeps it
        metadata: tuple[tuple[str, str | bytes], ...],
    ) -> Response:
        """Call once. Raises ClientClosed, or grpc.RpcError."""
        self.check_open()
        try:
            return await method(request, timeout=timeout, metadata=metadata)
        except asyncio.CancelledError as error:
            self.check_open(error)
            raise

    def check_open(self, cause: BaseException | None = None) -> None:
        """Raise ClientClosed if so, unless `cause` is the task's own cancellation."""
        task = asyncio.current_task()
        if self._closed and not (cause and task and task.cancelling()):
            raise ClientClosed("the client is closed", "CANCELLED") from cause
