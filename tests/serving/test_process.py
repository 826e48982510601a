"""The server as a process: it starts, answers, drains, dies, and comes back with its memory."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from dealgate_client import (
    Client,
    Company,
    DealgateError,
    InvalidQuestion,
    Lead,
    Opportunity,
    Retry,
    ScoreLeadResponse,
    Unavailable,
    WatchedEvent,
)
from tests.serving.conftest import PATIENCE, ROOT, Start
from tests.serving.test_reload import until
from tests.shipped import folder_of
from tests.small import copied

ENOUGH = 200  # answers before the plug is pulled
CALLERS = 8
README = (ROOT / "README.md").read_text()


def lead(number: int) -> Lead:
    """Return a lead like many others."""
    return Lead(id=f"00Q{number}", company=Company(employees=number))


def test_an_acknowledged_decision_survives_sigkill(start: Start, tmp_path: Path) -> None:
    """Every answer a caller got before the server was killed is there after it comes back.

    A watch that goes on where it was broken off tells each recorded decision once; an outbox
    publishes each at least once, in order.
    """
    published = tmp_path / "out.jsonl"
    outbox = f"lake=jsonl://{published}?from=beginning"
    process = start(DEALGATE_OUTBOX=outbox)
    watched: list[WatchedEvent] = []
    watcher = threading.Thread(target=watch, args=(process.target, watched, ENOUGH * 50))
    watcher.start()
    answered = answers_until_killed(process.target, lambda: process.end(signal.SIGKILL))
    watcher.join()

    again = start(DEALGATE_OUTBOX=outbox)
    with Client(again.target, timeout=60) as client:
        kept = {id_: client.get_decision(id_) for id_ in answered}
        recorded = [decision.decision_id for decision in client.list_decisions()]
    if len(watched) < len(recorded):
        watch(again.target, watched, len(recorded), PATIENCE)
    told = [event.decision.decision_id for event in watched]
    assert len(told) == len(set(told))
    assert sorted(told, reverse=True) == recorded
    until(lambda: len(ids_in(published)) == len(recorded))
    assert ids_in(published) == told

    assert len(answered) >= ENOUGH
    assert {id_: answer.SerializeToString() for id_, answer in answered.items()} == {
        id_: decision.answer.score.SerializeToString() for id_, decision in kept.items()
    }


def ids_in(lines: Path) -> list[str]:
    """Return the ids of the events in a file; repeats, and what a kill cut off, are left out."""
    ids = [line.partition('"id":"')[2][:36] for line in lines.read_text().splitlines()]
    return list(dict.fromkeys(ids))


def watch(target: str, watched: list[WatchedEvent], enough: int, patience: float = 0.2) -> None:
    """Watch on from the last event until there are enough, or the server is gone so long."""
    token = watched[-1].resume_token if watched else ""
    with Client(target, timeout=60) as client, suppress(Unavailable):
        for event in client.watch_decisions(
            resume_token=token, from_beginning=not token, timeout=patience
        ):
            watched.append(event)
            if len(watched) >= enough:
                return


def answers_until_killed(target: str, kill: Callable[[], object]) -> dict[str, ScoreLeadResponse]:
    """Ask from several threads, pull the plug in the middle, and return every answer by its id."""
    answered: dict[str, ScoreLeadResponse] = {}
    enough = threading.Event()

    def ask(caller: int) -> None:
        with Client(target, retry=Retry(attempts=1), timeout=60) as client:
            for number in range(10_000):
                try:
                    answer = client.score_lead(lead=lead(caller * 10_000 + number))
                except DealgateError:
                    return
                answered[answer.header.decision_id] = answer
                if len(answered) >= ENOUGH:
                    enough.set()

    threads = [threading.Thread(target=ask, args=(caller,)) for caller in range(CALLERS)]
    for thread in threads:
        thread.start()
    enough.wait(60)
    kill()
    for thread in threads:
        thread.join(60)
    return answered


def test_a_repeat_after_a_restart_gets_the_first_answer(start: Start) -> None:
    """Idempotency outlives the process: the same key and body, the same bytes."""
    process = start()
    with Client(process.target, timeout=60) as client:
        first = client.score_lead(lead=lead(1), idempotency_key="once")
    process.end()
    again = start()
    with Client(again.target, timeout=60) as client:
        second = client.score_lead(lead=lead(1), idempotency_key="once")

    assert second.SerializeToString() == first.SerializeToString()


def test_sigterm_is_a_clean_exit(start: Start) -> None:
    """The server drains and leaves with status 0."""
    assert start(fresh=True).end(signal.SIGTERM) == 0


def test_every_rpc_answers(start: Start, tmp_path: Path) -> None:
    """Decisions work in a real process with the shipped rules."""
    rules = folder_of(tmp_path, "score", "qualify", "advance")
    process = start(DEALGATE_RULES=str(rules))
    with Client(process.target, timeout=60) as client:
        headers = [
            client.score_lead(lead=lead(120)).header,
            client.qualify_lead(lead=lead(120)).header,
        ]
        with pytest.raises(InvalidQuestion) as bad:
            client.advance_stage(opportunity=Opportunity(), target_stage="Closed Won")
        listed = list(client.list_decisions(entity="lead/00Q120"))

    assert [header.kind for header in headers] == ["score", "qualify"]
    assert "facts.opportunity.id" in [each.field for each in bad.value.violations]
    assert [each.decision_id for each in listed] == [each.decision_id for each in headers[::-1]]


def test_the_readmes_program_runs(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the README tells a newcomer to type works, and prints a grade with its reasons."""
    program = README.split("```python\n")[1].split("```")[0]
    process = start(DEALGATE_RULES=str(folder_of(tmp_path, "score")))
    program = program.replace("localhost:50051", process.target)

    exec(compile(program, "README.md", "exec"), {"__name__": "readme"})

    printed = capsys.readouterr().out
    assert re.match(r"[ABCD][1-4] \d+\n", printed)
    assert "asked-for-a-demo - " in printed


def test_a_second_server_may_not_write_the_same_journal(start: Start) -> None:
    """Two writers would corrupt it; the second is refused and told which file."""
    first = start()
    second = start()

    assert second.port is None
    assert second.end() != 0
    assert any(str(first.journal) in line for line in second.lines)


def test_broken_rules_do_not_start(start: Start, tmp_path: Path) -> None:
    """A fault in a rule file stops the server before it listens, with its place."""
    rules = copied(tmp_path)
    broken = rules / "score" / "v1.yaml"
    broken.write_text(broken.read_text().replace("because:", "becuase:", 1))

    process = start(DEALGATE_RULES=str(rules), fresh=True)

    assert process.port is None
    assert any("score/v1.yaml:" in line for line in process.lines)


def test_a_wrong_setting_is_named(start: Start) -> None:
    """An operator reads which variable is wrong."""
    process = start(DEALGATE_JOURNAL_QUEUE="many", fresh=True)

    assert process.port is None
    assert any("DEALGATE_JOURNAL_QUEUE" in line for line in process.lines)


def test_a_checkout_runs_without_being_installed() -> None:
    """`python -m service` is the command line."""
    result = subprocess.run(
        [sys.executable, "-m", "service", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.startswith("dealgate ")
