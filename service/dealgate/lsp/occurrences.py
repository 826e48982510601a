"""Where a name of a version's author occurs: a rule's id, a constant, a named fact.

Only what means it: not the same letters in a text, in a comment, or as the field of a fact.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Literal

from lsprotocol.types import DocumentHighlight

from dealgate.lsp.cursor import Spot, is_comment
from dealgate.lsp.expression import TEXTS
from dealgate.lsp.hover import thing_at
from dealgate.lsp.outline import Entry, outline
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk, children, is_expression, rule_ids

Sort = Literal["rule", "constant", "named fact"]
SECTIONS: dict[Sort, str] = {"rule": "rules", "constant": "constants", "named fact": "facts"}
FIRED = ("fired", "undecided", "failed")
ID = re.compile(r"[\w-]+")
CELL = re.compile(r'("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|\Z)')
CLAIMS = re.compile(r'"?(?:then\..*|id|because)"?\Z')


@dataclass(frozen=True, slots=True)
class Name:
    """What an author has called something; `start` is where it was asked about."""

    sort: Sort
    word: str
    start: int

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds its letters: ids have hyphens, which in expressions are operators."""
        letters = r"[\w-]" if self.sort == "rule" else r"\w"
        return re.compile(rf"(?<!{letters}){re.escape(self.word)}(?!{letters})")


def name_at(desk: Desk, index: int) -> Name | None:
    """Return the name at `index`, if it is one of the version's own."""
    where = desk.spot(index)
    if where is None or desk.file.sort not in {"rules", "cases"}:
        return None
    if desk.file.sort == "rules" and is_expression(where):
        word, thing, start, _ = thing_at(desk, where, index)
        sorts = [sort for sort in SECTIONS if thing is not None and thing.sort == sort]
        return Name(sorts[0], word, start) if sorts else None
    return _declared(desk, index) or _rule(desk, index)


def occurrences(path: Path, text: str, name: Name) -> list[int]:
    """Return where in the file at `path` the name stands; each is as long as its word."""
    if path.suffix == ".csv":
        return [] if name.sort == "rule" else list(_in_table(text, name))
    meant = _in_cases if path.name.endswith(".cases.yaml") else _in_rules
    entries = outline(text)
    starts = []
    for match in name.pattern.finditer(text):
        number = bisect_right(entries, match.start(), key=attrgetter("start"))
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if number and not is_comment(line) and meant(entries[number - 1], text, match, name):
            starts.append(match.start())
    return starts


def _declared(desk: Desk, index: int) -> Name | None:
    sorts: tuple[Sort, ...] = ("constant", "named fact") if desk.file.sort == "rules" else ()
    for sort in sorts:
        for word, entry in children(desk.entries, SECTIONS[sort]).items():
            if len(entry.path) == 2 and entry.start <= index <= entry.end:
                return Name(sort, word, entry.start)
    return None


def _rule(desk: Desk, index: int) -> Name | None:
    known = rule_ids(desk.rules_text())
    for match in ID.finditer(desk.text, desk.text.rfind("\n", 0, index) + 1):
        if match.start() > index:
            return None
        name = Name("rule", match[0], match.start())
        if index <= match.end() and match[0] in known:
            meant = occurrences(desk.file.path, desk.text, name)
            return name if match.start() in meant else None
    return None


def _in_rules(entry: Entry, text: str, match: re.Match[str], name: Name) -> bool:
    at, path = match.start(), entry.path
    if name.sort == "rule":
        return path[0] == "rules" and path[2:] == ("id",) and at >= entry.value
    if len(path) == 2 and path[0] == SECTIONS[name.sort] and at == entry.start:
        return True
    loops = path[0] in {"rules", "tables"} and path[2:3] == ("each",)
    is_spoken = loops or (is_expression(Spot(path, "value", at)) and path[0] != "constants")
    if at < entry.value or not is_spoken:
        return False
    is_element = loops and text[match.end() :].lstrip()[:1] == ":"
    return not is_element and _is_name(
        plain(text[entry.value : entry.close]), at - entry.value, name
    )


def _in_cases(entry: Entry, text: str, match: re.Match[str], name: Name) -> bool:
    at, path = match.start(), entry.path
    before, after = text[entry.value : at], text[match.end() : match.end() + 1]
    if path[0] == "cases":
        is_list = len(path) > 2 and path[2] in FIRED and at >= entry.value
        return name.sort == "rule" and is_list and before[-1:] != "/" and after != "/"
    if path[0] != "accepted":
        return False
    section = rf"[\"']?{SECTIONS[name.sort]}\.\Z"
    if path[2:] in {("at",), ("mutant",)}:
        return re.match(section, before) is not None
    return re.search(rf"(?:at|mutant):\s*{section}", before) is not None


def plain(source: str) -> str:
    """Return an expression without the quotes that YAML puts around it, as long as before."""
    if source[:1] == '"':
        return " " + source[1:].rstrip().removesuffix('"').replace('\\"', ' "')
    if source[:1] == "'":
        return " " + source[1:].rstrip().removesuffix("'").replace("''", " '")
    return source


def _is_name(source: str, at: int, name: Name) -> bool:
    """Tell whether the letters at `at` of an expression are the name."""
    if any(literal.start() < at < literal.end() for literal in TEXTS.finditer(source)):
        return False
    before, behind = source[:at].rstrip(), source[at + len(name.word) :].lstrip()
    is_field = before.endswith(".") and not before.endswith("..")
    return not is_field and not behind.startswith("(")


def _in_table(text: str, name: Name) -> Iterator[int]:
    """Yield where conditions of a table's CSV mention the name: in its header and its cells."""
    titles: list[str] = []
    column, is_header = 0, True
    for cell in CELL.finditer(text):
        if is_header:
            titles.append(cell[1])
        is_claim = column >= len(titles) or CLAIMS.match(titles[column])
        source = cell[1].replace('""', "''")
        for match in () if is_claim else name.pattern.finditer(source):
            is_quoted = source[: match.start()].count("''") % 2
            if not is_quoted and _is_name(source.replace('"', " "), match.start(), name):
                yield cell.start() + match.start()
        column, is_header = (column + 1, is_header) if cell[2] == "," else (0, False)


def highlights(desk: Desk, index: int, positions: Positions) -> list[DocumentHighlight]:
    """Return where in the file the name at `index` stands."""
    name = name_at(desk, index)
    starts = occurrences(desk.file.path, desk.text, name) if name else []
    return [
        DocumentHighlight(positions.range(start, start + len(name.word)))
        for start in starts
        if name
    ]
