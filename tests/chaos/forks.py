"""Servers that start in a tenth of the time: forked off a process that has imported everything.

Each is `dealgate serve` all the same, in a process of its own that can be killed. What is forked
has not used gRPC yet, and has no threads.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.serving.conftest import PATIENCE, QUICK, ROOT

LISTENING = re.compile(r"listening on .* \(port (\d+)\)")
LOOK_SECONDS = 0.005


class Forked:
    """A server on a free port."""

    def __init__(self, pid: int, lines: Path) -> None:
        """Wait until it listens; `lines` is what it logs."""
        self.pid = pid
        self._lines = lines
        until = time.monotonic() + PATIENCE
        while not (heard := LISTENING.search(lines.read_text())):
            if self._has_ended or time.monotonic() > until:
                pytest.fail(f"it does not listen: {lines.read_text()}")
            time.sleep(LOOK_SECONDS)
        self.local = f"127.0.0.1:{heard[1]}"

    def kill(self) -> None:
        """Kill it, and return when it is dead."""
        os.kill(self.pid, signal.SIGKILL)
        while not self._has_ended:
            time.sleep(LOOK_SECONDS)

    @property
    def _has_ended(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False


class Forks:
    """Starts servers of one journal."""

    def __init__(self, folder: Path, journal: str, rules: Path) -> None:
        """Import everything once; servers log to `folder`."""
        self._lines = folder / "lines"
        self._environment = {"DEALGATE_JOURNAL": journal, "DEALGATE_RULES": str(rules)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.forks"],
            cwd=ROOT,
            env={**os.environ, **QUICK, **self._environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: Forked | None = None

    def __enter__(self) -> Self:
        """Start servers within the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave nothing behind."""
        with self._process:
            if self._process.stdin is not None:
                self._process.stdin.close()  # it kills what it has started

    def start(self) -> Forked:
        """Start a server, and return once it listens."""
        self._lines.write_text("")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(str(self._lines)) + "\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()), self._lines)


def _imported() -> Callable[..., None]:
    """Import what a server does, what is only imported when it is needed included."""
    from dealgate.assemble.following import live_catalog  # noqa: PLC0415 - in this process alone
    from dealgate.cli.serve import serve  # noqa: PLC0415
    from dealgate.engine.native import NativeEngine  # noqa: PLC0415
    from dealgate.kinds import KINDS  # noqa: PLC0415

    assert all(KINDS.values())
    live_catalog(Path(os.environ["DEALGATE_RULES"]), NativeEngine())
    return serve


def _start_as_told() -> None:
    serve = _imported()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that end
    started = 0
    for line in sys.stdin:
        started = os.fork()
        if started == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            lines = os.open(json.loads(line), os.O_WRONLY | os.O_APPEND)
            for stream in (0, 1, 2):
                os.dup2(lines, stream)
            try:
                serve(address="127.0.0.1:0")
            finally:
                os._exit(1)
        print(started, flush=True)  # noqa: T201 - to whoever started this
    if started:
        with suppress(ProcessLookupError):
            os.kill(started, signal.SIGKILL)


if __name__ == "__main__":
    _start_as_told()
