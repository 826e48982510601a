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
from tests.serving.conftest import ROOT, Process

CALLERS = 6
MASTER = "master.key"
FEWEST = 30  # answers before a server is killed
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
    """Fail unless the server has every answer, by id and by key."""
    checking = Caller(server.target)
    assert {key: checking.get(id_of(answer)) for key, answer in known.items()} == known
    assert {key: checking.score(key) for key in known} == known
    checking.channel.close()


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
    while sum(len(caller.answers) for caller in callers) < FEWEST:
        dead.wait(0.002)
    dead.wait(random.Random(number).uniform(0, 0.02))  # at any point of a commit
    server.end(signal.SIGKILL)
    dead.set()
    for thread in threads:
        thread.join()
    for caller in callers:
        caller.channel.close()
    return {key: answer for caller in callers for key, answer in caller.answers.items()}


def verified(journal: str) -> None:
    """Fail unless every record is in the chain, as it was recorded."""
    command = [sys.executable, "-m", "dealgate", "journal", "verify", "--journal", journal]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
