"""A server that is killed loses nothing it has acknowledged, and answers repeats byte for byte."""

import random
import signal
import threading
from pathlib import Path

from tests.chaos.victim import Caller, Victim, id_of

CALLERS = 6
FEWEST = 30  # answers before a server is killed


def test_kills_under_load(tmp_path: Path, kills: int) -> None:
    """Each time: what was answered is there, and each key still has its first answer."""
    chance, known = random.Random(1), dict[str, bytes]()
    for number in range(kills + 1):
        server = Victim(tmp_path)
        checking = Caller(server.local)
        sample = chance.sample(sorted(known), min(len(known), 200))
        assert {key: checking.get(id_of(known[key])) for key in sample} == {
            key: known[key] for key in sample
        }
        assert {key: checking.score(key) for key in sample[:50]} == {
            key: known[key] for key in sample[:50]
        }
        if number < kills:
            known |= _killed_under_load(server, number)
        server.end(signal.SIGKILL)
    assert len(known) >= FEWEST * kills


def _killed_under_load(server: Victim, number: int) -> dict[str, bytes]:
    """Ask until there are enough answers, kill the server, and return the answers by key."""
    callers = [Caller(server.local) for _ in range(CALLERS)]
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
        dead.wait(0.01)
    server.end(signal.SIGKILL)
    dead.set()
    for thread in threads:
        thread.join()
    return {key: answer for caller in callers for key, answer in caller.answers.items()}
