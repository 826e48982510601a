"""Kinds and scopes that were never released: whatever is wrong with one, nobody relies on it.

What was released is read from the files alone, because a kind may be so broken that none of its
versions can be read. Where that is unknown, it may have been released.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from dealgate.rulebook.narrowing import SCOPE_NAME
from dealgate.rulebook.regular import regular_bytes
from dealgate.rulebook.scratch import is_scratch
from dealgate.rulebook.source import MAX_BYTES

RELEASES = "releases.yaml"
NO_LINES = (b"", b"[]", b"---", b"---[]")
BOM = b"\xef\xbb\xbf"
FILES = (".yaml", ".json", ".md")


def unreleased_in(folder: Path, named: Callable[[Path], str]) -> Mapping[str, str]:
    """Return the kinds and scopes below a rules folder that were never released.

    By the names of their folders, as faults are reported: {"rules/qualify/dach": "qualify/dach"}.
    """
    folders: dict[str, str] = {}
    for home in listed(folder):
        scopes = [path for path in listed(home) if is_scope(path)]
        folders |= {
            named(scope): f"{home.name}/{scope.name}" for scope in scopes if _is_unreleased(scope)
        }
        if home.suffix in FILES or not home.is_dir():
            continue  # a folder in the place of properties.yaml is no kind
        if all(map(_is_unreleased, (home, *scopes))):
            folders[named(home)] = home.name
    return folders


def is_scope(path: Path) -> bool:
    """Tell whether a folder within a kind's is that of a scope."""
    return (
        path.is_dir() and SCOPE_NAME.fullmatch(path.name) is not None and not is_scratch(path.name)
    )


def stands(path: Path) -> bool:
    """Tell whether anything is there, if only a link that leads nowhere: that is no absence."""
    return os.path.lexists(path)


def listed(folder: Path) -> Sequence[Path]:
    """Return what stands in a folder, by name; nothing of one that cannot be listed."""
    return sorted(_entries(folder))


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError:
        return


def _is_unreleased(home: Path) -> bool:
    path = home / RELEASES
    try:
        if path not in home.iterdir():
            return True
        text = regular_bytes(path, MAX_BYTES).removeprefix(BOM)
    except OSError:
        return False
    lines = (line.partition(b"#")[0].strip() for line in text.splitlines())
    return len(text) < MAX_BYTES and b"".join(lines) in NO_LINES
