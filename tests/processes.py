"""Processes as the kernel lists them, any of which may end while one looks."""

import os
from collections.abc import Iterable
from pathlib import Path

ENDED = (FileNotFoundError, ProcessLookupError)  # what the kernel says of a process that is gone


def read(path: Path) -> str:
    """Return a file of a process; "": it has ended."""
    try:
        return path.read_text()
    except ENDED:
        return ""


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started, by any of its threads."""
    listed = (read(path) for path in _threads(Path(f"/proc/{pid}/task")))
    return [int(child) for children in listed for child in children.split()]


def niceness(pid: int) -> int:
    """Return how much a process gives way to others; 0: it has ended."""
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ENDED:
        return 0


def _threads(tasks: Path) -> Iterable[Path]:
    try:
        return list(tasks.glob("*/children"))
    except ENDED:
        return ()
