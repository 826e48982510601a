"""Insights for callers of a running server."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeAlias

from google.protobuf.message import Message

from dealgate.aside.queues import WorkQueue
from dealgate.insight.traffic import Read
from dealgate.insight.violations import violations
from dealgate.model.errors import BadQuestion

# How to read the decisions of a tenant; it travels between processes.
Reading: TypeAlias = Callable[[str], Read]


def answered(name: str, request: bytes, read: Read, now: int) -> bytes:
    """Answer an RPC where it is computed: a server need not load what computes."""
    from dealgate.insight import answering  # noqa: PLC0415

    return answering.answered(name, request, read, now)


class Insights:
    """Answers the RPCs of InsightService."""

    def __init__(
        self,
        queue: WorkQueue,
        reading: Reading,
        stages: Callable[[], Sequence[str]],
        kinds: Collection[str],
    ) -> None:
        """`stages` are those of the pipeline in use, and so are `kinds`, for each request."""
        self._queue = queue
        self._reading = reading
        self._stages = stages
        self._kinds = kinds

    async def answer(self, name: str, request: Message, tenant: str, now: int) -> bytes:
        """Return the answer to the RPC `name`; raises BadQuestion, Overloaded and Unavailable."""
        asked: Any = request
        if "stages" in asked.DESCRIPTOR.fields_by_name and not asked.stages:
            asked.stages.extend(self._stages())
        wrong = violations(asked, self._kinds)
        if wrong:
            raise BadQuestion(wrong)
        reading = self._reading(tenant)
        return await self._queue.run(answered, name, asked.SerializeToString(), reading, now)
