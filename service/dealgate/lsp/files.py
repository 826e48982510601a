"""Which file of which rules folder an editor has open, and the text of it and its siblings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from pygls.uris import from_fs_path, to_fs_path

from dealgate.desk.layout.folder import sort_of
from dealgate.desk.schema import RULES as SCHEMA
from dealgate.kinds import KINDS
from dealgate.model.rules import shelf_of
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.kind_folder import RULES
from dealgate.rulebook.kind_shapes import KIND_NAME
from dealgate.rulebook.narrowing import SCOPE_NAME
from dealgate.rulebook.regular import regular_bytes
from dealgate.rulebook.strays import CASES, SIGNALS

Sort = Literal["rules", "cases", "releases", "kind", "signal", "signal cases", "other"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a rules folder; `root` is that folder, `version` 0 for what has none.

    Files of signals are of no kind: theirs is "signals". `scope`: whose rules they are; "": the
    kind's own.
    """

    path: Path
    root: Path
    kind: str
    sort: Sort
    version: int = 0
    scope: str = ""

    @property
    def subject(self) -> str:
        """What commands call that which it declares or tries: "qualify@2", "signals/gone-quiet"."""
        if self.kind != SIGNALS:
            return f"{shelf_of(self.kind, self.scope)}@{self.version}"
        return f"{SIGNALS}/{self.path.name.removesuffix('.yaml').removesuffix('.cases')}"

    def sibling(self, name: str) -> Path:
        """Return the path of another file of its kind."""
        return self.path.with_name(name)


def file_of(uri: str) -> File | None:
    """Return the file behind `uri`; None if it lies in no rules folder."""
    name = to_fs_path(uri)
    if not name:
        return None
    path = Path(name)
    root, kind, scope = path.parent.parent, path.parent.name, ""
    if not _is_of_kind(path.parent) and _is_of_kind(root) and SCOPE_NAME.fullmatch(kind):
        root, kind, scope = root.parent, root.name, kind
    if kind == SIGNALS and _is_rules_folder(root):
        return File(path, root, kind, cast("Sort", sort_of(path) or "other"))
    if path.name == KIND and kind not in KINDS:
        return File(path, root, kind, "kind") if _may_declare(path) else None
    if not _is_of_kind(root / kind):
        return None
    for sort, pattern in (("rules", RULES), ("cases", CASES)):
        match = pattern.fullmatch(path.name)
        if match:
            what: Sort = "rules" if sort == "rules" else "cases"
            return File(path, root, kind, what, int(match[1]), scope)
    what = "releases" if path.name == "releases.yaml" else "other"
    return File(path, root, kind, what, scope=scope)


def _is_of_kind(home: Path) -> bool:
    """Tell whether a folder is that of a kind: with code, or declared there."""
    return home.name in KINDS or (home / KIND).is_file()


def _may_declare(path: Path) -> bool:
    """Tell whether a kind.yaml is one of ours: other programs have files of that name."""
    return KIND_NAME.fullmatch(path.parent.name) is not None and (
        _is_rules_folder(path.parent.parent) or (path.parent / "v1.yaml").is_file()
    )


def _is_rules_folder(root: Path) -> bool:
    """Tell whether a folder is one of rules: other programs have signals and kinds of their own."""
    return root.name == "rules" or (root / SCHEMA).is_file()


def uri_of(path: Path) -> str:
    """Return the URI of a path."""
    return from_fs_path(str(path)) or ""


class Texts:
    """The text of files: from the editor if they are open there, else from disk."""

    def __init__(self, opened: Mapping[Path, str]) -> None:
        """`opened` has the text of every open file."""
        self.opened = dict(opened)

    def read(self, path: Path) -> str:
        """Return the text of `path`; empty if it cannot be read."""
        if path in self.opened:
            return self.opened[path]
        try:
            return regular_bytes(path).decode()
        except (OSError, UnicodeDecodeError):
            return ""
