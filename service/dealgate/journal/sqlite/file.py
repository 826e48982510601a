"""The journal's file on disk: one writing process at a time, and a durable directory."""

import fcntl
import logging
import os
from pathlib import Path
from typing import IO

from dealgate.journal.errors import JournalUnusable

log = logging.getLogger(__name__)


def tell_beginning(path: Path) -> None:
    """Log that a new journal begins here; warn if there was one: it may be lost, or not mounted."""
    if path.exists() and path.stat().st_size > 0:
        return
    remains = [name for name in ("-wal", ".index") if path.with_name(path.name + name).exists()]
    if remains or path.exists():
        log.warning("journal %s: is empty, although there was one: begins a new journal", path)
    else:
        log.info("journal %s: begins a new journal", path)


def refuse_second_name(path: Path) -> None:
    """Raise JournalUnusable if the file has another name, too.

    SQLite names the log after the journal: writing under the other name corrupts it.
    """
    if path.stat().st_nlink > 1:
        raise JournalUnusable(
            f"{path}: has another name (a hard link), and a journal has one; copy it instead"
        )


def make_directory(directory: Path) -> None:
    """Make it and its parents durably: power loss must not take a journal's directory."""
    if directory.exists():
        return
    make_directory(directory.parent)
    directory.mkdir(mode=0o700, exist_ok=True)
    sync_directory(directory.parent)


def private(path: str | Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Open a file that only its owner may read, if it is made here; return its descriptor.

    SQLite gives a journal's log the permissions of the journal.
    """
    return os.open(path, flags, 0o600)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, unless it is there already.

    To open and close one that SQLite has open would drop the locks that it holds.
    """
    if not path.exists():
        os.close(private(path))


def warn_of_readers(path: Path) -> None:
    """Warn if others than the owner may read or write the file: it holds personal data."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        mode = path.stat().st_mode & 0o777
        log.warning(
            "journal %s: others on this machine may read it (mode %03o); chmod 600 %s*",
            path,
            mode,
            path,
        )


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_private(path: Path) -> IO[str]:
    """Open a file beside the journal, to be appended to."""
    return open(path, "a+", encoding="ascii", opener=private)


def lock(path: Path, *, shared: bool = False) -> IO[str]:
    """Become the only writer of the journal at `path` until the returned file is closed.

    `shared`: one of several, who all say so. Raises JournalUnusable if that cannot be. The lock is
    on a file beside it, `<journal>.lock`: to open and close the journal itself would drop the
    locks SQLite holds on it. The operating system releases it when the process dies, however it
    dies.
    """
    guard = open_private(path.with_name(f"{path.name}.lock"))
    try:
        fcntl.flock(guard, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
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
