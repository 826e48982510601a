"""Decisions already taken: GetDecision and ListDecisions."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from dealgate.model.decision import Decision, DecisionFilter, Page
from dealgate.model.errors import BadQuestion, Forbidden, Violation
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import malformed
from dealgate.model.messages import recorded, result_message, summary
from dealgate.model.results import Result
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.calls import Call
from dealgate.wire.pages import continued, token
from dealgate.wire.results import id_violations, seen

PAGE_LIMIT, PAGE_DEFAULT = 1000, 100
ENTITY = re.compile(r"[a-z_]+/.+", re.DOTALL)


class Records(Protocol):
    """What the journal remembers."""

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision, or raise UnknownDecision."""

    async def find(self, wanted: DecisionFilter) -> Page:
        """Return the newest decisions that meet every condition, newest first."""

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return the revisions of each decision that has a result, oldest first."""

    async def attach(self, result: Result) -> Result:
        """Return `result` once it is durable, or the revision that it repeats.

        Raises UnknownDecision, ResultExists and Stale.
        """


class History:
    """Answers GetDecision and ListDecisions."""

    def __init__(self, kinds: Collection[str], records: Records) -> None:
        """`kinds` are the names of those that decisions may be of."""
        self._kinds = kinds
        self._records = records

    async def get(self, request: pb.GetDecisionRequest, call: Call) -> pb.GetDecisionResponse:
        """Return one decision as it was recorded."""
        violations = id_violations(request.decision_id)
        if violations:
            raise BadQuestion(violations)
        decision = await seen(self._records.get, call, request.decision_id)
        record = recorded(decision)
        told = await self._records.results(call.tenant, [decision.id])
        _tell(record, told.get(decision.id, ()))
        return pb.GetDecisionResponse(decision=record)

    async def find(self, request: pb.ListDecisionsRequest, call: Call) -> pb.ListDecisionsResponse:
        """Return one page of outlines."""
        wanted = self._wanted(request, call.tenant)
        self._allow(wanted, call)
        goes_on = request.page_token
        page = await self._records.find(continued(wanted, goes_on) if goes_on else wanted)
        last = page.next_before is None
        ids = [decision.id for decision in page.decisions]
        told = await self._records.results(call.tenant, ids)
        return pb.ListDecisionsResponse(
            decisions=[_told_summary(one, told.get(one.id, ())) for one in page.decisions],
            next_page_token="" if last else token(wanted, str(page.next_before)),
            damaged_decision_ids=page.damaged,
        )

    def _allow(self, wanted: DecisionFilter, call: Call) -> None:
        """Raise Forbidden if the list could hold decisions of kinds that the caller may not see."""
        hidden = [name for name in sorted(self._kinds) if not call.allows(name)]
        if wanted.kind in hidden or (wanted.kind is None and hidden):
            shown = ", ".join(name for name in sorted(self._kinds) if name not in hidden)
            refusal = Forbidden(f"the caller may list decisions of these kinds: {shown}; name one")
            if call.held is not None:
                call.held.refused(refusal)
            raise refusal

    def _wanted(self, request: pb.ListDecisionsRequest, tenant: str) -> DecisionFilter:
        violations = self._violations(request)
        if violations:
            raise BadQuestion(violations)
        given = {field.name for field, _ in request.ListFields()}
        return DecisionFilter(
            tenant=tenant,
            entity=request.entity or None,
            kind=request.kind or None,
            version=request.rule_set_version if "rule_set_version" in given else None,
            decided_from=nanoseconds(request.evaluated_from) if "evaluated_from" in given else None,
            decided_before=(
                nanoseconds(request.evaluated_before) if "evaluated_before" in given else None
            ),
            limit=request.page_size or PAGE_DEFAULT,
        )

    def _violations(self, request: pb.ListDecisionsRequest) -> list[Violation]:
        violations = malformed(request)
        if request.entity and not ENTITY.fullmatch(request.entity):
            violations.append(Violation("entity", "must be a type, a slash and an id: lead/00Q5e"))
        if request.kind and request.kind not in self._kinds:
            known = ", ".join(sorted(self._kinds))
            violations.append(
                Violation("kind", f"is not a kind of decision; the kinds are: {known}")
            )
        if not 0 <= request.page_size <= PAGE_LIMIT:
            violations.append(Violation("page_size", f"must be 0 to {PAGE_LIMIT}; 0 means 100"))
        return violations + _version_violations(request)


def _version_violations(request: pb.ListDecisionsRequest) -> list[Violation]:
    if not request.HasField("rule_set_version"):
        return []
    if not request.kind:
        return [Violation("kind", "is required with rule_set_version")]
    wrong = request.rule_set_version < 1
    return [Violation("rule_set_version", "must be 1 or more")] if wrong else []


def _told_summary(decision: Decision, told: Sequence[Result]) -> pb.RecordedDecisionSummary:
    outline = summary(decision)
    _tell(outline, told)
    return outline


def _tell(record: pb.RecordedDecision | pb.RecordedDecisionSummary, told: Sequence[Result]) -> None:
    """Add what really happened, if it was reported."""
    if told:
        *earlier, newest = map(result_message, told)
        record.result.CopyFrom(newest)
        record.earlier_results.extend(earlier)
