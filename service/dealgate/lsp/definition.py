"""Where the name under the cursor is declared, and where else it occurs."""

import re
from collections.abc import Iterator
from pathlib import Path

from lsprotocol.types import Location

from dealgate.lsp.cursor import Spot
from dealgate.lsp.files import uri_of
from dealgate.lsp.hover import entry_at, thing_at
from dealgate.lsp.positions import Positions
from dealgate.lsp.protos import declarations
from dealgate.lsp.workspace import Desk, children, is_expression, rule_ids
from dealgate.model.contracts import comment

WORD = re.compile(r"[\w.-]+")


def definition(desk: Desk, index: int, encoding: str) -> Location | None:
    """Return where what stands at `index` is declared."""
    where = desk.spot(index)
    if where is None:
        return None
    if desk.speaks(where):
        return _declared(desk, where, index, encoding)
    word = _word_at(desk.text, index)
    if desk.file.sort == "cases" and word:
        return _from_case(desk, where, word, encoding)
    if desk.file.sort == "releases" and where.path[-1:] == ("version",):
        return _at(desk.file.sibling(f"v{word}.yaml"), "", 0, encoding)
    return None


def references(desk: Desk, index: int, encoding: str) -> list[Location]:
    """Return where in a version's rules and cases the name at `index` stands."""
    where = desk.spot(index)
    rules, cases = (
        desk.file.sibling(f"v{desk.file.version}{end}") for end in (".yaml", ".cases.yaml")
    )
    word = _word_at(desk.text, index)
    if where is None or not word or desk.file.sort not in {"rules", "cases"}:
        return []
    if word in rule_ids(desk.rules_text()) and not is_expression(where):
        texts = {rules: desk.rules_text(), cases: desk.cases_text()}
        return [
            occurrence
            for path, text in texts.items()
            for occurrence in _occurrences(path, text, word, encoding)
        ]
    entry = entry_at(desk, index)
    named = is_expression(where) or (entry and entry.path[:1] in {("facts",), ("constants",)})
    return list(_occurrences(desk.file.path, desk.text, word, encoding)) if named else []


def _declared(desk: Desk, where: Spot, index: int, encoding: str) -> Location | None:
    word, thing, _, _ = thing_at(desk, where, index)
    if thing is None:
        return None
    if thing.index is not None:
        return _at(desk.file.path, desk.text, thing.index, encoding, len(word))
    said = comment(thing.full_name)
    path = desk.file.root.parent / "proto" / said.file if said else None
    if said is None or path is None or not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    start = declarations(text).get(thing.full_name)
    return None if start is None else _at(path, text, start, encoding, len(word))


def _from_case(desk: Desk, where: Spot, word: str, encoding: str) -> Location | None:
    bases = children(desk.entries, "base")
    if where.path[2:3] == ("base",) and word in bases:
        return _at(desk.file.path, desk.text, bases[word].start, encoding, len(word))
    text = desk.rules_text()
    entry = rule_ids(text).get(word)
    path = desk.file.sibling(f"v{desk.file.version}.yaml")
    return _at(path, text, entry.value, encoding, len(word)) if entry else None


def _occurrences(path: Path, text: str, word: str, encoding: str) -> Iterator[Location]:
    """Yield every place where the word stands by itself, outside of comments."""
    for match in re.finditer(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not line.lstrip().startswith("#"):
            yield _at(path, text, match.start(), encoding, len(word))


def _word_at(text: str, index: int) -> str:
    for match in WORD.finditer(text, text.rfind("\n", 0, index) + 1):
        if match.start() <= index <= match.end():
            return match[0]
        if match.start() > index:
            break
    return ""


def _at(path: Path, text: str, index: int, encoding: str, length: int = 0) -> Location:
    return Location(uri_of(path), Positions(text, encoding).range(index, index + length))
