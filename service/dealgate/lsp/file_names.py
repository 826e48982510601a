"""Which files of a rules folder matter, and which version a file is of."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from dealgate.rulebook.narrowing import SCOPE_NAME

OF_VERSION = re.compile(r"v([1-9]\d{0,5})\.(yaml|cases\.yaml|.+\.csv)")
RELEASES = "releases.yaml"
Version = tuple[str, int]


def has_scopes(home: Path) -> bool:
    """Tell whether other versions are made from a kind's own: then one is not read by itself."""
    return any(path.is_dir() and SCOPE_NAME.fullmatch(path.name) for path in home.iterdir())


def matters(path: Path, root: Path, version: Version) -> bool:
    """Tell whether a version is read with a file: with all but those of other versions."""
    match = OF_VERSION.fullmatch(path.name)
    return match is None or path.parent.parent != root or int(match[1]) == version[1]


def is_of(file: str, version: Version) -> bool:
    """Tell whether a file, as faults name it, is one of a version's."""
    *_, kind, name = ("", *PurePosixPath(file).parts)
    match = OF_VERSION.fullmatch(name)
    return match is not None and (kind, int(match[1])) == version


def laid(target: Path) -> Path:
    """Return where to write a file, once its folder is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def files_of(root: Path, kinds: set[str]) -> Iterator[Path]:
    """Yield the files at the top and of some kinds, hidden folders left out."""
    for entry in root.iterdir() if root.is_dir() else ():
        if not entry.is_dir():
            yield entry
        elif entry.name in kinds:
            yield from (path for path in _walked(entry) if not path.is_dir())


def _walked(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith("."):
            yield from _walked(entry)
        elif not entry.is_dir():
            yield entry
