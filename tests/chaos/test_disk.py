"""Disks that are full or lie: what is answered is kept, and what cannot be kept is not answered."""

import resource
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.victim import Caller, Victim, id_of
from tests.serving.conftest import PATIENCE

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def until_kept(caller: Caller, name: str) -> None:
    """Ask until a decision is kept again."""
    attempt, until = 0, time.monotonic() + PATIENCE
    while caller.score(f"{name}-{attempt}") is None:
        assert time.monotonic() < until, caller.refusals
        time.sleep(0.2)
        attempt += 1


def all_kept(folder: Path, answers: dict[str, bytes]) -> bool:
    """Tell whether a server that comes back has every answer."""
    again = Victim(folder, fresh=False)
    try:
        caller = Caller(again.local)
        return {key: caller.get(id_of(answer)) for key, answer in answers.items()} == answers
    finally:
        again.end(signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="bounds a running process as Linux does")
def test_a_full_disk(tmp_path: Path) -> None:
    """While no file may grow, new decisions are refused and old ones read; then all is well.

    Bars: UNAVAILABLE and nothing else, zero acknowledged decisions lost, kept again by itself.
    """
    server = Victim(tmp_path, fresh=False)
    caller = Caller(server.local)
    for number in range(20):
        caller.score(f"before-{number}")
    largest = max(path.stat().st_size for path in tmp_path.glob("journal.db*"))
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    full = Caller(server.local)
    for number in range(2_000):
        full.score(f"full-{number}")
        if full.codes["UNAVAILABLE"] >= 20:
            break
    assert set(full.codes) <= {"OK", "UNAVAILABLE"}
    assert full.codes["UNAVAILABLE"] >= 20
    first = next(iter(caller.answers.values()))
    assert caller.get(id_of(first)) == first
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, UNLIMITED)
    until_kept(caller, "after")
    server.end(signal.SIGKILL)
    assert all_kept(tmp_path, caller.answers | full.answers)


def test_syncs_that_fail(tmp_path: Path, failing_syncs: Path, *, thorough: bool) -> None:
    """What a disk did not confirm is not acknowledged, or is there all the same.

    Bars: zero acknowledged decisions lost in ten faults, and kept again after each by itself.
    """
    if not thorough:
        pytest.skip("lets syncs fail for a minute: make chaos")
    flag = tmp_path / "failing"
    server = Victim(tmp_path, LD_PRELOAD=str(failing_syncs), FAIL_WHILE=str(flag))
    caller = Caller(server.local)
    for turn in range(10):
        for number in range(10):
            caller.score(f"sound-{turn}-{number}")
        flag.touch()
        for number in range(20):
            caller.score(f"failing-{turn}-{number}")
        flag.unlink()
        until_kept(caller, f"again-{turn}")
    assert set(caller.codes) <= {"OK", "UNAVAILABLE"}
    server.end(signal.SIGKILL)
    assert all_kept(tmp_path, caller.answers)
