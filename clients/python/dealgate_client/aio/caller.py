"""Makes asyncio calls: deadline, metadata, retries, and errors of our own."""

from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar, Unpack

import grpc
import grpc.aio
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from dealgate_client import health
from dealgate_client.aio.connection import Connection, pause
from dealgate_client.calls import (
    Call,
    DecisionRequest,
    FlowChoices,
    Manner,
    Options,
    Token,
    is_repeatable,
)
from dealgate_client.connect import Tls
from dealgate_client.errors import DealgateError, Unavailable
from dealgate_client.failures import failed
from dealgate_client.retry import Retry, Tries

Asked = TypeVar("Asked", bound=DecisionRequest)
Request = TypeVar("Request")
Response = TypeVar("Response")


class Caller:
    """What all calls share."""

    def __init__(
        self,
        target: str,
        *,
        tenant: str = "default",
        timeout: float = 5.0,
        retry: Retry | None = None,
        tls: Tls | None = None,
        token: Token | None = None,
    ) -> None:
        """Prepare to call `target`: "localhost:50051", or "dns:///dealgate:50051" for many.

        `tenant` is whose decisions these are; `timeout` (seconds) is for a call with all its
        retries, unless the call names its own; without `tls` the connection is plain. `token`
        is sent with each call, as the text or as what the function returns then.
        """
        self._manner = Manner(tenant, timeout, retry or Retry(), token)
        self._connection = Connection(target, tls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; calls in flight fail with ClientClosed."""
        await self._connection.close()

    async def is_serving(self, service: str = "", **call: Unpack[Call]) -> bool:
        """Ask the server's health; `service` is a full name such as "dealgate.v1.LeadService".

        Raises Unavailable if nobody answers, NotFound if there is no such service.
        """
        answer = await self._call(self._health, StringValue(value=service), call)
        return answer.value == health.SERVING

    async def wait_until_ready(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109  as any call
        """Return as soon as the server says it is serving; raise Unavailable after `timeout` s."""
        tries = Tries(health.PATIENT, timeout)
        while (failure := await self._unready(tries)) is not None:
            seconds = tries.pause(failure)
            if seconds is None:
                raise failure
            await pause(seconds)

    async def _unready(self, tries: Tries) -> DealgateError | None:
        try:
            ready = await self.is_serving(timeout=tries.remaining())
        except Unavailable as failure:
            return failure
        return None if ready else Unavailable("the server is not serving yet", "UNAVAILABLE")

    @cached_property
    def _health(self) -> grpc.aio.UnaryUnaryMultiCallable[StringValue, Int32Value]:
        return self._connection.channel.unary_unary(health.CHECK, health.write, health.read)

    async def _decide(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Asked, Response],
        request: Asked,
        options: Options | FlowChoices,
    ) -> Response:
        """Ask for one decision."""
        repeatable = is_repeatable(request.options)
        return await self._call(method, request, options, repeatable=repeatable)

    async def _call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        call: Call | Options | FlowChoices,
        *,
        repeatable: bool = True,
    ) -> Response:
        """Call until it succeeds or there is no point in going on."""
        tries = self._manner.tries(call, repeatable=repeatable)
        metadata = self._manner.metadata(call)
        while True:
            try:
                return await self._connection.ask(method, request, tries.remaining(), metadata)
            except grpc.RpcError as error:
                failure = failed(error)
                seconds = tries.pause(failure)
                if seconds is None:
                    raise failure from error
            await pause(seconds)
