"""The standard health service; its watches end when the server stops, not when they are cut."""

import asyncio
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2


class Health(health.aio.HealthServicer):  # type: ignore[misc]  # grpc_health has no types
    """Reports the health of each service to those who ask or watch."""

    def __init__(self) -> None:
        """Serve until `leave`."""
        super().__init__()
        self._left = asyncio.Event()

    async def Watch(  # noqa: N802 - the contract's name
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> None:
        """Tell of every change until the caller or the server leaves.

        A watch never finishes by itself, so one balancer that watches would make every server
        wait for its whole grace.
        """
        watching = asyncio.ensure_future(super().Watch(request, context))
        leaving = asyncio.ensure_future(self._left.wait())
        try:
            await asyncio.wait({watching, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            leaving.cancel()
        if self._left.is_set():
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the server is leaving")
        await watching

    def leave(self) -> None:
        """End all watches."""
        self._left.set()
