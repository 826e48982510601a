"""Decisions decided again: ReplayDecision."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.model import words
from dealgate.model.decision import Decision
from dealgate.model.errors import BadQuestion
from dealgate.model.replays import Replayed
from dealgate.v1 import replay_pb2 as pb
from dealgate.wire.calls import Call
from dealgate.wire.records import Records
from dealgate.wire.results import id_violations, seen

# Decides a recorded decision again; it computes beside the event loop.
Replay: TypeAlias = Callable[[Decision], Awaitable[Replayed]]


class Replays:
    """Answers ReplayDecision."""

    def __init__(self, records: Records, replay: Replay) -> None:
        """`records` holds what is replayed."""
        self._records = records
        self._replay = replay

    async def replay(
        self, request: pb.ReplayDecisionRequest, call: Call
    ) -> pb.ReplayDecisionResponse:
        """Decide one decision again, and say how the answer compares."""
        violations = id_violations(request.decision_id)
        if violations:
            raise BadQuestion(violations)
        decision = await seen(self._records.get, call, request.decision_id)
        return _response(await self._replay(decision))


def _response(replayed: Replayed) -> pb.ReplayDecisionResponse:
    return pb.ReplayDecisionResponse(
        verdict=words.number_of(pb.ReplayVerdict, replayed.verdict.name),
        recorded_outcome=replayed.recorded,
        outcome=replayed.outcome,
        differing_fields=replayed.fields,
        changes=[
            pb.ReplayChange(subject=change.subject, recorded=change.recorded, here=change.here)
            for change in replayed.changes
        ],
        because=replayed.because,
    )
