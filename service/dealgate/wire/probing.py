"""Asks a server for its health, as a probe does: once, within a bound."""

from dataclasses import dataclass
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104
SERVING = health_pb2.HealthCheckResponse.SERVING
UNKNOWN = "UNKNOWN"  # the server does not know the service


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a server with TLS wants: who signed it, and with mTLS a certificate."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    name: str | None = None  # that its certificate is for, if not the address


def probe(address: str, service: str, seconds: float, tls: Credentials | None) -> str:
    """Return the status of the service by its name, such as SERVING; raise OSError with why not."""
    with _channel(_reachable(address), tls) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=service)
        try:
            answer = stub.Check(request, timeout=seconds)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return UNKNOWN
            raise OSError(f"{address}: {error.code().name}: {error.details()}") from None
    name: str = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return name


def _reachable(address: str) -> str:
    """Return where a server that listens there can be reached from here."""
    if address.startswith("unix:"):
        return address
    host, _, port = address.rpartition(":")
    return f"{ANYWHERE.get(host, host)}:{port}"


def _channel(address: str, tls: Credentials | None) -> grpc.Channel:
    # Of its own, so that a probe never waits for what an earlier one found.
    options: list[tuple[str, object]] = [("grpc.use_local_subchannel_pool", 1)]
    if tls is None:
        return grpc.insecure_channel(address, options)
    if tls.name:
        options.append(("grpc.ssl_target_name_override", tls.name))
    ca, key, chain = (
        None if path is None else path.read_bytes() for path in (tls.ca, tls.key, tls.certificate)
    )
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(ca, key, chain), options)
