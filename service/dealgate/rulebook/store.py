"""A cache file of earlier results, trusted only if this user wrote it; deleting it costs time.

Entries are signed together (HMAC-SHA-256) with a key that lies elsewhere, readable by its owner
alone, so whoever can write to the folder of the file, but not read the key, cannot make us believe
anything. A file that is damaged, signed by another key, or that others may write to is passed over.
"""

import contextlib
import hmac
import marshal
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

MAGIC = b"dealgate checked expressions 1\n"
SIGNATURE = 32
KEY = 32
# An author's drafts add a few a day; a file that has become larger is begun anew.
MOST = 64 * 1024 * 1024
OTHERS = stat.S_IWGRP | stat.S_IWOTH
Value = tuple[object, ...]


class Store:
    """Values by key, read when first asked for, written by `save`."""

    def __init__(self, path: Path, key: Path, most: int = MOST) -> None:
        """`path` is the file of the values, `key` that of the key; `most` bounds its bytes."""
        self._most = most
        self._path = path
        self._key = key
        self._read: dict[bytes, Value] | None = None
        self._used: dict[bytes, Value] = {}
        self._changed = False

    def get(self, key: bytes) -> Value | None:
        """Return what is known under a key, if anything."""
        value = self._used.get(key)
        if value is None:
            value = self._known.get(key)
            if value is not None:
                self._used[key] = value
        return value

    def put(self, key: bytes, value: Value) -> None:
        """Remember a value of texts, bytes and tuples of them."""
        self._used[key] = value
        self._changed = True

    def save(self) -> None:
        """Write what was put; a folder that cannot be written to remembers nothing."""
        if not self._changed:
            return
        self._changed = False
        with contextlib.suppress(OSError):
            self._write({**self._known, **self._used})

    @property
    def _known(self) -> Mapping[bytes, Value]:
        if self._read is None:
            self._read = self._load()
        return self._read

    def _load(self) -> dict[bytes, Value]:
        data, key = _owned(self._path), _owned(self._key, secret=True)
        if data is None or key is None or len(key) != KEY or not data.startswith(MAGIC):
            return {}
        signature = data[len(MAGIC) : len(MAGIC) + SIGNATURE]
        entries = data[len(MAGIC) + SIGNATURE :]
        if not hmac.compare_digest(signature, _signed(entries, key)):
            return {}
        values: dict[bytes, Value] = marshal.loads(entries)  # noqa: S302  # we signed it
        return values

    def _write(self, values: dict[bytes, Value]) -> None:
        entries = marshal.dumps(values)
        if len(entries) > self._most:
            entries = marshal.dumps(self._used)
        key = self._signing_key()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(self._path, MAGIC + _signed(entries, key) + entries)

    def _signing_key(self) -> bytes:
        key = _owned(self._key, secret=True)
        if key is not None and len(key) == KEY:
            return key
        self._key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_bytes(KEY)
        _replace(self._key, key)
        return key


def _signed(entries: bytes, key: bytes) -> bytes:
    # What marshal writes is for one version of Python.
    return hmac.digest(key, sys.version.encode() + MAGIC + entries, "sha256")


def _owned(path: Path, *, secret: bool = False) -> bytes | None:
    """Return a file's bytes if it is ours, and nobody else may write to it, or read a secret."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if not _is_believed(os.fstat(descriptor), secret=secret):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _is_believed(status: os.stat_result, *, secret: bool) -> bool:
    forbidden = stat.S_IRWXG | stat.S_IRWXO if secret else OTHERS
    ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
    return ours and not status.st_mode & forbidden and status.st_size <= 2 * MOST


def _replace(path: Path, data: bytes) -> None:
    """Write a file in one step: another process sees the old one or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(beside, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
