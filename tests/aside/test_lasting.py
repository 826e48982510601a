"""Work in the background: whatever it raises is logged, and it goes on."""

import ast
import asyncio
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import dealgate
from dealgate.aside import lasting
from dealgate.aside.lasting import Outlived, beside, lasting_thread
from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter

PATIENCE = 30
SOURCES = Path(dealgate.__file__).parent
STARTS = ("create_task", "ensure_future", "Thread", "Timer")
# Whoever starts work without `aside/lasting.py`, and who sees what it raises.
SEEN_BY = {
    "aside/threads.py": "the future that is awaited",
    "cli/consume.py": "work.result()",
    "demo/crm.py": "the tour, which ends without its server",
    "inbox/consumer.py": "the group of its stages",
    "lookup/dns.py": "all that wait for the domain",
    "lsp/beside.py": "its log; who waits is let go",
    "lsp/child.py": "the process ends, and the next check begins another",
    "lsp/server.py": "Outlived; who waits is let go",
    "telemetry/posting.py": "it closes a socket, which may raise OSError alone",
    "wire/auditing.py": "asyncio's log; its entry is lost",
    "wire/health.py": "the call, which awaits it",
    "wire/rpc.py": "its caller, who gets UNKNOWN; the log",
}


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that failed is tried again at once."""
    monkeypatch.setattr(lasting, "FIRST", 0.0)


class Failing:
    """Work that fails the first two times."""

    def __init__(self) -> None:
        self.times = 0
        self.done = threading.Event()

    def do(self) -> None:
        """Fail, or be done."""
        self.times += 1
        if self.times < 3:
            raise ValueError("4711 of Ada Lovelace")
        self.done.set()

    async def work(self) -> None:
        """Fail, or be done."""
        self.do()


@pytest.mark.usefixtures("soon")
async def test_a_task_that_raises_begins_again(caplog: pytest.LogCaptureFixture) -> None:
    """What a task raises is logged once, with where it came from, and it goes on."""
    failing = Failing()
    async with beside("counting", failing.work), asyncio.timeout(PATIENCE):
        while not failing.done.is_set():  # noqa: ASYNC110 - a thread's event
            await asyncio.sleep(0)
    assert failing.times == 3
    (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage() == "counting: failed, and is tried again"
    assert line.exc_info is not None


@pytest.mark.usefixtures("soon")
def test_a_thread_that_raises_begins_again(caplog: pytest.LogCaptureFixture) -> None:
    """What a thread raises is logged, and it goes on until its work returns."""
    failing = Failing()
    lasting_thread("counting", failing.do).join(PATIENCE)
    assert failing.done.is_set()
    assert "counting: failed" in caplog.text


def test_a_thread_that_is_left_does_not_begin_again() -> None:
    """Who closes what a thread works for does not wait for a pause of it."""
    leaving, failing = threading.Event(), Failing()
    leaving.set()
    lasting_thread("counting", failing.do, leaving).join(PATIENCE)
    assert failing.times == 1


def test_a_failure_that_recurs_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A look that fails four times a second does not fill the log, nor one that flaps."""
    caplog.set_level(logging.INFO)
    outlived = Outlived("looking")
    for number in range(100):
        with outlived:
            if number % 3:
                raise ValueError
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["looking: failed, and is tried again", "looking: works again"]


def test_cancellations_are_not_outlived() -> None:
    """What ends a task ends it."""
    with pytest.raises(asyncio.CancelledError), Outlived("looking"):
        raise asyncio.CancelledError


def test_a_measure_that_fails_keeps_no_other_from_being_read() -> None:
    """Metrics go on being read, without the one that raised."""
    meter = Meter(is_on=True)

    def fail() -> Iterator[tuple[float, tuple[()]]]:
        raise ValueError

    meter.observe(names.PROCESS_THREAD_COUNT, fail)
    meter.observe(names.PROCESS_MEMORY_USAGE, lambda: [(1, ())])
    assert [reading.metric for reading in meter.read()] == [names.PROCESS_MEMORY_USAGE]


def test_nothing_begins_in_the_background_whose_failure_nobody_sees() -> None:
    """Tasks and threads are started as lasting ones, or are listed here with who sees them fail.

    A task of a TaskGroup fails with its group.
    """
    starters = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if any(_starts_unseen(path.read_text("utf-8")))
    }
    assert starters - {"aside/lasting.py"} == set(SEEN_BY)


def _starts_unseen(text: str) -> Iterator[ast.Call]:
    if not any(name in text for name in STARTS):
        return  # most files, of which none need be parsed
    nodes = [*ast.walk(ast.parse(text))]
    groups = {
        ast.unparse(node.optional_vars)
        for node in nodes
        if isinstance(node, ast.withitem) and node.optional_vars is not None
        if ast.unparse(node.context_expr) == "asyncio.TaskGroup()"
    }
    for node in nodes:
        if isinstance(node, ast.Call):
            owner, _, name = ast.unparse(node.func).rpartition(".")
            begun = ast.unparse(node.args[0]).partition("(")[0] if node.args else ""
            if name in STARTS and owner not in groups and begun != "lasting":
                yield node
