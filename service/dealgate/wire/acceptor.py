"""Accepts calls from gRPC's core, on the event loop, and gives each to its handler.

In place of `grpc.aio`'s server, which takes a quarter of a millisecond of every call, rejected ones
too (docs/adr/0130-calls-from-the-core.md).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # no stubs

from dealgate.aside.lasting import lasting_thread
from dealgate.wire.rpc import FLAGS, Event, Metadata, Rpc, deadline_of, ignore

# Calls that the core may hand over between two looks; it keeps the others.
ASKED_FOR = 32
# How long events are taken before other work on the loop gets its turn: enough to reject dozens of
# calls between two decisions, while no flood can keep the loop from deciding.
TAKING_SECONDS = 0.002
QUIET_LOOKS = 2  # without an event, until the loop no longer looks by itself
# A turn of the loop that took longer had other work: more will come, and polling costs little.
BUSY_SECONDS = 0.0001
LOOK_SECONDS = 0.02
AT_ONCE = 0.0  # a deadline that has passed: look, and wait for nothing

log = logging.getLogger("dealgate")


@dataclass(frozen=True, slots=True)
class SentAway:
    """The status of a call that is not taken up."""

    code: int
    details: str
    trailers: Metadata


BROKEN = SentAway(grpc.StatusCode.INTERNAL.value[0], "the server failed", ())
Served: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | SentAway"
# Returns who handles a call of this method, with this metadata and this many seconds left, that
# came by a connection: "ipv4:127.0.0.1:4711".
Serve: TypeAlias = Callable[[str, Metadata, float | None, str], Served]


class Acceptor:
    """Listens, and takes what the core reports as long as there is any.

    A thread waits for the first event and hands it to the loop, which takes those that follow by
    itself as long as it is busy: under load no thread is waited for.
    """

    def __init__(self, serve: Serve, options: Sequence[tuple[str, int]]) -> None:
        """Ask `serve` about each call; `options` are gRPC's channel arguments.

        Make it inside the event loop that handlers run on.
        """
        self._serve = serve
        self._server = cygrpc.Server(tuple(options), False)  # noqa: FBT003 - without xDS
        self._queue = cygrpc.CompletionQueue()
        self._server.register_completion_queue(self._queue)
        self._rpcs: set[Rpc] = set()
        self._loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        self._is_started = self._is_stopping = False
        self._turn = threading.Lock()  # held while the loop takes events, and not the thread
        self._turn.acquire()
        self._quiet = 0
        self._looked_at = 0.0

    def listen(self, address: str, credentials: grpc.ServerCredentials | None = None) -> int:
        """Bind the address and return the port; 0 if that failed."""
        secured = () if credentials is None else (credentials._credentials,)  # type: ignore[attr-defined]  # noqa: SLF001
        port: int = self._server.add_http2_port(address.encode(), *secured)
        return port

    def start(self) -> None:
        """Begin to accept calls."""
        self._is_started = True
        self._server.start()
        for _ in range(ASKED_FOR):
            self._ask()
        lasting_thread("dealgate-acceptor", self._wait)

    @property
    def under_way(self) -> int:
        """How many calls have no status yet."""
        return len(self._rpcs)

    async def sent(self, seconds: float) -> None:
        """Wait, at most that long, until every answer that was given is on its way."""
        until = time.monotonic() + seconds
        while any(rpc.is_sending for rpc in self._rpcs) and time.monotonic() < until:  # noqa: ASYNC110 - callers read when they like
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self, grace: float) -> None:
        """Accept nothing more; what is under way after that many seconds is cancelled."""
        if not self._is_stopping:
            self._is_stopping = True
            await self._shut_down(grace)

    async def _shut_down(self, grace: float) -> None:
        if self._is_started:
            self._server.shutdown(self._queue, self._on_stopped)
            _, late = await asyncio.wait({self._stopped}, timeout=grace)
            if late:
                self._server.cancel_all_calls()
                await self._stopped
        self._server.destroy()
        self._queue.shutdown()
        self._let_wait()  # the thread sees that, and ends

    def _ask(self) -> None:
        self._server.request_call(self._queue, self._queue, self._on_call)

    def _wait(self) -> None:
        """Wait for the first event while the loop looks for none: runs in its own thread."""
        while True:
            event = self._queue.poll(None)
            if event.completion_type == cygrpc.CompletionType.queue_shutdown:
                return
            try:
                self._loop.call_soon_threadsafe(self._take_from, event)
            except RuntimeError:  # the loop is closed
                return
            del event  # it holds its call, which the core keeps open for as long
            self._turn.acquire()

    def _take_from(self, event: Event) -> None:
        self._quiet = 0
        self._heed(event)
        self._take()

    def _take(self) -> None:
        """Take what there is, and look again at the next turn of the loop."""
        begun = now = time.monotonic()
        is_busy = begun - self._looked_at > BUSY_SECONDS
        while now - begun < TAKING_SECONDS:
            event = self._queue.poll(AT_ONCE)
            if event.completion_type != cygrpc.CompletionType.operation_complete:
                break
            is_busy = True
            self._heed(event)
            now = time.monotonic()
        self._looked_at = now
        self._quiet = 0 if is_busy else self._quiet + 1
        if self._quiet < QUIET_LOOKS:
            self._loop.call_soon(self._take)
        else:
            self._let_wait()

    def _let_wait(self) -> None:
        if self._turn.locked():
            self._turn.release()

    def _heed(self, event: Event) -> None:
        if event.tag is None:
            return
        try:
            event.tag(event)
        except Exception:
            log.exception("an event of gRPC could not be handled")

    def _on_call(self, event: Event) -> None:
        if self._is_stopping or not event.success:
            return
        self._ask()
        deadline = deadline_of(event)
        served = self._served(event, deadline)
        if isinstance(served, SentAway):
            _send_away(event.call, served)
            return
        rpc = Rpc(event, deadline, served, self._loop, self._rpcs.discard)
        self._rpcs.add(rpc)
        rpc.begin()

    def _served(self, event: Event, deadline: float | None) -> Served:
        left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
        try:
            method: str = event.call_details.method.decode()
            peer: str = event.call.peer().decode()
            return self._serve(method, event.invocation_metadata, left, peer)
        except Exception:
            log.exception("a call could not be taken up")
            return BROKEN

    def _on_stopped(self, _: Event) -> None:
        self._stopped.set_result(None)


def _send_away(call: Any, refusal: SentAway) -> None:
    operations = (
        cygrpc.SendInitialMetadataOperation((), FLAGS),
        cygrpc.ReceiveCloseOnServerOperation(FLAGS),
        cygrpc.SendStatusFromServerOperation(
            refusal.trailers, refusal.code, refusal.details, FLAGS
        ),
    )
    call.start_server_batch(operations, ignore)
