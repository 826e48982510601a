"""A collector that takes OTLP and forgets it, so that a server has somewhere to send its spans."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio

SERVICES = ("trace.v1.TraceService", "metrics.v1.MetricsService", "logs.v1.LogsService")


@asynccontextmanager
async def sink() -> AsyncIterator[str]:
    """Listen on loopback; yield the endpoint."""

    async def export(_request: bytes, _context: Any) -> bytes:
        return b""

    server = grpc.aio.server()
    handlers: dict[str, Any] = {"Export": grpc.unary_unary_rpc_method_handler(export)}
    for name in SERVICES:
        full = f"opentelemetry.proto.collector.{name}"
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(full, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.stop(None)
