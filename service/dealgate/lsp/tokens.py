"""What the words of conditions are, for colours: facts, constants, values of enums, functions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lsprotocol.types import SemanticTokenModifiers, SemanticTokens, SemanticTokenTypes

from dealgate.lsp.cursor import Spot
from dealgate.lsp.occurrences import plain
from dealgate.lsp.outline import Entry
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk, is_expression

TYPES = (
    SemanticTokenTypes.Variable,
    SemanticTokenTypes.Property,
    SemanticTokenTypes.EnumMember,
    SemanticTokenTypes.Function,
    SemanticTokenTypes.Parameter,
    SemanticTokenTypes.Keyword,
    SemanticTokenTypes.String,
    SemanticTokenTypes.Number,
)
MODIFIERS = (SemanticTokenModifiers.Readonly, SemanticTokenModifiers.DefaultLibrary)
READONLY, LIBRARY = 1, 2
TOKEN = re.compile(
    r"(?P<comment>(?://|#)[^\n]*)"
    r"|(?P<string>[rRbB]?(?:\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?u?)"
    r"|(?P<name>[A-Za-z_]\w*)"
)
FIELD = re.compile(r"\.\s*\Z")
CALL = re.compile(r"\s*\(")
HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\n")
WORDS = {"in", "true", "false", "null"}
SORTS = {
    "constant": (SemanticTokenTypes.Variable, READONLY),
    "named fact": (SemanticTokenTypes.Variable, 0),
    "fact": (SemanticTokenTypes.Property, 0),
    "instant": (SemanticTokenTypes.Variable, LIBRARY),
    "element": (SemanticTokenTypes.Parameter, 0),
}
Sort = tuple[SemanticTokenTypes, int]


@dataclass(frozen=True, slots=True)
class Token:
    """A word, and what it is."""

    start: int
    end: int
    sort: Sort


def semantic_tokens(desk: Desk, positions: Positions) -> SemanticTokens:
    """Return what the words of a file's conditions are, each placed after the one before it."""
    data: list[int] = []
    line = character = 0
    for token in tokens(desk):
        span = positions.range(token.start, token.end)
        moved = span.start.line - line
        line, before = span.start.line, 0 if moved else character
        character = span.start.character
        length = span.end.character - character
        type_, modifiers = token.sort
        data += [moved, character - before, length, TYPES.index(type_), modifiers]
    return SemanticTokens(data)


def tokens(desk: Desk) -> Iterator[Token]:
    """Yield the words of all conditions, in their order."""
    if desk.file.sort != "rules":
        return
    declared = desk.names.all(None).items()
    known = {name: SORTS[thing.sort] for name, thing in declared if thing.sort in SORTS}
    values = dict.fromkeys(desk.names.enum_values(), (SemanticTokenTypes.EnumMember, READONLY))
    known |= values
    for entry in desk.entries:
        if not is_expression(Spot(entry.path, "value", entry.value)):
            continue
        named = desk.names.all(_rule(entry)).items()
        loops = {name: SORTS["element"] for name, thing in named if thing.sort == "element"}
        start, end = _span(desk.text, entry)
        source = plain(desk.text[start:end])
        for match in TOKEN.finditer(source):
            if match.lastgroup != "comment":
                sort = _sort(source, match, {**known, **loops})
                yield Token(start + match.start(), start + match.end(), sort)


def _sort(source: str, match: re.Match[str], known: Mapping[str, Sort]) -> Sort:
    if match.lastgroup == "string":
        return SemanticTokenTypes.String, 0
    if match.lastgroup == "number":
        return SemanticTokenTypes.Number, 0
    word = match[0]
    if word in WORDS:
        return SemanticTokenTypes.Keyword, 0
    if CALL.match(source, match.end()):
        return SemanticTokenTypes.Function, LIBRARY
    if FIELD.search(source, 0, match.start()):
        return SemanticTokenTypes.Property, 0
    # What is nothing else is the variable of a macro, or not written to its end.
    return known.get(word, SORTS["element"])


def _rule(entry: Entry) -> int | None:
    number = entry.path[1] if entry.path[0] == "rules" and len(entry.path) > 1 else None
    return number if isinstance(number, int) else None


def _span(text: str, entry: Entry) -> tuple[int, int]:
    """Return where an expression stands, without the sign that begins a block."""
    header = HEADER.match(text, entry.value)
    return (header.end() if header else entry.value), entry.close
