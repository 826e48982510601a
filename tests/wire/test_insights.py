"""Insights over the wire."""

from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from dealgate.v1.insight_pb2 import GetVelocityRequest
from dealgate.wire.insights import SERVICE
from tests.wire.conftest import House, raw, refusal
from tests.wire.samples import NOON


@pytest.mark.parametrize("method", list(SERVICE.methods), ids=lambda method: method.name)
async def test_every_insight_is_asked_with_its_own_message(
    house: House, method: MethodDescriptor
) -> None:
    """The RPC's name, its request, the tenant and the server's clock reach what computes it."""
    request = GetMessageClass(method.input_type)()
    call = raw(house, f"InsightService/{method.name}")
    tenant = [("dealgate-tenant", "acme")]
    data = await call(request.SerializeToString(), metadata=tenant)
    reply: Any = GetMessageClass(method.output_type).FromString(data)
    assert NOON <= reply.basis.as_of.ToNanoseconds() < NOON + 1_000_000
    assert house.insights.asked == [(method.name, request, "acme")]


async def test_what_is_no_message_is_refused(house: House) -> None:
    """Bytes that are none are the caller's fault."""
    refused = await refusal(raw(house, "InsightService/GetVelocity")(b"\xff"))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields == ["request"]
    assert GetVelocityRequest.DESCRIPTOR.full_name in refused.status.SerializeToString().decode(
        "utf-8", "ignore"
    )
