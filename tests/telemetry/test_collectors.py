"""Collectors that answer as they please: an export ends in time, and what they ask is heeded."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2

from dealgate.model.waiting import retry_after
from dealgate.telemetry.exporters import closed, sender
from dealgate.telemetry.pipeline import Losses, Pipeline
from dealgate.telemetry.routes import Batching, Target
from dealgate.telemetry.verdicts import ExportVerdict, Result

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n"
LONG = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100_000
PATIENCE = 30.0  # seconds, for what comes at once unless the machine is busy
MANY = 1_000  # parts of an answer: beyond anybody's patience, one each


@contextmanager
def answering(parts: Sequence[bytes], pause: float = 0.0) -> Iterator[str]:
    """Answer each connection's requests with these parts, a pause before each of them."""
    server, is_over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                with line, suppress(OSError):
                    line.recv(65_536)
                    for part in parts:
                        is_over.wait(pause)
                        line.sendall(part)
                    line.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        is_over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def exported(endpoint: str, seconds: float = PATIENCE) -> Result:
    """Export once, over HTTP."""
    send = sender("traces", "otlp", Target("http/protobuf", endpoint))
    result = send(b"", seconds)
    closed(send)
    return result


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n"] * MANY],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", *[b"x"] * MANY],
        [b"H"] * MANY,
    ],
)
def test_an_answer_that_trickles_is_cut(parts: list[bytes]) -> None:
    """A byte now and then is no answer: the export ends in time, to be made again."""
    with answering(parts, pause=0.05) as endpoint:
        assert exported(endpoint, 0.3).verdict is ExportVerdict.LATER


@pytest.mark.parametrize(
    "parts",
    [
        [b""],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nxx"],
        [b"SSH-2.0-OpenSSH\r\n"],
        [b"\x00" * 100],
    ],
)
def test_half_an_answer_is_none(parts: list[bytes]) -> None:
    """What is closed in the middle, or is not HTTP, is tried again; nothing is raised."""
    with answering(parts) as endpoint:
        assert exported(endpoint).verdict is ExportVerdict.LATER


def _answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    length = f"content-length: {len(body)}"
    return "\r\n".join((f"HTTP/1.1 {status}", length, *headers, "", "")).encode() + body


@pytest.mark.parametrize(
    ("answer", "verdict", "words"),
    [
        (_answer("200 OK"), ExportVerdict.TAKEN, ""),
        (_answer("200 OK", "content-type: text/html"), ExportVerdict.TAKEN, ""),
        (_answer("202 Accepted", body=b"{}"), ExportVerdict.TAKEN, ""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ExportVerdict.TAKEN, ""),
        (_answer("200 OK", "content-type: application/json", body=b"{}"), ExportVerdict.TAKEN, ""),
        (
            _answer("200 OK", "content-type: text/html; charset=x", body=b"<html>"),
            *(ExportVerdict.REJECTED, "HTTP 200 with text/html: not a collector"),
        ),
        (
            _answer("307 Temporary Redirect", "location: https://else.where/"),
            *(ExportVerdict.REJECTED, "HTTP 307: redirects are not followed"),
        ),
        (
            _answer("301 Moved", "location: /v1/traces"),
            ExportVerdict.REJECTED,
            "HTTP 301: redirects",
        ),
        (_answer("413 Too Large"), ExportVerdict.TOO_LARGE, "HTTP 413"),
        (_answer("401 Unauthorized"), ExportVerdict.REJECTED, "HTTP 401"),
        (_answer("500 Oops", body=b"x" * 70_000), ExportVerdict.REJECTED, "HTTP 500"),
        (_answer("503 Wait", "retry-after: soon"), ExportVerdict.LATER, "HTTP 503"),
        (_answer("999 Own"), ExportVerdict.REJECTED, "HTTP 999"),
        (b"HTTP/9.9 200 OK\r\n\r\n", ExportVerdict.LATER, "UnknownProtocol"),
        (b"HTTP/1.1 abc OK\r\n\r\n", ExportVerdict.LATER, "BadStatusLine"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n",
            ExportVerdict.LATER,
            "HTTPException",
        ),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, ExportVerdict.LATER, "LineTooLong"),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            *(ExportVerdict.LATER, "IncompleteRead"),
        ),
    ],
)
def test_whatever_it_answers(answer: bytes, verdict: ExportVerdict, words: str) -> None:
    """Every answer is told as what it is; none is raised, none that is no collector's is taken."""
    with answering([answer]) as endpoint:
        result = exported(endpoint)
    assert result.verdict is verdict
    assert result.words.startswith(words)


def test_tls_and_none_do_not_mix() -> None:
    """A collector without TLS where TLS is spoken ends an export in time, and it is counted."""
    with answering([_answer("400 Bad Request")]) as endpoint:
        result = exported(endpoint.replace("http://", "https://"))
    assert (result.verdict, result.words) == (ExportVerdict.LATER, "SSLError")


def test_who_is_busy_says_until_when() -> None:
    """A collector's Retry-After is read with its 429."""
    with answering([BUSY]) as endpoint:
        assert exported(endpoint) == Result(ExportVerdict.LATER, words="HTTP 429", after=7.0)


def test_the_rest_of_a_long_answer_is_nobodys() -> None:
    """The next export does not read what the one before left."""
    with answering([LONG]) as endpoint:
        send = sender("traces", "otlp", Target("http/protobuf", endpoint))
        assert [send(b"", PATIENCE).verdict for _ in range(2)] == [ExportVerdict.TAKEN] * 2
        closed(send)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0),
        ("120", 120),
        (" 3 ", 3),
        ("-3", 0),
        ("soon", 0),
        ("9" * 5000, 999_999_999),
        ("Thu, 01 Jan 1970 00:16:50 GMT", 10),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after(text: str, seconds: float) -> None:
    """A number of seconds, or a date; what is neither asks for nothing."""
    assert retry_after(text, 1000.0) == seconds


class Refusing(grpc.GenericRpcHandler):
    """A collector over gRPC that asks to be left alone."""

    def __init__(self, details: bytes) -> None:
        """`details` go with each refusal."""
        self._details = details

    def service(self, _: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Refuse everything."""

        def refuse(_: bytes, context: grpc.ServicerContext) -> bytes:
            context.set_trailing_metadata((("grpc-status-details-bin", self._details),))
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy")
            return b""

        return grpc.unary_unary_rpc_method_handler(refuse)


def asking(seconds: int) -> bytes:
    """Return the details of a status that asks for a pause."""
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromSeconds(seconds)
    detail = Any()
    detail.Pack(info)
    told: bytes = status_pb2.Status(code=8, details=[detail]).SerializeToString()
    return told


@pytest.mark.parametrize(
    ("details", "verdict", "after"),
    [
        (asking(9), ExportVerdict.LATER, 9.0),
        (asking(-9), ExportVerdict.LATER, 0.0),
        (b"google.rpc.RetryInfo" + b"\xff" * 9, ExportVerdict.LATER, 0.0),
        (b"\xff", ExportVerdict.TOO_LARGE, 0.0),
    ],
)
def test_retry_info(details: bytes, verdict: ExportVerdict, after: float) -> None:
    """Over gRPC a pause is asked for in the details; without, the message is too large."""
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((Refusing(details),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    result = sender("traces", "otlp", Target("grpc", f"http://127.0.0.1:{port}"))(b"", PATIENCE)
    server.stop(None)
    assert (result.verdict, result.after) == (verdict, after)


def test_a_collector_is_left_alone_while_it_asks() -> None:
    """What was in hand is counted as lost; the rest waits in the queue, and none of it is sent."""
    sent: list[bytes] = []
    asked = threading.Event()

    def busy(request: bytes, _: float) -> Result:
        sent.append(request)
        asked.set()
        return Result(ExportVerdict.LATER, after=60.0)

    losses = Losses()
    pipeline = Pipeline("traces", busy, b"".join, Batching(100, 2, 60, 1), losses)
    for item in (b"a", b"b"):
        pipeline.put([item])
    assert asked.wait(PATIENCE)
    for item in (b"c", b"d"):
        pipeline.put([item])
    time.sleep(0.2)
    assert sent == [b"ab"]
    pipeline.close(PATIENCE)
    assert sent[1:] == [b"cd"]
    assert losses.dropped["traces", "unavailable"] == 2
