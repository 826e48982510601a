"""What really happened, over the wire."""

from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import BadRequest
from google.type.money_pb2 import Money

from dealgate.model.money import NOT_A_CURRENCY
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.v1 import result_pb2
from dealgate.v1.result_pb2 import RecordResultRequest, ResultType
from tests.wire.conftest import House, refusal
from tests.wire.samples import NOON, score

WON, LOST = ResultType.RESULT_TYPE_WON, ResultType.RESULT_TYPE_LOST
VALUE = ResultType.RESULT_TYPE_VALUE
BEFORE = Timestamp(seconds=NOON // 1_000_000_000 - 60)
NOBODY = "00000000-0000-7000-8000-000000000000"


async def decided(house: House) -> str:
    """Take a decision; return its id."""
    return (await house.leads.ScoreLead(score("A"))).header.decision_id


def won(decision_id: str, **changes: Any) -> RecordResultRequest:
    """A deal that was won a minute before noon."""
    values = {"type": WON, "happened_at": BEFORE, "recorded_by": "crm"}
    return RecordResultRequest(decision_id=decision_id, **{**values, **changes})


async def test_a_result_is_recorded_and_shown(house: House) -> None:
    """It comes back at once, with its revision, and with the decision in both reads."""
    known = await decided(house)
    worth = Money(currency_code="EUR", units=12, nanos=500_000_000)
    reply = await house.decisions.RecordResult(won(known, amount=worth, reason="fit"))
    result = reply.result
    assert (result.type, result.happened_at, result.amount) == (WON, BEFORE, worth)
    assert (result.reason, result.recorded_by, result.revision) == ("fit", "crm", 1)
    assert NOON <= result.recorded_at.ToNanoseconds() < NOON + 1_000_000
    one = await house.decisions.GetDecision(pb.GetDecisionRequest(decision_id=known))
    (listed,) = (await house.decisions.ListDecisions(pb.ListDecisionsRequest())).decisions
    assert one.decision.result == listed.result == result


async def test_a_correction_keeps_what_it_corrects(house: House) -> None:
    """The newest revision holds; the ones before stay beside it, oldest first."""
    known = await decided(house)
    first = (await house.decisions.RecordResult(won(known))).result
    request = won(known, type=LOST, corrects=1, because="It was another deal.")
    second = (await house.decisions.RecordResult(request)).result
    assert (second.revision, second.because) == (2, "It was another deal.")
    one = await house.decisions.GetDecision(pb.GetDecisionRequest(decision_id=known))
    (listed,) = (await house.decisions.ListDecisions(pb.ListDecisionsRequest())).decisions
    assert one.decision.result == listed.result == second
    assert list(one.decision.earlier_results) == list(listed.earlier_results) == [first]


async def test_nobody_told_yet(house: House) -> None:
    """A decision without a result has none: not an empty one."""
    known = await decided(house)
    one = await house.decisions.GetDecision(pb.GetDecisionRequest(decision_id=known))
    assert not one.decision.HasField("result")


async def test_another_result_is_refused(house: House) -> None:
    """A different result for a decision is refused with ALREADY_EXISTS, which names it."""
    known = await decided(house)
    await house.decisions.RecordResult(won(known))
    refused = await refusal(house.decisions.RecordResult(won(known, type=LOST)))
    assert refused.code is grpc.StatusCode.ALREADY_EXISTS
    assert refused.trailers["x-decision-id"] == known


async def test_results_are_the_tenants_own(house: House) -> None:
    """Another tenant can neither tell about a decision nor learn that it exists."""
    known = await decided(house)
    call = house.decisions.RecordResult(won(known), metadata=[("dealgate-tenant", "acme")])
    assert (await refusal(call)).code is grpc.StatusCode.NOT_FOUND


BAD: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (
        {"decision_id": "", "type": 0, "happened_at": None, "recorded_by": ""},
        [
            ("decision_id", "must be the decision id of an answer's header, a UUID in lower case"),
            ("type", "is required"),
            ("happened_at", "is required"),
            ("recorded_by", "is required; give your id"),
        ],
    ),
    ({"type": 99}, [("type", "is not a number declared by enum ResultType")]),
    (
        {"happened_at": Timestamp(seconds=NOON // 1_000_000_000 + 3600)},
        [("happened_at", "is after the server's clock; report only what has happened")],
    ),
    ({"happened_at": Timestamp(seconds=-1)}, [("happened_at", "is before 1970")]),
    ({"type": VALUE}, [("amount", "is required for RESULT_TYPE_VALUE")]),
    (
        {"amount": Money(currency_code="eur", units=1)},
        [("amount", f"currency_code {NOT_A_CURRENCY}")],
    ),
    (
        {"amount": Money(currency_code="EUR", units=2**62)},
        [("amount", "does not fit into 64 bits of minor units")],
    ),
    (
        {"reason": "x" * 257, "recorded_by": "y" * 257},
        [
            ("recorded_by", "is longer than 256 characters"),
            ("reason", "is longer than 256 characters"),
        ],
    ),
    ({"corrects": 1}, [("because", "is required")]),
    (
        {"corrects": 0, "because": "Wrong."},
        [("corrects", "must be the newest revision, 1 or more")],
    ),
    (
        {"because": "Wrong."},
        [("because", "belongs to a correction; name the revision in corrects, or unset it")],
    ),
]


@pytest.mark.parametrize(("change", "violations"), BAD, ids=range(len(BAD)))
async def test_bad_results(
    house: House, change: dict[str, Any], violations: list[tuple[str, str]]
) -> None:
    """All that is wrong is named at once, exactly, and nothing is recorded."""
    values = {"decision_id": NOBODY, "type": WON, "happened_at": BEFORE, "recorded_by": "crm"}
    request = result_pb2.RecordResultRequest(**{**values, **change})
    refused = await refusal(house.decisions.RecordResult(request))
    found = refused.detail(BadRequest).field_violations
    assert [(one.field, one.description) for one in found] == violations
    assert house.records.told == {}
