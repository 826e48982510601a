"""What is recorded about somebody: ExportSubject and EraseSubject."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dealgate.model.decision import Decision, DecisionFilter, Entity
from dealgate.model.erasure import Erased, Erasure
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.instants import timestamp
from dealgate.model.malformed import malformed
from dealgate.model.messages import recorded, result_message
from dealgate.model.results import Result
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.arrival import Arrive
from dealgate.wire.calls import Call
from dealgate.wire.pages import continued, token

PAGE_LIMIT, PAGE_DEFAULT = 1000, 100
REASON_LENGTH = 256
SUBJECT = re.compile(r"[a-z_]+/.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """Records that name a subject, as it may see them; `after` goes on, None: they end here.

    Each comes with its newest result, if the decision is about the subject, and whether it is.
    """

    records: Sequence[tuple[Decision, Result | None, bool]]
    after: str | None


# Returns at most that many records of a tenant's subject, recorded after a decision.
Export: TypeAlias = Callable[[str, Entity, str | None, int], Awaitable[SubjectPage]]
# Erases a subject; raises SwitchedOff if the journal is not encrypted.
Erase: TypeAlias = Callable[[Erasure], Awaitable[Erased]]


@dataclass(frozen=True, slots=True)
class SubjectPorts:
    """How subjects are exported and erased."""

    export: Export
    erase: Erase


class Subjects:
    """Answers ExportSubject and EraseSubject."""

    def __init__(self, ports: SubjectPorts, arrive: Arrive) -> None:
        """See the class."""
        self._ports = ports
        self._arrive = arrive

    async def export(
        self, request: pb.ExportSubjectRequest, call: Call
    ) -> pb.ExportSubjectResponse:
        """Return one page of records."""
        violations = malformed(request) + _subject_violations(request.subject)
        if not 0 <= request.page_size <= PAGE_LIMIT:
            violations.append(Violation("page_size", f"must be 0 to {PAGE_LIMIT}; 0 means 100"))
        if violations:
            raise BadQuestion(violations)
        wanted = DecisionFilter(call.tenant, entity=request.subject)
        after = continued(wanted, request.page_token).before if request.page_token else None
        subject = _subject(request.subject)
        page = await self._ports.export(
            call.tenant, subject, after, request.page_size or PAGE_DEFAULT
        )
        return pb.ExportSubjectResponse(
            records=[
                _record(decision, result, is_about=is_about)
                for decision, result, is_about in page.records
            ],
            next_page_token="" if page.after is None else token(wanted, page.after),
        )

    async def erase(self, request: pb.EraseSubjectRequest, call: Call) -> pb.EraseSubjectResponse:
        """Erase one subject."""
        by = call.signed(request.erased_by, "erased_by")
        violations = malformed(request) + _subject_violations(request.subject)
        if not 1 <= len(request.reason) <= REASON_LENGTH:
            violations.append(Violation("reason", f"must be 1 to {REASON_LENGTH} characters"))
        if not 1 <= len(by) <= REASON_LENGTH:
            violations.append(Violation("erased_by", f"must be 1 to {REASON_LENGTH} characters"))
        if violations:
            raise BadQuestion(violations)
        erased = await self._ports.erase(
            Erasure(call.tenant, _subject(request.subject), by, request.reason, self._arrive().at)
        )
        return pb.EraseSubjectResponse(
            stand_in=erased.stand_in, has_records_in_clear=erased.has_clear
        )


def _subject(subject: str) -> Entity:
    type_, _, id_ = subject.partition("/")
    return Entity(type_, id_)


def _subject_violations(subject: str) -> list[Violation]:
    cure = "must be a type, a slash and an id: lead/00Q5e"
    return [] if SUBJECT.fullmatch(subject) else [Violation("subject", cure)]


def _record(decision: Decision, result: Result | None, *, is_about: bool) -> pb.SubjectRecord:
    told = pb.SubjectRecord(
        decision_id=decision.id,
        kind=decision.kind,
        evaluated_at=timestamp(decision.decided_at),
        is_about=is_about,
        record=recorded(decision),
    )
    if result is not None:
        told.record.result.CopyFrom(result_message(result))
    return told
