"""Attribution models are fitted for callers who keep them: FitAttributionModel."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.v1 import attribute_pb2 as pb
from dealgate.wire.calls import Call
from dealgate.wire.outlines import refuse_crowds

# Fits in a process of its own, a serialized request to a serialized response. The server itself
# never parses one: of journeys, that takes seventeen times the memory of the message.
Fit: TypeAlias = Callable[[bytes], Awaitable[bytes]]


class Fitting:
    """Answers FitAttributionModel."""

    def __init__(self, fit: Fit) -> None:
        """Fit with `fit`."""
        self._fit = fit

    async def fit(self, data: bytes, call: Call) -> bytes:
        """Fit a model."""
        call.allow("attribute")
        refuse_crowds(pb.FitAttributionModelRequest.DESCRIPTOR, data)
        return await self._fit(data)
