"""The master key, which encrypts tenants' keys: in a file, or wherever a KMS keeps it.

A KMS is asked once for each tenant and process: it sees the tenant's key, and no decision.
"""

import base64
import binascii
import os
from pathlib import Path
from typing import Protocol

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed.ciphers import KEY_BYTES, new_key, unwrapped, wrapped
from dealgate.journal.sqlite.file import sync_directory

PREFIX = "dealgate-master-key-1:"


class Kms(Protocol):
    """Encrypts keys under one that it does not hand out."""

    @property
    def name(self) -> str:
        """Where the key is, such as `file:/etc/dealgate/master.key`: no secret."""

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """Return the key encrypted; `about` must be the same when it is decrypted."""

    def unwrap(self, sealed: bytes, about: bytes) -> bytes:
        """Return the key; raise ValueError if it is not under this master key."""


class FileKms:
    """A master key in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        """Read it; raise JournalUnusable if it cannot be read, or others may read it."""
        self._path = path.resolve()
        self._key = _read(self._path)

    @property
    def name(self) -> str:
        """The file."""
        return f"file:{self._path}"

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """Return the key encrypted."""
        return wrapped(self._key, key, about)

    def unwrap(self, sealed: bytes, about: bytes) -> bytes:
        """Return the key; raise ValueError if it is not under this master key."""
        return unwrapped(self._key, sealed, about)


def kms_named(name: str) -> Kms:
    """Return the KMS of this name, as the key store remembers it; raises JournalUnusable."""
    scheme, _, rest = name.partition(":")
    if scheme != "file":
        raise JournalUnusable(f"{name}: is not a master key that this Dealgate can use")
    return FileKms(Path(rest))


def new_master_key(path: Path) -> None:
    """Make a file with a new master key that only its owner may read; raise JournalUnusable."""
    text = PREFIX + base64.b64encode(new_key()).decode() + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise JournalUnusable(f"{path}: exists already; name a file that does not") from None
    except OSError as error:
        raise JournalUnusable(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        sync_directory(path.parent)
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key would only be in the way of the next
        raise JournalUnusable(f"{path}: cannot be written: {error.strerror}") from error


def _read(path: Path) -> bytes:
    cure = f"make one with `dealgate keys new {path}`"
    try:
        text = path.read_text(encoding="ascii").strip()
        mode = path.stat().st_mode & 0o777
    except (OSError, UnicodeDecodeError) as error:
        raise JournalUnusable(f"{path}: cannot be read as a master key: {error}; {cure}") from error
    if os.name == "posix" and mode & 0o077:
        raise JournalUnusable(
            f"{path}: others on this machine may read the master key (mode {mode:03o}); "
            f"chmod 600 {path}"
        )
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(PREFIX) or len(key) != KEY_BYTES:
        raise JournalUnusable(f"{path}: is not a master key; {cure}")
    return key
