"""The door: who cannot be taken up is sent away before anything is done for them, or measured."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import grpc

from dealgate.model.access import Opening
from dealgate.model.errors import DealgateError, Forbidden, Later
from dealgate.wire.admission import Admission
from dealgate.wire.calls import STATUS_DETAILS, Context, Handler, tenant_of
from dealgate.wire.entrance import Guarding
from dealgate.wire.status import CODES, status_of

Continuation: TypeAlias = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]

# Health and reflection are answered whatever else waits.
OPEN = ("/grpc.",)
OPENED = ((Opening.HEALTH, "/grpc.health."), (Opening.REFLECTION, "/grpc.reflection."))
MOST_KEPT = 512
STEPS = 50  # delays are told in so many steps a second, and each way to be sent away is made once


class Door(grpc.aio.ServerInterceptor):
    """Sends calls away while too many wait; put it outermost."""

    def __init__(self, admission: Admission, guarding: Guarding | None = None) -> None:
        """Ask `admission` about each call, and the guard whether gRPC's own services are open."""
        self._admission = admission
        self._guarding = guarding
        self._ways_out: dict[tuple[type[Later], str, int], Handler] = {}

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Return the RPC's handler, or one that sends its caller away."""
        if not handler_call_details.method.startswith(OPEN):
            metadata = handler_call_details.invocation_metadata
            refusal = self._admission.knock(tenant_of(metadata))
            if refusal is not None:
                return self._way_out(refusal)
        elif self._is_closed(handler_call_details.method):
            return _sent_away(Forbidden("access.yaml does not open this to everybody"))
        return await continuation(handler_call_details)

    def _is_closed(self, method: str) -> bool:
        if self._guarding is None:
            return False
        guard = self._guarding()
        return any(name in method and not guard.is_open(opening) for opening, name in OPENED)

    def _way_out(self, refusal: Later) -> Handler:
        steps = int(refusal.retry_after * STEPS) + 1
        key = (type(refusal), str(refusal), steps)
        if key not in self._ways_out:
            if len(self._ways_out) >= MOST_KEPT:
                self._ways_out.clear()
            self._ways_out[key] = _sent_away(type(refusal)(str(refusal), steps / STEPS))
        return self._ways_out[key]


def _sent_away(refusal: DealgateError) -> Handler:
    status = status_of(refusal)
    code, trailers = CODES[status.code], ((STATUS_DETAILS, status.SerializeToString()),)

    # As a stream's: gRPC does not read the message of a call that is not taken up.
    async def handle(_: object, context: Context) -> bytes:
        await context.abort(code, status.message, trailers)

    return grpc.stream_unary_rpc_method_handler(handle)
