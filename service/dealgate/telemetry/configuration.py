"""Where telemetry goes, as the OTEL_* variables say."""

import os
import platform
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dealgate import __version__
from dealgate.telemetry import variables
from dealgate.telemetry.limits import BATCH, DELAY, QUEUE
from dealgate.telemetry.names import SCOPE
from dealgate.telemetry.sampling import ALWAYS_ON
from dealgate.telemetry.variables import DISABLED, OTLP, READ

TIMEOUT = 10.0  # seconds for one export
EXPORT_TIMEOUT = 30.0  # for one batch, with its retries
INTERVAL = 60.0
PROMETHEUS_HOST, PROMETHEUS_PORT = "localhost", 9464


@dataclass(frozen=True, slots=True)
class Target:
    """A collector."""

    protocol: str
    endpoint: str
    path: str  # of the URL, for HTTP
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    compression: str = "none"
    timeout: float = TIMEOUT
    certificate: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    is_insecure: bool = False


@dataclass(frozen=True, slots=True)
class Batching:
    """How much waits for its export, and how long."""

    queue: int = QUEUE
    batch: int = BATCH
    delay: float = DELAY
    timeout: float = EXPORT_TIMEOUT


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of it; `exporters` by signal in lower case."""

    exporters: Mapping[str, tuple[str, ...]]
    targets: Mapping[str, Target]
    batching: Mapping[str, Batching]
    resource: Mapping[str, str | int]
    sampler: str = ALWAYS_ON
    ratio: float = 1.0
    propagators: tuple[str, ...] = ("tracecontext",)
    interval: float = INTERVAL
    metric_timeout: float = EXPORT_TIMEOUT
    exemplars: bool = True
    prometheus: str = ""  # host:port


class _Values:
    """What the variables say; an empty one says nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, name: str, default: Any = None) -> Any:
        text = self._environ.get(name, "").strip()
        return READ[name](text) if text else default

    def of(self, signal: str, name: str, default: Any = None) -> Any:
        special = self.get(f"{OTLP}{signal.upper()}_{name}")
        return self.get(OTLP + name, default) if special is None else special


def configured(environ: Mapping[str, str] = os.environ) -> Configuration:
    """Return the configuration; raise ValueError that names every variable that is wrong."""
    if environ.get(DISABLED, "").strip().lower() == "true":
        return Configuration({}, {}, {}, {})
    values, wrong = _Values(environ), variables.faults(environ)
    if wrong:
        raise ValueError("\n".join(wrong))
    exporters = {signal.lower(): _exporters(signal.lower(), values) for signal in variables.SIGNALS}
    targets = {signal: _target(signal, values) for signal in exporters}
    wrong = [
        fault
        for signal in exporters
        if "otlp" in exporters[signal]
        for fault in _target_faults(signal, targets[signal])
    ]
    batching = {"traces": _batching("OTEL_BSP", values), "logs": _batching("OTEL_BLRP", values)}
    wrong += _batching_faults(values)
    if wrong:
        raise ValueError("\n".join(wrong))
    host = values.get("OTEL_EXPORTER_PROMETHEUS_HOST", PROMETHEUS_HOST)
    port = values.get("OTEL_EXPORTER_PROMETHEUS_PORT", PROMETHEUS_PORT)
    return Configuration(
        exporters=exporters,
        targets=targets,
        batching=batching,
        resource=_resource(values),
        sampler=values.get("OTEL_TRACES_SAMPLER", ALWAYS_ON),
        ratio=values.get("OTEL_TRACES_SAMPLER_ARG", 1.0),
        propagators=values.get("OTEL_PROPAGATORS", ("tracecontext",)),
        interval=values.get("OTEL_METRIC_EXPORT_INTERVAL", INTERVAL),
        metric_timeout=values.get("OTEL_METRIC_EXPORT_TIMEOUT", EXPORT_TIMEOUT),
        exemplars=values.get("OTEL_METRICS_EXEMPLAR_FILTER") != "always_off",
        prometheus=f"{host}:{port}" if "prometheus" in exporters["metrics"] else "",
    )


def _exporters(signal: str, values: _Values) -> tuple[str, ...]:
    """Return what a signal is exported by: what is set, else OTLP if there is an endpoint."""
    chosen: tuple[str, ...] | None = values.get(f"OTEL_{signal.upper()}_EXPORTER")
    if chosen is not None:
        return chosen
    return ("otlp",) if values.of(signal, "ENDPOINT") else ()


def _target(signal: str, values: _Values) -> Target:
    protocol = values.of(signal, "PROTOCOL", "grpc")
    default = "http://localhost:4317" if protocol == "grpc" else "http://localhost:4318"
    special = values.get(f"{OTLP}{signal.upper()}_ENDPOINT")
    endpoint = special or values.get(OTLP + "ENDPOINT", default)
    return Target(
        protocol=protocol,
        endpoint=endpoint,
        path="" if special else f"/v1/{signal}",
        headers=values.of(signal, "HEADERS", ()),
        compression=values.of(signal, "COMPRESSION", "none"),
        timeout=values.of(signal, "TIMEOUT", TIMEOUT),
        certificate=values.of(signal, "CERTIFICATE"),
        client_certificate=values.of(signal, "CLIENT_CERTIFICATE"),
        client_key=values.of(signal, "CLIENT_KEY"),
        is_insecure=values.of(signal, "INSECURE", default=False),
    )


def _target_faults(signal: str, target: Target) -> list[str]:
    faults = []
    if target.compression == "zstd" and target.protocol == "grpc":
        faults.append(
            f"{OTLP}COMPRESSION: zstd is not built in over gRPC; set gzip, or "
            f"{OTLP}PROTOCOL=http/protobuf ({signal})"
        )
    if target.is_insecure and target.endpoint.startswith("https://"):
        faults.append(
            f"{OTLP}INSECURE: contradicts {target.endpoint}; write http:// for no TLS ({signal})"
        )
    if (target.client_certificate is None) != (target.client_key is None):
        faults.append(f"{OTLP}CLIENT_CERTIFICATE and {OTLP}CLIENT_KEY go together ({signal})")
    return faults


def _batching(prefix: str, values: _Values) -> Batching:
    queue = values.get(f"{prefix}_MAX_QUEUE_SIZE", QUEUE)
    return Batching(
        queue=queue,
        batch=values.get(f"{prefix}_MAX_EXPORT_BATCH_SIZE", min(BATCH, queue)),
        delay=values.get(f"{prefix}_SCHEDULE_DELAY", DELAY),
        timeout=values.get(f"{prefix}_EXPORT_TIMEOUT", EXPORT_TIMEOUT),
    )


def _batching_faults(values: _Values) -> list[str]:
    return [
        f"{prefix}_MAX_EXPORT_BATCH_SIZE: is more than {prefix}_MAX_QUEUE_SIZE "
        f"({batching.queue}); set it to that or less"
        for prefix in ("OTEL_BSP", "OTEL_BLRP")
        if (batching := _batching(prefix, values)).batch > batching.queue
    ]


def _resource(values: _Values) -> Mapping[str, str | int]:
    """Describe this process; what the environment says about it wins."""
    ours: dict[str, str | int] = {
        "service.name": SCOPE,
        "service.version": __version__,
        "service.instance.id": str(uuid.uuid4()),
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
        "process.runtime.name": platform.python_implementation().lower(),
        "process.runtime.version": platform.python_version(),
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": SCOPE,
        "telemetry.sdk.version": __version__,
    }
    ours |= dict(values.get("OTEL_RESOURCE_ATTRIBUTES", ()))
    name = values.get("OTEL_SERVICE_NAME")
    return ours | ({"service.name": name} if name else {})
