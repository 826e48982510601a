"""Which file of which rules folder an editor has open, and what stands in it and its siblings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pygls.uris import from_fs_path, to_fs_path

from dealgate.kinds import KINDS
from dealgate.rulebook.loading import CASES, RULES

Sort = Literal["rules", "cases", "releases", "other"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a rules folder; `root` is that folder, `version` 0 for what has none."""

    path: Path
    root: Path
    kind: str
    sort: Sort
    version: int = 0

    def sibling(self, name: str) -> Path:
        """Return the path of another file of its kind."""
        return self.path.with_name(name)


def file_of(uri: str) -> File | None:
    """Return the file behind `uri`; None if it lies in no rules folder."""
    name = to_fs_path(uri)
    if not name:
        return None
    path = Path(name)
    root, kind = path.parent.parent, path.parent.name
    if kind not in KINDS:
        return None
    for sort, pattern in (("rules", RULES), ("cases", CASES)):
        match = pattern.fullmatch(path.name)
        if match:
            return File(path, root, kind, "rules" if sort == "rules" else "cases", int(match[1]))
    sort_of: Sort = "releases" if path.name == "releases.yaml" else "other"
    return File(path, root, kind, sort_of)


def uri_of(path: Path) -> str:
    """Return the URI of a path."""
    return from_fs_path(str(path)) or ""


class Texts:
    """What stands in files: in the editor if they are open there, else on disk."""

    def __init__(self, opened: Mapping[Path, str]) -> None:
        """`opened` has the text of every open file."""
        self.opened = dict(opened)

    def read(self, path: Path) -> str:
        """Return the text of `path`; empty if it cannot be read."""
        if path in self.opened:
            return self.opened[path]
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
