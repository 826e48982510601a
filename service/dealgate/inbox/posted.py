"""Events as HTTP requests: each is answered once it is decided, or refused for good."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from dealgate.aside.lasting import lasting_thread
from dealgate.aside.threads import in_thread
from dealgate.inbox.places import Place
from dealgate.inbox.port import Delivery, Rejection, SettledDelivery, SourceFailed
from dealgate.streams.signing import is_signed, key_of_secret

BODY_BYTES = 4 * 2**20
LONGEST = 9  # digits of a Content-Length
# Events that are not decided yet, whether their senders still wait or not; others are asked to
# retry: a server may be away for long, and each sender retries in the meantime.
WAITING = 256
SECONDS = 30.0  # until a request that was not decided is asked to retry


class Posted:
    """A small web server for webhooks. Put a proxy in front of it for TLS."""

    def __init__(self, place: Place, secret: str) -> None:
        """Listen where the URL says; `secret` is written whsec_…, or empty: nothing is signed."""
        self._place = place
        self._key = key_of_secret(secret)
        self._server: ThreadingHTTPServer | None = None
        self._came: asyncio.Queue[Delivery] = asyncio.Queue()
        self._room = threading.BoundedSemaphore(WAITING)

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Wait for the first, and take what else is here; raises SourceFailed."""
        if self._server is None:
            self._listen()
        deliveries = [await self._came.get()]
        while len(deliveries) < most and not self._came.empty():
            deliveries.append(self._came.get_nowait())
        return deliveries

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Answer the requests."""
        for item in settled:
            item.delivery.receipt.settle(item.rejection)

    async def close(self) -> None:
        """Listen no more."""
        server, self._server = self._server, None
        if server is not None:
            await asyncio.shield(_closed(server))

    @property
    def port(self) -> int:
        """Where it listens."""
        return 0 if self._server is None else self._server.server_port

    def _listen(self) -> None:
        address = (self._place.url.hostname or "127.0.0.1", self._place.url.port or 80)
        loop = asyncio.get_running_loop()

        class Handler(_Handler):
            path_expected = self._place.url.path
            key = self._key
            room = self._room

            def came(self, delivery: Delivery) -> None:
                loop.call_soon_threadsafe(posted._came.put_nowait, delivery)

        posted = self
        try:
            self._server = ThreadingHTTPServer(address, Handler)
        except OSError as error:
            raise SourceFailed(f"cannot listen at {address[0]}:{address[1]}: {error}") from error
        self._server.daemon_threads = True
        lasting_thread("webhook-listener", partial(self._server.serve_forever, 0.05))


class _Receipt:
    """What a request waits for; its place among those that wait is free once it is settled."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._settled = threading.Event()
        self.rejection: Rejection | None = None

    def settle(self, rejection: Rejection | None) -> None:
        self.rejection = rejection
        self._settled.set()
        self._leave()

    def wait(self) -> bool:
        return self._settled.wait(SECONDS)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS
    path_expected = ""
    key = b""
    room: threading.BoundedSemaphore

    def came(self, delivery: Delivery) -> None:
        raise NotImplementedError

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        # Of more digits Python makes no number, and no body is that long.
        if not length.isdecimal() or len(length) > LONGEST or int(length) > BODY_BYTES:
            self.close_connection = True
            self._answer(411 if not length else 413)
            return
        body = self.rfile.read(int(length))
        if self.path.partition("?")[0] != self.path_expected:
            self._answer(404)
        elif self.key and not is_signed(self.key, self.headers, body):
            self._answer(401)
        elif not self.room.acquire(blocking=False):
            self._answer(503)
        else:
            self._take(body)

    def _take(self, body: bytes) -> None:
        receipt = _Receipt(self.room.release)
        self.came(Delivery(self.headers.get("Content-Type", ""), self._attributes(), body, receipt))
        if not receipt.wait():
            self._answer(503)
        elif receipt.rejection is not None:
            told = {"reason": receipt.rejection.reason, "message": receipt.rejection.message}
            self._answer(422, json.dumps(told, ensure_ascii=False).encode())
        else:
            self._answer(204)

    def _attributes(self) -> dict[str, str]:
        named = {name.lower(): value for name, value in self.headers.items()}
        return {
            name.removeprefix("ce-"): unquote(value)
            for name, value in named.items()
            if name.startswith("ce-")
        }

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status == 503:
            self.send_header("Retry-After", "5")
        if body:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the consumer reports what is rejected."""


async def _closed(server: ThreadingHTTPServer) -> None:
    await in_thread(server.shutdown)
    server.server_close()
