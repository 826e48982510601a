"""Opens a key store, wherever it is."""

from pathlib import Path

from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.port import KeyStore

# ruff: noqa: PLC0415 - whoever keeps keys in one place does not load the drivers of others


def open_store(at: KeysAt) -> KeyStore:
    """Open the key store, creating it; raises JournalUnusable."""
    if at.is_database:
        from dealgate.journal.sealed.database import DatabaseKeys

        return DatabaseKeys(at)
    from dealgate.journal.sealed.file import FileKeys

    return FileKeys(at)


def is_there(at: KeysAt) -> bool:
    """Tell whether there are keys; raises JournalUnusable. Blocks if they are in a database."""
    if not at.is_database:
        return at.path.exists()
    from dealgate.journal.sealed.database import has_keys

    return has_keys(at)


def resolved(at: KeysAt) -> KeysAt:
    """Return the same without what only this process knows: its folder, and a password."""
    if not at.is_database:
        return at._replace(name=str(at.path.resolve()))
    from dealgate.journal.sealed.database import resolved as without_password

    return without_password(at)


def lend(keys: KeysAt, to: Path) -> None:
    """Have a copy of an encrypted journal read with the journal's own keys.

    So a subject that is erased later is erased from the copy, too. Beside the file lies a link to
    the key store, or the URL of a database.
    """
    beside = to.with_name(f"{to.name}.keys")
    if beside.exists():
        return
    if not keys.is_database:
        beside.symlink_to(keys.path.resolve())
        return
    beside.touch(mode=0o600)
    beside.write_text(f"{resolved(keys).name}\n", encoding="utf-8")
