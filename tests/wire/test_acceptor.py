"""Calls taken from gRPC's core: every way they arrive, are handled, and end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest

from dealgate.wire.acceptor import Acceptor, SentAway, Served
from dealgate.wire.rpc import Rpc
from tests.wire.test_calls import PATIENCE

CODE = grpc.StatusCode
UNKNOWN_METHOD = SentAway(CODE.UNIMPLEMENTED.value[0], "no such method", (("why", "tests"),))


class Numbers:
    """Handlers of all four shapes: texts of numbers in, texts of numbers out."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self.begun, self.cancelled = asyncio.Event(), asyncio.Event()
        self.written = self.doubled = 0
        self.task: asyncio.Task[Any] | None = None

    async def double(self, number: int, _: Rpc) -> int:
        """Return its double."""
        self.doubled += 1
        return 2 * number

    async def sum(self, numbers: AsyncIterator[int], _: Rpc) -> int:
        """Return the sum of all."""
        return sum([number async for number in numbers])

    async def count(self, number: int, _: Rpc) -> AsyncIterator[int]:
        """Count to the number."""
        for index in range(number):
            yield index

    async def echo(self, numbers: AsyncIterator[int], context: Rpc) -> None:
        """Return each, by writing it."""
        await context.send_initial_metadata((("taken", "up"),))
        async for number in numbers:
            await context.write(number)
            self.written += 1

    async def fail(self, _: int, __: Rpc) -> int:
        """Raise what nobody expects."""
        raise ValueError("secret")

    async def twice(self, _: int, context: Rpc) -> int:
        """Read by two tasks at once, which gRPC does not do."""
        reads = [asyncio.ensure_future(context.read()) for _ in range(2)]
        for read in reads:
            await read
        return 0

    async def again(self, _: int, context: Rpc) -> int:
        """End the call, and again."""
        with suppress(grpc.aio.AbortError):
            await context.abort(CODE.ABORTED, "once")
        await context.abort(CODE.INTERNAL, "twice")

    async def wait(self, _: int, __: Rpc) -> int:
        """Wait for the end of days."""
        self.task = asyncio.current_task()
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return 0

    def served(self, method: str, *_: object) -> Served:
        """Return the handler of a method."""
        name = method.rpartition("/")[2]
        shapes: dict[str, Callable[..., Any]] = {
            "sum": grpc.stream_unary_rpc_method_handler,
            "count": grpc.unary_stream_rpc_method_handler,
            "echo": grpc.stream_stream_rpc_method_handler,
        }
        if not hasattr(self, name):
            return UNKNOWN_METHOD
        shape = shapes.get(name, grpc.unary_unary_rpc_method_handler)
        handler: Served = shape(getattr(self, name), int, lambda number: str(number).encode())
        return handler


@asynccontextmanager
async def accepting() -> AsyncIterator[tuple[Numbers, Any, Acceptor]]:
    """Serve numbers."""
    numbers = Numbers()
    acceptor = Acceptor(numbers.served, ())
    port = acceptor.listen("127.0.0.1:0")
    acceptor.start()
    channel: Any = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    async with channel:
        yield numbers, channel, acceptor
    await acceptor.stop(PATIENCE)


async def code_of(call: Any) -> tuple[grpc.StatusCode, str]:
    """Return the status and the words of a call that fails."""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return error.value.code(), error.value.details() or ""


async def test_all_four_shapes() -> None:
    """One or many messages in, one or many out, parsed and written by the handler's own ways."""
    async with accepting() as (_, channel, _):
        assert await channel.unary_unary("/x/double")(b"21") == b"42"
        assert await channel.stream_unary("/x/sum")(iter([b"1", b"2"])) == b"3"
        assert [n async for n in channel.unary_stream("/x/count")(b"2")] == [b"0", b"1"]
        echo = channel.stream_stream("/x/echo")(iter([b"7", b"8"]))
        assert dict(await echo.initial_metadata())["taken"] == "up"
        assert [n async for n in echo] == [b"7", b"8"]


async def test_what_is_not_a_message_is_told() -> None:
    """Bytes that the handler's parser refuses, and a call that ends without its message."""
    async with accepting() as (_, channel, _):
        assert (await code_of(channel.unary_unary("/x/double")(b"x")))[0] is CODE.INTERNAL
        nothing = channel.stream_unary("/x/double")(iter(()))
        assert (await code_of(nothing))[0] is CODE.INVALID_ARGUMENT


async def test_a_handler_that_fails_says_nothing_of_it() -> None:
    """Its caller gets UNKNOWN and the kind of error, not its words; the next call is answered."""
    async with accepting() as (_, channel, _):
        code, words = await code_of(channel.unary_unary("/x/fail")(b"1"))
        assert code is CODE.UNKNOWN
        assert "secret" not in words
        assert await channel.unary_unary("/x/double")(b"1") == b"2"


async def test_what_the_core_does_not_take_keeps_nobody_waiting() -> None:
    """It says so in a number and tells nobody later; the handler fails, and so does its call.

    The status of a call is sent once.
    """
    async with accepting() as (_, channel, _):
        code, _ = await code_of(channel.unary_unary("/x/twice")(b"1", timeout=PATIENCE))
        assert code is CODE.UNKNOWN
        assert (await code_of(channel.unary_unary("/x/again")(b"1")))[0] is CODE.ABORTED


async def test_who_is_sent_away_gets_the_status_and_its_trailers() -> None:
    """No handler runs, and no task is made."""
    async with accepting() as (_, channel, acceptor):
        for call in (channel.unary_unary("/x/y")(b""), channel.stream_unary("/x/y")()):
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await call
            assert error.value.code() is CODE.UNIMPLEMENTED
            assert error.value.details() == UNKNOWN_METHOD.details
            assert dict(error.value.trailing_metadata() or ())["why"] == "tests"
        assert acceptor.under_way == 0


@pytest.mark.parametrize("deadline", [None, 0.2])
async def test_a_handler_ends_with_its_caller(deadline: float | None) -> None:
    """Who leaves, or whose deadline passes, has its handler cancelled."""
    async with accepting() as (numbers, channel, acceptor):
        async with asyncio.timeout(PATIENCE):
            while not numbers.begun.is_set():  # a busy machine has not begun by the deadline
                call = channel.unary_unary("/x/wait")(b"1", timeout=deadline or PATIENCE)
                if deadline is None:
                    await numbers.begun.wait()
                    call.cancel()
                with suppress(grpc.aio.AioRpcError, asyncio.CancelledError):
                    await call
            await numbers.cancelled.wait()
            while acceptor.under_way:  # noqa: ASYNC110 - what ends last knows of no event
                await asyncio.sleep(0)


async def test_whose_handler_the_server_ends_is_not_cancelled() -> None:
    """Its caller has not cancelled anything, and is told UNAVAILABLE."""
    async with accepting() as (numbers, channel, _):
        call = channel.unary_unary("/x/wait")(b"1", timeout=PATIENCE)
        await asyncio.wait_for(numbers.begun.wait(), PATIENCE)
        assert numbers.task is not None
        numbers.task.cancel()
        assert (await code_of(call))[0] is CODE.UNAVAILABLE


async def test_a_caller_who_does_not_read_is_waited_for() -> None:
    """Messages are written when there is room for them, and not kept for whoever never reads."""
    async with accepting() as (numbers, channel, _):
        echo = channel.stream_stream("/x/echo")()
        long = b"1" * 4_000  # digits that `int` takes
        writing = asyncio.ensure_future(_write_for_ever(echo, long))
        written = -1
        while numbers.written != written or written == 0:
            written = numbers.written
            await asyncio.sleep(0.3)
        assert written * len(long) < 2**24
        writing.cancel()
        echo.cancel()


async def _write_for_ever(echo: Any, message: bytes) -> None:
    while True:
        await echo.write(message)


async def test_stopping_lets_finish_what_can_and_cancels_the_rest() -> None:
    """Stopped twice, it is stopped once; its thread ends, and so does one that never started."""
    numbers = Numbers()
    acceptor = Acceptor(numbers.served, ())
    port = acceptor.listen("127.0.0.1:0")
    acceptor.start()
    channel: Any = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    async with channel:
        call = channel.unary_unary("/x/wait")(b"1", timeout=PATIENCE)
        await asyncio.wait_for(numbers.begun.wait(), PATIENCE)
        await acceptor.stop(0.05)
        await acceptor.stop(0.05)
        assert numbers.cancelled.is_set()
        with suppress(grpc.aio.AioRpcError):
            await call
    await Acceptor(numbers.served, ()).stop(0)
    for thread in threading.enumerate():
        if thread.name == "dealgate-acceptor":
            await asyncio.to_thread(thread.join, PATIENCE)
            assert not thread.is_alive()


async def test_what_is_answered_is_sent_before_a_stop() -> None:
    """A handler does not wait until its answer is on its way; who stops a server does."""
    async with accepting() as (numbers, channel, acceptor):
        calls = [asyncio.ensure_future(channel.unary_unary("/x/double")(b"2")) for _ in range(20)]
        async with asyncio.timeout(PATIENCE):
            while numbers.doubled < len(calls):  # noqa: ASYNC110 - handlers know of no event
                await asyncio.sleep(0)
        await acceptor.sent(PATIENCE)
        assert acceptor.under_way == 0
        assert await asyncio.gather(*calls) == [b"4"] * len(calls)


async def test_a_door_that_fails_costs_its_caller_alone(caplog: pytest.LogCaptureFixture) -> None:
    """The call is told INTERNAL, the log says why, and the next one is answered."""
    numbers = Numbers()

    def served(method: str, *rest: object) -> Served:
        if method == "/x/fail":
            raise ValueError("a defect")
        return numbers.served(method, *rest)

    acceptor = Acceptor(served, ())
    port = acceptor.listen("127.0.0.1:0")
    acceptor.start()
    channel: Any = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    async with channel:
        assert (await code_of(channel.unary_unary("/x/fail")(b"1")))[0] is CODE.INTERNAL
        assert await channel.unary_unary("/x/double")(b"1") == b"2"
    await acceptor.stop(PATIENCE)
    assert "a defect" in caplog.text
