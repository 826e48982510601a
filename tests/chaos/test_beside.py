"""Work beside decisions ends with whoever asked for it, and keeps nobody from anything."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from dealgate.v1 import rule_service_pb2 as rules
from tests.chaos.victim import OWN, SCORE, Caller, Victim, question
from tests.processes import niceness
from tests.serving.conftest import PATIENCE, ROOT

CHECK = "/dealgate.v1.RuleService/CheckRuleSet"
FUNNEL = "/dealgate.v1.InsightService/GetLeadFunnel"
CHANGE = rules.CheckRuleSetRequest(
    files={"score/v3.yaml": (ROOT / "rules/score/v3.yaml").read_text()}
).SerializeToString()


def until(happened: Callable[[], object]) -> None:
    """Wait until it has happened, or fail."""
    end = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > end:
            pytest.fail("it never happened")
        time.sleep(0.02)


def at_work(server: Victim) -> list[int]:
    """Return the processes that have been given their work: they give way to decisions since then.

    To stop one that is only being started would stop the server, which waits for its start.
    """
    return [pid for pid in server.children if niceness(pid) > niceness(server.pid)]


@pytest.mark.parametrize(("path", "data"), [(CHECK, CHANGE), (FUNNEL, b"")])
def test_who_hangs_up_leaves_nothing_behind(
    victim: Victim, path: str, data: bytes, *, thorough: bool
) -> None:
    """Thirty callers give up. Bars: one process at a time, and none when all have left."""
    caller, most, over = Caller(victim.local), [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            most[0] = max(most[0], len(victim.children))

    watching = threading.Thread(target=watch)
    watching.start()
    for _ in range(30 if thorough else 6):
        caller.ask(path, data, timeout=0.15)
    until(lambda: not victim.children)
    over.set()
    watching.join()
    assert most[0] <= 1
    assert set(caller.codes) <= {"DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "OK"}


def test_a_child_that_is_killed_is_a_crash(victim: Victim) -> None:
    """As by the host when memory is short. Bar: the caller hears so at once, and not to retry."""
    channel: Any = grpc.insecure_channel(victim.local, options=OWN)
    asked = channel.unary_unary(CHECK).future(CHANGE)
    until(lambda: at_work(victim))
    os.kill(at_work(victim)[0], signal.SIGKILL)
    assert asked.code() is grpc.StatusCode.INTERNAL
    until(lambda: not victim.children)


def test_leaving_waits_for_no_work(tmp_path: Path) -> None:
    """A change that is judged, an idle stream and a call that says nothing.

    Bars: all are told UNAVAILABLE, the exit status is 0, no process is left.
    """
    server = Victim(tmp_path, fresh=False, DEALGATE_GRACE="1.5")
    channel: Any = grpc.insecure_channel(server.local, options=OWN)
    hold = threading.Event()

    def silent() -> Iterator[bytes]:
        hold.wait(PATIENCE)
        yield b""

    judged = channel.unary_unary(CHECK).future(CHANGE)
    until(lambda: at_work(server))
    children = at_work(server)
    for pid in children:  # work that is not done within any grace
        os.kill(pid, signal.SIGSTOP)
    # Only now: a call that says nothing for half a minute is ended for that.
    stream = channel.stream_stream("/dealgate.v1.DecisionService/StreamDecide")(silent())
    mute = channel.stream_unary(SCORE).future(silent())
    channel.unary_unary(SCORE)(question(), timeout=PATIENCE)  # those before it have arrived
    assert server.end(signal.SIGTERM) == 0
    assert judged.code() is grpc.StatusCode.UNAVAILABLE
    assert mute.code() is grpc.StatusCode.UNAVAILABLE
    assert stream.code() is grpc.StatusCode.UNAVAILABLE
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    hold.set()
