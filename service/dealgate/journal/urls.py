"""Opens a journal by its URL, for writing or for reading.

data/journal.db                     a file of SQLite
sqlite:///data/journal.db           the same; sqlite:////srv/journal.db names it from the root
sqlite:///data/journal.db?shared    several processes write it, and all of them say so
postgresql://ann@db/sales           many servers; needs the extra dealgate[postgres]
memory:                             forgets everything when the process ends
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.memory import MemoryJournal, MemoryReader
from dealgate.journal.port import Journal, Reader

# ruff: noqa: PLC0415 - whoever keeps a journal in one place does not load the drivers of others

MEMORY = "memory:"
KNOWN = (
    "a path or sqlite:///path for a file of SQLite, postgresql://… for PostgreSQL, or memory: to "
    "forget it all"
)


class Location(NamedTuple):
    """Where a journal is: a scheme, and what it means to that scheme."""

    scheme: str
    rest: str
    shared: bool = False


async def open_journal(url: str, limits: Limits = DEFAULTS) -> Journal:
    """Open the journal at `url`, creating it and bringing its schema up to date.

    Raises JournalUnusable with the cure. Blocks nobody.
    """
    location = _location(url)
    if location.scheme == "memory":
        return MemoryJournal(limits)
    if location.scheme == "postgresql":
        with _needing_psycopg():
            from dealgate.journal.postgres.journal import PostgresJournal

        return await PostgresJournal.open(url, shown(url), limits)
    from dealgate.journal.sqlite.journal import SqliteJournal

    return await SqliteJournal.open(Path(location.rest), limits, shared=location.shared)


def reader(url: str) -> Reader:
    """Return what reads the journal at `url`, in this process or another."""
    location = _location(url)
    if location.scheme == "memory":
        return MemoryReader()
    if location.scheme == "postgresql":
        with _needing_psycopg():
            from dealgate.journal.postgres.connection import without_password
            from dealgate.journal.postgres.reading import PostgresReader

        return PostgresReader(without_password(url))
    from dealgate.journal.sqlite.reading import SqliteReader

    return SqliteReader(Path(location.rest).resolve())


def file_of(url: str) -> Path | None:
    """Return the file that the journal at `url` is kept in; None: it is kept elsewhere."""
    location = _location(url)
    return Path(location.rest).resolve() if location.scheme == "sqlite" else None


def shared(url: str) -> str:
    """Return the URL of the same journal for one of several processes that write it."""
    location = _location(url)
    if location.scheme == "memory":
        raise JournalUnusable("a journal in memory cannot be shared; keep it in a file: " + KNOWN)
    if location.scheme == "postgresql":
        return url
    return f"sqlite:///{quote(str(Path(location.rest).resolve()))}?shared"


def shown(url: str) -> str:
    """Return `url` as it may be logged: without its password, nor what may hold one."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme == "sqlite":
        return url
    before, at, after = rest.rpartition("@")
    if "?" in before:  # a password that should have been quoted: nobody can tell where it ends
        return f"{scheme}://***"
    user, colon, _ = before.partition(":")
    where, question, _ = after.partition("?")
    return f"{scheme}://{user}{colon and ':***'}{at}{where}{question and '?***'}"


@contextmanager
def _needing_psycopg() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise JournalUnusable(
            "a journal in PostgreSQL needs psycopg: pip install 'dealgate[postgres]'"
        ) from error


def _location(url: str) -> Location:
    if url == MEMORY:
        return Location("memory", "")
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Location("sqlite", url)
    if scheme in {"postgresql", "postgres"}:
        return Location("postgresql", rest)
    if scheme != "sqlite":
        raise JournalUnusable(f"{shown(url)}: {scheme} cannot keep a journal; write {KNOWN}")
    if not rest.startswith("/") or rest == "/":
        raise JournalUnusable(
            f"{shown(url)}: names no file; write sqlite:///data/journal.db, or "
            "sqlite:////srv/journal.db from the root"
        )
    path, question, option = rest.partition("?")
    if question and option != "shared":
        raise JournalUnusable(f"{shown(url)}: has no option {option}; there is: shared")
    return Location("sqlite", unquote(path.removeprefix("/")), shared=bool(question))
