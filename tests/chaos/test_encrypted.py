"""Encrypted replicas under load: killed, erased from, and their keys rotated meanwhile."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from dealgate.journal.sealed.master import new_master_key
from dealgate.v1 import decision_service_pb2 as decisions
from dealgate.v1.decision_service_pb2 import EraseSubjectRequest
from tests.chaos.test_kills import verified
from tests.chaos.victim import GET, SCORE, Caller, id_of, question
from tests.cli.saying import said
from tests.journal.postgres import running
from tests.serving.conftest import PATIENCE, Process

ERASE = "/dealgate.v1.DecisionService/EraseSubject"
CALLERS = 3  # of each replica
ASKED = 40  # answers before something happens


@pytest.fixture
def url() -> Iterator[str]:
    """A journal in PostgreSQL with its keys."""
    with running() as postgres:
        yield f"{postgres.new_database()}&keys=database"


class Asking:
    """Callers who ask about leads of their own until told to stop; answers by key."""

    def __init__(self, targets: Sequence[str]) -> None:
        """Begin."""
        self.callers = [Caller(target) for target in targets for _ in range(CALLERS)]
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(caller, number))
            for number, caller in enumerate(self.callers)
        ]
        for thread in self._threads:
            thread.start()

    def _ask(self, caller: Caller, number: int) -> None:
        attempt = 0
        while not self._over.is_set():
            key = f"{id(self)}-{number}-{attempt}"
            answer = caller.ask(SCORE, question(key, f"lead-{number}-{attempt % 7}"))
            if answer is not None:
                caller.answers[key] = answer
            attempt += 1

    def until(self, answers: int) -> None:
        """Return once there are so many."""
        end = time.monotonic() + PATIENCE
        while sum(len(caller.answers) for caller in self.callers) < answers:
            assert time.monotonic() < end
            self._over.wait(0.005)

    def close(self) -> None:
        """Stop."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        for caller in self.callers:
            caller.channel.close()

    def end(self) -> dict[str, bytes]:
        """Stop, and return all answers."""
        self.close()
        return {key: answer for caller in self.callers for key, answer in caller.answers.items()}


def test_erasures_rotations_and_kills_under_load(tmp_path: Path, url: str, kills: int) -> None:
    """Bars: no acknowledged decision is lost, the chain is sound, and the erased stay erased.

    Two replicas decide about the same leads. Each round one lead is erased on one of them, the
    master key is rotated with all keys beneath it, and the other replica is killed.
    """
    master = tmp_path / "master-0.key"
    new_master_key(master)

    def start() -> Process:
        key = str(master)
        return Process(
            tmp_path, address="127.0.0.1:0", journal=url, DEALGATE_JOURNAL_MASTER_KEY=key
        )

    known: dict[str, bytes] = {}
    replicas = [start(), start()]
    try:
        for number in range(min(kills, 10)):
            staying, dying = replicas
            with closing(Asking([replica.target for replica in replicas])) as asking:
                asking.until(ASKED)
                erase(staying, f"lead-0-{number % 7}")
                asking.until(2 * ASKED)
                master = tmp_path / f"master-{number + 1}.key"
                said(f"keys new {master}")
                said(f"keys rotate --master {master} --subjects --journal {url}")
                asking.until(3 * ASKED)
                dying.end(signal.SIGKILL)
                known |= asking.end()
                codes = {code for caller in asking.callers for code in caller.codes}
            assert codes <= {"OK", "UNAVAILABLE"}
            replicas = [start(), staying]
        held(replicas, known)
    finally:
        for replica in replicas:
            replica.end(signal.SIGKILL)
    verified(url)
    assert not any("Traceback" in line for replica in replicas for line in replica.lines)


def erase(server: Process, lead: str) -> None:
    """Erase a lead, which another round may have erased before."""
    request = EraseSubjectRequest(subject=f"lead/{lead}", reason="asked for", erased_by="dpo")
    caller = Caller(server.target)
    assert caller.ask(ERASE, request.SerializeToString()) is not None
    caller.channel.close()


def held(replicas: Sequence[Process], known: dict[str, bytes]) -> None:
    """Fail unless both replicas have each answer, whole or without who was erased."""
    for replica in replicas:
        caller = Caller(replica.target)
        for answer in known.values():
            request = decisions.GetDecisionRequest(decision_id=id_of(answer))
            found = caller.ask(GET, request.SerializeToString())
            assert found is not None
            recorded = decisions.GetDecisionResponse.FromString(found).decision
            if not recorded.erased:
                assert recorded.answer.score.SerializeToString() == answer
        caller.channel.close()
