"""Watches whether a journal's file names still refer to the open files.

A file that is removed or replaced stays readable and writable for processes that have it open,
and is gone when they end, with everything acknowledged since. So the names are compared after each
commit, before it is acknowledged, and several times a second in addition.
"""

import os
from pathlib import Path
from typing import TypeAlias

import apsw

WAL_HEADER, FRAME_HEADER = 32, 24  # bytes, as SQLite's file format has it
WAL_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
CURE = "decisions are rejected until it is back; to continue with the present files, restart"

Identity: TypeAlias = tuple[int, int]


class Guard:
    """Compares the files of one journal with what `writer` has open."""

    def __init__(self, journal: Path, writer: apsw.Connection) -> None:
        """The journal and its log are there, and open."""
        self._writer = writer
        self._page_size: int = writer.pragma("page_size")
        self._journal = journal
        self._log = journal.with_name(f"{journal.name}-wal")
        self._identity = _identity(journal.stat())
        self._size = journal.stat().st_size
        # SQLite holds no locks on the log, so that one more descriptor of it harms nothing.
        self._descriptor = os.open(self._log, os.O_RDONLY)
        self._log_identity = _identity(os.fstat(self._descriptor))
        self._log_pages = 0
        self._log_header = b""

    def moved(self) -> str | None:
        """Say which file is no longer under its name; None: all are. From any thread."""
        for path, identity in ((self._journal, self._identity), (self._log, self._log_identity)):
            try:
                now = _identity(path.stat())
            except OSError as error:
                return f"{path.name} is gone ({error.strerror}); {CURE}"
            if now != identity:
                return f"another file has the name {path.name}; {CURE}"
        return None

    def cut(self) -> str | None:
        """Say whether somebody cut a file short since the last commit. On the writer's thread."""
        size = self._journal.stat().st_size
        # Vacuuming a journal makes it shorter, too, and leaves it intact.
        if size < self._size and size < self._writer.pragma("page_count") * self._page_size:
            return f"{self._journal.name} was cut to {size} bytes; restart, and restore a backup"
        self._size = size
        expected = WAL_HEADER + self._log_pages * (self._page_size + FRAME_HEADER)
        # A log of no bytes may be another program's checkpoint: `beheaded` tells after the commit.
        # A log that another process restarted has another header.
        if 0 < self._log.stat().st_size < expected and self._header() == self._log_header:
            return f"{self._log.name} was cut; restart, and compare with a backup"
        return None

    def beheaded(self) -> str | None:
        """Say whether SQLite wrote behind a gap in the log. On the writer's thread, after it did.

        A log that SQLite itself restarts has its header; one that was emptied behind its back
        is continued where it was.
        """
        header = self._header()
        if not header or header[:4] in WAL_MAGIC:  # nothing was written yet, or all is well
            return None
        return f"{self._log.name} was emptied; restart, and compare with a backup"

    def committed(self, log_pages: int) -> None:
        """Note how many pages the log holds. On the writer's thread."""
        self._log_pages = log_pages
        self._log_header = self._header()

    def _header(self) -> bytes:
        return os.pread(self._descriptor, WAL_HEADER, 0)

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._descriptor)


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino
