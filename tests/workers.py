"""Runs tests side by side: in processes forked off the one that has collected them all.

Whatever was imported by then is there, once. Workers take groups of tests from a queue, in the
order of the collection, and report to the process that they were forked off.
"""

import atexit
import os
import random
import struct
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import NoReturn

import pytest

# Tests of a group run in one process, one after the other; else a group is a file.
GROUP = pytest.StashKey[str]()
NUMBER = struct.Struct("<H")  # of a group; a pipe holds some 30,000 of them
ENDED = ""  # what a worker tells last: processes that it leaves behind may keep its pipe open

Group = Sequence[pytest.Item]


def add_option(parser: pytest.Parser) -> None:
    """Let it be told how many there are."""
    parser.addoption("--workers", type=int, default=1, help="how many processes tests run in")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests by `--workers`; one, or none collected well: pytest does."""
    count = session.config.option.workers
    if count < 2 or session.testsfailed or session.config.option.collectonly:
        return None
    groups = _groups(session.items)
    queue = _Queue(len(groups))
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    workers: list[_Worker] = []
    for number in range(min(count, len(groups))):
        workers.append(_forked(session, groups, queue, number, workers))
    _Reports(session, queue).read(workers)
    for worker in workers:
        os.waitpid(worker.pid, 0)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


def _groups(items: Sequence[pytest.Item]) -> Sequence[Group]:
    """Return the groups, in the order of the first test of each."""

    def group(item: pytest.Item) -> str:
        return item.stash.get(GROUP, str(item.path))

    firsts = {name: rank for rank, name in reversed([*enumerate(map(group, items))])}
    ordered = sorted(items, key=lambda item: firsts[group(item)])
    return [list(of) for _, of in groupby(ordered, key=group)]


class _Queue:
    """The numbers of groups, in a pipe: whoever is free reads the next one."""

    def __init__(self, count: int) -> None:
        self._next, writes = os.pipe()
        os.write(writes, b"".join(map(NUMBER.pack, range(count))))
        os.close(writes)

    def take(self) -> int | None:
        """Return the next number; None: all were taken."""
        read = os.read(self._next, NUMBER.size)
        return NUMBER.unpack(read)[0] if read else None

    def clear(self) -> None:
        """Leave nothing to take."""
        while self.take() is not None:
            pass


@dataclass(frozen=True, slots=True)
class _Worker:
    pid: int
    told: Connection


def _forked(
    session: pytest.Session,
    groups: Sequence[Group],
    queue: _Queue,
    number: int,
    others: Sequence[_Worker],
) -> _Worker:
    told, tells = Pipe(duplex=False)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        for connection in (told, *(other.told for other in others)):
            connection.close()
        _work(session, _taken(groups, queue), number, tells)
    tells.close()
    return _Worker(pid, told)


def _taken(groups: Sequence[Group], queue: _Queue) -> Iterator[pytest.Item]:
    while (number := queue.take()) is not None:
        yield from groups[number]


def _work(
    session: pytest.Session, items: Iterator[pytest.Item], number: int, tells: Connection
) -> NoReturn:
    """Be a worker, and end as a process does that has nothing else to tell."""
    try:
        _settle(session.config, number)
        session.config.pluginmanager.register(_Telling(session.config, tells))
        item = next(items, None)
        while item is not None and not (session.shouldfail or session.shouldstop):
            # The next group is taken before the last test of one: what both need is kept.
            following = next(items, None)
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
        tells.send(ENDED)
    except BaseException:  # noqa: BLE001 - the process ends here, whatever happened
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        os._exit(0)


def _settle(config: pytest.Config, number: int) -> None:
    """Have what processes cannot share: captured output, a folder, random numbers."""
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    capture = plugins.getplugin("capturemanager")
    if capture is not None:
        capture.stop_global_capturing()
        capture.start_global_capturing()
        capture.suspend_global_capture()
    factory = config._tmp_path_factory  # type: ignore[attr-defined]
    factory._basetemp = factory.getbasetemp() / f"worker-{number}"
    factory._basetemp.mkdir()
    random.seed()


class _Telling:
    """Tells of every report of a worker."""

    def __init__(self, config: pytest.Config, tells: Connection) -> None:
        self._config = config
        self._tells = tells

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._tells.send(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook.pytest_report_to_serializable
        self._tells.send(hook(config=self._config, report=report))

    def pytest_runtest_logfinish(self) -> None:
        self._tells.send(None)


class _Reports:
    """What workers tell, as if their tests had been run here."""

    def __init__(self, session: pytest.Session, queue: _Queue) -> None:
        self._session = session
        self._config = session.config
        self._queue = queue
        self._running: dict[Connection, str] = {}
        self._left = dict.fromkeys(item.nodeid for item in session.items)

    def read(self, workers: Sequence[_Worker]) -> None:
        """Read until all have ended; what none has finished by then has failed."""
        open_ = [worker.told for worker in workers]
        while open_:
            for told in wait(open_):
                assert isinstance(told, Connection)
                try:
                    message = told.recv()
                except EOFError:
                    message = ENDED
                if message == ENDED:
                    open_.remove(told)
                else:
                    self._tell(told, message)
            if self._session.shouldfail or self._session.shouldstop:
                self._queue.clear()
        if not (self._session.shouldfail or self._session.shouldstop):
            for name in self._left:
                self._lost(name)

    def _tell(self, told: Connection, message: str | Mapping[str, object] | None) -> None:
        if isinstance(message, str):
            self._running[told] = message
        elif message is None:
            self._left.pop(self._running.pop(told), None)
        else:
            hook = self._config.hook.pytest_report_from_serializable
            report = hook(config=self._config, data=message)
            self._config.hook.pytest_runtest_logreport(report=report)

    def _lost(self, name: str) -> None:
        why = "its process died" if name in self._running.values() else "no process was left for it"
        place = (name.partition("::")[0], None, name)
        report = pytest.TestReport(name, place, {}, "failed", why, "call")
        self._config.hook.pytest_runtest_logreport(report=report)
