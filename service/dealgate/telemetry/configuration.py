"""Where telemetry goes, as the OTEL_* variables say, or the file that one of them names."""

import os
import platform
import socket
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dealgate import __version__
from dealgate.telemetry import variables
from dealgate.telemetry.limits import BATCH, DELAY, QUEUE
from dealgate.telemetry.names import SCOPE
from dealgate.telemetry.otlp import Value
from dealgate.telemetry.routes import (
    EXPORT_TIMEOUT,
    INTERVAL,
    NOTHING,
    PROMETHEUS,
    PROMETHEUS_HOST,
    PROMETHEUS_PORT,
    TIMEOUT,
    Batching,
    Configuration,
    Resource,
    Route,
    Target,
)
from dealgate.telemetry.sampling import ALWAYS_ON, BY_PARENT, RATIO, sampler
from dealgate.telemetry.target_faults import never_sent, tls_faults
from dealgate.telemetry.variables import CONFIG_FILE, DISABLED, OTLP, READ


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
        return NOTHING
    values, wrong = _Values(environ), variables.faults(environ)
    path: Path | None = None if wrong else values.get(CONFIG_FILE)
    if path is not None:
        return _declared(path, environ)
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
    wrong += [*_batching_faults(values), *_sampling_faults(values)]
    if wrong:
        raise ValueError("\n".join(wrong))
    sampling = values.get("OTEL_TRACES_SAMPLER", ALWAYS_ON)
    return Configuration(
        routes={
            signal: _routes(signal, chosen, targets[signal], values)
            for signal, chosen in exporters.items()
        },
        resource=_resource(values),
        sampler=sampler(sampling, values.get("OTEL_TRACES_SAMPLER_ARG", 1.0)),
        sampling=sampling,
        propagators=values.get("OTEL_PROPAGATORS", ("tracecontext",)),
        exemplars=values.get("OTEL_METRICS_EXEMPLAR_FILTER") != "always_off",
        prometheus=_scraped(values) if PROMETHEUS in exporters["metrics"] else "",
    )


def scraped_at(listen: str, configuration: Configuration) -> str:
    """Return where Prometheus scrapes; raise ValueError if it is said in two ways that differ."""
    other = configuration.prometheus
    if listen and other and listen != other:
        raise ValueError(
            f"DEALGATE_METRICS_LISTEN: is {listen}, and by OpenTelemetry's settings Prometheus "
            f"scrapes {other}; unset one of them"
        )
    return listen or other


def _declared(path: Path, environ: Mapping[str, str]) -> Configuration:
    # Imported here alone: most servers are set by variables.
    from dealgate.telemetry.declared import declared  # noqa: PLC0415

    configuration, source = declared(path, environ, described())
    wrong = [f"{CONFIG_FILE}: {fault}" for fault in source.faults]
    wrong += [
        f"{name}: is not read beside {CONFIG_FILE}; unset it, or write ${{{name}}} in the file"
        for name in sorted(environ)
        if name.startswith(variables.PREFIX) and environ[name].strip()
        if name not in {CONFIG_FILE, DISABLED, *source.put_in}
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return configuration


def _routes(
    signal: str, exporters: tuple[str, ...], target: Target, values: _Values
) -> tuple[Route, ...]:
    batching = {
        "traces": lambda: _batching("OTEL_BSP", values),
        "logs": lambda: _batching("OTEL_BLRP", values),
        "metrics": lambda: Batching(
            timeout=values.get("OTEL_METRIC_EXPORT_TIMEOUT", EXPORT_TIMEOUT)
        ),
    }[signal]()
    route = Route("otlp", target, batching, values.get("OTEL_METRIC_EXPORT_INTERVAL", INTERVAL))
    return tuple(replace(route, exporter=name) for name in exporters if name != PROMETHEUS)


def _scraped(values: _Values) -> str:
    host = values.get("OTEL_EXPORTER_PROMETHEUS_HOST", PROMETHEUS_HOST)
    return f"{host}:{values.get('OTEL_EXPORTER_PROMETHEUS_PORT', PROMETHEUS_PORT)}"


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
    if target.is_insecure and target.has_tls:
        faults.append(
            f"{OTLP}INSECURE: contradicts {target.endpoint}; write http:// for no TLS ({signal})"
        )
    faults += [f"{OTLP}{fault} ({signal})" for fault in (*never_sent(target), *tls_faults(target))]
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


def _sampling_faults(values: _Values) -> list[str]:
    chosen = values.get("OTEL_TRACES_SAMPLER", ALWAYS_ON)
    if values.get("OTEL_TRACES_SAMPLER_ARG") is None or chosen.endswith(RATIO):
        return []
    cure = f"set OTEL_TRACES_SAMPLER={BY_PARENT}{RATIO}, or unset it"
    return [f"OTEL_TRACES_SAMPLER_ARG: has no effect on the sampler {chosen}; {cure}"]


def described() -> dict[str, Value]:
    """Describe this process."""
    return {
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


def _resource(values: _Values) -> Resource:
    """Describe this process; what the environment says about it wins."""
    name = values.get("OTEL_SERVICE_NAME")
    stated: dict[str, Value] = dict(values.get("OTEL_RESOURCE_ATTRIBUTES", ()))
    return described() | stated | ({"service.name": name} if name else {})
