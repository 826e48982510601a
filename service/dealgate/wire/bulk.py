"""Decisions in bulk: batches of any kind, one at a time or as a stream."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.kind import AnyKind
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.arrival import Arrive
from dealgate.wire.asking import Current, Decide, ask, question
from dealgate.wire.calls import Call, parsed
from dealgate.wire.status import status_of

BATCH_LIMIT = 256


class Bulk:
    """Answers BatchDecide and StreamDecide."""

    def __init__(self, kinds: Mapping[str, AnyKind], current: Current, arrive: Arrive) -> None:
        """`kinds` by name, which is also the name of their field in Question and Answer."""
        self._kinds = kinds
        self._current = current
        self._arrive = arrive

    async def batch(self, request: pb.BatchDecideRequest, call: Call) -> pb.BatchDecideResponse:
        """Decide every question, or refuse the batch as a whole."""
        return pb.BatchDecideResponse(answers=await self._answers(request.questions, call.tenant))

    async def stream(self, requests: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Decide batch after batch.

        The next batch is read when the answers to the last one are on their way, so a caller
        who does not read them holds up only itself, and at most one batch is in memory.
        """
        tenant = call.tenant
        async for data in requests:
            yield await self._reply(data, tenant)

    async def _reply(self, data: bytes, tenant: str) -> bytes:
        reply = pb.StreamDecideResponse()
        try:
            request = parsed(pb.StreamDecideRequest, data)
            reply.batch_id = request.batch_id
            reply.answers.extend(await self._answers(request.questions, tenant))
        except Exception as error:  # noqa: BLE001 - one bad batch does not end the stream
            reply.error.CopyFrom(status_of(error))
        return reply.SerializeToString()

    async def _answers(self, asked: Sequence[pb.Question], tenant: str) -> list[pb.Answer]:
        """Decide concurrently, so that the journal can commit many at once.

        One question is begun a turn of the event loop: a batch may take seconds to judge, and
        other callers' deadlines do not wait for it. One catalog answers it whole, even if the
        rules change meanwhile.
        """
        if not 1 <= len(asked) <= BATCH_LIMIT:
            wrong = f"must hold 1 to {BATCH_LIMIT} questions, and holds {len(asked)}"
            raise BadQuestion([Violation("questions", wrong)])
        decide = self._current()
        async with asyncio.TaskGroup() as group:
            tasks = []
            for index, one in enumerate(asked):
                answering = self._answer(decide, one, f"questions[{index}].", tenant)
                tasks.append(group.create_task(answering))
                await asyncio.sleep(0)
        return [task.result() for task in tasks]

    async def _answer(
        self, decide: Decide, asked: pb.Question, place: str, tenant: str
    ) -> pb.Answer:
        arrival = self._arrive()
        answer = pb.Answer()
        try:
            kind = self._kind(asked, place)
            one = question(kind, getattr(asked, kind.name), arrival, tenant)
            decision = await ask(decide, one, f"{place}{kind.name}.")
            getattr(answer, kind.name).ParseFromString(decision.answer)
        except Exception as error:  # noqa: BLE001 - one bad question does not spoil the others
            return pb.Answer(error=status_of(error, arrival.id))
        return answer

    def _kind(self, asked: pb.Question, place: str) -> AnyKind:
        name = asked.WhichOneof("question")
        if name is None:
            wrong = "must hold a question of one kind that this server knows"
            raise BadQuestion([Violation(f"{place}question", wrong)])
        return self._kinds[name]
