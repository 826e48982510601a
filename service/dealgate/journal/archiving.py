"""Archives and retention, whatever keeps the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dealgate.journal.chain import Sign
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.locations import file_of, shown, without_keys
from dealgate.journal.parquet.archive import is_archive
from dealgate.journal.parquet.upkeep import ArchivesInParquet
from dealgate.journal.retention import Cutoff, Upkeep
from dealgate.journal.sqlite import pruning
from dealgate.journal.urls import is_postgres, keys_of


@dataclass(frozen=True, slots=True)
class FileUpkeep:
    """A journal's file. To prune it, no server may be writing it."""

    path: Path

    @property
    def stem(self) -> str:
        """The file's name."""
        return self.path.stem

    def count_removable(self, cutoffs: Sequence[Cutoff]) -> Sequence[tuple[str, str, int]]:
        """Return how many decisions of each tenant and kind are old, and needed no more."""
        return pruning.count_removable(self.path, cutoffs)

    def archive(
        self,
        to: Path,
        cutoffs: Sequence[Cutoff],
        _: Sign | None = None,
        *,
        removable: bool = False,
    ) -> int:
        """Copy what is old into a journal of its own, with the chain as it is."""
        return pruning.archive(self.path, to, cutoffs, removable=removable)

    def prune(
        self,
        archived: Path,
        cutoffs: Sequence[Cutoff],
        sign: Sign | None = None,
        *,
        unread: bool = False,
    ) -> int:
        """Take away what is old and in the archive; return how many."""
        return pruning.prune(self.path, archived, cutoffs, sign, unread=unread)


def upkeep_of(url: str) -> Upkeep:
    """Return how the journal at `url` is kept up; raises JournalUnusable."""
    return ArchivesInParquet(_within(url), keys_of(url))


def _within(url: str) -> Upkeep:
    path = file_of(url)
    if path is not None and is_archive(path):
        raise JournalUnusable(f"{path}: is an archive, and archives are never pruned")
    if path is not None:
        return FileUpkeep(path)
    if not is_postgres(url):
        raise JournalUnusable(f"{shown(url)}: stores nothing that could be archived")
    from dealgate.journal.postgres.connection import without_password  # noqa: PLC0415 - an extra
    from dealgate.journal.postgres.upkeep import PostgresUpkeep  # noqa: PLC0415 - an extra

    return PostgresUpkeep(without_password(without_keys(url)), shown(url))
