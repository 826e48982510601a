"""The gRPC server: what it serves, how it listens, and how it stops."""

import asyncio
import logging
import socket
import time
from dataclasses import dataclass, field

from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from dealgate.wire.acceptor import Acceptor
from dealgate.wire.admission import Admission, Bounds
from dealgate.wire.arrival import Arrive, arrive
from dealgate.wire.auditing import Auditor, nowhere
from dealgate.wire.binding import unbound
from dealgate.wire.cutting import cut
from dealgate.wire.demands import demand_of
from dealgate.wire.door import Door, Observe
from dealgate.wire.entrance import Guarding, entries
from dealgate.wire.health import Health
from dealgate.wire.reception import Reception
from dealgate.wire.services import Ports, by_service, decision_handlers, shared_handlers
from dealgate.wire.tls import Certificates, Tls, warn_of_clear_text

UNIX = "unix:"
# NOT_SERVING while the rules folder holds a change that is refused. The server itself stays
# SERVING: it decides by the rules it has, and to take it out of service would help nobody.
RULES_HEALTH = "dealgate.rules"
# NOT_SERVING while no decision can be kept, and then the server as a whole is, too: a balancer
# has to send callers elsewhere.
JOURNAL_HEALTH = "dealgate.journal"
OWN = (health.SERVICE_NAME, reflection.SERVICE_NAME)  # they need no journal
# Seconds of the grace in which calls that were ended get their status, and gRPC says goodbye.
ENDING, CLOSING = 0.3, 0.3
PENDING = 1_000_000

log = logging.getLogger("dealgate")


@dataclass(frozen=True, slots=True)
class Listening:
    """How to listen and leave.

    `address` is host:port (port 0: any free one) or unix:/path. gRPC itself refuses longer
    messages than `max_message_bytes` with RESOURCE_EXHAUSTED; a connection may have
    `max_streams` calls open, and its next ones wait at the caller. On leaving, the server says
    NOT_SERVING and still answers for `lame_duck` seconds, so that balancers can look away; then
    it takes no new calls and gives those under way `grace` seconds.
    """

    address: str = "127.0.0.1:50051"
    tls: Tls | None = None
    max_message_bytes: int = 4 * 1024 * 1024
    max_streams: int = 100
    shares_port: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    lame_duck: float = 5.0
    grace: float = 10.0


class Server:
    """Serves every RPC of the contracts, health and reflection. Make it inside the event loop."""

    def __init__(
        self,
        listening: Listening,
        ports: Ports,
        *,
        observe: Observe = lambda _, handler: handler,
        arrive: Arrive = arrive,
        guarding: Guarding | None = None,
        auditor: Auditor | None = None,
    ) -> None:
        """Join the ports; `observe` goes around the handler of every RPC, once.

        `guarding` returns who guards at this moment; None: everybody may have everything.
        What `auditor` is not there for is not noted.
        """
        self._listening = listening
        self._leave_by = 0.0
        self._bound = 0
        self._health = Health()
        self.admission = Admission(listening.bounds)
        self._reception = Reception(self.admission, demand=demand_of(ports.live))
        door = Door(self.admission, observe, guarding)
        self._acceptor = Acceptor(door.lead, _options(listening))
        self._names = ["", *OWN]
        handlers = decision_handlers(ports.kinds, ports.current, arrive)
        handlers |= shared_handlers(ports, arrive)
        entered = entries(guarding, auditor or Auditor(nowhere))
        for name, methods in by_service(handlers, self._reception, entered):
            door.add(name, methods)
            self._names.append(name)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, door)
        reflecting = reflection.aio.ReflectionServicer(self._names[1:])
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(reflecting, door)

    async def start(self) -> int:
        """Listen, and return the port. Raises RuntimeError if the address is taken."""
        port = self._bound = self._port()
        self._acceptor.start()
        for name in self._names:
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        await self.tell_rules(sound=True)
        await self._set(JOURNAL_HEALTH, serving=True)
        return port

    async def tell_rules(self, *, sound: bool) -> None:
        """Say in the health of `dealgate.rules` whether the rules folder is sound."""
        await self._set(RULES_HEALTH, serving=sound)

    async def tell_journal(self, *, sound: bool) -> None:
        """Say in the health of `dealgate.journal`, and of all, whether decisions can be kept."""
        for name in (JOURNAL_HEALTH, *self._names):
            if name not in OWN:
                await self._set(name, serving=sound)

    async def _set(self, name: str, *, serving: bool) -> None:
        status = health_pb2.HealthCheckResponse
        await self._health.set(name, status.SERVING if serving else status.NOT_SERVING)

    async def run(self, leave: asyncio.Event) -> None:
        """Serve a started server until `leave` is set; return when it has drained."""
        await leave.wait()
        log.info(
            "draining: a signal asks to leave; calls are taken for %g s and may go on for %g s",
            self._listening.lame_duck,
            self._listening.grace,
            extra={"event": "dealgate.server.draining"},
        )
        await self.drain()

    def seconds_left(self) -> float:
        """Return how long leaving may still take: lame duck and grace, from the signal on."""
        return max(self._leave_by - time.monotonic(), 0.0)

    async def drain(self) -> None:
        """Say NOT_SERVING, linger, then stop."""
        self._leave_by = time.monotonic() + self._listening.lame_duck + self._listening.grace
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(self._listening.lame_duck)
        await self.stop()

    async def stop(self) -> None:
        """Take no new calls; those under way may finish within the grace, then are ended.

        gRPC's own way would end as CANCELLED what it holds and has not handed to us yet, and what
        it ends after the grace. Here both are told UNAVAILABLE, by us as far as they are handed
        over in time and else by the end of their connection; gRPC stops when nobody is in.
        """
        answered_by = time.monotonic() + self._listening.grace - CLOSING
        self._health.leave()
        self._reception.leave()
        if not await self._reception.settled(self._listening.grace - ENDING - CLOSING):
            self._reception.end()
            await self._reception.settled(ENDING)
        await self._acceptor.sent(answered_by - time.monotonic())
        address = self._listening.address
        cut(self._bound, address.removeprefix(UNIX) if address.startswith(UNIX) else "")
        await self._acceptor.stop(CLOSING)

    def _port(self) -> int:
        address, tls = self._listening.address, self._listening.tls
        _leave_to_its_owner(address)
        if tls is None:
            warn_of_clear_text(address)
        credentials = None if tls is None else Certificates(tls).credentials()
        port = self._acceptor.listen(address, credentials)
        if not port:
            raise RuntimeError(unbound(address))
        return port


def _leave_to_its_owner(address: str) -> None:
    """Raise RuntimeError if another server answers on this socket; a dead one's may be replaced.

    gRPC itself silently takes over a socket's path from another server.
    """
    if not address.startswith(UNIX):
        return
    path = address.removeprefix(UNIX)
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(path) == 0:
            raise RuntimeError(f"{path}: another server listens there; stop it, or choose another")


def _options(listening: Listening) -> list[tuple[str, int]]:
    return [
        ("grpc.max_concurrent_streams", listening.max_streams),
        # Under load it would refuse streams as UNAVAILABLE, without a delay, of callers who keep
        # to that bound; `admission` sends them away with one.
        ("grpc.http.overload_protection", 0),
        # gRPC would end as CANCELLED, in silence, what it has not handed to us yet beyond a
        # thousand; how many are begun is for `admission` to say.
        ("grpc.server.max_pending_requests", PENDING),
        ("grpc.server.max_pending_requests_hard_limit", PENDING),
        ("grpc.max_receive_message_length", listening.max_message_bytes),
        # What a header said is remembered by connection, and so is that it could not be read: by a
        # proxy's, which is that of many callers, a malformed header would fail the calls of others.
        ("grpc.http2.hpack_table_size.decoder", 0),
        # With the default of 1, a second server shares the port, and half the calls, in silence.
        ("grpc.so_reuseport", int(listening.shares_port)),
    ]
