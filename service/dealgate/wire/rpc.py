"""One RPC under way on gRPC's core, with what handlers use of `grpc.aio.ServicerContext`.

Runs on the event loop alone: what the core reports is handed over there by the acceptor.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any, NoReturn, TypeAlias

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # no stubs
from grpc.aio import EOF, AbortError

Metadata: TypeAlias = tuple[tuple[str, str | bytes], ...]
# What the core reports: `batch_operations`, `success`, and of a new call what it is.
Event: TypeAlias = Any

FLAGS = 0
OK = grpc.StatusCode.OK.value[0]
UNKNOWN = grpc.StatusCode.UNKNOWN
# Nobody's deadline is that late: what gRPC gives for "none", in seconds since 1970.
NEVER = 1e11

log = logging.getLogger("dealgate")


def ignore(_: Event) -> None:
    """Do nothing about what the core has done."""


class Rpc:
    """One RPC; made when its call has arrived, it ends with a status or with its caller's leave."""

    __slots__ = (
        "_call",
        "_code",
        "_deadline",
        "_handler",
        "_leave",
        "_loop",
        "_metadata",
        "_peer",
        "_sends_first",
        "_status_is_sent",
        "_trailers",
        "arrived",
        "task",
        "was_left",
    )

    def __init__(
        self,
        event: Event,
        deadline: float | None,
        handler: Any,
        loop: asyncio.AbstractEventLoop,
        leave: Callable[["Rpc"], None],
    ) -> None:
        """Serve the call of this event by a `grpc.RpcMethodHandler`.

        `deadline` is on the monotonic clock. `leave` is called when its status has been sent, or
        its caller has left.
        """
        self.arrived = time.perf_counter()
        self._call = event.call
        self._metadata: Metadata = event.invocation_metadata
        self._deadline = deadline
        self._handler = handler
        self._loop = loop
        self._leave = leave
        self._peer = ""
        self._sends_first = True
        self._status_is_sent = False
        self._trailers: Metadata = ()
        self._code: grpc.StatusCode | None = None
        self.was_left = False
        self.task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Have it handled in a task of its own, which is cancelled when the caller leaves."""
        self._start(self._on_closed, cygrpc.ReceiveCloseOnServerOperation(FLAGS))
        self.task = self._loop.create_task(self._run())

    @property
    def is_sending(self) -> bool:
        """Whether its status is on its way to the caller."""
        return self._status_is_sent

    # What handlers use.

    def invocation_metadata(self) -> Metadata:
        """Return what the caller sent ahead of its messages."""
        return self._metadata

    def trailing_metadata(self) -> Metadata:
        """Return what goes with the status."""
        return self._trailers

    def set_trailing_metadata(self, trailers: Metadata) -> None:
        """Replace what goes with the status."""
        self._trailers = trailers

    def peer(self) -> str:
        """Return the other end of the connection: "ipv4:127.0.0.1:4711"."""
        if not self._peer:
            self._peer = self._call.peer().decode()
        return self._peer

    def auth_context(self) -> Mapping[str, list[bytes]]:
        """Return what TLS verified of the caller, as gRPC calls it."""
        verified = cygrpc.auth_context(self._call) or {}
        return {name.decode(): values for name, values in verified.items()}

    def time_remaining(self) -> float | None:
        """Return the seconds to the caller's deadline, at least 0; None if it has none."""
        return None if self._deadline is None else max(self._deadline - time.monotonic(), 0.0)

    def code(self) -> grpc.StatusCode | None:
        """Return the status that it was ended with; None so far."""
        return self._code

    async def read(self) -> object:
        """Return the bytes of the next message, or EOF."""
        received: asyncio.Future[object] = self._loop.create_future()
        tell = partial(self._on_message, received)
        self._start(tell, cygrpc.ReceiveMessageOperation(FLAGS))
        return await received

    async def send_initial_metadata(self, metadata: Metadata) -> None:
        """Tell the caller that its call has been taken up."""
        self._sends_first = False
        await self._done(cygrpc.SendInitialMetadataOperation(metadata, FLAGS))

    async def write(self, reply: object) -> None:
        """Send one message of many, once there is room for it on the way to the caller."""
        if not await self._done(*self._first(), self._message(reply)):
            raise asyncio.CancelledError

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()
    ) -> NoReturn:
        """End it with a status; raises AbortError once that is sent."""
        if self._status_is_sent:
            raise AbortError(details)
        self._code = self._code or code
        self._trailers = trailing_metadata or self._trailers
        sent: asyncio.Future[object] = self._loop.create_future()
        self._finish(code.value[0], details, tell=partial(_on_done, sent))
        await sent
        raise AbortError(details)

    # From arrival to status.

    async def _run(self) -> None:
        try:
            await self._answer()
        except AbortError:
            return
        except asyncio.CancelledError:
            if not self.was_left:
                self._end(grpc.StatusCode.UNAVAILABLE, "the server has ended this call")
            raise
        except Exception as error:
            log.exception("an RPC failed")
            self._end(UNKNOWN, f"the handler failed: {type(error).__name__}")

    async def _answer(self) -> None:
        handler = self._handler
        request = self._requests() if handler.request_streaming else await self._request()
        if not handler.response_streaming:
            answer = handler.stream_unary if handler.request_streaming else handler.unary_unary
            reply = await answer(request, self)
            self._finish(OK, "", self._message(reply))
            return
        answers = handler.stream_stream if handler.request_streaming else handler.unary_stream
        replies = answers(request, self)
        if hasattr(replies, "__aiter__"):
            async for reply in replies:
                await self.write(reply)
        else:
            await replies
        self._finish(OK, "")

    async def _request(self) -> object:
        data = await self.read()
        if data is EOF:
            await self.abort(grpc.StatusCode.INVALID_ARGUMENT, "the call ended without a message")
        return await self._read_as_request(data)

    async def _requests(self) -> AsyncIterator[object]:
        while (data := await self.read()) is not EOF:
            yield await self._read_as_request(data)

    async def _read_as_request(self, data: object) -> object:
        parse = self._handler.request_deserializer
        try:
            return data if parse is None else parse(data)
        except Exception:  # noqa: BLE001 - a parser's errors are its own
            await self.abort(grpc.StatusCode.INTERNAL, "Exception deserializing request!")

    # The core's operations.

    def _start(self, tell: Callable[[Event], None], *operations: Any) -> None:
        """Have the core do them, and `tell` be called then; raises RuntimeError if it will not."""
        fault: int = self._call.start_server_batch(operations, tell)
        if fault:  # nobody would be notified
            raise RuntimeError(f"gRPC did not take the operations of a call: error {fault}")

    def _first(self) -> tuple[Any, ...]:
        if not self._sends_first:
            return ()
        self._sends_first = False
        return (cygrpc.SendInitialMetadataOperation((), FLAGS),)

    def _message(self, reply: object) -> Any:
        serialize = self._handler.response_serializer
        return cygrpc.SendMessageOperation(serialize(reply) if serialize else reply, FLAGS)

    async def _done(self, *operations: Any) -> object:
        """Return once the core has done them, and whether it could."""
        done: asyncio.Future[object] = self._loop.create_future()
        self._start(partial(_on_done, done), *operations)
        return await done

    def _finish(
        self, code: int, details: str, *messages: Any, tell: Callable[[Event], None] = ignore
    ) -> None:
        """Have the core send the last message, if there is one, and the status."""
        self._status_is_sent = True
        status = cygrpc.SendStatusFromServerOperation(self._trailers, code, details, FLAGS)

        def finished(event: Event) -> None:
            self._leave(self)
            tell(event)

        self._start(finished, *self._first(), *messages, status)

    def _end(self, code: grpc.StatusCode, details: str) -> None:
        if not self._status_is_sent:
            self._finish(code.value[0], details)

    def _on_message(self, received: "asyncio.Future[object]", event: Event) -> None:
        if not event.success:
            # gRPC has answered the call itself: its message is longer than the server takes.
            self._code = grpc.StatusCode.RESOURCE_EXHAUSTED
        message = event.batch_operations[0].message()
        _tell(received, EOF if message is None else message)

    def _on_closed(self, event: Event) -> None:
        """Cancel the handler of a caller who has left, or whose deadline has passed."""
        if event.batch_operations[0].cancelled() and not self._status_is_sent:
            self.was_left = True
            self._leave(self)
            if self.task is not None:
                self.task.cancel()


def _on_done(done: "asyncio.Future[object]", event: Event) -> None:
    _tell(done, event.success)


# Not the event: it holds who is notified, and would be kept with its message until the garbage
# collector comes round.
def _tell(future: "asyncio.Future[object]", what: object) -> None:
    if not future.done():  # it is if who waited was cancelled meanwhile
        future.set_result(what)


def deadline_of(event: Event) -> float | None:
    """Return a new call's deadline on the monotonic clock, which nobody sets back."""
    deadline: float = event.call_details.deadline
    return None if deadline > NEVER else time.monotonic() + deadline - time.time()
