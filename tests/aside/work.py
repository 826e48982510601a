"""Work for queues: functions that another process can find."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from dealgate.model.errors import BadQuestion, Violation


def refuse() -> None:
    """Refuse, as a caller is to be told."""
    raise BadQuestion([Violation("window", "is too wide")])


def boom(value: str) -> None:
    """Go wrong, with a fact's value in the message."""
    raise KeyError(value)


def kill_myself() -> None:
    """Die as at the hands of the host's OOM killer."""
    os.kill(os.getpid(), signal.SIGKILL)


def printed(text: str) -> int:
    """Print it, and return how long it is."""
    sys.stdout.write(text)
    return len(text)


def hoard(size: int) -> int:
    """Take memory."""
    return len(b"x" * size)


def leave_a_file() -> str:
    """Leave a scratch file behind, and return where."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        return file.name


def sleep_and_note(note: str) -> None:
    """Note the process's id, then compute for an hour, as far as anybody lets it."""
    part = Path(f"{note}.part") if note != os.devnull else Path(note)
    part.write_text(str(os.getpid()))
    if note != os.devnull:
        part.rename(note)
    end = time.monotonic() + 3600
    while time.monotonic() < end:
        time.sleep(0.001)
