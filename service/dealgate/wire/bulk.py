"""Decisions in bulk: batches of any kind, one at a time or as a stream."""

from collections.abc import AsyncIterator, Mapping, Sequence

from dealgate.model.decision import Decision, Question
from dealgate.model.encoding import message_field
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.kind import AnyKind
from dealgate.model.messages import DECLARED
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.arrival import Arrival, Arrive
from dealgate.wire.asking import (
    Current,
    as_asked,
    as_declared,
    declared_question,
    question,
)
from dealgate.wire.calls import Call, parsed
from dealgate.wire.status import status_of

BATCH_LIMIT = 256

_batched = message_field(pb.BatchDecideResponse, "answers")
_streamed = message_field(pb.StreamDecideResponse, "answers")


class Bulk:
    """Answers BatchDecide and StreamDecide."""

    def __init__(self, kinds: Mapping[str, AnyKind], current: Current, arrive: Arrive) -> None:
        """`kinds` by name, which is also the name of their field in Question and Answer."""
        self._kinds = kinds
        self._current = current
        self._arrive = arrive
        self._fields = {name: message_field(pb.Answer, name) for name in (*kinds, DECLARED)}

    async def batch(self, data: bytes, call: Call) -> bytes:
        """Decide every question, or refuse the batch as a whole."""
        request = parsed(pb.BatchDecideRequest, data)
        return b"".join(map(_batched, await self._answers(request.questions, call.tenant, call)))

    async def stream(self, requests: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Decide batch after batch.

        The next batch is read when the answers to the last one are on their way, so a caller
        who does not read them holds up only itself, and at most one batch is in memory.
        """
        tenant = call.tenant
        async for data in requests:
            yield await self._reply(data, tenant, call)

    async def _reply(self, data: bytes, tenant: str, call: Call) -> bytes:
        reply = pb.StreamDecideResponse()
        try:
            request = parsed(pb.StreamDecideRequest, data)
            reply.batch_id = request.batch_id
            answers = await self._answers(request.questions, tenant, call)
        except Exception as error:  # noqa: BLE001 - one bad batch does not end the stream
            reply.error.CopyFrom(status_of(error))
            return reply.SerializeToString()
        return reply.SerializeToString() + b"".join(map(_streamed, answers))

    async def _answers(self, asked: Sequence[pb.Question], tenant: str, call: Call) -> list[bytes]:
        """Decide all together, and return the bytes of each Answer: recorded answers are bytes.

        One catalog answers the batch whole, even if the rules change meanwhile.
        """
        if not 1 <= len(asked) <= BATCH_LIMIT:
            wrong = f"must hold 1 to {BATCH_LIMIT} questions, and holds {len(asked)}"
            raise BadQuestion([Violation("questions", wrong)])
        arrivals = [self._arrive() for _ in asked]
        read = [
            self._question(message, arrivals[index], tenant, f"questions[{index}].", call)
            for index, message in enumerate(asked)
        ]
        questions = [question for question in read if isinstance(question, Question)]
        decided = iter(await self._current()(questions) if questions else ())
        outcomes = [next(decided) if isinstance(part, Question) else part for part in read]
        return [
            self._answer(asked[index], outcome)
            if isinstance(outcome, Decision)
            else _refused(outcome, f"questions[{index}].", asked[index], arrivals[index])
            for index, outcome in enumerate(outcomes)
        ]

    def _answer(self, asked: pb.Question, decision: Decision) -> bytes:
        if asked.WhichOneof("question") != DECLARED:
            return self._fields[decision.kind](decision.answer)
        answer = as_declared(self._kinds, decision.kind, decision.answer)
        return self._fields[DECLARED](answer)

    def _question(
        self, asked: pb.Question, arrival: Arrival, tenant: str, path: str, call: Call
    ) -> Question | Exception:
        try:
            if asked.WhichOneof("question") == DECLARED:
                call.allow(asked.declared.kind)
                return declared_question(self._kinds, asked.declared, arrival, tenant)
            kind = self._kind(asked, path)
            call.allow(kind.name)
            return question(kind, getattr(asked, kind.name), arrival, tenant)
        except Exception as error:  # noqa: BLE001 - one bad question does not spoil the others
            return error

    def _kind(self, asked: pb.Question, path: str) -> AnyKind:
        name = asked.WhichOneof("question")
        if name is None:
            wrong = "must hold a question of one kind that this server knows"
            raise BadQuestion([Violation(f"{path}question", wrong)])
        return self._kinds[name]


def _refused(error: Exception, path: str, asked: pb.Question, arrival: Arrival) -> bytes:
    name = asked.WhichOneof("question")
    told = as_asked(error, f"{path}{name}.") if name else error
    return pb.Answer(error=status_of(told, arrival.id)).SerializeToString()
