"""Exporters of the declarative file, and how often they are fed."""

from collections.abc import Mapping
from typing import Any

from dealgate.telemetry.declared_yaml import Value
from dealgate.telemetry.limits import BATCH, DELAY, QUEUE
from dealgate.telemetry.routes import (
    EXPORT_TIMEOUT,
    INTERVAL,
    PROMETHEUS_HOST,
    PROMETHEUS_PORT,
    TIMEOUT,
    Batching,
    Route,
    Target,
)
from dealgate.telemetry.target_faults import PROTOCOL, never_sent, tls_faults
from dealgate.telemetry.variable_values import (
    endpoint,
    file,
    headers,
    is_header,
    is_set_by_export,
    milliseconds,
    one_of,
    switch,
    whole,
    words,
)
from dealgate.telemetry.variables import PORT_MAX

OTLP = ("endpoint", "tls", "headers", "headers_list", "compression", "timeout")
OF_METRICS = ("temporality_preference", "default_histogram_aggregation")
PEM_FILES = {
    "CLIENT_KEY": "key_file",
    "CLIENT_CERTIFICATE": "cert_file",
    "CERTIFICATE": "ca_file",
}


def batching(fields: Mapping[str, Value]) -> Batching:
    """Return how a processor batches."""
    queue = fields["max_queue_size"].read(whole(1, 10_000_000), QUEUE)
    batch = fields["max_export_batch_size"].read(whole(1, 100_000), min(BATCH, queue))
    if batch > queue:
        fields["max_export_batch_size"].wrong(f"is more than max_queue_size ({queue}); lower it")
    return Batching(
        queue=queue,
        batch=batch,
        delay=fields["schedule_delay"].read(milliseconds, DELAY),
        timeout=fields["export_timeout"].read(milliseconds, EXPORT_TIMEOUT),
    )


def interval(fields: Mapping[str, Value]) -> tuple[Batching, float]:
    """Return how a periodic reader sends, and how often it reads, in seconds."""
    timeout = fields["timeout"].read(milliseconds, EXPORT_TIMEOUT)
    return Batching(timeout=timeout), fields["interval"].read(milliseconds, INTERVAL)


def route(
    value: Value, signal: str, batching_: Batching, seconds: float = INTERVAL
) -> Route | None:
    """Return a way out; None: the file does not say which."""
    chosen = value.choice("otlp_http", "otlp_grpc", "console")
    if chosen is None:
        return None
    name, exporter = chosen
    own = OF_METRICS if signal == "metrics" else ()
    if name == "console":
        fields, target = exporter.fields(*own), Target("", "")
    else:
        fields = exporter.fields(*OTLP, *own, *(("encoding",) if name == "otlp_http" else ()))
        target = _target(fields, signal, is_grpc=name == "otlp_grpc")
    if own:
        fields[own[0]].read(one_of("cumulative"))
        fields[own[1]].read(one_of("explicit_bucket_histogram"))
    return Route("console" if name == "console" else "otlp", target, batching_, seconds)


def _target(fields: Mapping[str, Value], signal: str, *, is_grpc: bool) -> Target:
    protocol, packed = ("grpc", ("none", "gzip")) if is_grpc else ("http/protobuf", ())
    usual = "http://localhost:4317" if is_grpc else f"http://localhost:4318/v1/{signal}"
    tls = fields["tls"].fields(*PEM_FILES.values(), *(("insecure",) if is_grpc else ()))
    key, chain, certificate = (tls[name].read(file) for name in PEM_FILES.values())
    url = fields["endpoint"].read(endpoint, usual)
    is_insecure = is_grpc and tls["insecure"].read(switch, default=False)
    if not is_grpc:
        fields["encoding"].read(one_of("protobuf"))
    target = Target(
        protocol=protocol,
        endpoint=url,
        headers=_headers(fields),
        compression=fields["compression"].read(
            one_of(*(packed or ("none", "gzip", "zstd"))), "none"
        ),
        timeout=fields["timeout"].read(milliseconds, TIMEOUT),
        certificate=certificate,
        client_certificate=chain,
        client_key=key,
        is_insecure=is_insecure,
    )
    _refuse(target, fields, tls)
    return target


def _refuse(target: Target, fields: Mapping[str, Value], tls: Mapping[str, Value]) -> None:
    """Note what no export could ever do, where it is written."""
    if target.is_insecure and target.has_tls:
        tls["insecure"].wrong(f"contradicts {target.endpoint}; write http:// for no TLS")
    for fault in never_sent(target):
        name, _, wrong = fault.partition(": ")
        fields[name.lower()].wrong(wrong.replace(PROTOCOL, "otlp_http"))
    for fault in tls_faults(target):
        for variable, field in PEM_FILES.items():
            fault = fault.replace(variable, field)  # noqa: PLW2901 - word by word
        name, _, wrong = fault.partition(": ")
        tls[name].wrong(wrong)


def _headers(fields: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """Return headers; those that are named one by one win over those of the list."""
    told: dict[str, str] = dict(fields["headers_list"].read(headers, ()))
    named_before: set[str] = set()
    for entry in fields["headers"].entries():
        named = entry.fields("name", "value")
        name, value = (named[key].read(str, "") for key in ("name", "value"))
        if not name:
            entry.wrong("has no name")
        elif name.lower() in named_before:
            entry.wrong(f"{name} is there twice")
        elif not is_header(name, value):
            entry.wrong("is not a header in printable ASCII")
        elif is_set_by_export(name.lower()):
            entry.wrong(f"{name} is what the export itself sets; delete it")
        else:
            told[name.lower()] = value
        named_before.add(name.lower())
    return tuple(told.items())


def pull(value: Value) -> str:
    """Return where metrics are scraped, as host:port."""
    chosen: Any = value.choice("prometheus/development")
    if chosen is None:
        return ""
    fields = chosen[1].fields("host", "port")
    host = fields["host"].read(words, PROMETHEUS_HOST)
    return f"{host}:{fields['port'].read(whole(1, PORT_MAX), PROMETHEUS_PORT)}"
