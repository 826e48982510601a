"""What may happen to any call: deadlines, cancellation, strange bytes, tenants."""

import asyncio
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo

from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.calls import Context, Handler
from tests.wire.conftest import House, opened, raw, refusal
from tests.wire.samples import score

PATIENCE = 20  # seconds until a test that hangs is given up


async def test_deadline(house: House) -> None:
    """A call that outlives its deadline fails with it, and leaves nothing half done."""
    house.decider.waits.add("L1")
    async with asyncio.timeout(PATIENCE):
        while (
            not house.decider.waiting.is_set()
        ):  # on a slow machine, not even the start is in time
            refused = await refusal(house.leads.ScoreLead(score(), timeout=0.2))
            assert refused.code is grpc.StatusCode.DEADLINE_EXCEEDED
        await house.decider.cancelled.wait()
    assert house.records.kept == []


async def test_cancellation(house: House) -> None:
    """A cancelled call stops deciding, and leaves nothing half done."""
    house.decider.waits.add("L1")
    call = house.leads.ScoreLead(score())
    waiting = asyncio.ensure_future(call)
    await asyncio.wait_for(house.decider.waiting.wait(), PATIENCE)
    call.cancel()
    await asyncio.wait_for(house.decider.cancelled.wait(), PATIENCE)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert house.records.kept == []


@pytest.mark.parametrize(
    "rpc",
    [
        "LeadService/ScoreLead",
        "DecisionService/BatchDecide",
        "DecisionService/GetDecision",
        "DecisionService/ListDecisions",
        "RuleService/ListRuleSets",
        "RuleService/GetRuleSet",
    ],
)
async def test_bytes_that_are_no_message(house: House, rpc: str) -> None:
    """Malformed bytes are the caller's fault, and the parser's own words stay inside."""
    call = raw(house, rpc)(b"\x0a\xff\xff secret")
    refused = await refusal(call)
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields == ["request"]
    assert refused.detail(ErrorInfo).reason == "BAD_QUESTION"
    assert "secret" not in str(refused)
    assert ("x-decision-id" in refused.trailers) == (rpc == "LeadService/ScoreLead")


async def test_text_that_is_no_utf8(house: House) -> None:
    """A string of bytes that are no UTF-8 is refused as malformed."""
    request = score("secret").SerializeToString().replace(b"secret", b"\xff" * 6)
    refused = await refusal(raw(house, "LeadService/ScoreLead")(request))
    assert refused.fields == ["request"]


async def test_ten_megabytes(house: House) -> None:
    """A message above 4 MiB is refused by gRPC itself, before we read it; smaller ones may pass."""
    refused = await refusal(house.leads.ScoreLead(score("L" * 10_000_000)))
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert house.decider.questions == []
    await house.leads.ScoreLead(score("L" * 4_000_000))


async def test_unknown_rpc(house: House) -> None:
    """What is not in the contracts, or decides by a kind not served here, is UNIMPLEMENTED."""
    for rpc in ("LeadService/Nope", "RevenueService/AttributeRevenue"):
        refused = await refusal(raw(house, rpc)(b""))
        assert refused.code is grpc.StatusCode.UNIMPLEMENTED


async def test_tenant(house: House) -> None:
    """The tenant comes from metadata, and one tenant does not see another's decisions."""
    acme = (("dealgate-tenant", "acme"),)
    reply = await house.leads.ScoreLead(score(), metadata=acme)
    assert house.decider.questions[0].tenant == "acme"
    request = pb.GetDecisionRequest(decision_id=reply.header.decision_id)
    await house.decisions.GetDecision(request, metadata=acme)
    refused = await refusal(house.decisions.GetDecision(request))
    assert refused.code is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("names", [[""], ["a b"], ["a" * 65], ["a/b"], ["acme", "acme"]])
async def test_bad_tenant(house: House, names: list[str]) -> None:
    """A name that cannot be a tenant's is refused; nothing is done for the default one."""
    metadata = tuple(("dealgate-tenant", name) for name in names)
    refused = await refusal(house.leads.ScoreLead(score(), metadata=metadata))
    assert refused.fields == ["metadata.dealgate-tenant"]
    assert house.decider.questions == []
    assert "x-decision-id" in refused.trailers


async def test_trailers_of_others_stay() -> None:
    """Our trailers are added to those set around us, on success and on errors alike."""
    async with opened(observe=marking) as house:
        call = house.leads.ScoreLead(score())
        await call
        assert {"x-mark", "x-decision-id"} <= set((await call.trailing_metadata()).keys())
        refused = await refusal(house.leads.ScoreLead(score("")))
        assert {"x-mark", "x-decision-id", "grpc-status-details-bin"} <= set(refused.trailers)


def marking(_: str, inner: Any) -> Handler:
    """Set a trailer of its own before a unary handler runs."""

    async def handle(request: object, context: Context) -> bytes:
        context.set_trailing_metadata((("x-mark", "1"),))
        reply: bytes = await inner.stream_unary(request, context)
        return reply

    streams: Handler = inner
    return streams if inner.response_streaming else grpc.stream_unary_rpc_method_handler(handle)
