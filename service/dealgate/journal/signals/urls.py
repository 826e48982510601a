"""Opens what keeps the state of signals, by its name.

/var/lib/dealgate/signals.db             a file of SQLite
postgresql://ann@db/sales                a database of PostgreSQL, such as the journal's
postgresql://ann@db/sales?consumer=web   the same, of the one of several consumers of a tenant
"""

from pathlib import Path
from urllib.parse import unquote

from dealgate.journal.locations import KEYS, shown
from dealgate.journal.signals.port import State, StateUnusable
from dealgate.journal.signals.sqlite import SqliteState
from dealgate.journal.signals.store import Store

CONSUMER = "consumer="


def open_state(name: str) -> State:
    """Open the state, creating it; nobody has its turn yet. Raises StateUnusable. Blocks."""
    if not is_shared(name):
        if "://" in name:
            raise StateUnusable(
                f"{shown(name)}: cannot keep signals; name a file, or postgresql://…"
            )
        return Store(SqliteState(Path(name)))
    try:
        from dealgate.journal.signals.postgres import PostgresState  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise StateUnusable(
            "signals in PostgreSQL need psycopg: pip install 'dealgate[postgres]'"
        ) from error
    url, consumer = _parted(name)
    return Store(PostgresState(url, shown(url)), consumer)


def is_shared(name: str) -> bool:
    """Tell whether several processes may open this state."""
    return name.startswith(("postgresql://", "postgres://"))


def state_of(name: str, journal: str) -> str:
    """Return where the state is: as it is named, or with a journal in PostgreSQL; "": nowhere."""
    return name or (journal if is_shared(journal) else "")


def _parted(url: str) -> tuple[str, str]:
    """Return the URL as the database's own library understands it, and the consumer it names."""
    base, question, query = url.partition("?")
    options = query.split("&")
    named = [option.removeprefix(CONSUMER) for option in options if option.startswith(CONSUMER)]
    kept = "&".join(option for option in options if not option.startswith((CONSUMER, KEYS)))
    return base + (question if kept else "") + kept, unquote(named[0]) if named else ""
