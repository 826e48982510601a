"""Where a journal is kept, by its URL; `urls.py` lists the forms of a URL."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed.keys_at import DATABASES, KeysAt, lent
from dealgate.journal.sealed.stores import is_there

MEMORY = "memory:"
KEYS = "keys="
OWN = "database"  # as the keys' name: the journal's own
KNOWN = (
    "a path or sqlite:///path for a file of SQLite, postgresql://… for PostgreSQL, or memory: to "
    "forget it all"
)


class Location(NamedTuple):
    """Where a journal is: a scheme, and what it means to that scheme."""

    scheme: str
    rest: str
    shared: bool = False
    keys: KeysAt | None = None

    @property
    def has_keys(self) -> bool:
        """Whether the journal is encrypted; blocks if its keys are in a database."""
        return self.keys is not None and is_there(self.keys)


def file_of(url: str) -> Path | None:
    """Return the file that the journal at `url` is kept in; None: it is kept elsewhere."""
    location = location_of(url)
    return Path(location.rest).resolve() if location.scheme == "sqlite" else None


def shared(url: str) -> str:
    """Return the URL of the same journal for one of several processes that write it."""
    location = location_of(url)
    if location.scheme == "memory":
        raise JournalUnusable("a journal in memory cannot be shared; keep it in a file: " + KNOWN)
    if location.scheme == "postgresql":
        return url
    path = quote(str(Path(location.rest).resolve()))
    named = _option(url)
    if named is not None and not named.startswith(DATABASES):
        named = str(Path(named).resolve())
    keys = "" if named is None else f"&{KEYS}{quote(named, safe='/')}"
    return f"sqlite:///{path}?shared{keys}"


def shown(url: str) -> str:
    """Return `url` as it may be logged: without its password, nor what may hold one."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme == "sqlite":
        return url
    before, at, after = rest.rpartition("@")
    if "?" in before:  # a password that should have been quoted: nobody can tell where it ends
        return f"{scheme}://***"
    user, colon, _ = before.partition(":")
    if user and not colon and "postgres" not in scheme:
        user = "***"  # to NATS it is a token
    where, question, _ = after.partition("?")
    return f"{scheme}://{user}{colon and ':***'}{at}{where}{question and '?***'}"


def location_of(url: str) -> Location:
    """Return what a URL says; raises JournalUnusable if it is not one of a journal."""
    if url == MEMORY:
        return Location("memory", "")
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Location("sqlite", url, keys=_beside(url))
    if url.startswith(DATABASES):
        return Location("postgresql", rest, keys=_named_keys(url))
    if scheme != "sqlite":
        raise JournalUnusable(f"{shown(url)}: {scheme} cannot keep a journal; write {KNOWN}")
    return _sqlite(url, rest)


def _sqlite(url: str, rest: str) -> Location:
    if not rest.startswith("/") or rest == "/":
        raise JournalUnusable(
            f"{shown(url)}: names no file; write sqlite:///data/journal.db, or "
            "sqlite:////srv/journal.db from the root"
        )
    path, _, query = rest.partition("?")
    options = query.split("&") if query else []
    unknown = [option for option in options if option != "shared" and not option.startswith(KEYS)]
    if unknown:
        raise JournalUnusable(
            f"{shown(url)}: has no option {unknown[0]}; there are: shared, keys=…"
        )
    file = unquote(path.removeprefix("/"))
    keys = _named_keys(url) or _beside(file)
    return Location("sqlite", file, shared="shared" in options, keys=keys)


def _beside(file: str) -> KeysAt:
    path = Path(f"{file}.keys")
    url = lent(path)
    return KeysAt.file(path) if url is None else KeysAt(url, shown(url), is_database=True)


def _named_keys(url: str) -> KeysAt | None:
    named = _option(url)
    if named == OWN and url.startswith(DATABASES):
        url = without_keys(url)
        return KeysAt(url, f"schema dealgate_keys of {shown(url)}", is_database=True)
    if named is not None and named.startswith(DATABASES):
        return KeysAt(named, shown(named), is_database=True)
    return None if named is None else KeysAt.file(Path(named))


def _option(url: str) -> str | None:
    options = url.partition("?")[2].split("&")
    named = [option.removeprefix(KEYS) for option in options if option.startswith(KEYS)]
    return unquote(named[0]) if named else None


def without_keys(url: str) -> str:
    """Return the URL as the database's own library understands it."""
    base, question, query = url.partition("?")
    kept = "&".join(option for option in query.split("&") if not option.startswith(KEYS))
    return base + (question if kept else "") + kept
