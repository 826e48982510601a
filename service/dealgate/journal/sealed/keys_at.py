"""Where a journal's keys are: in a file of SQLite, or in a database of PostgreSQL.

Naming them loads no driver and no encryption, so that journals in the clear do without both.
"""

from pathlib import Path
from typing import NamedTuple, Self

DATABASES = ("postgresql://", "postgres://")


class KeysAt(NamedTuple):
    """The name of a key store: a path or a URL, and what it may be called in messages.

    It travels to other processes once it was `stores.resolved`.
    """

    name: str
    shown: str
    is_database: bool = False

    @classmethod
    def file(cls, path: Path) -> Self:
        """Return the name of a file."""
        return cls(str(path), str(path))

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.name)

    def __str__(self) -> str:
        """Return what messages call it."""
        return self.shown


def lent(beside: Path) -> str | None:
    """Return the URL that a file in place of a key store holds, if it holds one."""
    try:
        with beside.open("rb") as file:
            line = file.readline(4096)
    except OSError:
        return None
    is_url = line.startswith(tuple(scheme.encode() for scheme in DATABASES))
    return line.decode("utf-8", "replace").strip() if is_url else None
