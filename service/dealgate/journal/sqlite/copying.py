"""Copies a database into a file of its own: completely, or no file is left and the reason is given.

What fails may be either of the two files, and SQLite does not say which: that the copy's disk is
full does not mean that the original is damaged.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from dealgate.journal.errors import JournalUnusable

PAGES = 256  # of a copy in one step
UNTOLD = "not an error"  # what apsw says of an error that a copy met


@contextmanager
def making(made: Path, of: Path, to: Path) -> Iterator[None]:
    """Within the block, `made` is made of another file, to be `to`; it goes if it cannot be.

    Raises JournalUnusable, which names both.
    """
    try:
        yield
    except BaseException as error:
        for end in ("", "-journal", "-wal", "-shm"):
            made.with_name(made.name + end).unlink(missing_ok=True)
        if isinstance(error, apsw.Error | OSError):
            told = f"{of}: cannot be copied to {to}: {reason(error)}"
            raise JournalUnusable(told) from error
        raise


def copy_database(db: apsw.Connection, fresh: Path) -> None:
    """Copy a database into an empty file, as of one instant; raises apsw.Error.

    The copy has no log.
    """
    with closing(apsw.Connection(str(fresh))) as copy:
        with copy.backup("main", db, "main") as copying:
            while not copying.done:
                copying.step(PAGES)
        copy.pragma("journal_mode", "delete")


def reason(error: apsw.Error | OSError) -> str:
    """Return how an error is described to an operator."""
    if isinstance(error, apsw.FullError):
        return "the disk is full"
    if isinstance(error, OSError):
        return str(error.strerror)
    return type(error).__name__ if str(error) == UNTOLD else str(error)
