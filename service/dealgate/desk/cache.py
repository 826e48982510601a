"""Where earlier results are cached, and the digest of the code that computed them.

This imports next to nothing: where everything is known, nothing else need be loaded.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dealgate.rulebook.regular import regular_bytes
from dealgate.rulebook.store import MOST, Store

FOLDER = "DEALGATE_CACHE"
OFF = "off"
PACKAGES = ("cel-expr-python", "protobuf", "babel", "google-re2")
CODE = Path(__file__).parents[1]
SOURCES = {".py", ".json", ".gz", ".csv", ".txt", ".binpb"}


@cache
def store(name: str, most: int = MOST) -> Store | None:
    """Return the file of that name in DEALGATE_CACHE, by default ~/.cache/dealgate.

    None if nothing is to be kept: the variable is `off`, or this user has no home.
    """
    folder = os.environ.get(FOLDER)
    if folder == OFF or not hasattr(os, "geteuid"):
        return None
    try:
        home = Path(folder) if folder else _base("XDG_CACHE_HOME", ".cache")
        key = _base("XDG_STATE_HOME", ".local/state") / "cache.key"
    except RuntimeError:  # this user has no home
        return None
    return Store(home / name, key, most)


def _base(variable: str, usual: str) -> Path:
    """Return Dealgate's folder by the XDG base directory specification."""
    given = os.environ.get(variable, "")
    folder = Path(given) if Path(given).is_absolute() else Path.home() / usual
    return folder / "dealgate"


def code_version(*rooms: str, packages: Sequence[str] = (), python: str = sys.version) -> str:
    """Return a digest of the code in some rooms, and of the libraries that findings depend on.

    `packages` are others than those that all findings depend on.
    """
    digest = hashlib.sha256(python.encode())
    for package in (*PACKAGES, *packages):
        digest.update(f"{package} {_version(package)}\n".encode())
    digest.update(digest_of(CODE, _sources(rooms)).encode())
    return digest.hexdigest()


def digest_of(root: Path, files: Iterable[Path]) -> str:
    """Return a digest of files: of the path of each below `root`, and of its bytes.

    A file that cannot be read counts as the error: its reader reports it.
    """
    digest = hashlib.sha256()
    for file in sorted(files):
        data = _bytes(file)
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _bytes(file: Path) -> bytes:
    try:
        return regular_bytes(file)
    except OSError as error:
        return type(error).__name__.encode()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _sources(rooms: Iterable[str]) -> Iterator[Path]:
    for room in rooms:
        path = CODE / room
        if path.is_file():
            yield path
        yield from (file for file in path.rglob("*") if file.suffix in SOURCES and file.is_file())
