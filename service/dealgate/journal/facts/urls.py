"""Opens what keeps entity state, by a setting.

1                        beside the journal: journal.facts.db beside journal.db, or its database
data/facts.db            a file of SQLite; sqlite:///data/facts.db is the same
postgresql://ann@db/s    a database of PostgreSQL
memory:                  forgets everything when the process ends
"""

from pathlib import Path

from dealgate.aside.threads import in_thread
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.codec import Codec
from dealgate.journal.facts.sqlite import MemoryBase, SqliteBase
from dealgate.journal.facts.statements import CLEAR, SEALED
from dealgate.journal.facts.store import Base, Store
from dealgate.journal.limits import DEFAULTS, Limits
from dealgate.journal.locations import MEMORY, file_of, shown, without_keys
from dealgate.journal.sealed.keys_at import DATABASES, KeysAt
from dealgate.model.fact_store import FactStore

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


async def open_facts(
    url: str, limits: Limits = DEFAULTS, keys: KeysAt | None = None, master: Path | None = None
) -> FactStore:
    """Open the store at `url`, creating it; raises JournalUnusable. Blocks nobody.

    `keys` is the key store of an encrypted journal: then facts are kept under its keys, of which
    `master` is the master key, None: the one that the store remembers.
    """
    codec = None if keys is None else await in_thread(_sealed, keys, master)
    base = await in_thread(base_of, url, CLEAR if codec is None else SEALED)
    return Store(base, limits.key_nanoseconds, codec=codec)


def _sealed(keys: KeysAt, master: Path | None) -> Codec:
    from dealgate.journal.facts.sealing import Sealed  # noqa: PLC0415 - an extra

    return Sealed(keys, master)


def base_of(url: str, version: int = CLEAR) -> Base:
    """Return the database at `url`, in which facts are written so; raises JournalUnusable."""
    if url == MEMORY:
        return MemoryBase()
    if url.startswith(DATABASES):
        url = without_keys(url)
        try:
            from dealgate.journal.facts.postgres import PostgresBase  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise JournalUnusable(
                "entity state in PostgreSQL needs psycopg: pip install 'dealgate[postgres]'"
            ) from error
        return PostgresBase(url, shown(url), version)
    file = file_of(url)
    if file is None:
        raise JournalUnusable(f"{shown(url)}: cannot keep entity state")
    return SqliteBase(file, version)
