"""Work in a process of its own: limited in memory and time, killed on demand, cleaned up after."""

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dealgate.aside import child
from dealgate.aside.threads import Interrupted
from dealgate.model.errors import Crashed, DealgateError, TimedOut, TooLarge

CHILD = Path(child.__file__)


class ProcessJob:
    """Work in a new process: the functions and arguments travel there, results and errors back.

    A thread would share the interpreter's lock with decisions. Not forked, because gRPC's threads
    do not survive that; a new interpreter reads what to do from its standard input.
    """

    def __init__(
        self, name: str, run: Callable[[], Any], megabytes: int, seconds: float | None
    ) -> None:
        """`name` is what callers know the work by."""
        self._name = name
        self._run = run
        self._megabytes = megabytes
        self._seconds = seconds
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> Any:
        """Do the work; blocks. Raises Interrupted if it was stopped, and what the work raised.

        Raises TooLarge and TimedOut at the limits, and Crashed for strangers' errors and death.
        """
        work = pickle.dumps(self._run)
        with tempfile.TemporaryDirectory(prefix="dealgate-", ignore_cleanup_errors=True) as scratch:
            answer, code = self._exchanged(work, scratch)
        if self._stopped:
            raise Interrupted
        return self._result(answer, code)

    def stop(self) -> None:
        """Kill the process, or keep it from starting."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def _exchanged(self, work: bytes, scratch: str) -> tuple[bytes, int]:
        if self._stopped:
            return b"", 0
        head = {"path": sys.path, "megabytes": self._megabytes, "seconds": self._seconds}
        with subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-P", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": scratch},
            start_new_session=True,  # a terminal's Ctrl-C is for the server, which ends this
        ) as process:
            self._process = process
            if self._stopped:
                process.kill()
            answer, _ = process.communicate(json.dumps(head).encode() + b"\n" + work)
            return answer, process.returncode

    def _result(self, answer: bytes, code: int) -> Any:
        if not answer:
            raise self._death(code)
        kind, *told = pickle.loads(answer)  # noqa: S301 - written by our own child
        if kind == "done":
            return told[0]
        if kind == "memory":
            raise TooLarge(self._name, self._megabytes)
        if kind == "raised":
            raise told[0]
        raise Crashed(self._name, *told)

    def _death(self, code: int) -> DealgateError:
        if -code == signal.SIGXCPU and self._seconds is not None:
            return TimedOut(self._name, self._seconds)
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return Crashed(self._name, f"its process ended with {cause}")
