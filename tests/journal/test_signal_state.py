"""The state of signals in PostgreSQL: what a file promises, and that consumers take turns."""

import json
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealgate.journal.signals.port import (
    Advanced,
    Arrived,
    Due,
    State,
    StateFailed,
    StateUnusable,
    WaitingEvent,
)
from dealgate.journal.signals.urls import open_state, state_of
from dealgate.signals.arriving import ACTIVITY_RECORDED
from dealgate.signals.signal_folder import SignalFolder
from tests.cli.saying import said
from tests.journal.postgres import Postgres
from tests.serving.conftest import PATIENCE
from tests.serving.zygote import Forked
from tests.signals.conftest import followed, kills
from tests.signals.streams import BEGIN, PRICING, SECOND
from tests.signals.test_once import (
    LIMITS,
    ROOT,
    fired,
    fires_as_defined,
    keeps_bounds,
    logged,
    streams,
    tells_each_once,
    told_of,
    tracker,
)

__all__ = ["followed", "kills"]
TABLES = "dealgate.signal_watermarks, dealgate.signal_events, dealgate.signal_entities"


@pytest.fixture(scope="module")
def url(postgres: Postgres) -> str:
    """A database for all tests of this module: each has tenants of its own, or empties it."""
    postgres.ask("CREATE DATABASE signals")
    return postgres.url_of("signals")


@pytest.fixture
def state(url: str, postgres: Postgres) -> Iterator[State]:
    """An empty state."""
    opened = open_state(url)
    postgres.ask(f"TRUNCATE {TABLES}, dealgate.signal_firings", "signals")
    yield opened
    opened.close()


NUMBERS = count()


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(streams, st.integers(1, 5), st.data())
def test_any_order_gives_the_same_signals(
    followed: SignalFolder, state: State, stream: Any, page: int, data: Any
) -> None:
    """The law that holds for a file."""
    following = tracker(followed, state, tenant=f"t{next(NUMBERS)}")
    fires_as_defined(following, followed, stream, page, data)


@pytest.mark.usefixtures("state")
async def test_whatever_dies_each_signal_is_told_and_asked_once(
    followed: SignalFolder, url: str
) -> None:
    """The process dies before and after commits; another one takes over."""
    await tells_each_once(followed, url, stride=3)


def test_what_is_kept_is_bounded(followed: SignalFolder, state: State) -> None:
    """The bounds that a file has."""
    keeps_bounds(followed, state)


def test_one_consumer_of_a_tenant_has_its_turn(url: str) -> None:
    """Others wait until it has left; those of other tenants, and of other names, do not."""
    first, second = open_state(url), open_state(url)
    assert first.take_turn("turns")
    assert not second.take_turn("turns")
    for name, tenant in ((url, "others"), (f"{url}&consumer=decisions", "turns")):
        other = open_state(name)
        assert other.take_turn(tenant)
        other.close()
    first.close()
    assert second.take_turn("turns")
    second.close()


def arrival(key: str) -> WaitingEvent:
    """An event."""
    return WaitingEvent(key, BEGIN, "lead/A", "activity", b"")


def judged(due: Due, _watermark: int) -> Advanced:
    """Come to nothing."""
    return Advanced(due.entity, {}, None)


def end_sessions(postgres: Postgres) -> None:
    """End every session, as a database that fails over does."""
    ends = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = 'signals'"
    postgres.ask(ends)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lost_session_goes_on_or_was_succeeded(
    state: State, url: str, postgres: Postgres
) -> None:
    """It begins anew by itself; but whoever was succeeded meanwhile writes nothing any more."""
    assert state.take_turn("acme")
    assert state.arrive("acme", [arrival("a")], LIMITS) == [Arrived.TAKEN]
    state.pass_time("acme", BEGIN + SECOND)

    def dying(due: Due, watermark: int) -> Advanced:
        end_sessions(postgres)
        return judged(due, watermark)

    with pytest.raises(StateFailed):
        state.settle("acme", dying, 1)
    assert state.settle("acme", judged, 1) == 1  # nothing was lost with it
    assert state.settle("acme", judged, 1) == 0
    assert state.arrive("acme", [arrival("a")], LIMITS) == [Arrived.REPEATED]
    end_sessions(postgres)
    other = open_state(url)
    assert other.take_turn("acme")
    with pytest.raises(StateUnusable, match="another consumer has taken over"):
        state.arrive("acme", [arrival("b")], LIMITS)
    assert other.arrive("acme", [arrival("b")], LIMITS) == [Arrived.LATE]
    other.close()


def test_who_is_forgotten_is_forgotten_while_it_runs(
    followed: SignalFolder, state: State, url: str
) -> None:
    """`dealgate signals forget` does not wait for a turn; of others all stays."""
    assert state.take_turn("acme")
    following = tracker(followed, state)
    for at in (1, 2, 3, 20, 30):
        following.take([told_of("Ann", at, at), told_of("Bob", at, 100 + at)])
    following.settle()
    forget = f"signals forget lead/Ann --state {url} --tenant acme"
    assert said(forget) == "lead/Ann was forgotten: events 5, signals not sent yet 2\n"
    assert {entity for _, entity, _ in fired(following)} == {"lead/Bob"}
    assert "nothing is kept of it" in said(forget)


def test_where_it_is_kept() -> None:
    """As it is named; with a journal in PostgreSQL, whose keys are of no use here."""
    assert state_of("signals.db", "postgresql://db/sales") == "signals.db"
    assert state_of("", "postgresql://db/sales?keys=/k") == "postgresql://db/sales?keys=/k"
    assert state_of("", "data/journal.db") == ""


def test_what_cannot_keep_signals_is_said(url: str) -> None:
    """A database that is not there, and what is none."""
    with pytest.raises(StateUnusable, match="cannot keep the state of signals"):
        open_state(url.replace("/signals?", "/nowhere?"))
    with pytest.raises(StateUnusable, match="name a file, or postgresql"):
        open_state("redis://localhost/1")


def next_turn(postgres: Postgres, before: object, running: list[Forked]) -> object:
    """Wait until another session has its turn, or one has ended; return which it is."""
    turns = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    until = time.monotonic() + PATIENCE
    while all(process.poll() is None for process in running):
        assert time.monotonic() < until
        for (session,) in postgres.ask(turns, "signals"):
            if session != before:
                return session
        time.sleep(0.05)
    return before


def test_replicas_that_are_killed(url: str, postgres: Postgres, tmp_path: Path, kills: int) -> None:
    """Two of `dealgate consume`, of which one waits: SIGKILL, and in the end each is told once."""
    open_state(url).close()
    postgres.ask(f"TRUNCATE {TABLES}, dealgate.signal_firings", "signals")
    event = {"specversion": "1.0", "source": "/web", "type": ACTIVITY_RECORDED}
    lines = [
        {
            **event,
            "id": f"e{n}",
            "subject": f"lead/L{n % 100}",
            "time": f"2026-06-01T{n // 60 % 24:02}:{n // 5 % 60:02}:00Z",
            "data": {"type": PRICING},
        }
        for n in range(600)
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["consume", f"jsonl://{tmp_path}/in.jsonl"]
    command += [
        "--signals",
        str(ROOT / "rules"),
        "--state",
        f"{url}&consumer=replicas&keys=/nowhere",
    ]
    command += ["--signals-to", f"jsonl://{tmp_path}/out.jsonl", "--lateness", "1d"]
    command += ["--until", "2026-06-04T00:00:00Z"]
    running = [logged(command, tmp_path / "log") for _ in range(2)]
    session: object = None
    for turn in range(kills // 2):
        session = next_turn(postgres, session, running)
        time.sleep(0.05 * (turn % 5))
        running[0].kill()  # unless it has ended by itself
        running.pop(0).wait(PATIENCE)
        if turn + 1 < kills // 2:
            running.append(logged(command, tmp_path / "log"))
    ends = [process.wait(300) for process in running]
    assert set(ends) == {0}, (tmp_path / "log").read_text()
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {one["subject"] for one in told} == {f"lead/L{n}" for n in range(100)}
    assert len({one["id"] for one in told}) == 100
