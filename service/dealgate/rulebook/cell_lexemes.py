"""The pieces of a cell: texts, signs, dots, marks and words."""

import re
from typing import NamedTuple

from dealgate.rulebook.cell_values import CellFault

LEXEMES = re.compile(
    r"""(?P<text>\s*"(?:\\.|[^"\\])*"|\s*'[^']*')|(?P<sign>>=|<=|!=|==|=|<|>)|(?P<dots>\.\.)"""
    r"""|(?P<mark>[\[\](),])|(?P<quote>\s*["'])|(?P<word>(?:(?!\.\.)[^\[\](),<>=!"]|!(?!=))+)"""
)
LOOSE = re.compile(r"(?<!\\)(?:\\\\)*\\[^\"\\]", re.DOTALL)
EXAMPLES = "write for example >= 250, [50..250) or DE, FR"


class Lexeme(NamedTuple):
    """A piece of a cell."""

    kind: str
    text: str
    at: int


class Lexemes:
    """The pieces of one cell, read left to right; raises CellFault."""

    def __init__(self, text: str) -> None:
        self._text = text
        lexemes = map(_lexeme, LEXEMES.finditer(text))
        self._lexemes = [lexeme for lexeme in lexemes if lexeme.text]
        for lexeme in self._lexemes:
            _check_escapes(lexeme)
        self._next = 0

    def skip(self, count: int = 1) -> None:
        """Go on behind the next pieces."""
        self._next += count

    def last(self) -> Lexeme:
        """Return the piece that was skipped last."""
        return self._lexemes[self._next - 1]

    def peek(self, kind: str, text: str, ahead: int = 0) -> bool:
        """Tell whether this is the next piece, or the one so many further on."""
        rest = self._lexemes[self._next + ahead :]
        return bool(rest) and (rest[0].kind, rest[0].text) == (kind, text)

    def here(self, wanted: str) -> Lexeme:
        """Return the next piece; raises CellFault if the cell ends where `wanted` must be."""
        if self._next < len(self._lexemes):
            return self._lexemes[self._next]
        message = f"the cell ends where {wanted} is expected"
        raise CellFault(len(self._text), message, EXAMPLES)

    def at(self) -> int:
        """Return where the next piece begins."""
        rest = self._lexemes[self._next :]
        return rest[0].at if rest else len(self._text)

    def expect_end(self) -> None:
        """Raise CellFault unless all pieces have been read."""
        if self._next < len(self._lexemes):
            lexeme = self._lexemes[self._next]
            if lexeme.kind == "dots":
                low, _, high = self._text.partition("..")
                hint = f"write [{low.strip()}..{high.strip()}]"
                if not low.strip() or not high.strip():
                    hint = f"write {'>=' if low.strip() else '<='} {low.strip() or high.strip()}"
                raise CellFault(lexeme.at, "a range is written in brackets", hint)
            message = f"after this test, '{lexeme.text}' may not follow"
            raise CellFault(lexeme.at, message, "put a comma between tests, and text in quotes")


def _lexeme(match: re.Match[str]) -> Lexeme:
    text = match[0]
    lead = len(text) - len(text.lstrip())
    return Lexeme(match.lastgroup or "", text.strip(), match.start() + lead)


def _check_escapes(lexeme: Lexeme) -> None:
    r"""Raise CellFault on a backslash in a quoted text that would be dropped: "C:\new"."""
    match = LOOSE.search(lexeme.text) if lexeme.text.startswith('"') else None
    if match:
        message = "a backslash stands only before a quote or another backslash"
        raise CellFault(lexeme.at + match.end() - 2, message, "write two: \\\\")


def unquoted(text: str) -> str:
    """Return what is between quotes."""
    inner = text[1:-1]
    return re.sub(r"\\(.)", r"\1", inner) if text[0] == '"' else inner
