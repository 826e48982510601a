"""Several processes that serve one address: started, watched, restarted after crashes, ended.

Each is a whole server of its own that listens on the same port (SO_REUSEPORT) and writes the same
journal (ADR 33); the kernel spreads connections over those that listen. The process that watches
them serves nobody and holds no rules.
"""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from dealgate.aside.lasting import lasting_thread
from dealgate.assemble.worker_process import WORKER, environment
from dealgate.settings import Settings
from dealgate.settings.checks import PORT_MAX, UNIX
from dealgate.telemetry.configuration import configured, scraped_at
from dealgate.telemetry.variables import CONFIG_FILE

# What tells a worker that it is one: descriptors of the pipe that it says it listens on, and of
# the one that ends when the process that watches it does; and how often it was restarted.
LISTEN, PROMETHEUS_PORT = "DEALGATE_METRICS_LISTEN", "OTEL_EXPORTER_PROMETHEUS_PORT"
LEAVE = (signal.SIGTERM, signal.SIGINT)
HEARD = (*LEAVE, signal.SIGHUP)
LOOK = 0.1  # seconds
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0  # before a crashed worker is restarted
DOUBLINGS = 16
STEADY = 30.0  # seconds after which a crash is a first one again
ROLLING = 1.0  # seconds between two workers' checks of their rules

log = logging.getLogger("dealgate")


class Unstartable(RuntimeError):
    """A worker gave up before it listened; it has said why."""


@dataclass(slots=True)
class Worker:
    """One place for a process, and the process in it."""

    number: int
    scraped: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    ready: int = -1
    listens: bool = False
    since: float = 0.0
    crashes: int = 0
    restarts: int = -1
    again_at: float = 0.0


@dataclass
class Workers:
    """`settings.workers` servers behind one address."""

    settings: Settings
    _asked: list[int] = field(default_factory=list)
    _workers: list[Worker] = field(default_factory=list)
    _listening: bool = False

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; return the exit status, 0 if all left in order."""
        numbers = range(1, self.settings.workers + 1)
        self._workers = [Worker(number, scraped(self.settings, number)) for number in numbers]
        held, address = reserved(self.settings.address)
        kept, lives = os.pipe()
        for number in HEARD:
            signal.signal(number, lambda signum, _: self._asked.append(signum))
        try:
            for worker in self._workers:
                self._start(worker, address, kept)
            while not any(number in LEAVE for number in self._asked):
                self._look(address, kept)
                time.sleep(LOOK)
            return self._leave()
        finally:
            for worker in self._workers:
                if worker.process is not None and worker.process.poll() is None:
                    worker.process.kill()
            os.close(lives)
            os.close(kept)
            held.close()

    def _start(self, worker: Worker, address: str, kept: int) -> None:
        """Start its process; raises OSError, such as where there may be no more processes."""
        ready, tells = os.pipe()
        set_to = {**os.environ, **environment(self.settings, address), **worker.scraped}
        set_to[WORKER] = f"{tells},{kept},{worker.restarts + 1}"
        # As in the container's entry point: what comes before it can heed signals waits, and the
        # worker lets it through (`cli/alert.py`).
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        try:
            worker.process = subprocess.Popen(
                [sys.executable, "-m", "dealgate", "serve"], env=set_to, pass_fds=(tells, kept)
            )
        except OSError:
            os.close(ready)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(tells)
        worker.restarts += 1
        worker.ready, worker.listens, worker.since = ready, False, time.monotonic()

    def _look(self, address: str, kept: int) -> None:
        for worker in self._workers:
            if worker.process is None:
                if time.monotonic() >= worker.again_at:
                    self._restart(worker, address, kept)
            elif worker.process.poll() is not None:
                self._fallen(worker, worker.process.returncode)
            elif not worker.listens:
                worker.listens = _says_so(worker.ready)
        if not self._listening and all(worker.listens for worker in self._workers):
            self._listening = True
            port = address.rpartition(":")[2]
            log.info("listening on %s (port %s), %d workers", address, port, len(self._workers))
        while signal.SIGHUP in self._asked:
            self._asked.remove(signal.SIGHUP)
            lasting_thread("telling workers to reload", self._roll)

    def _fallen(self, worker: Worker, status: int) -> None:
        """Restart a crashed worker, later each time; one that never listened ends all."""
        os.close(worker.ready)
        worker.process = None
        if not self._listening:
            raise Unstartable(f"worker {worker.number} ended with status {status} at its start")
        wait = self._put_off(worker)
        log.error(
            "worker %d exited with status %d; restarting in %g s", worker.number, status, wait
        )

    def _restart(self, worker: Worker, address: str, kept: int) -> None:
        """Start one again; if there can be no process now, later: the others go on."""
        try:
            self._start(worker, address, kept)
        except OSError as error:
            wait = self._put_off(worker)
            told = "worker %d cannot be started: %s; trying again in %g s"
            log.error(told, worker.number, error, wait)  # noqa: TRY400  where from says nothing

    def _put_off(self, worker: Worker) -> float:
        """Note a crash; return in how many seconds it is started again."""
        now = time.monotonic()
        worker.crashes = 1 if now - worker.since > STEADY else worker.crashes + 1
        wait = wait_after(worker.crashes)
        worker.since, worker.again_at = now, now + wait
        return wait

    def _roll(self) -> None:
        """Let one worker after the other check the rules."""
        for worker in self._workers:
            _tell(worker, signal.SIGHUP)
            time.sleep(ROLLING)

    def _leave(self) -> int:
        """Let all of them drain at once, and wait for the last."""
        for worker in self._workers:
            _tell(worker, signal.SIGTERM)
        ends = time.monotonic() + self.settings.lame_duck + self.settings.grace + STEADY
        statuses = []
        for worker in self._workers:
            if worker.process is not None:
                try:
                    status = worker.process.wait(max(ends - time.monotonic(), LOOK))
                except subprocess.TimeoutExpired:
                    status = 1
                # One that has not begun to serve owes nobody an answer, however it ends.
                statuses.append(status if worker.listens or _says_so(worker.ready) else 0)
        return 1 if any(statuses) else 0


def wait_after(crashes: int) -> float:
    """Return the seconds before a worker that crashed so often, one time after the other, restarts.

    Doubled for each, and no further for thousands: a float holds less than 2 ** 1024.
    """
    return min(FIRST_WAIT * 2.0 ** min(crashes - 1, DOUBLINGS), LONGEST_WAIT)


def scraped(
    settings: Settings, number: int, environ: Mapping[str, str] = os.environ
) -> Mapping[str, str]:
    """Return where a worker is scraped: each has a port of its own, one after the other.

    Raises ValueError, with the cure, if a worker has no port.
    """
    configuration = configured(environ)
    host, _, first = scraped_at(settings.metrics_listen, configuration).rpartition(":")
    if not first:
        return {}
    port = int(first) + number - 1
    if port > PORT_MAX:
        raise ValueError(f"worker {number} would be scraped at port {port}; set a lower first one")
    told = {LISTEN: f"{host}:{port}"} if settings.metrics_listen else {}
    if configuration.prometheus and environ.get(CONFIG_FILE, "").strip():
        raise ValueError(
            f"{CONFIG_FILE}: names one port to scrape, and each worker needs one; "
            f"delete the reader, and set {LISTEN}"
        )
    return told | ({PROMETHEUS_PORT: str(port)} if configuration.prometheus else {})


def reserved(address: str) -> tuple[socket.socket, str]:
    """Hold the port that workers are to listen on, so that it is free and stays theirs.

    A socket that is bound and does not listen gets no connections. Raises OSError if another
    server has the port.
    """
    if address.startswith(UNIX):
        raise ValueError("several workers need host:port; a socket's path has one server")
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family, _, _, _, where = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:  # without SO_REUSEPORT: is it free?
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(where)
        where = probe.getsockname()
    held = socket.socket(family, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(where)
    shown = f"[{host}]" if ":" in host else host
    return held, f"{shown}:{held.getsockname()[1]}"


def _says_so(ready: int) -> bool:
    readable, _, _ = select.select([ready], [], [], 0)
    return bool(readable) and os.read(ready, 1) == b"!"


def _tell(worker: Worker, number: signal.Signals) -> None:
    process = worker.process
    if process is not None and process.poll() is None:
        process.send_signal(number)
