"""Heavy work beside a server: in a process of its own, one at a time, and ended when it is late."""

import asyncio
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from dealgate.model.errors import Overloaded, Unavailable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Beside:
    """Runs functions of modules; their arguments and results travel between processes.

    A thread would share the interpreter lock with decisions, and could not be ended.
    """

    def __init__(self, seconds: float, busy: str) -> None:
        """`seconds` is how long one call may take, the start of the process included.

        `busy` is what who comes second is told.
        """
        self._seconds = seconds
        self._told = busy
        self._busy = False

    async def run(
        self,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Return what the function returns.

        Raises Overloaded if another call is under way, and Unavailable if it took too long or
        the process died.
        """
        if self._busy:
            raise Overloaded(self._told, 2.0)
        self._busy = True
        try:
            work = (function, arguments, named)
            done, result = await asyncio.to_thread(_exchange, work, self._seconds)
        finally:
            self._busy = False
        if not done:
            raise Unavailable(f"this was not done within {self._seconds:g} s; try less", 5.0)
        answer: Result = result
        return answer


def _exchange(work: Any, seconds: float) -> tuple[bool, Any]:
    # Not forked: gRPC's threads do not survive that.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    try:
        return (True, ours.recv()) if ours.poll(seconds) else (False, None)
    except EOFError:
        return False, None
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()


def _work(answers: Connection, work: Any) -> None:
    function, arguments, named = work
    answers.send(function(*arguments, **named))
