"""A TCP proxy that cuts: the network between a consumer and its server."""

import asyncio
from contextlib import suppress


class Proxy:
    """Passes bytes on to a port, until it is told to cut everything, or to let nobody in."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open: set[asyncio.StreamWriter] = set()
        self.parted = False
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Break every connection, in the middle of whatever is on its way."""
        for writer in list(self._open):
            writer.transport.abort()

    async def close(self) -> None:
        """End."""
        assert self._server is not None
        self._server.close()
        self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.parted:
            writer.transport.abort()
            return
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
            self._open |= {writer, back}
            await asyncio.gather(_passed(reader, back), _passed(there, writer))
            self._open -= {writer, back}


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()
