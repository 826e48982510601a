"""A journal whose archives are in Parquet if their names say so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dealgate.journal.chain import Sign
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.parquet.archive import ParquetArchive, is_archive, needing_pyarrow
from dealgate.journal.retention import Cutoff, Upkeep
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sqlite.upkeep import install, refuse_existing


@dataclass(frozen=True, slots=True)
class ArchivesInParquet:
    """A journal that is archived in Parquet if the archive's name says so."""

    within: Upkeep
    keys: KeysAt | None

    @property
    def stem(self) -> str:
        """What its archives are named after."""
        return self.within.stem

    def count_removable(self, cutoffs: Sequence[Cutoff]) -> Sequence[tuple[str, str, int]]:
        """Return how many decisions of each tenant and kind are old, and needed no more."""
        return self.within.count_removable(cutoffs)

    def archive(
        self,
        to: Path,
        cutoffs: Sequence[Cutoff],
        sign: Sign | None = None,
        *,
        removable: bool = False,
    ) -> int:
        """Copy what is old into an archive, by way of a file of SQLite."""
        if not is_archive(to):
            return self.within.archive(to, cutoffs, sign, removable=removable)
        keys = self._keys(to)
        with needing_pyarrow():
            from dealgate.journal.parquet.writing import write_archive  # noqa: PLC0415 - an extra
        refuse_existing(to)
        with _scratch(to) as folder:
            many = self.within.archive(folder / "archive.db", cutoffs, sign, removable=removable)
            write_archive(folder / "archive.db", folder / to.name, keys)
            install(folder / to.name, to)
        return many

    def prune(
        self,
        archived: Path,
        cutoffs: Sequence[Cutoff],
        sign: Sign | None = None,
        *,
        unread: bool = False,
    ) -> int:
        """Remove what is old and in the archive, which becomes a file of SQLite meanwhile."""
        if not is_archive(archived):
            return self.within.prune(archived, cutoffs, sign, unread=unread)
        with _scratch(archived) as folder:
            restored = folder / "archive.db"
            ParquetArchive(archived, self._keys(archived)).restore(restored)
            try:
                return self.within.prune(restored, cutoffs, sign, unread=unread)
            except JournalUnusable as error:
                told = str(error).replace(str(restored), str(archived))
                raise JournalUnusable(told) from error

    def _keys(self, archive: Path) -> KeysAt:
        if self.keys is None:
            raise JournalUnusable(
                f"{archive}: an archive in Parquet is encrypted, and the journal has no key store; "
                "start its server with DEALGATE_JOURNAL_MASTER_KEY, or name a .db file"
            )
        return self.keys


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """Have a folder that only its owner may enter, on the same disk; raise JournalUnusable."""
    if not beside.parent.is_dir():
        raise JournalUnusable(f"{beside.parent}: there is no such folder")
    with TemporaryDirectory(prefix=f".{beside.name}-", dir=beside.parent) as folder:
        yield Path(folder)
