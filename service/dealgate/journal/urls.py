"""Opens a journal by its URL, for writing or for reading.

data/journal.db                     a file of SQLite
sqlite:///data/journal.db           the same; sqlite:////srv/journal.db names it from the root
sqlite:///data/journal.db?shared    several processes write it, and all of them say so
postgresql://ann@db/sales           many servers; needs the extra dealgate[postgres]
memory:                             forgets everything when the process ends
archives/2026.parquet               what `dealgate journal archive` wrote, encrypted: only to read

`keys=/srv/journal.keys` behind the question mark names the key store of an encrypted journal; of a
file it is the file's name with `.keys`, unless another is named. `keys=database` keeps them in the
journal's own database of PostgreSQL, and `keys=postgresql%3A%2F%2Fann%40vault%2Fkeys` in another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dealgate.aside.threads import in_thread
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.locations import Location, location_of, shown, without_keys
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.memory_reader import MemoryReader
from dealgate.journal.parquet.archive import ParquetArchive, is_archive
from dealgate.journal.port import Journal, Reader
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.lost import KeylessReader, refuse_without_keys
from dealgate.journal.sealed.stores import resolved
from dealgate.journal.sealed.terms import Sealing

if TYPE_CHECKING:
    from dealgate.journal.sqlite.connection import JournalFile

# ruff: noqa: PLC0415 - whoever keeps a journal in one place does not load the drivers of others


async def open_journal(
    url: str, limits: Limits = DEFAULTS, sealing: Sealing | None = None
) -> Journal:
    """Open the journal at `url`, creating it and bringing its schema up to date.

    With `sealing`, what is personal is encrypted if it names a master key, or the journal has a key
    store. Raises JournalUnusable with the cure. Blocks nobody.
    """
    location = location_of(url)
    is_wanted = sealing is not None and sealing.master is not None
    if is_wanted and location.keys is None:
        raise JournalUnusable(f"{shown(url)}: names no key store; add ?keys=database")
    within = await _opened(location, url, limits)
    try:
        kept = _reader(location, url)
        await in_thread(refuse_without_keys, kept, location.keys, shown(url))
        has_keys = await in_thread(_has_keys, location)
        if not is_wanted and not has_keys:
            return within
        return await _sealed(within, kept, sealing, location.keys, has_keys=has_keys)
    except BaseException:
        await within.close()
        raise


async def _sealed(
    within: Journal, kept: Reader, sealing: Sealing | None, keys: KeysAt | None, *, has_keys: bool
) -> Journal:
    from dealgate.journal.sealed import opening
    from dealgate.journal.sealed.erasures import erased_again

    if keys is None or sealing is None:
        raise opening.refused(keys)
    if has_keys:
        await in_thread(opening.refuse_other_keys, kept, keys)
        await in_thread(erased_again, kept, keys)
    return await opening.sealed_journal(within, sealing, keys)


def _has_keys(location: Location) -> bool:
    return location.has_keys


async def _opened(location: Location, url: str, limits: Limits) -> Journal:
    if location.scheme == "memory":
        return MemoryJournal(limits)
    if location.scheme == "postgresql":
        with _needing_psycopg():
            from dealgate.journal.postgres.journal import PostgresJournal

        return await PostgresJournal.open(without_keys(url), shown(url), limits)
    if is_archive(Path(location.rest)):
        raise JournalUnusable(f"{shown(url)}: is an archive in Parquet, which no server can write")
    from dealgate.journal.sqlite.journal import SqliteJournal

    return await SqliteJournal.open(Path(location.rest), limits, shared=location.shared)


def reader(url: str) -> Reader:
    """Return what reads the journal at `url`, in this process or another."""
    location = location_of(url)
    within = _reader(location, url)
    if location.keys is None or not location.has_keys:
        return KeylessReader(within, location.keys, shown(url))
    from dealgate.journal.sealed.reading import SealedReader

    return SealedReader(within, resolved(location.keys))


def keys_of(url: str) -> KeysAt | None:
    """Return the key store of the journal at `url`, if it has one; raises JournalUnusable."""
    location = location_of(url)
    return location.keys if location.has_keys else None


def _reader(location: Location, url: str) -> Reader:
    if location.scheme == "memory":
        return MemoryReader()
    if location.scheme == "postgresql":
        with _needing_psycopg():
            from dealgate.journal.postgres.connection import without_password
            from dealgate.journal.postgres.reading import PostgresReader

        return PostgresReader(without_password(without_keys(url)))
    from dealgate.journal.sqlite.reading import SqliteReader

    return SqliteReader(_file(location))


def readable_file(url: str) -> "JournalFile | None":
    """Return what reads the file that the journal at `url` is kept in; None: it is elsewhere."""
    location = location_of(url)
    return _file(location) if location.scheme == "sqlite" else None


def _file(location: Location) -> "JournalFile":
    path = Path(location.rest).resolve()
    if location.keys is None or not is_archive(path):
        return path
    return ParquetArchive(path, resolved(location.keys))


def is_postgres(url: str) -> bool:
    """Tell whether a database keeps the journal; raises JournalUnusable; needs its driver."""
    if location_of(url).scheme != "postgresql":
        return False
    with _needing_psycopg():
        import psycopg  # noqa: F401

    return True


@contextmanager
def _needing_psycopg() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise JournalUnusable(
            "a journal in PostgreSQL needs psycopg: pip install 'dealgate[postgres]'"
        ) from error
