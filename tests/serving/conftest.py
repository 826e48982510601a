"""A server as its operators run it: a process of its own.

It serves the tests' own two kinds, unless a test names a folder of others: a server that reads all
the shipped rules needs seconds to start.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.serving.zygote import fork

ROOT = Path(__file__).parent.parent.parent
LISTENING = re.compile(r"listening on .* \(port (\d+)\)")
QUICK = {
    "DEALGATE_LAME_DUCK": "0",
    "DEALGATE_GRACE": "5",
    "DEALGATE_RULES": str(ROOT / "tests" / "rules"),
}
PATIENCE = 60  # seconds, for a machine that is busy with something else


class Process:
    """`dealgate serve`, on a free port."""

    def __init__(
        self,
        folder: Path,
        *,
        address: str = "localhost:0",
        journal: str | None = None,
        fresh: bool = False,
        **environment: str,
    ) -> None:
        """Start it, with `journal` or a file in `folder`; `port` is None if it gave up instead.

        A `fresh` one imports all for itself, as an operator's does; others are forked.
        """
        self.journal = folder / "journal.db"
        arguments = ["serve", "--address", address, "--journal", journal or str(self.journal)]
        given = {**os.environ, **QUICK, **environment}
        self._process = _popen(arguments, given) if fresh else fork(arguments, given)
        self.lines: list[str] = []
        self._listening = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._listening.wait(PATIENCE)

    @property
    def port(self) -> int | None:
        """The port it listens on."""
        found = [match for line in self.lines if (match := LISTENING.search(line))]
        return int(found[0][1]) if found else None

    @property
    def target(self) -> str:
        """Its address."""
        return f"localhost:{self.port}"

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait, and return the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        status = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        # To close what is being read would wait for ever.
        assert not self._reader.is_alive(), "a process that it started has outlived it"
        if self._process.stderr is not None:
            self._process.stderr.close()
        return status

    def tell(self, number: signal.Signals) -> None:
        """Send a signal, and go on."""
        self._process.send_signal(number)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.lines.append(line.rstrip())
            if LISTENING.search(line):
                self._listening.set()
        self._listening.set()


def _popen(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "dealgate", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start servers that share a journal, one after another; none outlives the test."""
    started: list[Process] = []

    def _start(**environment: Any) -> Process:
        started.append(Process(tmp_path, **environment))
        return started[-1]

    yield _start
    for process in started:
        process.end(signal.SIGKILL)
