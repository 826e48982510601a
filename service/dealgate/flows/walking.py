"""A walk through a flow: each step is asked with the answers of the steps before it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.flows.paths import in_flow, of_step
from dealgate.flows.step import AnyFlow, AnyStep, Filled
from dealgate.model import words
from dealgate.model.decision import Decision, Question
from dealgate.model.encoding import message_field
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.flow import FlowQuestion
from dealgate.model.instants import timestamp
from dealgate.v1.flow_pb2 import FedFact, FlowHeader, FlowStep, FlowStop

# Answers the question of one step.
Answer = Callable[[Question], Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step that was taken: what it was asked, and what it decided."""

    step: AnyStep
    filled: Filled
    question: Question
    decision: Decision


@dataclass(frozen=True, slots=True)
class Walk:
    """The path through a flow, and why it ends."""

    flow: AnyFlow
    taken: Sequence[StepTaken]
    stop: FlowStop.ValueType

    @property
    def decisions(self) -> Sequence[Decision]:
        """The decisions of the steps."""
        return [taken.decision for taken in self.taken]

    @property
    def word(self) -> str:
        """Why it ends, in one word: "on_hold"."""
        return words.of(FlowStop, self.stop)


async def walk(flow: AnyFlow, asked: FlowQuestion, answer: Answer) -> Walk:
    """Take one step after the other, until an outcome says that it is the last.

    Raises what a step raises; violations name fields of the flow's request.
    """
    told, taken = flow.response(), list[StepTaken]()
    for index, step in enumerate(flow.chosen(asked.steps)):
        filled = step.fill(asked.facts, told, asked.as_of)
        question = _question(asked, step, filled.facts, asked.ids[index])
        try:
            decision = await answer(question)
        except BadQuestion as error:
            raise _as_asked(error, step) from error
        _tell(told, step.kind, decision.answer)
        taken.append(StepTaken(step, filled, question, decision))
        stop = step.stop(told)
        if stop is not None:
            return Walk(flow, taken, stop)
    return Walk(flow, taken, FlowStop.FLOW_STOP_COMPLETED)


def written(walked: Walk, flow_id: str, decisions: Sequence[Decision]) -> bytes:
    """Return the response: a header, and the answers as they are recorded, byte for byte."""
    response = walked.flow.response
    header = _header(walked, flow_id, decisions).SerializeToString(deterministic=True)
    answers = {decision.kind: decision.answer for decision in decisions}
    parts = [
        message_field(response, step.kind)(answers[step.kind])
        for step in walked.flow.steps
        if step.kind in answers
    ]
    return b"".join((message_field(response, "header")(header), *parts))


def _question(asked: FlowQuestion, step: AnyStep, facts: Message, id_: str) -> Question:
    return Question(
        id=id_,
        kind=step.kind,
        facts=facts,
        as_of=asked.as_of,
        asked_at=asked.asked_at,
        as_of_given=asked.as_of_given,
        version=asked.versions.get(step.kind),
        tenant=asked.tenant,
        explain=asked.explain,
        dry_run=asked.dry_run,
        from_state=of_step(step, asked.from_state),
    )


def _tell(told: Message, kind: str, answer: bytes) -> None:
    part: Message = getattr(told, kind)
    part.ParseFromString(answer)
    part.SetInParent()


def _as_asked(error: BadQuestion, step: AnyStep) -> BadQuestion:
    return BadQuestion(
        [
            Violation(in_flow(step, violation.field), violation.description)
            for violation in error.violations
        ]
    )


def _header(walked: Walk, flow_id: str, decisions: Sequence[Decision]) -> FlowHeader:
    first, last = decisions[0], walked.taken[-1]
    missing = walked.flow.response()
    _tell(missing, last.step.kind, last.decision.answer)
    wanted = getattr(missing, last.step.kind).header.missing_facts
    return FlowHeader(
        flow_id=flow_id,
        steps=[_step(taken, flow_id) for taken in walked.taken],
        stopped_after=last.step.kind,
        stop=walked.stop,
        missing_facts=sorted({in_flow(last.step, path) for path in wanted}),
        trace_id=first.trace_id,
        as_of=timestamp(first.as_of),
        evaluated_at=timestamp(first.decided_at),
    )


def _step(taken: StepTaken, flow_id: str) -> FlowStep:
    return FlowStep(
        kind=taken.step.kind,
        decision_id=taken.decision.id if flow_id else "",
        outcome=taken.decision.outcome,
        fed=[FedFact(**{"from": source, "to": target}) for source, target in taken.filled.fed],
    )
