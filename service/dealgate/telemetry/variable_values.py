"""The format of OTEL_* variables, and what their values mean.

Each reader returns the value, or raises ValueError, whose words go after the variable's name.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from dealgate.telemetry.limits import VALUE_LENGTH

Read: TypeAlias = Callable[[str], Any]

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HOST = re.compile(r"[0-9A-Za-z._\-:%\[\]]+")
BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
SPACE, DELETE = 0x20, "\x7f"
OUR_HEADERS = frozenset(
    {
        *("content-type", "content-encoding", "content-length", "transfer-encoding"),
        *("host", "connection", "te", "upgrade", "expect"),
    }
)


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
        parts = (part.strip().lower() for part in text.split(","))
        given = tuple(dict.fromkeys(filter(None, parts)))
        if not given:
            raise ValueError(f"names nothing; set {', '.join(words)} or none")
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
        if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
            raise ValueError(f"is not a whole number from {least} to {most}")
        return int(text)

    return read


def milliseconds(text: str) -> float:
    """Read milliseconds, as seconds."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) == 0:
        raise ValueError("is not a number of milliseconds, 1 or more")
    return int(text) / 1000


def endpoint(text: str) -> str:
    """Read a URL; what it holds beside a host and a path is a secret, and never repeated."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not HOST.fullmatch(host) or port == 0:
        raise ValueError("is not a URL; write http://host:4317, or https:// for TLS")
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise ValueError(
            "holds more than a host, a port and a path, which is not sent; set a header in "
            "OTEL_EXPORTER_OTLP_HEADERS"
        )
    return text


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Read key=value with commas between, percent-encoded."""
    values = _pairs(text)
    for part in (*values, *values.values()):
        words(part)
    return tuple(values.items())


def _pairs(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise ValueError("is not a list of key=value, with commas between")
        name = _decoded(key.strip())
        if name in values:
            raise ValueError(f"names {name} twice; delete one of them")
        values[name] = _decoded(value.strip())
    return values


def _decoded(text: str) -> str:
    if BAD_PERCENT.search(text):
        raise ValueError("has a % without two hexadecimal digits; write %25 for a percent sign")
    try:
        return plain(unquote(text, errors="strict"))
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 where it is percent-encoded") from None


def headers(text: str) -> tuple[tuple[str, str], ...]:
    """Read headers; their values are secrets, and never repeated."""
    values: dict[str, str] = {}
    for key, value in _pairs(text).items():
        name = key.lower()
        if not is_header(key, value):
            raise ValueError("is not a list of header=value in printable ASCII")
        if is_set_by_export(name):
            raise ValueError(f"names {name}, which the export itself sets; delete it")
        if name in values:
            raise ValueError(f"names {name} twice; delete one of them")
        values[name] = value
    return tuple(values.items())


def is_header(name: str, value: str) -> bool:
    """Tell whether it can be sent as a header."""
    return TOKEN.fullmatch(name) is not None and value.isascii() and value.isprintable()


def is_set_by_export(name: str) -> bool:
    """Tell whether a header, in lower case, is the export's own."""
    return name in OUR_HEADERS or name.startswith("grpc-") or name.endswith("-bin")


def file(text: str) -> Path:
    """Read the path of a file that can be read."""
    path = Path(text)
    try:
        is_readable = path.is_file() and os.access(path, os.R_OK)
    except OSError:  # too long, or in a folder that may not be looked into
        is_readable = False
    if not is_readable:
        raise ValueError(f"names no file that can be read: {text}")
    return path


def words(text: str) -> str:
    """Read any text of a length that is exported whole."""
    if len(text) > VALUE_LENGTH:
        raise ValueError(f"has a text of more than {VALUE_LENGTH} characters; shorten it")
    return text


def plain(text: str) -> str:
    """Return a text in which nothing is hidden."""
    if any(ord(character) < SPACE or character == DELETE for character in text):
        raise ValueError("holds control characters; delete them")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("is not UTF-8")
    return text


def share(text: str) -> float:
    """Read a share from 0 to 1."""
    if not re.fullmatch(r"[0-9]*\.?[0-9]+(e-?[0-9]+)?", text, re.IGNORECASE) or float(text) > 1:
        raise ValueError("is not a number from 0 to 1")
    return float(text)
