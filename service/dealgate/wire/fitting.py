"""Attribution models are fitted for callers who keep them: FitAttributionModel."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.v1 import attribute_pb2 as pb
from dealgate.wire.calls import Call

# Fits beside the event loop, which goes on deciding meanwhile.
Fit: TypeAlias = Callable[
    [pb.FitAttributionModelRequest], Awaitable[pb.FitAttributionModelResponse]
]


class Fitting:
    """Answers FitAttributionModel."""

    def __init__(self, fit: Fit) -> None:
        """Fit with `fit`."""
        self._fit = fit

    async def fit(
        self, request: pb.FitAttributionModelRequest, call: Call
    ) -> pb.FitAttributionModelResponse:
        """Fit a model."""
        call.allow("attribute")
        return await self._fit(request)
