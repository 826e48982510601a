"""One call: its metadata, bytes in, bytes out, and its errors turned into statuses."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message

from dealgate.model import parsing
from dealgate.model.errors import BadQuestion, DealgateError, Forbidden, Violation
from dealgate.wire.admission import Origin, leaving
from dealgate.wire.outlines import refuse_crowds
from dealgate.wire.reception import Reception, Visit
from dealgate.wire.rpc import Rpc
from dealgate.wire.status import CODES, status_of

TENANT = "dealgate-tenant"
TENANT_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
DECISION_ID = "x-decision-id"
STATUS_DETAILS = "grpc-status-details-bin"

Context: TypeAlias = Rpc
Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, bytes]"
Request = TypeVar("Request", bound=Message)
# Makes the handler of an RPC, which receives its calls there, and lets in whom the entry does.
Serve: TypeAlias = "Callable[[Reception, Entry | None], Handler]"


class Pass(Protocol):
    """What a caller who was let in may have."""

    @property
    def name(self) -> str:
        """The principal."""

    @property
    def tenant(self) -> str:
        """The tenant that the call names; "": none, as it is about rules that are nobody's."""

    def allows(self, kind: str) -> bool:
        """Tell whether the call may be about decisions of this kind."""

    def refused(self, error: DealgateError) -> None:
        """Have it noted that the caller was refused something within the call."""

    async def note(self, decision_id: str) -> None:
        """Return once it is noted that the caller gets an answer, if such answers are noted."""


class Entry(Protocol):
    """Lets calls of one RPC in."""

    async def admit(
        self, metadata: Iterable[tuple[str, str | bytes]], names: Mapping[str, Iterable[bytes]]
    ) -> Pass:
        """Return the caller's pass; raises Unauthenticated, Forbidden and BadQuestion.

        `names` are what TLS verified of the caller, as gRPC calls them.
        """


@dataclass(slots=True)
class Call:
    """A call under way; it is identified by `decision_id` from the moment it has one.

    `held` is the caller's pass; None: this server lets everybody have everything.
    """

    metadata: tuple[tuple[str, str | bytes], ...] = ()
    decision_id: str = ""
    held: Pass | None = None

    def allows(self, kind: str) -> bool:
        """Tell whether the caller may have decisions of this kind."""
        return self.held is None or self.held.allows(kind)

    def allow(self, kind: str) -> None:
        """Raise Forbidden unless the caller may have decisions of this kind."""
        if self.held is not None and not self.held.allows(kind):
            refusal = Forbidden(f"the caller may not do this with decisions of the kind {kind}")
            self.held.refused(refusal)
            raise refusal

    def signed(self, name: str, field: str) -> str:
        """Return in whose name the caller acts: its own, where this server knows it.

        Raises BadQuestion if it gives another name in `field`.
        """
        if self.held is None or name == self.held.name:
            return name
        if name:
            cure = "is another name than the caller's; leave it empty"
            raise BadQuestion([Violation(field, cure)])
        return self.held.name

    @property
    def viewer(self) -> str:
        """The tenant whose scopes the caller sees; "": none, as it was not let in for one."""
        return self.tenant if self.held is None else self.held.tenant

    @property
    def tenant(self) -> str:
        """Whose decisions these are; raises BadQuestion on a name that cannot be one."""
        given = [str(value) for key, value in self.metadata if key == TENANT] or ["default"]
        if len(given) > 1 or not TENANT_NAME.fullmatch(given[0]):
            cure = "give it once: 1 to 64 ASCII letters, digits, dots, hyphens and underscores"
            raise BadQuestion([Violation(f"metadata.{TENANT}", cure)])
        return given[0]


Unary: TypeAlias = Callable[[bytes, Call], Awaitable[bytes]]
Stream: TypeAlias = Callable[[AsyncIterator[bytes], Call], AsyncIterator[bytes]]


def unary(answer: Unary) -> Serve:
    """Serve `answer`: one message in, one out.

    gRPC hands over raw bytes. If it parsed them itself, malformed ones would get UNKNOWN and
    the parser's own words, before any code of ours could have a say. Nor does it read the
    message: it would never answer a call that ends without one, and reads what is then refused.
    """

    def serve(reception: Reception, entry: Entry | None) -> Handler:
        async def handle(_: object, context: Context) -> bytes:
            call = _call(context)
            with reception.visit(_origin(call, context), context) as visit:
                try:
                    visit.arrive()
                    if entry is not None:
                        call.held = await entry.admit(call.metadata, context.auth_context())
                    reception.demand(call)
                    reply = await answer(await visit.message(), call)
                    if call.held is not None:
                        await call.held.note(call.decision_id)
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - each gets a status
                    await _refuse(context, call, _meant(error, visit))
            _trail(context, call)
            return reply

        return grpc.stream_unary_rpc_method_handler(handle)

    return serve


def stream(answer: Stream, *, endless: bool = False, duplex: bool = False) -> Serve:
    """Serve `answer`: messages in, messages out, each only when the caller has room for it.

    `endless`: it continues for as long as the caller likes, and is ended when the server stops.
    `duplex`: the caller sends many messages, and gets the initial metadata first: gRPC's asyncio
    client reports INTERNAL instead of a refusal that arrives while it sends.
    """

    def serve(reception: Reception, entry: Entry | None) -> Handler:
        # Replies are written here, not yielded, so that a cancellation ends up here as well.
        async def handle(_: object, context: Context) -> None:
            call = _call(context)
            with reception.visit(_origin(call, context), context) as visit:
                try:
                    visit.arrive()
                    if entry is not None:
                        call.held = await entry.admit(call.metadata, context.auth_context())
                    reception.demand(call)
                    if duplex:
                        await context.send_initial_metadata(())
                    is_noted = call.held is None
                    async for reply in answer(_messages(visit), call):
                        if call.held is not None and not is_noted:
                            await call.held.note(call.decision_id)
                            is_noted = True
                        # A caller who does not read its answers keeps no turn from others.
                        visit.rest()
                        visit.is_endless = endless
                        await context.write(reply)
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - as in `unary`
                    await _refuse(context, call, _meant(error, visit))

        return grpc.stream_stream_rpc_method_handler(handle)

    return serve


async def _messages(visit: Visit) -> AsyncIterator[bytes]:
    while (data := await visit.next_message()) is not None:
        yield data


def _meant(error: BaseException, visit: Visit) -> Exception:
    """Return the error for the caller; raises a cancellation that is the caller's own."""
    if isinstance(error, Exception):
        return error
    if not visit.was_ended:
        raise error
    visit.recover()
    return leaving()


def tenant_of(metadata: Iterable[tuple[str, str | bytes]] | None) -> str:
    """Return whose call this is, whatever the name; it is checked where it matters."""
    for key, value in metadata or ():  # a loop: every call that is rejected pays for this
        if key == TENANT:
            return str(value)
    return "default"


def _origin(call: Call, context: Context) -> Origin:
    return Origin(tenant_of(call.metadata), context.peer())


def typed(request: type[Request], answer: Callable[[Request, Call], Awaitable[Message]]) -> Unary:
    """Let `answer` see messages instead of bytes."""

    async def parse_and_answer(data: bytes, call: Call) -> bytes:
        reply = await answer(parsed(request, data), call)
        return reply.SerializeToString()

    return parse_and_answer


def parsed(message: type[Request], data: bytes) -> Request:
    """Parse a request; bytes that are not one, or hold too much, raise BadQuestion."""
    refuse_crowds(message.DESCRIPTOR, data)
    return parsing.parsed(message, data)


def _call(context: Context) -> Call:
    return Call(tuple(context.invocation_metadata() or ()))


async def _refuse(context: Context, call: Call, error: Exception) -> NoReturn:
    _trail(context, call)
    status = status_of(error, call.decision_id)
    # Not abort_with_status: its trailers would replace those that are set already.
    trailers = (*context.trailing_metadata(), (STATUS_DETAILS, status.SerializeToString()))
    await context.abort(CODES[status.code], status.message, trailers)


def _trail(context: Context, call: Call) -> None:
    """Add our trailer to those of others: setting them replaces all."""
    if call.decision_id:
        trailers = (*context.trailing_metadata(), (DECISION_ID, call.decision_id))
        context.set_trailing_metadata(trailers)
