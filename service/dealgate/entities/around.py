"""The step itself, around whatever decides questions and takes flows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias, TypeVar

from google.protobuf.message import Message

from dealgate.decide import DecideAll, Outcomes
from dealgate.entities.completing import Draft, State, complete
from dealgate.entities.gaps import gaps
from dealgate.entities.properties import Declares, allowed
from dealgate.model.answer import body_hash
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
            ready = await self._completed(questions, allows)
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
            if not _is_open(asked):
                return await process(asked)
            draft = _draft(asked)
            await complete(self._state, asked.tenant, (draft,), allows)
            return await process(_with(asked, draft))

        return completed

    async def _completed(
        self, questions: Sequence[Question], allows: Allows
    ) -> Sequence[Question | Decision | Exception]:
        """Return each question completed, or its first answer, or why there is none."""
        drafts = {
            index: _draft(question)
            for index, question in enumerate(questions)
            if _is_open(question)
        }
        if not drafts:
            return questions
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


def _is_open(asked: Question | FlowQuestion) -> bool:
    if asked.as_sent:
        return False
    return bool(gaps(asked.facts, companies=False) or gaps(asked.facts, companies=True))


def _draft(asked: Question | FlowQuestion) -> Draft:
    facts: Message = type(asked.facts)()
    facts.CopyFrom(asked.facts)
    return Draft(facts, asked.as_of)


def _with(asked: Asked, draft: Draft) -> Asked:
    from_state = draft.from_state
    if not from_state:
        return asked
    return replace(asked, facts=draft.facts, sent=asked.facts, from_state=from_state)
