"""Reads regular files only: a pipe never ends, and /dev/zero fills the memory.

A rules folder is a checkout, a mounted volume or an upload; a link in it may lead anywhere.
"""

import os
import stat
from pathlib import Path

NOT_REGULAR = "it is not a regular file, but a pipe or a device, for example"


def regular_bytes(path: Path, most: int = -1) -> bytes:
    """Return the bytes, or at most so many, of the file at `path`, whatever links lead there.

    Raises OSError, also if it is a pipe, a device or a folder: those are not even opened.
    """
    _must_be_regular(path.stat())
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        _must_be_regular(os.fstat(descriptor))  # it may have been exchanged since
        return file.read(most)


def _must_be_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(21, "Is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(22, NOT_REGULAR)
