"""Decisions in bulk and decisions already taken, for asyncio."""

import datetime as dt
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Unpack

from google.type.money_pb2 import Money

from dealgate_client.aio.streaming import StreamCalls
from dealgate_client.calls import Call, Filter, Options, decision_filter, decision_options
from dealgate_client.history import history_questions
from dealgate_client.questions import Result, all_repeatable, decide_request, results
from dealgate_client.v1.decision_service_pb2 import (
    BatchDecideRequest,
    DecideResponse,
    EraseSubjectRequest,
    EraseSubjectResponse,
    ExportSubjectRequest,
    ExportSubjectResponse,
    GetDecisionRequest,
    Question,
    RecordedDecision,
    RecordedDecisionSummary,
)
from dealgate_client.v1.explanation_pb2 import ExplainDecisionRequest, ExplainDecisionResponse
from dealgate_client.v1.replay_pb2 import ReplayDecisionRequest, ReplayDecisionResponse
from dealgate_client.v1.result_pb2 import DecisionResult, RecordResultRequest, ResultType
from dealgate_client.v1.score_pb2 import ScoreFacts
from dealgate_client.values import timestamp


class DecisionCalls(StreamCalls):
    """The calls of DecisionService."""

    async def decide(
        self, kind: str, facts: Mapping[str, object], **options: Unpack[Options]
    ) -> DecideResponse:
        """Ask a kind by its name: one that the rules folder declares, or any other.

        `facts` are a mapping, as deep as the kind's; `options` are those of `Choices` and `Call`.
        Raises DealgateError.
        """
        request = decide_request(kind, facts, decision_options(options))
        return await self._decide(self._decisions.Decide, request, options)

    async def batch_decide(
        self, questions: Iterable[Question], **call: Unpack[Call]
    ) -> list[Result]:
        """Decide up to 256 questions of any kind, made by `question`.

        Returns, in their order, the response of each question's own call, or the error that
        call would have raised: one bad question does not spoil the others.
        """
        request = BatchDecideRequest(questions=questions)
        repeatable = all_repeatable(request.questions)
        decide = self._decisions.BatchDecide
        answer = await self._call(decide, request, call, repeatable=repeatable)
        return results(answer.answers)

    async def score_history(
        self,
        facts: ScoreFacts,
        at: Iterable[dt.datetime],
        *,
        rule_set_version: int | None = None,
        **call: Unpack[Call],
    ) -> list[tuple[dt.datetime, Result]]:
        """Return what a lead scored, or would have, at each of up to 256 instants, in one call.

        Of the facts each point knows what had happened by then, and is judged by the rules of
        then, or by one version. The points are dry runs: nothing is recorded.
        """
        instants = list(at)
        asked = history_questions(facts, instants, rule_set_version)
        answers = await self.batch_decide(asked, **call)
        return list(zip(instants, answers, strict=True))

    async def get_decision(self, decision_id: str, **call: Unpack[Call]) -> RecordedDecision:
        """Return a recorded decision. Raises DecisionNotFound."""
        request = GetDecisionRequest(decision_id=decision_id)
        answer = await self._call(self._decisions.GetDecision, request, call)
        return answer.decision

    async def explain_decision(
        self, decision_id: str, *, flips_per_outcome: int = 0, **call: Unpack[Call]
    ) -> ExplainDecisionResponse:
        """Explain a recorded decision: every condition, what was missing, what would flip it.

        At most so many flips to each other outcome, 1 to 100; 0: 5. Takes up to seconds: give it
        a `timeout` to match. Raises DecisionNotFound.
        """
        request = ExplainDecisionRequest(
            decision_id=decision_id, flips_per_outcome=flips_per_outcome
        )
        return await self._call(self._decisions.ExplainDecision, request, call)

    async def replay_decision(
        self, decision_id: str, **call: Unpack[Call]
    ) -> ReplayDecisionResponse:
        """Decide a recorded decision again, and compare the answer with the record, byte for byte.

        Where they differ, the response names what the answer rests on that has changed since.
        Raises DecisionNotFound.
        """
        request = ReplayDecisionRequest(decision_id=decision_id)
        return await self._call(self._decisions.ReplayDecision, request, call)

    async def export_subject(
        self, subject: str, *, page_size: int = 0, page_token: str = "", **call: Unpack[Call]
    ) -> ExportSubjectResponse:
        """Return a page of the records that name a subject, such as "lead/00Q5e".

        What is personal of others is left out. Go on with the response's next_page_token.
        """
        request = ExportSubjectRequest(subject=subject, page_size=page_size, page_token=page_token)
        return await self._call(self._decisions.ExportSubject, request, call)

    async def erase_subject(
        self, subject: str, reason: str, *, erased_by: str = "", **call: Unpack[Call]
    ) -> EraseSubjectResponse:
        """Erase a subject for good: nobody can read again what was personal of theirs.

        Needs a server whose journal is encrypted. `erased_by` may be empty where the server knows
        who calls.
        """
        request = EraseSubjectRequest(subject=subject, reason=reason, erased_by=erased_by)
        return await self._call(self._decisions.EraseSubject, request, call)

    async def record_result(
        self,
        decision_id: str,
        type: "ResultType.ValueType",  # noqa: A002  # the name of the contract
        *,
        happened_at: dt.datetime,
        recorded_by: str,
        amount: Money | None = None,
        reason: str = "",
        corrects: int | None = None,
        because: str = "",
        **call: Unpack[Call],
    ) -> DecisionResult:
        """Attach what really happened to a decision, or correct it.

        `corrects` is the revision that this one replaces, and `because` says why. A repeat gets
        what was recorded. Raises DecisionNotFound, ResultExists (it has another result), and
        Conflict (the revision is not the newest).
        """
        request = RecordResultRequest(
            decision_id=decision_id,
            type=type,
            happened_at=timestamp(happened_at),
            amount=amount,
            reason=reason,
            recorded_by=recorded_by,
            corrects=corrects,
            because=because,
        )
        answer = await self._call(self._decisions.RecordResult, request, call)
        return answer.result

    async def list_decisions(
        self, **chosen: Unpack[Filter]
    ) -> AsyncGenerator[RecordedDecisionSummary, None]:
        """Yield the outlines of recorded decisions, newest first, page after page as needed."""
        request = decision_filter(chosen)
        while True:
            page = await self._call(self._decisions.ListDecisions, request, chosen)
            for decision in page.decisions:
                yield decision
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token
