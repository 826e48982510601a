"""Several workers behind one address: callers cannot tell them from one server."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest

from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import new_master_key
from dealgate.v1 import decision_service_pb2 as decisions
from dealgate.v1 import insight_pb2, result_pb2, route_pb2, score_pb2
from tests.processes import children_of
from tests.serving.conftest import PATIENCE, ROOT, Process
from tests.shipped import folder_of

SCORE = "/dealgate.v1.LeadService/ScoreLead"
LIST = "/dealgate.v1.DecisionService/ListDecisions"
GET = "/dealgate.v1.DecisionService/GetDecision"
ROUTE = "/dealgate.v1.LeadService/RouteLead"
RESULT = "/dealgate.v1.DecisionService/RecordResult"
RULES = "/dealgate.v1.InsightService/GetRuleEffectiveness"
OWN = (("grpc.use_local_subchannel_pool", 1),)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Process]:
    """Three workers, all of which listen; their journal is encrypted, which adds to all else."""
    new_master_key(tmp_path / "master.key")
    key = str(tmp_path / "master.key")
    process = Process(tmp_path, DEALGATE_WORKERS="3", DEALGATE_JOURNAL_MASTER_KEY=key)
    until(lambda: any("3 workers" in line for line in process.lines))
    yield process
    process.end()


def until(happened: Callable[[], bool]) -> None:
    """Wait until it has happened, or fail."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def question(key: str, lead: str) -> bytes:
    """Ask for a score."""
    request = score_pb2.ScoreLeadRequest()
    request.facts.lead.id = lead
    request.options.idempotency_key = key
    return request.SerializeToString()


def ask(process: Process, method: str, data: bytes) -> bytes:
    """Call on a connection of its own, which the kernel gives to any of the workers."""
    with grpc.insecure_channel(process.target.replace("localhost", "127.0.0.1"), OWN) as channel:
        call: Any = channel.unary_unary(method)
        reply: bytes = call(data, timeout=30, wait_for_ready=True)
        return reply


def test_workers_are_one_server(three: Process) -> None:
    """Keys, records and pages are the same whichever answers; one that dies is replaced."""
    watcher = three._process.pid
    workers = set(children_of(watcher))
    assert len(workers) == 3
    answers = [ask(three, SCORE, question(f"k{n % 6}", f"lead-{n % 6}")) for n in range(18)]
    assert len(set(answers)) == 6
    assert answers[:6] * 3 == answers
    results_and_insights(
        three, [score_pb2.ScoreLeadResponse.FromString(one) for one in answers[:6]]
    )

    os.kill(min(workers), signal.SIGKILL)
    first = score_pb2.ScoreLeadResponse.FromString(answers[0]).header.decision_id
    for _ in range(6):
        request = decisions.GetDecisionRequest(decision_id=first)
        assert ask(three, GET, request.SerializeToString())
        page = decisions.ListDecisionsRequest(page_size=4)
        listed = decisions.ListDecisionsResponse.FromString(
            ask(three, LIST, page.SerializeToString())
        )
        page.page_token = listed.next_page_token
        rest = decisions.ListDecisionsResponse.FromString(
            ask(three, LIST, page.SerializeToString())
        )
        assert len({one.decision_id for one in (*listed.decisions, *rest.decisions)}) == 6
    # The dead one is a child until it is waited for.
    until(lambda: len(set(children_of(watcher)) - workers) == 1)
    # Until it serves, so that it leaves as a server does.
    until(lambda: sum("listening on" in line and "engine" in line for line in three.lines) == 4)
    time.sleep(0.5)

    assert three.end() == 0
    assert any("restarting in" in line for line in three.lines)
    assert any("restarted after a crash, 1 times so far" in line for line in three.lines)
    files = [path for path in three.journal.parent.glob("journal.db*") if path.is_file()]
    assert [path.name for path in files if b"lead-" in path.read_bytes()] == []
    with closing(Keyring.open(KeysAt.file(Path(f"{three.journal}.keys")))) as ring:
        assert ring.store.count() == (7, 0)  # six leads, and who told the result


def results_and_insights(three: Process, answers: Sequence[score_pb2.ScoreLeadResponse]) -> None:
    """A result that one worker keeps is read, counted and held to by all."""
    first, second = (answer.header.decision_id for answer in answers[:2])
    kept = result_pb2.RecordResultRequest(
        decision_id=first, type=result_pb2.RESULT_TYPE_CONVERTED, recorded_by="crm"
    )
    kept.happened_at.CopyFrom(answers[0].header.evaluated_at)
    ids = {ask(three, RESULT, kept.SerializeToString()) for _ in range(6)}
    assert len(ids) == 1
    page = decisions.ListDecisionsRequest(page_size=10).SerializeToString()
    for _ in range(3):
        listed = decisions.ListDecisionsResponse.FromString(ask(three, LIST, page)).decisions
        assert {one.decision_id for one in listed if one.HasField("result")} == {first}
        assert second in {one.decision_id for one in listed}
    asked = insight_pb2.GetRuleEffectivenessRequest(kind="score").SerializeToString()
    told = insight_pb2.GetRuleEffectivenessResponse.FromString(ask(three, RULES, asked))
    assert (told.base.numerator, told.base.denominator) == (1, 1)


def test_turns_are_global_among_workers(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Of sixty leads that three workers route at once, each has its own turn, and none is left."""
    if not pytestconfig.getoption("--chaos"):
        pytest.skip(
            "reads shipped rules three times: make chaos (turns: tests/journal/test_shared)"
        )
    process = Process(
        tmp_path, DEALGATE_WORKERS="3", DEALGATE_RULES=str(folder_of(tmp_path, "route"))
    )
    try:
        until(lambda: any("3 workers" in line for line in process.lines))

        def routed(number: int) -> int:
            request = route_pb2.RouteLeadRequest()
            request.facts.lead.id = f"L{number}"
            for name in ("a", "b", "c"):
                request.facts.reps.add(
                    id=name, teams=["inbound"], is_active=True, capacity=100, open_leads=0
                )
            told = ask(process, ROUTE, request.SerializeToString())
            return route_pb2.RouteLeadResponse.FromString(told).outcome.cursor.version

        with ThreadPoolExecutor(12) as callers:
            turns = [*callers.map(routed, range(60))]
        assert sorted(turns) == list(range(1, 61))
    finally:
        process.end()


def test_signals_reach_every_worker(tmp_path: Path) -> None:
    """SIGHUP lets each look at the rules; without the process that watches they leave."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "tests" / "rules", rules)
    process = Process(
        tmp_path, DEALGATE_WORKERS="2", DEALGATE_RULES=str(rules), DEALGATE_RELOAD="off"
    )
    until(lambda: any("2 workers" in line for line in process.lines))
    draft = (rules / "score/v2.yaml").read_text().replace("version: 2", "version: 90", 1)
    (rules / "score/v90.yaml").write_text(draft)
    process.tell(signal.SIGHUP)
    until(lambda: sum("edition 2 of the rules is in use" in one for one in process.lines) == 2)

    process._process.kill()
    process._reader.join(PATIENCE)  # the pipe ends when the last of them has ended
    assert not process._reader.is_alive()
    assert sum("stopped: everything accepted" in line for line in process.lines) == 2
    process.end()


def test_a_worker_that_cannot_start_ends_all(tmp_path: Path) -> None:
    """Broken rules are told once and by name, and the status says so."""
    process = Process(tmp_path, DEALGATE_WORKERS="2", DEALGATE_RULES=str(tmp_path))
    assert process.port is None
    assert process.end() == 2
