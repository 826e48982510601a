"""A flow from question to answer: judged as a whole, then recorded as a whole."""

import asyncio
import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from weakref import WeakValueDictionary

from dealgate.decide import DecideAll, alone
from dealgate.flows.step import AnyFlow
from dealgate.flows.violations import violations
from dealgate.flows.walking import Walk, walk, written
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import (
    BadQuestion,
    DealgateError,
    NotServed,
    RecordDamaged,
    SubjectErased,
    TurnTaken,
)
from dealgate.model.flow import FlowAnswer, FlowQuestion

# As often as a single question takes up a turn (`lookup/cursors.py`).
ATTEMPTS = 32
MARK = "flow/"


class Journal(Protocol):
    """Records what belongs together together."""

    async def append_together(self, decisions: Sequence[Decision]) -> Decision:
        """Return the first once all are durable, or the first decision under its key."""

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> Decision | None:
        """Return the decision recorded under this key, if any; raise KeyReused on another body."""

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`."""


class Flows:
    """Takes things through flows, by one catalog."""

    def __init__(
        self,
        flows: Mapping[str, AnyFlow],
        judge_all: DecideAll,
        journal: Journal,
        served: Container[str],
    ) -> None:
        """`judge_all` answers questions and records nothing; `served` are kinds that have rules."""
        self._flows = flows
        self._judge = alone(judge_all)
        self._journal = journal
        self._served = served
        self._waiting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def process(self, asked: FlowQuestion) -> FlowAnswer:
        """Take every step until one is the last, and record all, or nothing.

        A repeat under the same key gets the first answer. Raises any DealgateError.
        """
        flow = self._flows[asked.flow]
        if wrong := violations(flow, asked):
            raise BadQuestion(wrong)
        self._refuse_unserved(flow, asked)
        try:
            walked = await walk(flow, asked, self._judge)
        except DealgateError:
            first = await self._first(asked)
            if first is None:
                raise
            return await self._repeated(flow, asked, first)
        if asked.dry_run:
            return FlowAnswer(
                "", written(walked, "", walked.decisions), walked.decisions, walked.word
            )
        return await self._kept(asked, walked)

    def _refuse_unserved(self, flow: AnyFlow, asked: FlowQuestion) -> None:
        chosen = [step.kind for step in flow.chosen(asked.steps)]
        absent = [kind for kind in chosen if kind not in self._served]
        if absent:
            raise NotServed(
                f"this server has no rules for {', '.join(absent)}; "
                "name the other steps in options.steps, or ask another server"
            )

    async def _kept(self, asked: FlowQuestion, walked: Walk) -> FlowAnswer:
        """Record the decisions; if one of them lost a turn that was looked up, decide all again."""
        try:
            return await self._recorded(asked, walked)
        except TurnTaken:
            if not _looked_up(walked):
                raise
        # One after the other: together they would lose the same turn again.
        async with self._waiting.setdefault(asked.tenant, asyncio.Lock()):
            for _ in range(ATTEMPTS - 1):
                try:
                    return await self._recorded(asked, await walk(walked.flow, asked, self._judge))
                except TurnTaken:
                    continue
            return await self._recorded(asked, await walk(walked.flow, asked, self._judge))

    async def _recorded(self, asked: FlowQuestion, walked: Walk) -> FlowAnswer:
        decisions = [_marked(decision, asked.id) for decision in walked.decisions]
        if asked.key is not None:
            decisions[0] = replace(decisions[0], key=asked.key, body_hash=_body_hash(asked))
        first = await self._journal.append_together(decisions)
        if first.id != decisions[0].id:
            return await self._repeated(walked.flow, asked, first)
        return FlowAnswer(asked.id, written(walked, asked.id, decisions), decisions, walked.word)

    async def _first(self, asked: FlowQuestion) -> Decision | None:
        if asked.key is None:
            return None
        return await self._journal.recall(asked.tenant, asked.key, _body_hash(asked))

    async def _repeated(self, flow: AnyFlow, asked: FlowQuestion, first: Decision) -> FlowAnswer:
        """Return the answer that was given first: the same walk, over what is recorded."""
        mark = next(mark for mark in first.marks if mark.startswith(MARK))
        decisions = await self._journal.marked(asked.tenant, mark, len(flow.steps))
        for decision in decisions:
            if decision.erased:
                raise SubjectErased(decision.id, decision.erased)
        recorded = {decision.kind: decision for decision in decisions}

        async def recall(question: Question) -> Decision:
            if question.kind not in recorded:
                raise RecordDamaged("a step of this flow can no longer be read")
            return recorded[question.kind]

        walked = await walk(flow, replace(asked, as_of=first.as_of), recall)
        flow_id = mark.removeprefix(MARK)
        data = written(walked, flow_id, walked.decisions)
        return FlowAnswer(flow_id, data, walked.decisions, walked.word, repeats=True)


def _marked(decision: Decision, flow_id: str) -> Decision:
    return replace(decision, marks=(*decision.marks, MARK + flow_id))


def _looked_up(walked: Walk) -> bool:
    """Whether the turn is one that we looked up: a caller who keeps a series has to hear of it."""
    return any(
        taken.decision.turn is not None
        and taken.decision.facts != taken.question.facts.SerializeToString(deterministic=True)
        for taken in walked.taken
    )


def _body_hash(asked: FlowQuestion) -> bytes:
    """Hash what makes two questions the same: the flow, its facts, and what shapes the answer."""
    chosen = (
        asked.flow,
        asked.as_of if asked.as_of_given else None,
        sorted(asked.versions.items()),
        asked.steps,
        asked.explain,
        *(("as sent",) if asked.as_sent else ()),
    )
    facts = (asked.sent or asked.facts).SerializeToString(deterministic=True)
    return hashlib.sha256(repr(chosen).encode() + b"\0" + facts).digest()
