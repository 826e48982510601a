"""Renames a name wherever it occurs: in a version's rules, its tables and its cases."""

import re
from collections.abc import Mapping
from pathlib import Path

from lsprotocol.types import LSPErrorCodes, Range, TextEdit, WorkspaceEdit
from pygls.exceptions import JsonRpcException

from dealgate.lsp.files import uri_of
from dealgate.lsp.occurrences import Name, Sort, name_at, occurrences
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk, rule_ids

VALID: Mapping[Sort, tuple[re.Pattern[str], str]] = {
    "rule": (re.compile(r"[A-Za-z0-9][\w-]*"), "letters, digits and hyphens"),
    "constant": (re.compile(r"[a-z][a-z0-9_]*"), "lower-case letters, digits and underscores"),
    "named fact": (re.compile(r"[a-z][a-z0-9_]*"), "lower-case letters, digits and underscores"),
}


def renamable(desk: Desk, index: int, positions: Positions) -> Range | None:
    """Return the span of the name at `index`; None if it is not one that can be renamed."""
    name = name_at(desk, index)
    return None if name is None else positions.range(name.start, name.start + len(name.word))


def renamed(desk: Desk, index: int, new: str, encoding: str) -> WorkspaceEdit:
    """Return the edits that give the name at `index` another word, or refuse with the reason."""
    name = name_at(desk, index)
    if name is None:
        raise _refused("only ids of rules, constants and named facts can be renamed")
    _permit(desk, name, new)
    changes = {}
    for path in _files(desk):
        text = desk.texts.read(path)
        positions = Positions(text, encoding)
        starts = occurrences(path, text, name)
        spans = [positions.range(start, start + len(name.word)) for start in starts]
        if spans:
            changes[uri_of(path)] = [TextEdit(span, new) for span in spans]
    return WorkspaceEdit(changes=changes)


def _files(desk: Desk) -> list[Path]:
    version = f"v{desk.file.version}"
    tables = desk.file.path.parent.glob(f"{version}.*.csv")
    return [*(desk.file.sibling(f"{version}{end}") for end in (".yaml", ".cases.yaml")), *tables]


def _permit(desk: Desk, name: Name, new: str) -> None:
    version = desk.file.subject
    releases = desk.texts.read(desk.file.sibling("releases.yaml"))
    if re.search(rf"^[-\s{{]*version:\s*{desk.file.version}\b", releases, re.MULTILINE):
        raise _refused(f"{version} was released: its text stays; rename in the next version")
    pattern, letters = VALID[name.sort]
    if not pattern.fullmatch(new):
        raise _refused(f"'{new}' is not a valid name of a {name.sort}: write {letters}")
    if new in _taken(desk, name):
        raise _refused(f"'{new}' is a name already in {version}")


def _taken(desk: Desk, name: Name) -> set[str]:
    if name.sort == "rule":
        return set(rule_ids(desk.rules_text()))
    facts = desk.kind.facts.DESCRIPTOR
    return {*desk.names.all(None), *desk.types.checker.reserved(facts)}


def _refused(why: str) -> JsonRpcException:
    return JsonRpcException(why, LSPErrorCodes.RequestFailed)
