"""One child process with deadlines, restarts and a circuit breaker."""

import asyncio
import json
import logging
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dealgate.engine.rete.conditions import Condition
from dealgate.engine.rete.frames import framed
from dealgate.engine.rete.limits import Limits
from dealgate.engine.rete.projection import Input
from dealgate.model.errors import Unavailable

LOG = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "dealgate.engine.rete")
AT_ONCE = 500  # inputs to one exchange: the time it may take does not depend on the caller's lists
HERE = f"{Path(__file__).parents[3]}{os.pathsep}"
DOWN = "the engine's durable_rules process was lost and is replaced; ask again"
RETRY_AFTER = 0.1
LONGEST_ANSWER = 2**24


class NetworkUnusable(Exception):
    """The library does not take a network; says why."""


class Lost(Exception):
    """The child is gone, or is of no use any more; says why."""


class Breaker:
    """Says how long to wait before another child is started: longer the more have died lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._deaths: deque[float] = deque(maxlen=16)

    def count(self) -> None:
        """Note that a child died."""
        self._deaths.append(self._clock())

    def wait(self) -> float:
        """Return the seconds that must still pass. The first two deaths in a minute are free."""
        now = self._clock()
        recent = sum(now - death < 60 for death in self._deaths)
        delay = min(30.0, 0.1 * 4 ** (recent - 3)) if recent > 2 else 0.0
        return max(0.0, self._deaths[-1] + delay - now) if delay else 0.0


@dataclass(frozen=True, slots=True)
class Child:
    """The process, and what was built in it."""

    process: asyncio.subprocess.Process
    built: set[str] = field(default_factory=set)

    async def exchange(self, request: Mapping[str, Any], within: float) -> dict[str, Any]:
        """Send a request and return its answer; raises Lost."""
        try:
            async with asyncio.timeout(within):
                answer = await self._exchange(framed({**request, "within": within}))
        except TimeoutError:
            raise Lost(f"it did not answer within {within:g} s") from None
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            raise Lost(f"its answer could not be read: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise Lost("its answer is not an object")
        if "fault" in answer:
            raise Lost(f"it failed: {answer['fault']}")
        return answer

    async def _exchange(self, request: bytes) -> Any:
        writer, reader = self._pipes()
        writer.write(request)
        await writer.drain()
        length = int.from_bytes(await reader.readexactly(4))
        return json.loads(await reader.readexactly(min(length, LONGEST_ANSWER)))

    def _pipes(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        writer, reader = self.process.stdin, self.process.stdout
        if writer is None or reader is None:
            raise Lost("it was started without pipes")
        return writer, reader

    async def end(self) -> None:
        """Kill it; it holds nothing that could be lost."""
        if self.process.returncode is None:
            self.process.kill()
        self._pipes()[0].close()
        await self.process.wait()


class Worker:
    """Keeps one child alive and asks it one thing at a time."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`command` starts a child that speaks as `main` does."""
        self._command = command
        self._limits = limits or Limits()
        self._breaker = Breaker(clock)
        self._child: Child | None = None
        self._turn = asyncio.Lock()
        self._failed_builds: Counter[str] = Counter()

    @property
    def pid(self) -> int | None:
        """The child's process id; None if there is no child."""
        return self._child.process.pid if self._child else None

    async def judge(
        self, key: str, networks: Sequence[Mapping[str, Condition]], inputs: Sequence[Input]
    ) -> list[set[str]]:
        """Return the names of the rules that fire, for every input.

        `networks` are built first, once per child, under `key`. Raises Unavailable if the child
        dies or cannot be started, and NetworkUnusable if it died of these networks before.
        """
        # A caller that gives up must not leave half an exchange behind.
        return await asyncio.shield(self._in_turn(key, networks, inputs))

    async def _in_turn(
        self, key: str, networks: Sequence[Any], inputs: Sequence[Input]
    ) -> list[set[str]]:
        async with self._turn:
            child = await self._ready()
            try:
                await self._build(child, key, networks)
                return await self._judge(child, key, networks, inputs)
            except Lost as error:
                raise await self._lose(child, error) from None

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._drop()

    async def _build(self, child: Child, key: str, networks: Sequence[Any]) -> None:
        if key in child.built:
            return
        if self._failed_builds[key] > 1:
            raise NetworkUnusable("durable_rules failed twice to build its network")
        self._failed_builds[key] += 1
        await child.exchange({"build": key, "networks": networks}, self._limits.build)
        del self._failed_builds[key]
        child.built.add(key)

    async def _judge(
        self, child: Child, key: str, networks: Sequence[Any], inputs: Sequence[Input]
    ) -> list[set[str]]:
        fired: list[set[str]] = []
        answer: dict[str, Any] = {}
        for start in range(0, len(inputs), AT_ONCE):
            some = inputs[start : start + AT_ONCE]
            asked = [(each.network, each.fields) for each in some]
            answer = await child.exchange({"judge": key, "inputs": asked}, self._limits.call)
            fired += answered(answer.get("fired"), [networks[each.network] for each in some])
        if answer.get("spent"):
            await self._drop()
        return fired

    async def _ready(self) -> Child:
        if self._child is not None and self._child.process.returncode is not None:
            await self._lose(self._child, Lost(f"it ended: {self._child.process.returncode}"))
        if self._child is None:
            wait = self._breaker.wait()
            if wait:
                raise Unavailable(DOWN, wait)
            self._child = await self._start()
        return self._child

    async def _start(self) -> Child:
        child = Child(await self._spawn())
        limits = self._limits
        try:
            await child.exchange({"calls": limits.calls, "resident": limits.resident}, limits.start)
        except Lost as error:
            raise await self._lose(child, error) from None
        return child

    async def _spawn(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": HERE + os.environ.get("PYTHONPATH", "")},
                start_new_session=True,  # ctrl-c is the server's to handle: it may be draining
            )
        except OSError as error:
            LOG.warning("a durable_rules process cannot be started: %s", error.strerror)
            raise self._unavailable() from None

    async def _lose(self, child: Child, reason: Lost) -> Unavailable:
        LOG.warning("the durable_rules process %s is replaced: %s", child.process.pid, reason)
        self._child = None
        await child.end()
        return self._unavailable()

    def _unavailable(self) -> Unavailable:
        self._breaker.count()
        return Unavailable(DOWN, max(RETRY_AFTER, self._breaker.wait()))

    async def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end()


def answered(fired: Any, networks: Sequence[Mapping[str, Any]]) -> list[set[str]]:
    """Return the fired rules for every input; raises Lost if the answer cannot be one."""
    rules = fired if isinstance(fired, list) else []
    if len(rules) != len(networks) or not all(map(_are_of, rules, networks)):
        raise Lost("its answer makes no sense")
    return [set(names) for names in rules]


def _are_of(names: Any, network: Mapping[str, Any]) -> bool:
    return isinstance(names, list) and all(
        isinstance(name, str) and name in network for name in names
    )
