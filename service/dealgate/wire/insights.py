"""Insights over the wire: every RPC of InsightService."""

from collections.abc import Mapping
from typing import Any, Protocol

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.v1 import insight_service_pb2
from dealgate.wire.arrival import Arrive
from dealgate.wire.calls import Call, Serve, Unary, parsed, unary

SERVICE = insight_service_pb2.DESCRIPTOR.services_by_name["InsightService"]


class Insights(Protocol):
    """What computes insights."""

    async def answer(self, name: str, request: Message, tenant: str, now: int) -> bytes:
        """Return the answer to the RPC `name`; raises BadQuestion, Overloaded and Unavailable."""


def insight_handlers(insights: Insights, arrive: Arrive) -> Mapping[str, Serve]:
    """Return what answers each RPC, by its full name."""
    return {
        method.full_name: unary(_answering(method, insights, arrive)) for method in SERVICE.methods
    }


def _answering(method: MethodDescriptor, insights: Insights, arrive: Arrive) -> Unary:
    request: Any = GetMessageClass(method.input_type)

    async def answer(data: bytes, call: Call) -> bytes:
        asked = parsed(request, data)
        if "kind" in request.DESCRIPTOR.fields_by_name:
            call.allow(asked.kind)
        return await insights.answer(method.name, asked, call.tenant, arrive().at)

    return answer
