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
from dealgate.telemetry.variables import (
    PORT_MAX,
    TOKEN,
    endpoint,
    file,
    headers,
    milliseconds,
    one_of,
    switch,
    whole,
    words,
)

OTLP = ("endpoint", "tls", "headers", "headers_list", "compression", "timeout")
OF_METRICS = ("temporality_preference", "default_histogram_aggregation")
PEM_FILES = ("ca_file", "key_file", "cert_file")


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
    tls = fields["tls"].fields(*PEM_FILES, *(("insecure",) if is_grpc else ()))
    certificate, key, chain = (tls[name].read(file) for name in PEM_FILES)
    if (key is None) != (chain is None):
        fields["tls"].wrong("key_file and cert_file go together")
    url = fields["endpoint"].read(endpoint, usual)
    is_insecure = is_grpc and tls["insecure"].read(switch, default=False)
    if is_insecure and url.startswith("https://"):
        tls["insecure"].wrong(f"contradicts {url}; write http:// for no TLS")
    if not is_grpc:
        fields["encoding"].read(one_of("protobuf"))
    return Target(
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


def _headers(fields: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """Return headers; those that are named one by one win over those of the list."""
    told: dict[str, str] = dict(fields["headers_list"].read(headers, ()))
    for entry in fields["headers"].entries():
        named = entry.fields("name", "value")
        name, value = (named[key].read(words, "") for key in ("name", "value"))
        if not name:
            entry.wrong("has no name")
        elif _is_header(name, value):
            told[name.lower()] = value
        else:
            entry.wrong("is not a header in printable ASCII")
    return tuple(told.items())


def _is_header(name: str, value: str) -> bool:
    return TOKEN.fullmatch(name) is not None and value.isascii() and value.isprintable()


def pull(value: Value) -> str:
    """Return where metrics are scraped, as host:port."""
    chosen: Any = value.choice("prometheus/development")
    if chosen is None:
        return ""
    fields = chosen[1].fields("host", "port")
    host = fields["host"].read(words, PROMETHEUS_HOST)
    return f"{host}:{fields['port'].read(whole(1, PORT_MAX), PROMETHEUS_PORT)}"
