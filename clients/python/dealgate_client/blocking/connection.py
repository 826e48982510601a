"""A connection whose calls block."""

import time
from typing import TypeVar

import grpc

from dealgate_client.connect import Tls, connect
from dealgate_client.errors import ClientClosed

Request = TypeVar("Request")
Response = TypeVar("Response")

pause = time.sleep


class Connection:
    """A channel, and whether it was closed."""

    def __init__(self, target: str, tls: Tls | None) -> None:
        """Connect when first used."""
        self._channel = connect(target, tls)
        self._closed = False

    @property
    def channel(self) -> grpc.Channel:
        """The channel; raises ClientClosed."""
        # gRPC crashes the whole process when a stub is made on a closed channel.
        self.check_open()
        return self._channel

    def close(self) -> None:
        """Close the channel; calls in flight fail with ClientClosed."""
        self._closed = True
        self._channel.close()

    def ask(
        self,
        method: "grpc.UnaryUnaryMultiCallable[Request, Response]",
        request: Request,
        timeout: float,
        metadata: tuple[tuple[str, str | bytes], ...],
    ) -> Response:
        """Call once. Raises ClientClosed, or grpc.RpcError."""
        self.check_open()
        try:
            return method(request, timeout=timeout, metadata=metadata)
        except grpc.RpcError as error:
            self.check_open(error)
            raise

    def check_open(self, cause: Exception | None = None) -> None:
        """Raise ClientClosed if so."""
        if self._closed:
            raise ClientClosed("the client is closed", "CANCELLED") from cause
