"""Every OTEL_* variable there is: read and checked, or refused by name with the cure.

What is ignored in silence misleads whoever set it, so nothing is: a variable that is not here is
refused, with the name that may have been meant.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from dealgate.telemetry.propagation import PROPAGATORS
from dealgate.telemetry.sampling import SAMPLERS

# Returns the value, or raises ValueError, whose words go after the variable's name.
Read: TypeAlias = Callable[[str], Any]

SIGNALS = ("TRACES", "METRICS", "LOGS")
PREFIX = "OTEL_"
DISABLED = "OTEL_SDK_DISABLED"
CONFIG_FILE = "OTEL_CONFIG_FILE"
OTLP = "OTEL_EXPORTER_OTLP_"
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
PORT_MAX = 65535


def one_of(*words: str) -> Read:
    """Read one of these words."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"is not one of {', '.join(words)}")
        return text.lower()

    return read


def several_of(*words: str) -> Read:
    """Read these words with commas between; `none` stands alone."""

    def read(text: str) -> tuple[str, ...]:
        given = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",")))
        wrong = [part for part in given if part not in {*words, "none"}]
        if wrong:
            raise ValueError(f"is not built in: {wrong[0]}; set {', '.join(words)} or none")
        if "none" in given and len(given) > 1:
            raise ValueError("none cannot be combined with others; set one or the other")
        return tuple(part for part in given if part != "none")

    return read


def switch(text: str) -> bool:
    """Read true or false."""
    return bool(one_of("true", "false")(text) == "true")


def whole(least: int, most: int = 2**31 - 1) -> Read:
    """Read a whole number."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,10}", text) or not least <= int(text) <= most:
            raise ValueError(f"is not a whole number from {least} to {most}")
        return int(text)

    return read


def milliseconds(text: str) -> float:
    """Read milliseconds, as seconds."""
    if not re.fullmatch(r"\d{1,10}", text) or int(text) == 0:
        raise ValueError("is not a number of milliseconds, 1 or more")
    return int(text) / 1000


def endpoint(text: str) -> str:
    """Read a URL."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError("is not a URL; write http://host:4317, or https:// for TLS")
    return text


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Read key=value with commas between, percent-encoded."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise ValueError("is not a list of key=value, with commas between")
        found.append((unquote(key.strip()), unquote(value.strip())))
    return tuple(found)


def headers(text: str) -> tuple[tuple[str, str], ...]:
    """Read headers; their values are secrets, and never repeated."""
    found = pairs(text)
    for key, value in found:
        if not TOKEN.fullmatch(key) or not value.isascii() or not value.isprintable():
            raise ValueError("is not a list of header=value in printable ASCII")
    return tuple((key.lower(), value) for key, value in found)


def file(text: str) -> Path:
    """Read the path of a file that can be read."""
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"names no file that can be read: {text}")
    return path


def words(text: str) -> str:
    """Read any text."""
    return text


def share(text: str) -> float:
    """Read a share from 0 to 1."""
    if not re.fullmatch(r"\d*\.?\d+(e-?\d+)?", text, re.IGNORECASE) or float(text) > 1:
        raise ValueError("is not a number from 0 to 1")
    return float(text)


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
    places = (OTLP, *(f"{OTLP}{signal}_" for signal in SIGNALS))
    return {place + name: read for place in places for name, read in of_all.items()}


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
    found = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or not environ[name].strip():
            continue  # an empty variable is an unset one, says OpenTelemetry
        wrong = _fault(name, environ[name].strip())
        if wrong:
            found.append(f"{name}: {wrong}")
    return found


def _fault(name: str, value: str) -> str:
    if name in READ:
        try:
            READ[name](value)
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
