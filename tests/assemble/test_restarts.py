"""How workers are started: again after crashes, and not ended by a signal that comes too early."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealgate.assemble.workers import FIRST_WAIT, LONGEST_WAIT, Worker, Workers, wait_after
from dealgate.settings import Settings

ADDRESS = "127.0.0.1:50051"
LEFT = 7


@pytest.fixture
def kept() -> Iterator[int]:
    """The end of a pipe that workers follow."""
    with Path(os.devnull).open("rb") as file:
        yield file.fileno()


def test_waits_double_up_to_the_longest_however_often_it_crashes() -> None:
    """A worker that crashes for hours, its disk full perhaps, ends none of the others."""
    waits = [wait_after(crashes) for crashes in (1, 2, 3, 7, 1_100, 10**6)]
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, *[LONGEST_WAIT] * 3]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_a_worker_can_heed_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, number: signal.Signals
) -> None:
    """`systemctl reload` right after a start: the interpreter, here a script, has just begun."""
    script = tmp_path / "python"
    script.write_text(
        f"#!{sys.executable} -S\nimport time\ntime.sleep(0.1)\nraise SystemExit({LEFT})\n"
    )
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    worker = Worker(1, {})
    Workers(Settings())._start(worker, ADDRESS, kept)
    os.close(worker.ready)
    assert worker.process is not None
    worker.process.send_signal(number)
    assert worker.process.wait() == LEFT
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())  # nothing of ours stays blocked


def test_a_worker_that_cannot_be_started_again_is_tried_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """No more processes, or the environment is being replaced: the others go on."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    worker = Worker(1, {}, restarts=0)
    workers = Workers(Settings(), _workers=[worker], _listening=True)
    for crashes in (1, 2, 3):
        worker.again_at = 0.0
        workers._look(ADDRESS, kept)
        assert (worker.process, worker.crashes, worker.restarts) == (None, crashes, 0)
        assert worker.again_at == worker.since + wait_after(crashes)
