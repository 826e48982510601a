"""Attribution models are fitted for callers who keep them: FitAttributionModel."""

import asyncio

from dealgate.kinds.attribute.fitting import fit
from dealgate.v1 import attribute_pb2 as pb
from dealgate.wire.calls import Call


async def fit_attribution_model(
    request: pb.FitAttributionModelRequest, _: Call
) -> pb.FitAttributionModelResponse:
    """Fit beside the event loop, which goes on deciding meanwhile."""
    return await asyncio.to_thread(fit, request)
