"""`dealgate signals forget`: nothing of an entity stays in the state."""

from pathlib import Path

import pytest

from dealgate.journal.signals.urls import open_state
from dealgate.signals.signal_folder import SignalFolder
from tests.cli.saying import said
from tests.signals.streams import BEGIN, SECOND
from tests.signals.test_once import NOW, fired, told_of, tracker


@pytest.fixture
def state(tmp_path: Path, followed: SignalFolder) -> Path:
    """A state with two leads: each has a signal not told, a count, and an event that waits."""
    kept = open_state(str(tmp_path / "signals.db"))
    following = tracker(followed, kept)
    for at in (1, 2, 3, 20, 30):
        following.take([told_of("Ann-0815", at, at), told_of("Bob", at, 100 + at)])
    following.settle()
    assert {entity for _, entity, _ in fired(following)} == {"lead/Ann-0815", "lead/Bob"}
    kept.close()
    return tmp_path / "signals.db"


def test_nothing_stays_of_who_is_forgotten(state: Path, followed: SignalFolder) -> None:
    """Neither rows nor bytes, in the file and its log; of others all stays, and still fires."""
    forget = f"signals forget lead/Ann-0815 --state {state}"
    assert "nothing is kept of it for tenant default" in said(forget)
    assert b"Ann-0815" in state.read_bytes()
    told = said(f"{forget} --tenant acme")
    assert told == "lead/Ann-0815 was forgotten: events 5, signals not sent yet 2\n"
    files = [path for path in state.parent.iterdir() if path.name.startswith(state.name)]
    assert not any(b"Ann-0815" in path.read_bytes() for path in files)
    kept = open_state(str(state))
    following = tracker(followed, kept)
    standing = following.standing()
    assert (standing.entities, standing.waiting, standing.untold) == (1, 2, 2)
    following.pass_time(BEGIN + 100 * SECOND)
    following.settle()
    assert {entity for _, entity, _ in fired(following)} == {"lead/Bob"}
    kept.close()
    assert "nothing is kept" in said(f"{forget} --tenant acme")


def test_what_comes_afterwards_begins_anew(state: Path, followed: SignalFolder) -> None:
    """Old events that come again are late, and count for nothing."""
    said(f"signals forget lead/Bob --state {state} --tenant acme")
    kept = open_state(str(state))
    following = tracker(followed, kept)
    (rejection,) = following.take([told_of("Bob", 1, 101)])
    assert rejection is not None
    assert rejection.reason == "LATE"
    assert following.take([told_of("Bob", 40, 140)]) == [None]
    assert following.now() == NOW
    kept.close()


def test_what_is_not_an_entity_or_a_state_is_said(state: Path, tmp_path: Path) -> None:
    """And a file that is missing is not made; one that a consumer has is left alone."""
    assert "is not an entity" in said(f"signals forget Ann --state {state}")
    assert "there is no such file" in said(f"signals forget lead/A --state {tmp_path}/other.db")
    assert not (tmp_path / "other.db").exists()
    kept = open_state(str(state))
    assert "another process has it" in said(f"signals forget lead/A --state {state}")
    kept.close()
