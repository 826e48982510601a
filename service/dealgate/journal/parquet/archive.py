"""Names an archive in Parquet, and loads what reads it only when it is read: it is an extra."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.stores import is_there

if TYPE_CHECKING:
    import apsw

# ruff: noqa: PLC0415 - an extra
SUFFIX = ".parquet"


def is_archive(path: Path) -> bool:
    """Tell whether a file of this name is in Parquet."""
    return path.suffix == SUFFIX


@dataclass(frozen=True, slots=True)
class ParquetArchive:
    """The archive at `path`, which is encrypted with keys of the store at `keys`."""

    path: Path
    keys: KeysAt

    def opened(self) -> "apsw.Connection":
        """Return all that it holds, as a database; raises JournalUnusable."""
        self.refuse_keyless()
        with needing_pyarrow():
            from dealgate.journal.parquet.restoring import restored
        return restored(self.path, self.keys)

    def restore(self, to: Path) -> None:
        """Make it a file of SQLite again; raises JournalUnusable."""
        self.refuse_keyless()
        with needing_pyarrow():
            from dealgate.journal.parquet.restoring import restore_file
        restore_file(self.path, self.keys, to)

    def refuse_keyless(self) -> None:
        """Raise JournalUnusable if the key store is not there: to look would make a new one."""
        if not is_there(self.keys):
            raise JournalUnusable(
                f"{self.path}: is encrypted, and its key store {self.keys} is not there; name the "
                "journal's: sqlite:////srv/archive.parquet?keys=/srv/journal.db.keys"
            )


@contextmanager
def needing_pyarrow() -> Iterator[None]:
    """Within the block, raise JournalUnusable if the extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise JournalUnusable(
            "archives in Parquet need pyarrow: pip install 'dealgate[archives]'"
        ) from error
