"""Checks run in a separate process: answers never wait for one."""

import asyncio
import logging
import os
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path

from dealgate.lsp.messages import SIZE, Answer, CheckRequest, framed

MODULE = "dealgate.lsp.child"
log = logging.getLogger(__name__)


class Beside:
    """One process for all folders, begun with the first check and kept for what it knows."""

    def __init__(self) -> None:
        """Nothing is begun yet."""
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._number = 0
        self._waiting: dict[int, tuple[Path, asyncio.Future[Answer | None]]] = {}

    async def check(
        self, root: Path, opened: Mapping[Path, str], scratch: Path, *, anew: bool, prove: bool
    ) -> Answer | None:
        """Return what is said of a folder; None if something newer was asked, or it failed."""
        async with self._starting:
            if self._process is None:
                await self._start(scratch)
                anew = True
        process = self._process
        if process is None or process.stdin is None:
            return None
        self._number += 1
        number = self._number
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = root, future
        process.stdin.write(framed(CheckRequest(number, root, dict(opened), anew, prove)))
        try:
            answer: Answer | None = await future
        finally:
            self._waiting.pop(number, None)
        return answer

    def leave(self) -> None:
        """End at once, whatever is being checked."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _start(self, scratch: Path) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(scratch)},
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        out = process.stdout
        try:
            while out is not None:
                (size,) = SIZE.unpack(await out.readexactly(SIZE.size))
                answer: Answer = pickle.loads(await out.readexactly(size))  # noqa: S301  # ours
                self._take(answer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            log.warning("the process that checks has ended; the next check begins another")
        except Exception:
            log.exception("what was checked cannot be read; the next check begins another process")
        finally:
            self._give_up()

    def _give_up(self) -> None:
        """Let nobody wait for a process that answers no more."""
        self.leave()
        self._process = None
        for _, future in self._waiting.values():
            if not future.done():
                future.set_result(None)

    def _take(self, answer: Answer) -> None:
        if answer.failed:
            log.error("a check failed\n%s", answer.failed)
        about = self._waiting.get(answer.number)
        # Of a folder the newest alone is answered: who was outrun before waits for nothing.
        for number, (root, future) in self._waiting.items():
            if about and root == about[0] and number <= answer.number and not future.done():
                future.set_result(
                    answer if number == answer.number and answer.told is not None else None
                )
