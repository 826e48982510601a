"""Moves the write-ahead log into the journal, beside the commits rather than within them."""

import logging
from contextlib import suppress
from pathlib import Path
from threading import Lock

import apsw

from dealgate.journal.sqlite.connection import open_writing

CAP = 16  # times the pages at which a checkpoint is due
log = logging.getLogger(__name__)


class Checkpointer:
    """Checkpoints through a connection of its own, so that the writer goes on meanwhile.

    While the writer goes on, a checkpoint never catches up entirely, and only a log that is
    copied entirely can start over. So beyond a cap the writer itself waits for one.
    """

    def __init__(
        self, path: Path, writer: apsw.Connection, due: int, *, shared: bool = False
    ) -> None:
        """A checkpoint is due when a commit of `writer` leaves `due` pages of log.

        `shared`: other processes write the log, too, and it is not emptied under them.
        """
        self._shared = shared
        self._db = open_writing(path)
        self._due = due
        self._pages = 0
        self._lock = Lock()
        writer.set_wal_hook(self._committed)

    @property
    def is_due(self) -> bool:
        """Tell whether the log is long enough to be worth a checkpoint."""
        return self._pages >= self._due

    @property
    def pages(self) -> int:
        """How many pages of log the last commit left."""
        return self._pages

    def rescue(self) -> None:
        """Copy what the log holds into the journal, whatever has become of their names."""
        with suppress(apsw.Error):  # then nothing can be saved that is not saved already
            self._checkpoint()

    def hold_to_cap(self) -> None:
        """Checkpoint here and now if the log is too long. On the writer's thread."""
        if self._pages >= CAP * self._due:
            self._checkpoint()

    def run(self) -> bool:
        """Checkpoint if it is due; nothing is left to do until the log has grown."""
        if self.is_due:
            self._checkpoint()
        return False

    def close(self) -> None:
        """Empty the log and close the connection. After the writer has stopped."""
        mode = apsw.SQLITE_CHECKPOINT_PASSIVE if self._shared else apsw.SQLITE_CHECKPOINT_TRUNCATE
        try:
            self._db.wal_checkpoint(mode=mode)
        except apsw.BusyError:
            log.info("another process reads the journal: its log will be emptied later")
        except apsw.Error:
            log.exception("the journal's log cannot be emptied")
        self._db.close()

    def _checkpoint(self) -> None:
        # Busy: another process does it at this moment.
        with self._lock, suppress(apsw.BusyError):
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _committed(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK
