"""Fingerprints of rules folders: two are equal only if every file is."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from dealgate.rulebook.regular import regular_bytes
from dealgate.rulebook.scratch import is_scratch
from dealgate.rulebook.source import MAX_BYTES

DEPTH = 4  # deeper than any rules folder is, and no link can lead in circles for long


def fingerprint(folder: Path) -> str:
    """Return SHA-256 over the name and bytes of every file, hidden and scratch ones apart.

    Times and sizes are not trusted: a checkout, a copy or a coarse clock may leave them as they
    were. A file that cannot be read counts as what keeps it from being read; of one that is larger
    than a rule file may be, its beginning counts: it is refused whatever comes then.
    """
    return fingerprint_of(folder, _files(folder, DEPTH))


def fingerprint_of(folder: Path, paths: Iterable[Path]) -> str:
    """Return SHA-256 over the name and bytes of these files in `folder`."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        whole.update(f"{name}\0{_content(path)}\0".encode())
    return whole.hexdigest()


def _files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if is_scratch(entry.name):
            continue
        if depth and entry.is_dir():
            yield from _files(entry, depth - 1)
        yield entry


def _content(path: Path) -> str:
    try:
        data = regular_bytes(path, MAX_BYTES + 1)
        return hashlib.sha256(data).hexdigest()
    except OSError as error:
        return type(error).__name__
