"""Makes blocking calls: deadline, metadata, retries, and errors of our own."""

import time
from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar, Unpack

import grpc
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from dealgate_client import health
from dealgate_client.calls import Call, DecisionRequest, Manner, Options, is_repeatable
from dealgate_client.connect import Tls, connect
from dealgate_client.errors import (
    ClientClosed,
    DealgateError,
    Unavailable,
)
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
    ) -> None:
        """Prepare to call `target`: "localhost:50051", or "dns:///dealgate:50051" for many.

        `tenant` is whose decisions these are; `timeout` (seconds) is for a call with all its
        retries, unless the call names its own; without `tls` the connection is plain.
        """
        self._manner = Manner(tenant, timeout, retry or Retry())
        self._connection = connect(target, tls)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; calls in flight fail with ClientClosed."""
        self._closed = True
        self._connection.close()

    def is_serving(self, service: str = "", **call: Unpack[Call]) -> bool:
        """Ask the server's health; `service` is a full name such as "dealgate.v1.LeadService".

        Raises Unavailable if nobody answers, NotFound if there is no such service.
        """
        asked = StringValue(value=service)
        return self._call(self._health, asked, call).value == health.SERVING

    def wait_until_ready(self, timeout: float = 30.0) -> None:
        """Return as soon as the server says it is serving; raise Unavailable after `timeout` s."""
        tries = Tries(health.PATIENT, timeout)
        while (failure := self._unready(tries)) is not None:
            pause = tries.pause(failure)
            if pause is None:
                raise failure
            time.sleep(pause)

    def _unready(self, tries: Tries) -> DealgateError | None:
        try:
            ready = self.is_serving(timeout=tries.remaining())
        except Unavailable as failure:
            return failure
        return None if ready else Unavailable("the server is not serving yet", "UNAVAILABLE")

    @property
    def _channel(self) -> grpc.Channel:
        # gRPC crashes the whole process when a stub is made on a closed channel.
        self._check_open()
        return self._connection

    @cached_property
    def _health(self) -> "grpc.UnaryUnaryMultiCallable[StringValue, Int32Value]":
        return self._channel.unary_unary(health.CHECK, health.write, health.read)

    def _decide(
        self,
        method: "grpc.UnaryUnaryMultiCallable[Asked, Response]",
        request: Asked,
        options: Options,
    ) -> Response:
        """Ask for one decision."""
        repeatable = is_repeatable(request.options)
        return self._call(method, request, options, repeatable=repeatable)

    def _call(
        self,
        method: "grpc.UnaryUnaryMultiCallable[Request, Response]",
        request: Request,
        call: Call | Options,
        *,
        repeatable: bool = True,
    ) -> Response:
        """Call until it succeeds or there is no point in going on."""
        tries = self._manner.tries(call, repeatable=repeatable)
        metadata = self._manner.metadata(call)
        while True:
            self._check_open()
            try:
                return method(request, timeout=tries.remaining(), metadata=metadata)
            except grpc.RpcError as error:
                self._check_open(error)
                failure = failed(error)
                pause = tries.pause(failure)
                if pause is None:
                    raise failure from error
            time.sleep(pause)

    def _check_open(self, cause: Exception | None = None) -> None:
        if self._closed:
            raise ClientClosed("the client is closed", "CANCELLED") from cause
