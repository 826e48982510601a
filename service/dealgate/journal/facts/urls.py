"""Opens what keeps entity state, by a setting.

1                        beside the journal: journal.facts.db beside journal.db, or its database
data/facts.db            a file of SQLite; sqlite:///data/facts.db is the same
postgresql://ann@db/s    a database of PostgreSQL
memory:                  forgets everything when the process ends
"""

from pathlib import Path

from dealgate.aside.threads import in_thread
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.port import FactStore
from dealgate.journal.facts.sqlite import MemoryBase, SqliteBase
from dealgate.journal.facts.store import Base, Store
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.urls import MEMORY, file_of, shown

BESIDE = "1"
SUFFIX = ".facts.db"


def facts_url(setting: str, journal: str) -> str:
    """Return where entity state is kept, as the setting says of this journal."""
    if setting != BESIDE:
        return setting
    file = file_of(journal)
    return journal if file is None else str(beside(file))


def beside(journal: Path) -> Path:
    """Return the file of entity state that lies beside a journal's."""
    return journal.with_name(journal.name.removesuffix(".db") + SUFFIX)


async def open_facts(url: str, limits: Limits = DEFAULTS) -> FactStore:
    """Open the store at `url`, creating it; raises JournalUnusable. Blocks nobody."""
    return Store(await in_thread(_base, url), limits.key_nanoseconds)


def _base(url: str) -> Base:
    if url == MEMORY:
        return MemoryBase()
    if url.startswith(("postgresql://", "postgres://")):
        try:
            from dealgate.journal.facts.postgres import PostgresBase  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise JournalUnusable(
                "entity state in PostgreSQL needs psycopg: pip install 'dealgate[postgres]'"
            ) from error
        return PostgresBase(url, shown(url))
    file = file_of(url)
    if file is None:
        raise JournalUnusable(f"{shown(url)}: cannot keep entity state")
    return SqliteBase(file)
