"""What really happened: RecordResult, and results as messages."""

import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.model import words
from dealgate.model.checks import optional_id, required, required_id
from dealgate.model.decision import Decision
from dealgate.model.errors import BadQuestion, UnknownDecision, Violation
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import malformed
from dealgate.model.messages import result_message
from dealgate.model.money import to_minor
from dealgate.model.results import Result
from dealgate.v1 import result_pb2 as pb
from dealgate.wire.arrival import Arrive
from dealgate.wire.calls import Call

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
LARGEST_AMOUNT = 2**63 - 1  # in minor units
CLOCK_SKEW = 30 * 10**9  # nanoseconds: what has just happened there may lie ahead of the clock here

# Keeps a result and returns it once it is durable, or the one that it repeats.
Attach: TypeAlias = Callable[[Result], Awaitable[Result]]
# Returns a tenant's decision by its id.
Get: TypeAlias = Callable[[str, str], Awaitable[Decision]]


class Results:
    """Answers RecordResult."""

    def __init__(self, attach: Attach, get: Get, arrive: Arrive) -> None:
        """Keep results with `attach`, for decisions that `get` returns."""
        self._attach = attach
        self._get = get
        self._arrive = arrive

    async def record(self, request: pb.RecordResultRequest, call: Call) -> pb.RecordResultResponse:
        """Record one result, or one correction."""
        now = self._arrive().at
        request.recorded_by = call.signed(request.recorded_by, "recorded_by")
        violations = _violations(request, now)
        if violations:
            raise BadQuestion(violations)
        if call.held is not None:
            await seen(self._get, call, request.decision_id)
        call.decision_id = request.decision_id
        kept = await self._attach(_result(request, call.tenant, now))
        return pb.RecordResultResponse(result=result_message(kept))


async def seen(get: Get, call: Call, decision_id: str) -> Decision:
    """Return a decision that the caller may have; one that it may not is unknown to it."""
    decision = await get(call.tenant, decision_id)
    if not call.allows(decision.kind):
        unknown = UnknownDecision(f"there is no decision {decision_id}")
        if call.held is not None:
            call.held.refused(unknown)
        raise unknown
    call.decision_id = decision.id
    return decision


def id_violations(decision_id: str) -> list[Violation]:
    """Return what is wrong with an id of a decision."""
    cure = "must be the decision id of an answer's header, a UUID in lower case"
    return [] if UUID.fullmatch(decision_id) else [Violation("decision_id", cure)]


def _result(request: pb.RecordResultRequest, tenant: str, now: int) -> Result:
    has_amount = request.HasField("amount")
    return Result(
        tenant=tenant,
        decision_id=request.decision_id,
        revision=request.corrects + 1,
        type=words.of(pb.ResultType, request.type).upper(),
        happened_at=nanoseconds(request.happened_at),
        recorded_at=now,
        amount=to_minor(request.amount) if has_amount else None,
        currency=request.amount.currency_code if has_amount else "",
        reason=request.reason,
        recorded_by=request.recorded_by,
        because=request.because,
    )


def _violations(request: pb.RecordResultRequest, now: int) -> list[Violation]:
    violations = [*id_violations(request.decision_id), *malformed(request)]
    wrong = {violation.field for violation in violations}
    violations += required("type", request.type)
    violations += required("happened_at", request.HasField("happened_at"))
    violations += required_id("recorded_by", request.recorded_by)
    violations += optional_id("reason", request.reason)
    violations += optional_id("because", request.because)
    if "happened_at" not in wrong:
        violations += _instant_violations(nanoseconds(request.happened_at), now)
    if "amount" not in wrong:
        violations += _amount_violations(request)
    return violations + _correction_violations(request)


def _instant_violations(happened_at: int, now: int) -> list[Violation]:
    if happened_at > now + CLOCK_SKEW:
        return [
            Violation("happened_at", "is after the server's clock; report only what has happened")
        ]
    if happened_at < 0:
        return [Violation("happened_at", "is before 1970")]
    return []


def _amount_violations(request: pb.RecordResultRequest) -> list[Violation]:
    if not request.HasField("amount"):
        needed = request.type == pb.ResultType.RESULT_TYPE_VALUE
        return [Violation("amount", "is required for RESULT_TYPE_VALUE")] if needed else []
    too_large = abs(to_minor(request.amount)) > LARGEST_AMOUNT
    return [Violation("amount", "does not fit into 64 bits of minor units")] if too_large else []


def _correction_violations(request: pb.RecordResultRequest) -> list[Violation]:
    if not request.HasField("corrects"):
        wrong = "belongs to a correction; name the revision in corrects, or unset it"
        return [Violation("because", wrong)] if request.because else []
    violations = required("because", request.because)
    if not 1 <= request.corrects < 2**31 - 1:
        violations.append(Violation("corrects", "must be the newest revision, 1 or more"))
    return violations
