"""Work off the event loop: bounded, in turns that are held until it has really ended."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dealgate.aside.queues import WorkQueue
from dealgate.model.errors import (
    BadQuestion,
    Crashed,
    Overloaded,
    TimedOut,
    TooLarge,
    Unavailable,
    Violation,
)
from tests.aside.work import boom, hoard, kill_myself, leave_a_file, printed, refuse, sleep_and_note

Make = Callable[..., WorkQueue]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Makes queues, and closes them."""
    made: list[WorkQueue] = []

    def queue(where: str = "process", waiting: int = 4, **options: float) -> WorkQueue:
        made.append(WorkQueue("work", where=where, waiting=waiting, **options))  # type: ignore[arg-type]
        return made[-1]

    yield queue
    for queue_ in made:
        await queue_.close()


def alive(pid: int) -> bool:
    """Tell whether the process still runs."""
    return Path(f"/proc/{pid}").exists()


async def until(happened: Callable[[], bool]) -> None:
    """Wait for it."""
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 - it happens in another thread or process
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("where", ["thread", "process"])
async def test_results_and_errors_come_back(make: Make, where: str) -> None:
    """What a function returns is returned, and what it refuses is refused, violations and all."""
    queue = make(where)
    assert await queue.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(BadQuestion) as refused:
        await queue.run(refuse)
    assert refused.value.violations == (Violation("window", "is too wide"),)


async def test_a_process_is_another(make: Make) -> None:
    """It has an identity of its own, and cannot write to our standard output."""
    assert await make().run(os.getpid) != os.getpid()
    assert await make().run(printed, "this is no answer") == 17


async def test_a_stranger_is_a_crash_at_once(make: Make) -> None:
    """A bug beside the server is told as one: where it is, and without its message."""
    with pytest.raises(Crashed) as crashed:
        await make(seconds=3600).run(boom, "jane@example.com")
    assert str(crashed.value) == "work: KeyError"
    assert "in boom" in crashed.value.frames
    assert "jane@example.com" not in f"{crashed.value.args}"


async def test_death_is_a_crash_at_once(make: Make) -> None:
    """A process that ends without an answer is not taken for slow."""
    with pytest.raises(Crashed, match="exit code 3"):
        await make(seconds=3600).run(os._exit, 3)
    with pytest.raises(Crashed, match="SIGKILL"):
        await make(seconds=3600).run(kill_myself)


@pytest.mark.parametrize("where", ["thread", "process"])
async def test_what_is_late_is_ended(make: Make, where: str) -> None:
    """A caller waits no longer than the bound, and the next one is served."""
    queue = make(where, seconds=0.5 if where == "process" else 0.05)
    with pytest.raises(TimedOut, match=r"work: timed out after 0\.\d+ s; send a smaller request"):
        await queue.run(sleep_and_note, os.devnull)
    assert await make(where, seconds=3600).run(divmod, 7, 2) == (3, 1)
    await until(lambda: not queue.is_busy)


async def test_memory_is_bounded(make: Make) -> None:
    """Work that takes more than it may is refused for that, and the host is spared."""
    with pytest.raises(TooLarge, match="needs more than 256 MB"):
        await make(megabytes=256).run(hoard, 2**30)


async def test_scratch_files_go(make: Make) -> None:
    """Whatever a killed process leaves behind in its scratch folder is taken away."""
    queue = make(seconds=3600)
    folder = Path(await queue.run(leave_a_file)).parent
    assert not folder.exists()


async def test_one_at_a_time_and_a_few_wait(make: Make) -> None:
    """Turns are in order; one more than may wait is rejected with a delay."""
    queue, order, go = make("thread", waiting=2), list[int](), threading.Event()

    def work(number: int) -> None:
        assert go.wait(60)
        order.append(number)

    asked = [asyncio.create_task(queue.run(work, number)) for number in range(3)]
    await asyncio.sleep(0)
    assert queue.waiting == 2
    with pytest.raises(Overloaded, match="work: 2 wait already") as rejected:
        await queue.run(work, 3)
    assert rejected.value.retry_after >= 2
    go.set()
    await asyncio.gather(*asked)
    assert order == [0, 1, 2]


async def test_who_stops_waiting_never_begins(make: Make) -> None:
    """A caller who left before their turn costs nothing, and frees their place."""
    queue, begun, go = make("thread", waiting=1), list[str](), threading.Event()

    def work(name: str) -> None:
        begun.append(name)
        assert go.wait(60)

    first = asyncio.create_task(queue.run(work, "first"))
    second = asyncio.create_task(queue.run(work, "second"))
    await until(lambda: begun == ["first"])
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    third = asyncio.create_task(queue.run(work, "third"))
    go.set()
    await asyncio.gather(first, third)
    assert begun == ["first", "third"]


async def test_a_turn_is_held_until_the_work_has_ended(make: Make) -> None:
    """Who hangs up does not let the next one in beside what still runs."""
    queue, inside, go = make("thread"), list[str](), threading.Event()

    def work(name: str) -> None:
        inside.append(name)
        assert go.wait(60)  # cannot be interrupted: this waits outside Python
        inside.remove(name)

    first = asyncio.create_task(queue.run(work, "first"))
    await until(lambda: bool(inside))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.create_task(queue.run(divmod, 7, 2))
    await asyncio.sleep(0.05)
    assert queue.is_busy
    assert not second.done()
    go.set()
    assert await second == (3, 1)


@pytest.mark.parametrize("where", ["thread", "process"])
async def test_cancelling_ends_the_work(make: Make, where: str, tmp_path: Path) -> None:
    """A process is killed and a thread interrupted: nothing goes on for who has left."""
    queue, note = make(where), tmp_path / "note"
    asked = asyncio.create_task(queue.run(sleep_and_note, str(note)))
    await until(note.exists)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await until(lambda: not queue.is_busy)
    pid = int(note.read_text())
    assert where == "thread" or not alive(pid)


@pytest.mark.parametrize("where", ["thread", "process"])
async def test_leaving_waits_for_nothing(make: Make, where: str, tmp_path: Path) -> None:
    """Work under way is ended, who waits is sent to another server, and so is who comes later."""
    queue, note = make(where), tmp_path / "note"
    asked = [asyncio.create_task(queue.run(sleep_and_note, str(note))) for _ in range(2)]
    await until(note.exists)
    await queue.close()
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(answer, Unavailable)
        assert str(answer) == "the server is leaving; ask another"
    with pytest.raises(Unavailable):
        await queue.run(time.sleep, 0)


async def test_a_killed_server_leaves_no_process(tmp_path: Path) -> None:
    """Work beside a server ends with it, also when it is killed."""
    note = tmp_path / "note"
    code = (
        "import asyncio; from dealgate.aside.queues import WorkQueue; "
        "from tests.aside.work import sleep_and_note; "
        "queue = WorkQueue('work', where='process', waiting=0); "
        f"asyncio.run(queue.run(sleep_and_note, {str(note)!r}))"
    )
    root = Path(__file__).parents[2]
    path = f"{root}:{root / 'service'}"
    server = subprocess.Popen(  # noqa: ASYNC220 - to be killed
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}
    )
    await until(lambda: note.exists() and note.read_text() != "")
    pid = int(note.read_text())
    server.kill()
    server.wait()
    await until(lambda: not alive(pid))
