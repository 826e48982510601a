"""The journal's file on disk: one writing process at a time, and a directory that is durable."""

import fcntl
import os
from pathlib import Path
from typing import IO

from dealgate.journal.errors import JournalUnusable


def make_directory(directory: Path) -> None:
    """Make it and its parents durably: power loss must not take a journal's directory."""
    if directory.exists():
        return
    make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(path: Path) -> IO[str]:
    """Become the only writer of the journal at `path` until the returned file is closed.

    Raises JournalUnusable if there is one. The lock is on a file beside it, `<journal>.lock`:
    to open and close the journal itself would drop the locks SQLite holds on it. The operating
    system releases it when the process dies, however it dies.
    """
    guard = path.with_name(f"{path.name}.lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        guard.seek(0)
        owner = guard.read() or "?"
        guard.close()
        raise JournalUnusable(
            f"{path}: process {owner} is writing this journal, and a journal has one writer; "
            "stop that process or point this one at another file"
        ) from error
    guard.truncate(0)
    guard.write(str(os.getpid()))
    guard.flush()
    return guard
