"""A gRPC server that answers any call with the same bytes: what a call costs with nothing in it.

Usage: python -m bench.echo SIZE
"""

import asyncio
import os
import sys
from typing import Any

import grpc
import uvloop


class Echo(grpc.GenericRpcHandler):
    """Answers every method."""

    def __init__(self, answer: bytes) -> None:
        """`answer` is what every call gets."""
        self._answer = answer

    def service(self, _: Any) -> Any:
        """Return the handler of a call."""
        return grpc.unary_unary_rpc_method_handler(self._answered)

    async def _answered(self, _: bytes, __: Any) -> bytes:
        return self._answer


async def main(size: int) -> None:
    """Serve until killed, or until whoever started this is gone."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Echo(b"\x0a" + bytes(size)),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"(port {port})", flush=True)
    parent = os.getppid()
    # Whoever measures may be killed, and nothing else tells of that.
    while os.getppid() == parent:  # noqa: ASYNC110
        await asyncio.sleep(1)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
