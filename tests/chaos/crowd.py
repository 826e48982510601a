"""Many callers by frames of HTTP/2: they cost a fifth of what callers by gRPC's own client do.

A generator that shares the machine with the server must not be what is measured.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from struct import Struct
from typing import TypeAlias

from tests.chaos.frames import (
    CANCEL,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    frame,
    headers,
    literal,
)
from tests.chaos.victim import question

PING, WINDOW_UPDATE, ACK = 6, 8, 1
TABLE_SIZE, INITIAL_WINDOW = 1, 4
SETTING = Struct(">HI")
LARGEST_WINDOW, FIRST_WINDOW = 2**31 - 1, 65_535
STREAMS = 100  # that the server lets a connection have; further calls wait here, as in gRPC
STATUS, DETAILS, DECIDED = b"grpc-status", b"grpc-status-details-bin", b"x-decision-id"
CODES = {0: "OK", 4: "DEADLINE_EXCEEDED", 8: "RESOURCE_EXHAUSTED", 14: "UNAVAILABLE"}
EXPIRED = "DEADLINE_EXCEEDED"
TICK = 0.002

Clock: TypeAlias = Callable[[], float]
# When it was asked, and by when it is to be answered.
Asked: TypeAlias = tuple[float, float | None]


@asynccontextmanager
async def crowd_at(port: int, connections: int) -> AsyncIterator["Crowd"]:
    """Yield callers who are connected so many times."""
    crowd, loop = Crowd(), asyncio.get_running_loop()
    for _ in range(connections):
        _, made = await loop.create_connection(lambda: _Connection(crowd), "127.0.0.1", port)
        crowd.connections.append(made)
    try:
        yield crowd
    finally:
        for connection in crowd.connections:
            connection.leave()
        await asyncio.sleep(0)


class Crowd:
    """Many callers in one event loop, who share some connections and count what they hear."""

    def __init__(self) -> None:
        """Nobody has asked."""
        self.codes: Counter[str] = Counter()
        self.waits: list[float] = []  # of those who were answered, in seconds
        self.without_delay = 0
        self.over = 0
        self.heard: Callable[[], None] = lambda: None
        self._known: dict[bytes, str] = {}
        self.connections: list[_Connection] = []

    async def closed(self, callers: int, seconds: float) -> int:
        """Return the answers to so many callers who each wait for theirs."""
        before, end = self.codes["OK"], time.monotonic() + seconds
        self.over = begun = 0

        def ask_on() -> None:
            nonlocal begun
            while begun - self.over < callers and time.monotonic() < end:
                self._ask(begun, None)
                begun += 1
            self._flush()

        self.heard = ask_on
        ask_on()
        while time.monotonic() < end or self.over < begun:  # noqa: ASYNC110 - many events end it
            await asyncio.sleep(TICK)
        self.heard = lambda: None
        return self.codes["OK"] - before

    async def flooded(
        self, rate: float, seconds: float, deadline: float, clock: Clock = time.monotonic
    ) -> int:
        """Return the answers when so many ask in a second of the clock, whoever is answered.

        All have a deadline of so many seconds.
        """
        before, end, last = self.codes["OK"], time.monotonic() + seconds, clock()
        self.over, begun, due = 0, 0, 0.0
        while time.monotonic() < end or (self.over < begun and time.monotonic() < end + deadline):
            now = clock()
            due, last = due + (now - last) * rate, now
            while begun < due and time.monotonic() < end:
                self._ask(begun, deadline)
                begun += 1
            self._flush()
            await asyncio.sleep(TICK)
        self.codes["no answer"] += begun - self.over
        return self.codes["OK"] - before

    def answered(self, asked: float, block: bytes) -> None:
        """Count an answer by its trailers."""
        code = self._known.get(block) or self._read(block)
        if code == "OK":
            self.waits.append(time.monotonic() - asked)
        self.ended(code)

    def ended(self, how: str) -> None:
        """Count a call that is over."""
        self.codes[how] += 1
        self.over += 1

    def _ask(self, number: int, deadline: float | None) -> None:
        now = time.monotonic()
        by = None if deadline is None else now + deadline
        self.connections[number % len(self.connections)].ask((now, by))

    def _flush(self) -> None:
        for connection in self.connections:
            connection.flush()

    def _read(self, block: bytes) -> str:
        code = "no code"
        for digits in (1, 2):
            _, found, rest = block.partition(STATUS + bytes([digits]))
            if found:
                code = CODES.get(int(rest[:digits]), rest[:digits].decode())
        self.without_delay += code == "RESOURCE_EXHAUSTED" and DETAILS not in block
        if DECIDED not in block:
            self._known[block] = code
        return code


class _Connection(asyncio.Protocol):
    """One connection; the server may not compress headers by what it sent before."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._rest = b""
        self._next = 1
        self._out: list[bytes] = []
        self._open: dict[int, Asked] = {}
        self._waiting: deque[Asked] = deque()
        self._expiring: deque[tuple[float, int]] = deque()
        self._block = headers()
        data = question()
        self._message = b"\0" + len(data).to_bytes(4, "big") + data

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        settings = SETTING.pack(TABLE_SIZE, 0) + SETTING.pack(INITIAL_WINDOW, LARGEST_WINDOW)
        window = (LARGEST_WINDOW - FIRST_WINDOW).to_bytes(4, "big")
        transport.write(PREFACE + frame(SETTINGS, 0, settings) + frame(WINDOW_UPDATE, 0, window))

    def leave(self) -> None:
        self._transport.close()

    def ask(self, asked: Asked) -> None:
        self._waiting.append(asked)

    def flush(self) -> None:
        """Send what can be sent, and give up what has expired."""
        now = time.monotonic()
        while self._expiring and self._expiring[0][0] <= now:
            _, stream = self._expiring.popleft()
            if self._open.pop(stream, None) is not None:
                self._out.append(frame(RST_STREAM, stream, CANCEL))
                self._crowd.ended(EXPIRED)
        while self._waiting and len(self._open) < STREAMS:
            self._send(*self._waiting.popleft(), now)
        if self._out:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    def _send(self, asked: float, by: float | None, now: float) -> None:
        if by is not None and by <= now:
            self._crowd.ended(EXPIRED)
            return
        stream, self._next = self._next, self._next + 2
        block = self._block
        if by is not None:
            block += literal("grpc-timeout", f"{int((by - now) * 1e6) + 1}u")
            self._expiring.append((by, stream))
        self._open[stream] = asked, by
        self._out.append(frame(HEADERS, stream, block, END_HEADERS))
        self._out.append(frame(DATA, stream, self._message, END_STREAM))

    def data_received(self, data: bytes) -> None:
        data, at = self._rest + data, 0
        while len(data) - at >= 9:
            end = at + 9 + int.from_bytes(data[at : at + 3], "big")
            if end > len(data):
                break
            stream = int.from_bytes(data[at + 5 : at + 9], "big")
            self._take(data[at + 3], data[at + 4], stream, data[at + 9 : end])
            at = end
        self._rest = data[at:]
        self._crowd.heard()
        self.flush()

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == HEADERS and flags & END_STREAM and stream in self._open:
            self._crowd.answered(self._open.pop(stream)[0], payload)
        elif kind == RST_STREAM and self._open.pop(stream, None) is not None:
            self._crowd.ended("RST_STREAM")
        elif kind in (SETTINGS, PING) and not flags & ACK:
            self._out.append(frame(kind, 0, payload if kind == PING else b"", ACK))
