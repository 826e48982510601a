"""Threads that a server does not wait for when it stops, and that can be asked to end.

asyncio's own executor is shared: a caller that fills it blocks all others, and stopping waits for
all that runs in it. Nothing of Dealgate uses it.
"""

import asyncio
import contextvars
import ctypes
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Outcome: TypeAlias = tuple[Any, BaseException | None]


class Interrupted(BaseException):
    """Raised inside work that nobody waits for any more."""


def in_thread(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> asyncio.Future[Result]:
    """Start a thread that runs the function, and return what it will come to.

    Cancelling the future does not end the thread.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result] = loop.create_future()
    context = contextvars.copy_context()

    def run() -> Result:
        return context.run(function, *arguments, **named)

    name = getattr(function, "__qualname__", type(function).__qualname__)
    carrier = threading.Thread(target=_carry, args=(loop, ended, run), name=name, daemon=True)
    carrier.start()
    return ended


def _carry(
    loop: asyncio.AbstractEventLoop, ended: asyncio.Future[Any], run: Callable[[], Any]
) -> None:
    outcome: Outcome | None = None
    # An interruption that comes too late hits these lines; it comes at most once.
    for _ in range(2):
        try:
            outcome = outcome or _outcome(run)
            loop.call_soon_threadsafe(_settle, ended, outcome)
        except Interrupted as late:
            outcome = outcome or (None, late)
        except RuntimeError:
            return  # the loop is closed, nobody waits
        else:
            return


def _outcome(run: Callable[[], Any]) -> Outcome:
    try:
        return run(), None
    except BaseException as error:  # noqa: BLE001 - it is raised again where it is awaited
        return None, error


def _settle(ended: asyncio.Future[Any], outcome: Outcome) -> None:
    if ended.done():
        return
    result, error = outcome
    if error is None:
        ended.set_result(result)
    else:
        ended.set_exception(error)


class ThreadJob:
    """Work in a thread. It can be kept from starting, or interrupted between two steps of Python.

    Interrupting is for pure computing: what holds a lock or writes a file belongs elsewhere.
    """

    def __init__(self, run: Callable[[], Any]) -> None:
        self._run = run
        self._stopped = False
        self._thread: int | None = None

    def run(self) -> Any:
        """Do the work; blocks. Raises Interrupted if it was stopped."""
        self._thread = threading.get_ident()
        try:
            if self._stopped:
                raise Interrupted
            return self._run()
        finally:
            self._thread = None

    def stop(self) -> None:
        """End the work soon, or keep it from starting. Called once, from the event loop."""
        self._stopped = True
        thread = self._thread
        if thread is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread), ctypes.py_object(Interrupted)
            )
