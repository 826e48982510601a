"""Large questions are judged in a thread of their own, so that nobody waits for them but who asked.

Most questions take less than a millisecond; a forecast over thousands of deals takes a second of
computing, and on the event loop every other caller would wait that long.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from dealgate.decide import Judge
from dealgate.model.decision import Decision, Question

# Smaller ones take at most some milliseconds; of the small, hardly any is as large as this.
LARGE_BYTES = 16_384
# How long small ones may keep the event loop before everybody else has a turn.
TURN_SECONDS = 0.001


class Aside:
    """Judges large questions one after the other, in one thread.

    They share the interpreter's lock with the event loop, which gets it back every few
    milliseconds. Whoever stops waiting before their turn is not judged at all.
    """

    def __init__(self) -> None:
        """Start no thread before there is a large question."""
        self._thread = ThreadPoolExecutor(1, "large")
        self._kept_waiting = 0.0

    def around(self, judge: Judge) -> Judge:
        """Return `judge`, which may not wait for anything that the event loop looks after."""

        async def awaited(question: Question) -> Decision:
            return await judge(question)

        def run(question: Question) -> Decision:
            return asyncio.run(awaited(question))

        async def judged(question: Question) -> Decision:
            if question.facts.ByteSize() <= LARGE_BYTES:
                return await self._in_turns(judge, question)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, run, question)

        return judged

    async def _in_turns(self, judge: Judge, question: Question) -> Decision:
        """Judge here, and let others go on first if that has kept them waiting.

        A batch is judged question after question; other callers' deadlines do not wait for it.
        """
        if self._kept_waiting >= TURN_SECONDS:
            self._kept_waiting = 0.0
            await asyncio.sleep(0)
        begun = time.perf_counter()
        try:
            return await judge(question)
        finally:
            self._kept_waiting += time.perf_counter() - begun

    async def close(self) -> None:
        """Let what is being judged finish."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
