"""HTTP/2 by hand: what no client library would send."""

import socket
from collections.abc import Iterator
from contextlib import suppress

from tests.chaos.victim import SCORE
from tests.serving.conftest import PATIENCE

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS = 0, 1, 3, 4
END_STREAM, END_HEADERS = 1, 4
CANCEL = (8).to_bytes(4, "big")


def frame(kind: int, stream: int, payload: bytes = b"", flags: int = 0) -> bytes:
    """Return a frame."""
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags])
    return head + stream.to_bytes(4, "big") + payload


def headers(path: str = SCORE) -> bytes:
    """Return the header block of a call, each field as it is, without an index."""
    fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "x"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
    return b"".join(literal(name, value) for name, value in fields)


def literal(name: str, value: str) -> bytes:
    """Return a field of a header block as it is: for nobody to remember."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def opened(port: int) -> socket.socket:
    """Connect as a client would."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(PATIENCE)
    connection.sendall(PREFACE + frame(SETTINGS, 0))
    return connection


def flood(connection: socket.socket, frames: Iterator[bytes]) -> None:
    """Send all, or as much as the other side takes."""
    buffer = b""
    with suppress(OSError):
        for one in frames:
            buffer += one
            if len(buffer) > 60_000:
                connection.sendall(buffer)
                buffer = b""
        connection.sendall(buffer)


def answered(connection: socket.socket, streams: set[int]) -> set[int]:
    """Read until headers came on each of these streams; return those that were answered."""
    data, found = b"", set[int]()
    with suppress(OSError):
        while not streams <= found:
            part = connection.recv(65_536)
            if not part:
                break
            data += part
            while len(data) >= 9 and len(data) >= 9 + (size := int.from_bytes(data[:3], "big")):
                if data[3] == HEADERS:
                    found.add(int.from_bytes(data[5:9], "big"))
                data = data[9 + size :]
    return found & streams
