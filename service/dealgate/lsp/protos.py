"""Where a contract declares a name, read from the text of its `.proto` file."""

import re
from collections.abc import Iterator, Mapping

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[\w.]+|\S""", re.DOTALL
)
COMMENT = ("//", "/*")
SCOPES = {"message", "enum", "service"}
NAMED = SCOPES | {"oneof", "rpc"}
UNNAMED = {"option", "package", "syntax", "edition"}

Token = tuple[str, int]


def declarations(text: str) -> Mapping[str, int]:
    """Return the index of each declared name, by its full name.

    An enum's value goes by its enum, as in `dealgate.model.contracts`.
    """
    return dict(_Reader(text).declared())


class _Reader:
    """Reads statements one by one, and knows which declarations are open around them."""

    def __init__(self, text: str) -> None:
        self._tokens = [
            (match[0], match.start())
            for match in TOKEN.finditer(text)
            if not match[0].startswith(COMMENT)
        ]
        self._package = ""
        self._open: list[str | None] = []  # None: a block whose content belongs to what is around

    def declared(self) -> Iterator[tuple[str, int]]:
        statement: list[Token] = []
        for token in self._tokens:
            if token[0] not in {"{", "}", ";"}:
                statement.append(token)
                continue
            yield from self._named(statement)
            if token[0] == "{":
                is_scope = len(statement) > 1 and statement[0][0] in SCOPES
                self._open.append(statement[1][0] if is_scope else None)
            elif token[0] == "}":
                self._open.pop()
            statement = []

    def _named(self, statement: list[Token]) -> Iterator[tuple[str, int]]:
        words = [word for word, _ in statement]
        if words[:1] == ["package"]:
            self._package = words[1]
        elif len(words) > 1 and words[0] in NAMED:
            yield self._full(statement[1])
        elif "=" in words[1:] and words[0] not in UNNAMED:
            yield self._full(statement[words.index("=") - 1])

    def _full(self, token: Token) -> tuple[str, int]:
        word, index = token
        return ".".join((self._package, *filter(None, self._open), word)), index
