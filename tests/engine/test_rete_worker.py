"""The child process of the rete engine: it may die, hang or lie, and the server goes on."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from dealgate.engine.native import NativeEngine
from dealgate.engine.rete.engine import ReteEngine
from dealgate.engine.rete.frames import framed
from dealgate.engine.rete.limits import Limits
from dealgate.engine.rete.projection import Input
from dealgate.engine.rete.worker import Breaker, NetworkUnusable, Worker
from dealgate.language.cel import CelChecker
from dealgate.model.errors import RuleSetUnusable, Unavailable
from dealgate.model.rules import AnyRuleSet
from tests.engine.building import rule_set
from tests.engine.rete_running import AS_OF, needs_durable_rules, unique
from tests.engine.rete_stand_in import NONSENSE
from tests.engine.specimen import Facts

pytestmark = needs_durable_rules
STAND_IN = (sys.executable, str(Path(__file__).parent / "rete_stand_in.py"))
IMPATIENT = Limits(build=0.5, call=0.5)
NETWORK = {"r0": {"$gt": {"f0": 3}}}
ABOVE = Input(0, None, {"f0": 4})
BELOW = Input(0, None, {"f0": 3})
# durable_rules 2.0.28 never returns from building this one …
HANGS = {f"r{number}": {"$gt": {"f0": number}} for number in range(600)}
# … and divides by zero in this one.
CRASHES = {"r0": {"$gt": {"f0": {"$div": {"$l": {"$m": "f1"}, "$r": {"$m": "f2"}}}}}}


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    """A worker as the server has it."""
    found = Worker()
    yield found
    await found.close()


@pytest.fixture
async def impatient() -> AsyncIterator[Worker]:
    """A worker that does not wait for long."""
    found = Worker(limits=IMPATIENT)
    yield found
    await found.close()


@pytest.fixture
def ruleset(checker: CelChecker) -> AnyRuleSet:
    """Two rules, of which one fires on a count above 3."""
    return unique(rule_set(checker, {"more": "thing.count > 3", "less": "thing.count < 3"}))


def counted(count: int) -> Any:
    """Return facts with that count."""
    facts: Any = Facts()
    facts.thing.count = count
    return facts


def tell(worker: Worker, number: int) -> None:
    """Send the child a signal."""
    assert worker.pid is not None
    os.kill(worker.pid, number)


async def busy(worker: Worker) -> None:
    """Return once a call is in flight."""
    async with asyncio.timeout(60):
        while not worker._turn.locked():  # noqa: ASYNC110  # a lock tells nobody it was taken
            await asyncio.sleep(0)


async def in_flight(worker: Worker) -> "asyncio.Task[Any]":
    """Ask something that the child, which is stopped, will not answer."""
    tell(worker, signal.SIGSTOP)
    task = asyncio.ensure_future(worker.judge("key", [NETWORK], [ABOVE]))
    await busy(worker)
    return task


async def test_a_killed_child_costs_one_clear_error(worker: Worker) -> None:
    """The call in flight is told to come back; the next one is answered by a new child."""
    await worker.judge("key", [NETWORK], [ABOVE])
    first = worker.pid
    task = await in_flight(worker)
    tell(worker, signal.SIGKILL)

    with pytest.raises(Unavailable, match="ask again") as raised:
        await task

    assert raised.value.retry_after > 0
    assert await worker.judge("key", [NETWORK], [ABOVE, BELOW]) == [{"r0"}, set()]
    assert worker.pid != first


async def test_a_hung_child_costs_its_deadline(impatient: Worker) -> None:
    """A child that does not answer in time is killed and replaced."""
    await impatient.judge("key", [NETWORK], [ABOVE])
    first = impatient.pid

    with pytest.raises(Unavailable):
        await (await in_flight(impatient))

    assert await impatient.judge("key", [NETWORK], [ABOVE]) == [{"r0"}]
    assert impatient.pid != first


async def test_a_child_that_dies_between_calls_costs_nothing(worker: Worker) -> None:
    """Nobody was waiting for it, so nobody is told."""
    await worker.judge("key", [NETWORK], [ABOVE])
    child = worker._child
    assert child is not None
    child.process.kill()
    await child.process.wait()

    assert await worker.judge("key", [NETWORK], [ABOVE]) == [{"r0"}]


async def test_a_cancelled_question_does_not_disturb_the_next(
    worker: Worker, ruleset: AnyRuleSet
) -> None:
    """Cancelling a call half-way keeps questions and answers in step."""
    engine, native = ReteEngine(worker), NativeEngine()
    await engine.fire(ruleset, counted(4), AS_OF, explain=False)
    tell(worker, signal.SIGSTOP)
    task = asyncio.ensure_future(engine.fire(ruleset, counted(4), AS_OF, explain=False))
    await busy(worker)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    tell(worker, signal.SIGCONT)

    evidence = await engine.fire(ruleset, counted(2), AS_OF, explain=False)

    assert evidence == await native.fire(ruleset, counted(2), AS_OF, explain=False)


async def test_questions_at_once_get_their_own_answers(worker: Worker, ruleset: AnyRuleSet) -> None:
    """Fifty concurrent questions are answered as if they had come one by one."""
    engine, native = ReteEngine(worker), NativeEngine()
    questions = [counted(number % 7) for number in range(50)]

    found = await asyncio.gather(
        *(engine.fire(ruleset, each, AS_OF, explain=False) for each in questions)
    )

    wanted = [await native.fire(ruleset, each, AS_OF, explain=False) for each in questions]
    assert found == wanted


async def test_a_network_the_library_hangs_on_is_refused(impatient: Worker) -> None:
    """Building it costs two children, then it is refused for good; others are still judged."""
    for _ in range(2):
        with pytest.raises(Unavailable):
            await impatient.judge("hangs", [HANGS], [ABOVE])

    with pytest.raises(NetworkUnusable):
        await impatient.judge("hangs", [HANGS], [ABOVE])
    assert await impatient.judge("key", [NETWORK], [ABOVE]) == [{"r0"}]


async def test_facts_the_library_dies_of_cost_one_clear_error(worker: Worker) -> None:
    """SIGFPE in the child is an error for one caller."""
    deadly = Input(0, None, {"f0": 1, "f1": 1, "f2": 0})

    with pytest.raises(Unavailable):
        await worker.judge("crashes", [CRASHES], [deadly])

    assert await worker.judge("key", [NETWORK], [ABOVE]) == [{"r0"}]


async def test_an_error_of_the_library_ends_the_child(worker: Worker) -> None:
    """What reports an error may have left its memory in any state."""
    refused = {"r0": {"f0": 1e22}}
    await worker.judge("key", [NETWORK], [ABOVE])
    first = worker.pid

    with pytest.raises(Unavailable):
        await worker.judge("refused", [refused], [ABOVE])

    assert await worker.judge("key", [NETWORK], [ABOVE]) == [{"r0"}]
    assert worker.pid != first


@pytest.mark.parametrize(
    "scenario",
    [
        test_a_killed_child_costs_one_clear_error,
        test_a_hung_child_costs_its_deadline,
        test_a_child_that_dies_between_calls_costs_nothing,
        test_facts_the_library_dies_of_cost_one_clear_error,
    ],
)
def test_on_the_servers_event_loop_it_is_the_same(
    scenario: Callable[[Worker], Coroutine[Any, Any, None]],
) -> None:
    """The server runs on uvloop, which fails in other ways; callers are told the same."""

    async def run() -> None:
        worker = Worker(limits=IMPATIENT)
        await scenario(worker)
        await worker.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


@pytest.mark.parametrize("mode", [*NONSENSE, "not-json", "cut-short", "not-an-object", "endless"])
async def test_nonsense_is_not_an_answer(mode: str) -> None:
    """Whatever a child says that cannot be an answer, the caller is told to come back."""
    worker = Worker(command=(*STAND_IN, mode))

    with pytest.raises(Unavailable):
        await worker.judge("key", [NETWORK], [ABOVE])

    await worker.close()


@pytest.mark.parametrize("mode", ["all-fire", "none-fire"])
async def test_a_lying_child_decides_nothing(
    mode: str, ruleset: AnyRuleSet, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the engines differ there is no answer, then or later, and the log names the rule."""
    engine = ReteEngine(Worker(command=(*STAND_IN, mode)))
    wrong = "less" if mode == "all-fire" else "more"

    with pytest.raises(Unavailable, match=f"differently \\({wrong}\\)"):
        await engine.fire(ruleset, counted(4), AS_OF, explain=False)
    with pytest.raises(RuleSetUnusable, match="engine native"):
        await engine.fire(ruleset, counted(4), AS_OF, explain=False)

    assert f"differ on specimen@1: {wrong}" in caplog.text
    await engine.close()


async def test_a_child_that_cannot_start_is_not_started_for_ever() -> None:
    """After a few deaths in a minute callers are refused at once, with the time to wait."""
    now = [0.0]
    worker = Worker(command=(sys.executable, "-c", ""), clock=lambda: now[0])
    waits = []
    for _ in range(6):
        with pytest.raises(Unavailable) as raised:
            await worker.judge("key", [NETWORK], [ABOVE])
        waits.append(raised.value.retry_after)
        now[0] += 0.01

    assert len(worker._breaker._deaths) == 3
    assert waits[3:] == pytest.approx([0.09, 0.08, 0.07])


async def test_a_command_that_is_not_there_is_unavailable() -> None:
    """That the operating system starts no process is an error like any other of the child's."""
    with pytest.raises(Unavailable):
        await Worker(command=("/nowhere/python",)).judge("key", [NETWORK], [ABOVE])


def test_the_wait_grows_and_ends() -> None:
    """It is nothing at first, then grows fourfold up to half a minute; a quiet minute ends it."""
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    waits = []
    for _ in range(9):
        waits.append(breaker.wait())
        breaker.count()

    assert waits == pytest.approx([0, 0, 0, 0.1, 0.4, 1.6, 6.4, 25.6, 30])
    now[0] = 30.0
    assert breaker.wait() == 0
    now[0] = 61.0
    breaker.count()
    assert breaker.wait() == 0


@pytest.mark.parametrize(
    ("limits", "calls"), [(Limits(calls=3), 3), (Limits(resident=1), 256)], ids=["calls", "memory"]
)
async def test_a_child_is_replaced_before_it_grows_old(limits: Limits, calls: int) -> None:
    """After so many calls, or with so much memory, the next call gets a new child."""
    worker = Worker(limits=limits)
    for _ in range(calls):
        assert await worker.judge("key", [NETWORK], [ABOVE]) == [{"r0"}]

    assert worker.pid is None
    assert await worker.judge("key", [NETWORK], [ABOVE]) == [{"r0"}]
    await worker.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_memory_stays_flat(worker: Worker) -> None:
    """10,000 evaluations leave nothing behind."""
    networks = [{f"r{number}": {"$gt": {"f0": number}} for number in range(40)}]
    await worker.judge("key", networks, [Input(0, None, {"f0": 20})] * 1000)
    before = _resident(worker)

    for _ in range(90):
        await worker.judge("key", networks, [Input(0, None, {"f0": 20})] * 100)

    assert _resident(worker) - before < 2**20


def _resident(worker: Worker) -> int:
    return int(_proc(worker, "statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _proc(worker: Worker, file: str) -> str:
    return Path(f"/proc/{worker.pid}/{file}").read_text(encoding="ascii")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_crash_leaves_no_facts_on_disk(worker: Worker) -> None:
    """A child that crashes writes no core dump."""
    await worker.judge("key", [NETWORK], [ABOVE])

    assert re.search(r"Max core file size +0 +0 ", _proc(worker, "limits"))


async def test_the_library_stays_out_of_this_process(worker: Worker, ruleset: AnyRuleSet) -> None:
    """What may crash is loaded in the child alone."""
    await ReteEngine(worker).fire(ruleset, counted(4), AS_OF, explain=False)

    assert not {"durable", "durable_rules_engine"} & sys.modules.keys()


LOADED = """
import dealgate.engine.rete.child, sys
print(*{name.partition(".")[0] for name in sys.modules} & {"asyncio", "google", "pydantic"})
print(*[name for name in sys.modules if name.startswith(("dealgate.model", "dealgate.language"))])
"""


def test_a_child_loads_nothing_of_the_rules() -> None:
    """It knows networks and fields, so one that died is replaced at once."""
    command = [sys.executable, "-c", LOADED]
    assert subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout == "\n\n"


ORPHAN = """
import asyncio, os, signal
from dealgate.engine.rete.projection import Input
from dealgate.engine.rete.worker import Worker

async def main():
    worker = Worker()
    await worker.judge("key", [{"r0": {"f0": 1}}], [Input(0, None, {"f0": 1})])
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_a_child_does_not_outlive_the_server() -> None:
    """When the server is killed, its child ends by itself."""
    server = subprocess.run(
        [sys.executable, "-c", ORPHAN], stderr=subprocess.PIPE, check=False, timeout=30
    )

    # The child holds the same stderr: run() returns only when it, too, has let go of it.
    assert server.returncode == -signal.SIGKILL
    assert server.stderr == b""


def test_a_hung_child_does_not_outlive_the_server() -> None:
    """Even inside C code that never returns, a child ends soon after its deadline."""
    child = subprocess.Popen(
        [sys.executable, "-m", "dealgate.engine.rete"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    request = {"build": "key", "networks": [HANGS], "within": 0.1}

    child.communicate(framed(request), timeout=30)

    assert child.returncode == -signal.SIGALRM
