"""The step itself, around whatever decides questions and takes flows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias, TypeVar

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from dealgate.decide import DecideAll, Outcomes
from dealgate.entities.completing import Draft, State, complete
from dealgate.entities.properties import Declares, allowed
from dealgate.model.body_hash import body_hash
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import DealgateError, Unavailable
from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.model.overlay import Allows

Process: TypeAlias = Callable[[FlowQuestion], Awaitable[FlowAnswer]]
Asked = TypeVar("Asked", Question, FlowQuestion)


class Recalls(Protocol):
    """Knows first answers."""

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the decision recorded under this key, if any; raise KeyReused on another body."""


class Completion:
    """Completes questions and flows from state."""

    def __init__(self, state: State, journal: Recalls) -> None:
        """Without `state` nothing is decided but repeats, which `journal` knows."""
        self._state = state
        self._journal = journal

    def around(self, decide_all: DecideAll, catalog: Declares) -> DecideAll:
        """Return `decide_all`, which decides by `catalog`, with its questions completed first."""
        allows = allowed(catalog)

        async def completed(questions: Sequence[Question]) -> Outcomes:
            drafts = {
                index: draft
                for index, question in enumerate(questions)
                if (draft := _draft(question, catalog)) is not None
            }
            ready = await self._completed(questions, drafts, allows) if drafts else questions
            asked = [question for question in ready if isinstance(question, Question)]
            decided = iter(await decide_all(asked) if asked else ())
            return [next(decided) if isinstance(part, Question) else part for part in ready]

        return completed

    def around_flow(self, process: Process, catalog: Declares) -> Process:
        """Return `process`, which completes the flow's facts once: steps correct what they are fed.

        To complete each step would bring back what an earlier one took out.
        """
        allows = allowed(catalog)

        async def completed(asked: FlowQuestion) -> FlowAnswer:
            draft = _draft(asked, catalog)
            if draft is None:
                return await process(asked)
            await complete(self._state, asked.tenant, (draft,), allows)
            return await process(_with(asked, draft))

        return completed

    async def _completed(
        self, questions: Sequence[Question], drafts: Mapping[int, Draft], allows: Allows
    ) -> Sequence[Question | Decision | Exception]:
        """Return each question completed, or its first answer, or why there is none."""
        tenant = questions[0].tenant  # a call is of one
        try:
            await complete(self._state, tenant, list(drafts.values()), allows)
        except Unavailable as error:
            return [
                await self._first_answer(question, error) if index in drafts else question
                for index, question in enumerate(questions)
            ]
        return [
            _with(question, drafts[index]) if index in drafts else question
            for index, question in enumerate(questions)
        ]

    async def _first_answer(self, question: Question, error: Unavailable) -> Decision | Exception:
        """Return what was answered under the question's key: a repeat needs no state."""
        if question.key is None or question.violations:
            return error
        try:
            known = await self._journal.recall(question.tenant, question.key, body_hash(question))
        except DealgateError as refusal:
            return refusal
        return known or error


def _draft(asked: Question | FlowQuestion, catalog: Declares) -> Draft | None:
    """Return a copy of the facts to complete; None: there is nothing to complete in them."""
    kind = None
    if isinstance(asked, Question) and isinstance(asked.facts, Struct):
        kind = catalog.kinds.get(asked.kind)
    sent = Draft(asked.facts, asked.as_of, kind)
    if asked.as_sent or not (sent.gaps(companies=False) or sent.gaps(companies=True)):
        return None
    facts: Message = type(asked.facts)()
    facts.CopyFrom(asked.facts)
    return Draft(facts, asked.as_of, kind)


def _with(asked: Asked, draft: Draft) -> Asked:
    from_state = draft.from_state
    if not from_state:
        return asked
    return replace(asked, facts=draft.facts, sent=asked.facts, from_state=from_state)
