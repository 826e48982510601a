"""Large questions are judged in a thread of their own, so that only their callers wait for them.

Most questions take less than a millisecond; a forecast over thousands of deals takes a second of
computing, and on the event loop every other caller would wait that long. Small ones whose rules
turn out to loop for long are begun again aside.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from dealgate.aside.queues import WorkQueue
from dealgate.decide import Begin, Judge
from dealgate.language.budget import Hurried, JudgedAside
from dealgate.model.decision import Decision, Question

# Smaller ones take at most some milliseconds; of the small, hardly any is as large as this.
LARGE_BYTES = 16_384
# Nor may it keep others waiting by what its lists hold: microseconds of one core that an element
# took at most, measured by `python -m bench.largest` on a machine with other work.
LARGE_MICROSECONDS = 10_000
MICROSECONDS = {
    "recognize.modifications": 1_600,
    "recognize.lines": 600,
    "inspect.deals": 400,
    "verify.candidates": 400,
    "quota.sellers": 200,
    "forecast.opportunities": 160,
    "close.items": 100,
    "route.reps": 100,
    "score.activities": 40,
    "qualify.activities": 30,
    "advance.approvals": 20,
}
OTHER_MICROSECONDS = 50
# What may wait or be judged at a time, all together: parsed, a question takes up to fifteen times
# its bytes of memory.
MOST_BYTES = 16 * 2**20
# How long small ones may keep the event loop before everybody else has a turn.
TURN_SECONDS = 0.001

# What is judged together may take this long, and is worth it for no fewer questions.
AHEAD_SECONDS = 0.003
FEW = 4
FORGETS = 0.9

Given = TypeVar("Given")
Result = TypeVar("Result")


class LargeAside:
    """Has large questions judged in a queue, a thread's, and small ones here.

    The thread shares the interpreter's lock with the event loop, which gets it back every half
    millisecond.
    """

    def __init__(self, queue: WorkQueue) -> None:
        """Judge large questions in `queue`."""
        self._queue = queue
        self._bytes = 0
        self._kept_waiting = 0.0
        self._took: dict[str, float] = {}  # seconds a question of a kind took, the last time

    def around(self, judge: Judge) -> Judge:
        """Return `judge`, which may not wait for anything that the event loop looks after."""

        async def judged(question: Question) -> Decision:
            if not is_large(question):
                with suppress(JudgedAside):
                    return await self._in_turns(judge, question)
            return await self._aside(judge, question)

        return judged

    def ahead(self, begin: Begin) -> Begin:
        """Return `begin` for as many questions as fit into a few turns; large ones never do."""

        async def begun(questions: Sequence[Question]) -> None:
            fitting = self._fitting(questions)
            kinds = {question.kind for question in fitting or questions}
            if len(fitting) < FEW:
                # Whatever made the last ones slow may be over; what is large is known by its lists.
                self._took |= {kind: self._took.get(kind, 0.0) * FORGETS for kind in kinds}
                return
            started = time.thread_time()
            await self._in_turns(begin, fitting)
            took = (time.thread_time() - started) / len(fitting)
            self._took |= dict.fromkeys(kinds, took)

        return begun

    def _fitting(self, questions: Sequence[Question]) -> list[Question]:
        """Return the first that fit, by what those of a kind took before, and by their lists."""
        fitting, seconds = list[Question](), 0.0
        for question in questions:
            took = self._took.get(question.kind, AHEAD_SECONDS / FEW)
            seconds += max(took, _expected(question) / 1_000_000)
            if seconds > AHEAD_SECONDS:
                break
            fitting.append(question)
        return fitting

    async def _aside(self, judge: Judge, question: Question) -> Decision:
        size = question.facts.ByteSize()
        if self._bytes and self._bytes + size > MOST_BYTES:
            raise self._queue.overloaded()
        self._bytes += size
        try:
            return await self._queue.run(_run, judge, question)
        finally:
            self._bytes -= size

    async def _in_turns(self, judge: Callable[[Given], Awaitable[Result]], of: Given) -> Result:
        """Judge here, and let others go on first if that has kept them waiting.

        A batch is judged question after question; other callers' deadlines do not wait for it.
        """
        if self._kept_waiting >= TURN_SECONDS:
            self._kept_waiting = 0.0
            await asyncio.sleep(0)
        begun = time.perf_counter()
        try:
            with Hurried():
                return await judge(of)
        finally:
            self._kept_waiting += time.perf_counter() - begun


def is_large(question: Question) -> bool:
    """Tell whether the event loop would be kept too long, by size or by what it holds."""
    return _expected(question) > LARGE_MICROSECONDS


def _expected(question: Question) -> int:
    """Return how many microseconds a question takes at most, by its size and by its lists."""
    if question.facts.ByteSize() > LARGE_BYTES:
        return LARGE_MICROSECONDS + 1
    return sum(
        len(elements) * MICROSECONDS.get(f"{question.kind}.{field.name}", OTHER_MICROSECONDS)
        for field, elements in question.facts.ListFields()
        if field.is_repeated
    )


def _run(judge: Judge, question: Question) -> Decision:
    async def awaited() -> Decision:
        return await judge(question)

    return _finished(awaited())


def _finished(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run to its end a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        coroutine.close()
    raise RuntimeError("judging awaits something: it cannot run off the event loop")
