"""Exports over HTTP, on one connection that is kept, each within a bound."""

import gzip
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import zstandard

from dealgate.model.waiting import retry_after
from dealgate.telemetry.routes import Target
from dealgate.telemetry.verdicts import ExportVerdict, Result, taken

RETRYABLE_HTTP = {429, 502, 503, 504}
TOO_LARGE_HTTP = 413
OK_HTTP, REDIRECTS = range(200, 300), range(300, 400)
LONGEST_REPLY = 65_536  # bytes of an answer that are read


class Poster:
    """Sends over HTTP, on one connection that is kept."""

    def __init__(self, signal: str, target: Target) -> None:
        self._target = target
        self._signal = signal
        self._connection: http.client.HTTPConnection | None = None
        self._path = urlsplit(target.endpoint).path.rstrip("/") + target.path or "/"

    def __call__(self, request: bytes, seconds: float) -> Result:
        """Send, within this many seconds."""
        body, headers = self._packed(request)
        try:
            connection = self._connected(min(seconds, self._target.timeout))
            with _within(connection, min(seconds, self._target.timeout)):
                connection.request("POST", self._path, body, headers)
                response = connection.getresponse()
                reply = response.read(LONGEST_REPLY)
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            self.close()
            return Result(ExportVerdict.LATER, words=type(error).__name__)
        if response.will_close or not response.isclosed():  # the rest is not the next reply
            self.close()
        return self._result(response.status, response.headers, reply)

    def _packed(self, request: bytes) -> tuple[bytes, Mapping[str, str]]:
        headers = {"content-type": "application/x-protobuf", **dict(self._target.headers)}
        if self._target.compression == "none":
            return request, headers
        headers["content-encoding"] = self._target.compression
        if self._target.compression == "gzip":
            return gzip.compress(request, 1), headers
        return zstandard.compress(request, 1), headers

    def _result(self, status: int, headers: http.client.HTTPMessage, reply: bytes) -> Result:
        """Return what a reply means."""
        words = f"HTTP {status}"
        if status in OK_HTTP:
            form = headers.get_content_type()  # text/plain, unless one is stated
            if reply and "content-type" in headers and form.startswith("text/"):
                return Result(ExportVerdict.REJECTED, words=f"{words} with {form}: not a collector")
            return taken(self._signal, reply)
        if status in REDIRECTS:
            where = "set the endpoint that it names"
            return Result(
                ExportVerdict.REJECTED, words=f"{words}: redirects are not followed; {where}"
            )
        if status == TOO_LARGE_HTTP:
            return Result(ExportVerdict.TOO_LARGE, words=words)
        if status not in RETRYABLE_HTTP:
            return Result(ExportVerdict.REJECTED, words=words)
        after = retry_after(headers.get("retry-after", ""), time.time())
        return Result(ExportVerdict.LATER, words=words, after=after)

    def _connected(self, seconds: float) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self._target.endpoint)
            host, port = parts.hostname or "", parts.port
            if parts.scheme == "https":
                context = ssl.create_default_context(cafile=self._target.certificate)
                if self._target.client_certificate is not None:
                    context.load_cert_chain(
                        self._target.client_certificate, self._target.client_key
                    )
                self._connection = http.client.HTTPSConnection(host, port, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port)
        self._connection.timeout = seconds
        if self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)
        return self._connection

    def close(self) -> None:
        """Give up the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def _within(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """End the connection if the block takes longer.

    A time-out of a socket bounds each byte, not the answer: one that trickles would never end.
    """
    if connection.sock is None:
        connection.connect()
    line, is_over = connection.sock, threading.Event()

    def cut() -> None:
        is_over.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if is_over.is_set():  # half of an answer's header reads like a whole one
        raise TimeoutError
