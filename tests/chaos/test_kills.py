"""A server that is killed loses nothing it has acknowledged, and answers repeats byte for byte."""

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dealgate.journal.sealed.master import new_master_key
from tests.chaos.victim import Caller, id_of
from tests.journal.postgres import running
from tests.serving.conftest import PATIENCE, ROOT, Process

CALLERS = 6
MASTER = "master.key"
FEWEST = 30  # answers before a server is killed
SHOWN = 40  # faults, and lines of the server's log
LATER = 2  # seconds, to tell what passes from what is lost
LOOKED_AT = 60  # of what is known, each time: the newest, which are the likeliest to be lost


@pytest.fixture(params=["sqlite", "postgres", "sqlite encrypted", "postgres encrypted"])
def journal(request: pytest.FixtureRequest, kills: int, tmp_path: Path) -> Iterator[str]:
    """A journal's URL, in a file and in PostgreSQL, in the clear and with its keys beside it."""
    assert kills
    database, _, encrypted = request.param.partition(" ")
    if encrypted:
        new_master_key(tmp_path / MASTER)
    if database == "sqlite":
        yield str(tmp_path / "journal.db")
        return
    with running() as postgres:
        yield postgres.new_database() + ("&keys=database" if encrypted else "")


def test_kills_under_load(tmp_path: Path, journal: str, kills: int) -> None:
    """Killed in the middle of commits, again and again (make chaos KILLS=1000).

    Bars: zero acknowledged decisions are lost, each key keeps its first answer byte for byte, and
    the chain of evidence is intact after all kills.
    """
    rules, known, begun = tmp_path / "rules", dict[str, bytes](), time.monotonic()
    shutil.copytree(ROOT / "tests" / "rules" / "score", rules / "score")

    def start() -> Process:
        key = tmp_path / MASTER
        environment = {
            "DEALGATE_RULES": str(rules),
            "DEALGATE_JOURNAL_MASTER_KEY": str(key) if key.exists() else "",
        }
        return Process(tmp_path, address="127.0.0.1:0", journal=journal, **environment)  # type: ignore[arg-type]

    for number in range(kills):
        with ended(start()) as server:
            held_to(server, dict(list(known.items())[-LOOKED_AT:]))
            known |= killed_under_load(server, number)
    seconds = time.monotonic() - begun
    with ended(start()) as server:
        held_to(server, known)
    assert len(known) >= FEWEST * kills
    verified(journal)
    print(f"{kills} kills, {len(known)} answers, {seconds / kills:.2f} s a kill")  # noqa: T201  # the figure


@contextmanager
def ended(server: Process) -> Iterator[Process]:
    """Leave nothing behind, whatever happens within the block."""
    try:
        yield server
    finally:
        server.end(signal.SIGKILL)


def held_to(server: Process, known: dict[str, bytes]) -> None:
    """Fail unless the server has every answer, by id and by key; tell why each call failed."""
    assert server.port is not None, "\n".join(["it did not start", *server.lines[-SHOWN:]])
    checking = Caller(server.target)
    first = faults_of(checking, known)
    time.sleep(LATER if first else 0)
    second = faults_of(checking, {key: known[key] for key, _ in first})
    checking.channel.close()
    told = [
        f"{key}: {fault}; later: {second.get((key, how), 'as it was')}"
        for (key, how), fault in first.items()
    ]
    assert not told, "\n".join(
        [f"{len(told)} of {len(known)} answers", *told[:SHOWN], *server.lines[-SHOWN:]]
    )


def faults_of(caller: Caller, known: dict[str, bytes]) -> dict[tuple[str, str], str]:
    """Return why answers are not read, or not repeated, byte for byte."""
    faults: dict[tuple[str, str], str] = {}
    for how in ("read", "repeated"):
        for key, answer in known.items():
            given = caller.get(id_of(answer)) if how == "read" else caller.score(key)
            if given is None:
                faults[key, how] = f"{how}: {caller.refusals[-1]}"
            elif given != answer:
                faults[key, how] = f"{how}: {given.hex()} instead of {answer.hex()}"
    return faults


def killed_under_load(server: Process, number: int) -> dict[str, bytes]:
    """Ask until there are enough answers, kill the server, and return the answers by key."""
    callers = [Caller(server.target) for _ in range(CALLERS)]
    dead = threading.Event()

    def call(caller: Caller, index: int) -> None:
        attempt = 0
        while not dead.is_set():
            caller.score(f"{number}-{index}-{attempt}")
            attempt += 1

    threads = [
        threading.Thread(target=call, args=(caller, index)) for index, caller in enumerate(callers)
    ]
    for thread in threads:
        thread.start()
    begun = time.monotonic()
    while sum(len(caller.answers) for caller in callers) < FEWEST:
        if time.monotonic() - begun > PATIENCE:
            break
        dead.wait(0.002)
    dead.wait(random.Random(number).uniform(0, 0.02))  # at any point of a commit
    server.end(signal.SIGKILL)
    dead.set()
    for thread in threads:
        thread.join()
    for caller in callers:
        caller.channel.close()
    answers = {key: answer for caller in callers for key, answer in caller.answers.items()}
    refusals = [refusal for caller in callers for refusal in caller.refusals]
    told = [f"{len(answers)} answers", *refusals[:SHOWN], *server.lines[-SHOWN:]]
    assert len(answers) >= FEWEST, "\n".join(told)
    return answers


def verified(journal: str) -> None:
    """Fail unless every record is in the chain, as it was recorded."""
    command = [sys.executable, "-m", "dealgate", "journal", "verify", "--journal", journal]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
