"""Every OTEL_* variable there is: read and checked, or refused by name with the cure.

What is ignored in silence misleads whoever set it, so nothing is: a variable that is not here is
refused, with the name that may have been meant.
"""

import difflib
from collections.abc import Mapping, Sequence

from dealgate.model.service_links import linked
from dealgate.telemetry.propagation import PROPAGATORS
from dealgate.telemetry.sampling import SAMPLERS
from dealgate.telemetry.variable_values import (
    Read,
    endpoint,
    file,
    headers,
    milliseconds,
    one_of,
    pairs,
    plain,
    several_of,
    share,
    switch,
    whole,
    words,
)

SIGNALS = ("TRACES", "METRICS", "LOGS")
PREFIX = "OTEL_"
DISABLED = "OTEL_SDK_DISABLED"
CONFIG_FILE = "OTEL_CONFIG_FILE"
OTLP = "OTEL_EXPORTER_OTLP_"
PORT_MAX = 65535


def _otlp() -> Mapping[str, Read]:
    of_all: dict[str, Read] = {
        "ENDPOINT": endpoint,
        "PROTOCOL": one_of("grpc", "http/protobuf"),
        "HEADERS": headers,
        "COMPRESSION": one_of("none", "gzip", "zstd"),
        "TIMEOUT": milliseconds,
        "CERTIFICATE": file,
        "CLIENT_CERTIFICATE": file,
        "CLIENT_KEY": file,
        "INSECURE": switch,
    }
    prefixes = (OTLP, *(f"{OTLP}{signal}_" for signal in SIGNALS))
    return {prefix + name: read for prefix in prefixes for name, read in of_all.items()}


def _batching(prefix: str) -> Mapping[str, Read]:
    return {
        f"{prefix}_MAX_QUEUE_SIZE": whole(1, 10_000_000),
        f"{prefix}_MAX_EXPORT_BATCH_SIZE": whole(1, 100_000),
        f"{prefix}_SCHEDULE_DELAY": milliseconds,
        f"{prefix}_EXPORT_TIMEOUT": milliseconds,
    }


READ: Mapping[str, Read] = {
    DISABLED: switch,
    CONFIG_FILE: file,
    "OTEL_SERVICE_NAME": words,
    "OTEL_RESOURCE_ATTRIBUTES": pairs,
    "OTEL_TRACES_EXPORTER": several_of("otlp", "console"),
    "OTEL_METRICS_EXPORTER": several_of("otlp", "console", "prometheus"),
    "OTEL_LOGS_EXPORTER": several_of("otlp", "console"),
    "OTEL_PROPAGATORS": several_of(*PROPAGATORS),
    "OTEL_TRACES_SAMPLER": one_of(*SAMPLERS),
    "OTEL_TRACES_SAMPLER_ARG": share,
    **_batching("OTEL_BSP"),
    **_batching("OTEL_BLRP"),
    "OTEL_METRIC_EXPORT_INTERVAL": milliseconds,
    "OTEL_METRIC_EXPORT_TIMEOUT": milliseconds,
    "OTEL_METRICS_EXEMPLAR_FILTER": one_of("trace_based", "always_off"),
    "OTEL_EXPORTER_PROMETHEUS_HOST": words,
    "OTEL_EXPORTER_PROMETHEUS_PORT": whole(1, PORT_MAX),
    **_otlp(),
    f"{OTLP}METRICS_TEMPORALITY_PREFERENCE": one_of("cumulative"),
    f"{OTLP}METRICS_DEFAULT_HISTOGRAM_AGGREGATION": one_of("explicit_bucket_histogram"),
}

_FIXED = "is not read: what a span and a log record may hold is fixed; unset it"
# What others' processes read, and this one does not, with what to do instead.
REFUSED: Mapping[str, str] = {
    "OTEL_EXPERIMENTAL_CONFIG_FILE": "is not read: set OTEL_CONFIG_FILE",
    "OTEL_LOG_LEVEL": "is not read: set DEALGATE_LOG_LEVEL",
    "OTEL_ENTITIES": "is not read: set OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "is not read: set OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SEMCONV_STABILITY_OPT_IN": "is not read: conventions 1.44 are spoken; unset it",
}
_REFUSED_FAMILIES: Mapping[str, str] = {
    "OTEL_ATTRIBUTE_": _FIXED,
    "OTEL_SPAN_": _FIXED,
    "OTEL_EVENT_": _FIXED,
    "OTEL_LINK_": _FIXED,
    "OTEL_LOGRECORD_": _FIXED,
    "OTEL_EXPORTER_ZIPKIN_": "is not built in: send OTLP to a collector that speaks Zipkin",
    "OTEL_EXPORTER_JAEGER_": "is not built in: Jaeger takes OTLP; set OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_PYTHON_": "is of OpenTelemetry's Python SDK, which is not used here; unset it",
    "OTEL_INSTRUMENTATION_": "is of OpenTelemetry's instrumentations, which are not used; unset it",
}


def faults(environ: Mapping[str, str]) -> list[str]:
    """Return, for each variable that cannot be followed, its name, why, and the cure."""
    refused = []
    for name in sorted(environ.keys() - linked(environ)):
        if not name.startswith(PREFIX) or not environ[name].strip():
            continue  # an empty variable is an unset one, says OpenTelemetry
        wrong = _fault(name, environ[name].strip())
        if wrong:
            refused.append(f"{name}: {wrong}")
    return refused


def _fault(name: str, value: str) -> str:
    if name in READ:
        try:
            READ[name](plain(value))
        except ValueError as error:
            return str(error) if "\n" not in str(error) else "is not valid"
        return ""
    if name in REFUSED:
        return REFUSED[name]
    family = next(
        (words for start, words in _REFUSED_FAMILIES.items() if name.startswith(start)), ""
    )
    return family or f"is not known{meant(name, list(READ))}; unset it"


def meant(name: str, known: Sequence[str]) -> str:
    """Return words that name what may have been meant."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    return f": did you mean {close[0]}?" if close else ""
