"""Insights for callers: computed beside the event loop, one at a time, a few waiting."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from google.protobuf.message import Message

from dealgate.insight.answering import answered, violations
from dealgate.insight.traffic import Read
from dealgate.model.errors import BadQuestion, Overloaded, Violation

MOST_WAITING = 16
RETRY_AFTER = 2.0

# Runs `answered` where it disturbs nobody.
Beside: TypeAlias = Callable[..., Awaitable[Any]]
# How to read the decisions of a tenant; it travels between processes.
Reading: TypeAlias = Callable[[str], Read]


class Insights:
    """Answers the RPCs of InsightService."""

    def __init__(
        self,
        beside: Beside,
        reading: Reading,
        stages: Callable[[], Sequence[str]],
        kinds: Sequence[str],
    ) -> None:
        """`stages` are those of the pipeline in use, asked anew each time."""
        self._beside = beside
        self._reading = reading
        self._stages = stages
        self._kinds = kinds
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def answer(self, name: str, request: Message, tenant: str, now: int) -> bytes:
        """Return the answer to the RPC `name`; raises BadQuestion, Overloaded and Unavailable."""
        asked: Any = request
        if "stages" in asked.DESCRIPTOR.fields_by_name and not asked.stages:
            asked.stages.extend(self._stages())
        wrong = violations(asked, self._kinds)
        if wrong:
            raise BadQuestion(wrong)
        reply, refused = await self._in_turn(name, asked.SerializeToString(), tenant, now)
        if refused:
            raise BadQuestion([Violation("window", refused)])
        return reply

    async def _in_turn(self, name: str, request: bytes, tenant: str, now: int) -> tuple[bytes, str]:
        if self._waiting >= MOST_WAITING:
            raise Overloaded("many insights wait for their turn; try again", RETRY_AFTER)
        self._waiting += 1
        try:
            async with self._lock:
                found = await self._beside(answered, name, request, self._reading(tenant), now)
        finally:
            self._waiting -= 1
        reply: tuple[bytes, str] = found
        return reply
