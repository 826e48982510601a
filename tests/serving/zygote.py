"""Servers that start in a fraction of the time: forked off a process that has imported everything.

What is forked has no threads and has not used gRPC. From then on it lives as any other process of
`dealgate serve`: with its own arguments, environment and stderr, with the handlers of signals that
a server has from its first line, and to the interpreter's own end and exit status. What importing
and the tests' own rules left in memory is all that it did not do itself.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60
REQUEST_BYTES = 1 << 18
RULES = ROOT / "tests" / "rules"
SERVE = ("serve",)  # what `dealgate.cli.alert` looks for: handlers are set as it is imported


class Forked:
    """A process: as much of `subprocess.Popen` as tests of servers need."""

    def __init__(self, pid: int, ended: int, stderr: int | None) -> None:
        """Take its id, a pipe that tells how it ended, and one of what it writes to stderr."""
        self.pid = pid
        self.stderr = None if stderr is None else os.fdopen(stderr)
        self.returncode: int | None = None
        self._ended = ended

    def poll(self) -> int | None:
        """Return its exit status if it has ended, as Popen does."""
        if self.returncode is None and select.select([self._ended], [], [], 0)[0]:
            self.returncode = self._read()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and return its exit status, as Popen does."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("dealgate", timeout or 0)
            self.returncode = self._read()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def _read(self) -> int:
        told = os.read(self._ended, 16)
        os.close(self._ended)
        return os.waitstatus_to_exitcode(int(told))


def fork(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    stderr: int | None = None,
    stdout: int | None = None,
) -> Forked:
    """Start `dealgate` with these arguments, in the folder of the repository.

    If the first of them is a module of the tests, its `run` is called instead.
    What it writes to stderr goes to that descriptor, or is to be read from what is returned.
    """
    reads, writes = (None, os.dup(stderr)) if stderr is not None else os.pipe()
    ended, tells = os.pipe()
    request = json.dumps([arguments, dict(environment)]).encode()
    asked = _zygote()
    socket.send_fds(asked, [request], [writes, tells, *([] if stdout is None else [stdout])])
    os.close(writes)
    os.close(tells)
    return Forked(int(asked.recv(16)), ended, reads)


@cache
def _zygote() -> socket.socket:
    """Start the process that forks, once for all tests of this process."""
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving.zygote", str(its.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
        )

    def end() -> None:
        mine.close()  # it kills what still runs
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()

    atexit.register(end)
    return mine


class _Zygote:
    """The process itself."""

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked
        self._ends: dict[int, int] = {}  # of those that run: where to tell how they ended

    def serve(self) -> None:
        """Fork whenever asked to; return in each process that was forked, as itself."""
        signal.signal(signal.SIGCHLD, self._reap)
        while True:
            request, streams, _, _ = socket.recv_fds(self._asked, REQUEST_BYTES, 3)
            if not request:
                self._end()
            stderr, tells, *stdout = streams
            # One that ended before it is known could not be told of.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
            pid = os.fork()
            if pid == 0:
                os.dup2(stderr, 2)
                for descriptor in stdout:
                    os.dup2(descriptor, 1)
                mine = (self._asked.fileno(), *streams, *self._ends.values())
                for descriptor in mine:
                    os.close(descriptor)
                self._asked.detach()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
                _become(*json.loads(request))
                return
            self._ends[pid] = tells
            for descriptor in (stderr, *stdout):
                os.close(descriptor)
            self._asked.send(str(pid).encode())
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])

    def _reap(self, *_: object) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                tells = self._ends.pop(pid)
                with suppress(BrokenPipeError):
                    os.write(tells, str(status).encode())
                os.close(tells)

    def _end(self) -> None:
        for pid in list(self._ends):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os._exit(0)


def _become(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    sys.argv[1:] = arguments
    os.environ.clear()
    os.environ.update(environment)


def _import_all() -> None:
    """Import what a server does, what is only imported when it is needed included."""
    from dealgate.assemble.following import live_catalog  # noqa: PLC0415 - in this process alone
    from dealgate.assemble.process import loading  # noqa: PLC0415
    from dealgate.cli import serve  # noqa: F401, PLC0415
    from dealgate.engine.native import NativeEngine  # noqa: PLC0415
    from dealgate.journal.postgres import journal  # noqa: F401, PLC0415
    from dealgate.journal.sqlite import journal as _  # noqa: F401, PLC0415
    from dealgate.kinds import KINDS  # noqa: PLC0415
    from tests.journal import appender, facts_writer, racer  # noqa: F401, PLC0415

    with loading():
        assert all(KINDS.values())
        live_catalog(RULES, NativeEngine())


def _main() -> None:
    asked = socket.socket(fileno=int(sys.argv[1]))
    sys.argv[1:] = SERVE
    _import_all()
    threads = list(Path("/proc/self/task").iterdir())
    assert len(threads) == 1, "a process with threads is not to be forked"
    _Zygote(asked).serve()

    # And this is the process that was asked for.
    if sys.argv[1].startswith("tests."):
        del sys.argv[0]
        import_module(sys.argv[0]).run()
        return

    from dealgate.cli import main  # noqa: PLC0415

    main()


if __name__ == "__main__":
    _main()
