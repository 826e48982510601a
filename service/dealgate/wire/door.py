"""The door: calls that cannot be accepted are rejected before anything is done or measured.

One lookup gives gRPC the handler of a call. An interceptor would make each call, taken up or sent
away, a third more expensive; so telemetry wraps the handlers once, when they are added here.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import grpc

from dealgate.model.access import Opening
from dealgate.model.errors import DealgateError, Forbidden, Later
from dealgate.wire.acceptor import SentAway, Served
from dealgate.wire.admission import Admission
from dealgate.wire.arrival import lost_time
from dealgate.wire.calls import STATUS_DETAILS, Context, Handler, tenant_of
from dealgate.wire.entrance import Guarding
from dealgate.wire.rpc import Metadata
from dealgate.wire.status import status_of

# Returns the handler of an RPC, with whatever is to happen around it.
Observe: TypeAlias = Callable[[str, Handler], Handler]

# Health and reflection are answered whatever else waits.
OPEN = ("/grpc.",)
OPENED = ((Opening.HEALTH, "/grpc.health."), (Opening.REFLECTION, "/grpc.reflection."))
UNKNOWN = "/_OTHER"  # what a method that nobody serves is called in telemetry
MOST_KEPT = 4096  # a flood has its callers come back over half a minute: 1,500 steps
EXPIRED = SentAway(
    grpc.StatusCode.DEADLINE_EXCEEDED.value[0], "the deadline passed before its turn", ()
)
STEPS = 50  # delays are rounded to this many steps a second, and each rejection is built once


class Door:
    """Leads to the handlers of all RPCs, and sends calls away while too many wait."""

    def __init__(
        self,
        admission: Admission,
        observe: Observe = lambda _, handler: handler,
        guarding: Guarding | None = None,
    ) -> None:
        """Ask `admission` about each call, and the guard whether gRPC's own services are open."""
        self._admission = admission
        self._observe = observe
        self._guarding = guarding
        self._handlers: dict[str, Handler] = {}
        self._unknown = observe(UNKNOWN, _unimplemented())
        self._ways_out: dict[tuple[type[Later], str, int], SentAway] = {}

    def add(self, service: str, handlers: Mapping[str, Handler]) -> None:
        """Serve the RPCs of a service, by their own names."""
        for name, handler in handlers.items():
            method = f"/{service}/{name}"
            self._handlers[method] = self._observe(method, handler)

    # As gRPC's generated code and its health and reflection services call it.
    add_registered_method_handlers = add

    def add_generic_rpc_handlers(self, _: Iterable[grpc.GenericRpcHandler]) -> None:
        """Do nothing: generated code adds the same handlers by name."""

    def lead(
        self, method: str, metadata: Metadata, seconds_left: float | None, peer: str
    ) -> Served:
        """Return the RPC's handler, or how its caller is sent away; `peer` is its connection."""
        if not method.startswith(OPEN):
            refusal = self._admission.knock(tenant_of(metadata), peer) or lost_time()
            if refusal is not None:
                return self._way_out(refusal)
            # In a flood many have given up before they are taken up: they cost next to nothing.
            if seconds_left == 0.0:
                self._admission.rejected["expired"] += 1
                return EXPIRED
            return self._handlers.get(method, self._unknown)
        self._admission.knocks += 1
        if self._is_closed(method):
            return _sent_away(Forbidden("access.yaml does not open this to everybody"))
        return self._handlers.get(method, self._unknown)

    def _is_closed(self, method: str) -> bool:
        if self._guarding is None:
            return False
        guard = self._guarding()
        return any(name in method and not guard.is_open(opening) for opening, name in OPENED)

    def _way_out(self, refusal: Later) -> SentAway:
        steps = int(refusal.retry_after * STEPS) + 1
        key = (type(refusal), str(refusal), steps)
        if key not in self._ways_out:
            if len(self._ways_out) >= MOST_KEPT:
                self._ways_out.clear()
            self._ways_out[key] = _sent_away(type(refusal)(str(refusal), steps / STEPS))
        return self._ways_out[key]


def _sent_away(refusal: DealgateError) -> SentAway:
    status = status_of(refusal)
    return SentAway(status.code, status.message, ((STATUS_DETAILS, status.SerializeToString()),))


def _unimplemented() -> Handler:
    async def handle(_: object, context: Context) -> bytes:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")

    return grpc.stream_unary_rpc_method_handler(handle)
