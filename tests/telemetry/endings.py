"""A server with one RPC for each way in which an RPC can end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc

from dealgate.telemetry import setup
from dealgate.telemetry.rpcs import RpcTelemetry
from dealgate.wire.acceptor import Acceptor
from tests.wire.test_calls import PATIENCE

CODE = grpc.StatusCode


class Endings:
    """One RPC for each way in which an RPC can end."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        self.waiting, self.cancelled = asyncio.Event(), asyncio.Event()

    async def ok(self, request: bytes, _: Any) -> bytes:
        """Answer."""
        return request

    async def abort(self, _: bytes, context: Any) -> None:
        """Abort with a status that is the caller's fault."""
        await context.abort(CODE.INVALID_ARGUMENT, "no")

    async def abort_internal(self, _: bytes, context: Any) -> None:
        """Abort with a status that is the server's fault."""
        await context.abort(CODE.INTERNAL, "no")

    async def crash(self, _: bytes, __: Any) -> bytes:
        """Raise."""
        raise ValueError("secret")

    async def wait(self, request: bytes, _: Any) -> bytes:
        """Wait for the end of days."""
        self.waiting.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return request

    async def many(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        """Answer twice, then as `request` says."""
        yield request
        yield request
        if request != b"ok":
            await getattr(self, request.decode())(request, context)

    async def each(self, requests: AsyncIterator[bytes], _: Any) -> AsyncIterator[bytes]:
        """Answer each request."""
        async for request in requests:
            yield request

    async def write(self, request: bytes, context: Any) -> None:
        """Write the answer instead of yielding it."""
        await context.write(request)

    async def join(self, requests: AsyncIterator[bytes], _: Any) -> bytes:
        """Answer all requests at once."""
        return b"".join([request async for request in requests])

    def handlers(self) -> dict[str, Any]:
        """Return the RPCs by name."""
        unary = (self.ok, self.abort, self.abort_internal)
        made: dict[str, Any] = {
            one.__name__: grpc.unary_unary_rpc_method_handler(one)
            for one in (*unary, self.crash, self.wait)
        }
        for one in (self.many, self.write):
            made[one.__name__] = grpc.unary_stream_rpc_method_handler(one)
        made["each"] = grpc.stream_stream_rpc_method_handler(self.each)
        made["join"] = grpc.stream_unary_rpc_method_handler(self.join)
        return made


@asynccontextmanager
async def ending() -> AsyncIterator[tuple[Endings, Any, Callable[[], Any]]]:
    """Start a server of such RPCs; the last value settles its telemetry."""
    telemetry = setup.start()
    rpcs = RpcTelemetry(telemetry)
    endings = Endings()
    handlers = {
        name: rpcs.observe(f"/test.Endings/{name}", handler)
        for name, handler in endings.handlers().items()
    }
    server = Acceptor(lambda method, *_: handlers[method.rpartition("/")[2]], ())
    port = server.listen("127.0.0.1:0")
    server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:

        async def settle() -> None:
            # A caller has its status before the server is done with the call.
            await server.stop(PATIENCE)
            await telemetry.stop(PATIENCE)

        yield endings, channel, settle
