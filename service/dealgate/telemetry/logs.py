"""Log lines: written by a thread, so that a stuck reader of stderr blocks nobody.

What does not fit is dropped and counted. Each line within a call names its trace and decision.
"""

import json
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Literal

from dealgate.aside.lasting import lasting_thread
from dealgate.model.shown import visible, visible_json
from dealgate.telemetry.exceptions import error_type, frames_of
from dealgate.telemetry.otlp import (
    LOG_ATTRIBUTE,
    Value,
    attributes,
    kept_pair,
    log_record,
    long_pair,
    pair,
)
from dealgate.telemetry.pipeline import Losses
from dealgate.telemetry.spans import CURRENT, Put

LINES, LINES_BYTES = 10_000, 4 * 2**20
LINE_LENGTH = 16_384
LAST_SECONDS = 1.0  # for the last lines
SEVERITIES = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}
# Loggers that tell of the export itself, or too much.
QUIET = {"watchfiles": logging.WARNING, "alembic": logging.WARNING, "asyncio": logging.WARNING}
OWN = ("dealgate.telemetry", "grpc")

Form = Literal["text", "json"]


class Lines(logging.Handler):
    """Hands lines to a thread that writes them."""

    def __init__(self, form: Form, losses: Losses, stream: IO[str] | None) -> None:
        """Write to `stream`; None: to stderr."""
        super().__init__()
        self._form = form
        self._losses = losses
        self._write = _to_stderr() if stream is None else stream.write
        self._lines: deque[str] = deque()
        self._size = 0
        self._wake = threading.Event()
        self._is_closed = False
        self._thread = lasting_thread("log-lines", self._run)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a line, or count that it is lost."""
        try:
            line = (_json if self._form == "json" else _text)(record)[:LINE_LENGTH]
        except Exception:  # noqa: BLE001 - whoever logs goes on
            line = f"{record.levelname} a line of {record.name} could not be written"
        if len(self._lines) >= LINES or self._size > LINES_BYTES:
            self._losses.drop("log_lines", "queue_full")
            return
        self._size += len(line)
        self._lines.append(line)
        self._wake.set()

    def close(self) -> None:
        """Write what is left, within a second."""
        self._is_closed = True
        self._wake.set()
        self._thread.join(LAST_SECONDS)
        super().close()

    def _run(self) -> None:
        while not self._is_closed or self._lines:
            self._wake.wait()
            self._wake.clear()
            while self._lines:
                line = self._lines.popleft()
                self._size -= len(line)
                try:
                    self._write(line + "\n")
                except (OSError, ValueError):  # nobody reads any more
                    self._losses.drop("log_lines", "unavailable")


class Records(logging.Handler):
    """Sends log records over OTLP."""

    def __init__(self, put: Put) -> None:
        """Hand them to `put`."""
        super().__init__()
        self._put = put

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record, unless it is about sending."""
        if record.name.startswith(OWN):
            return
        try:
            item = _record(record)
        except Exception:  # noqa: BLE001 - whoever logs goes on
            item = _plain(record, f"a line of {record.name} could not be written")
        self._put((item,))


@contextmanager
def exported(put: Put | None) -> Iterator[None]:
    """Within the block log records go out over OTLP as well, if anybody wants them."""
    root = logging.getLogger()
    records = None if put is None else Records(put)
    if records is not None:
        root.addHandler(records)
    try:
        yield
    finally:
        if records is not None:
            root.removeHandler(records)


def _record(record: logging.LogRecord) -> bytes:
    pairs = [pair(key, value) for key, value in event_attributes(record).items()]
    if record.exc_info and record.exc_info[1] is not None:
        pairs.append(kept_pair("exception.type", error_type(record.exc_info[1])))
        pairs.append(long_pair("exception.stacktrace", frames_of(record.exc_info[1])))
    told = attributes(LOG_ATTRIBUTE, pairs)
    return _plain(record, record.getMessage(), told, getattr(record, "event", ""))


def _plain(record: logging.LogRecord, words: str, told: bytes = b"", event: str = "") -> bytes:
    span = CURRENT.get()
    return log_record(
        int(record.created * 1e9),
        SEVERITIES.get(record.levelname, 9),
        record.levelname,
        words,
        told,
        event,
        span.trace_id if span is not None and span.is_recording else b"",
        span.span_id if span is not None else b"",
    )


@dataclass(frozen=True, slots=True)
class Logs:
    """Logging as it was set up; `losses` counts lines that were dropped."""

    lines: Lines
    losses: Losses

    def also(self, put: Put | None) -> None:
        """Send records over OTLP as well, from here on."""
        if put is not None:
            logging.getLogger().addHandler(Records(put))

    def close(self) -> None:
        """Write the last lines, and take everything down again."""
        root = logging.getLogger()
        for handler in list(root.handlers):
            if isinstance(handler, (Lines, Records)):
                root.removeHandler(handler)
        self.lines.close()


def begin(level: str, form: Form, losses: Losses, stream: IO[str] | None = None) -> Logs:
    """Have everything that is logged written to stderr, from `level` up."""
    lines = Lines(form, losses, stream)
    root = logging.getLogger()
    root.addHandler(lines)
    root.setLevel(level.upper())
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    return Logs(lines, losses)


def _to_stderr() -> Callable[[str], object]:
    """Return what writes to stderr, past Python's own buffer.

    A thread that is stuck in that one would keep its lock, and the process from ending.
    """
    try:
        descriptor = sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):  # a test's, or none
        return sys.stderr.write

    def write(text: str) -> None:
        data = text.encode("utf-8", "replace")
        while data:
            data = data[os.write(descriptor, data) :]

    return write


def event_attributes(record: logging.LogRecord) -> Mapping[str, Value]:
    """Return the attributes that a line was given beside its words."""
    told: Mapping[str, Value] = getattr(record, "attributes", {})
    return told


def _context() -> dict[str, str]:
    """Return whose line it is: the trace and the decision."""
    span = CURRENT.get()
    if span is None:
        return {}
    told = {"trace_id": span.trace_id_text, "span_id": span.span_id.hex()}
    return {k: v for k, v in (told | {"decision_id": span.subject_id}).items() if v}


def _text(record: logging.LogRecord) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
    context = "".join(f" {key}={value}" for key, value in _context().items())
    # Lines after the first are indented, so that no message forges a line of its own.
    message = visible(record.getMessage(), "\n\t").replace("\n", "\n  ")
    line = f"{at},{record.msecs:03.0f} {record.levelname} {message}{context}"
    return line + (_frames(record) and f"\n{_frames(record)}")


def _json(record: logging.LogRecord) -> str:
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    told: dict[str, Any] = {
        "time": f"{at}.{record.msecs:03.0f}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
        "process": os.getpid(),
        **_context(),
    }
    if getattr(record, "event", ""):
        told["event"] = getattr(record, "event")  # noqa: B009 - whatever logs may give one
    if event_attributes(record):
        told["attributes"] = dict(event_attributes(record))
    if _frames(record):
        told["exception"] = _frames(record)
    return visible_json(json.dumps(told, ensure_ascii=False, default=str))


def _frames(record: logging.LogRecord) -> str:
    """Return the type of an exception and where it came from: its message may hold a fact."""
    error = record.exc_info[1] if record.exc_info else None
    return "" if error is None else f"{frames_of(error)}{error_type(error)}"
