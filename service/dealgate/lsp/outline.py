"""Half-typed YAML, read line by line: which keys lie above each place, whatever is wrong nearby.

The strict reader says nothing about a file that has a fault; an editor has one at every keystroke.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

Path = tuple[str | int, ...]

KEY = re.compile(
    r"""("[^"\n]*"|'[^'\n]*'|[^\s:#{}\[\],"'|>&*!%@`-][^:#{}\[\]"'\n]*?)\s*:(?=\s|$)"""
)
DASH = re.compile(r"-(?:[ \t]+|$)")
COMMENT = re.compile(r"(?:^|\s)#")
QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"?|'(?:''|[^'])*'?")


@dataclass(slots=True)
class Entry:
    """A key, or an item of a list (whose last step is its number).

    `start` to `end` is the key's span in the text, and `value` is where what it holds begins; it
    reaches to `close` at most. `column` counts from 0.
    """

    path: Path
    column: int
    start: int
    end: int
    value: int
    close: int
    is_open: bool = True


@dataclass(slots=True)
class Reader:
    """Reads line after line, and knows the entries that the next one may belong to."""

    entries: list[Entry] = field(default_factory=list)
    above: list[Entry] = field(default_factory=list)
    block: int | None = None
    depth: int = 0

    @property
    def top(self) -> Entry | None:
        """The innermost entry so far."""
        return self.above[-1] if self.above else None

    def read(self, start: int, line: str) -> None:
        """Read the line that begins at `start`."""
        column = len(line) - len(line.lstrip(" "))
        if self.continues(line, column) or line[column:].startswith("#"):
            self.depth = max(self.depth + depth_of(line), 0) if self.depth else 0
            return
        self.block, self.depth = None, 0
        column = self.items(start, line, column)
        match = KEY.match(line, column)
        if match is None:
            self._close()
        else:
            self.key(start, line, match)

    def key(self, start: int, line: str, match: re.Match[str]) -> None:
        """Begin the key that `match` found in the line."""
        column = match.start(1)
        self.block, self.depth = None, 0
        entry = Entry(
            (*self.parent(column), match[1].strip("\"'")),
            column,
            start + match.start(1),
            start + match.end(1),
            start + _after(line, match.end()),
            start + len(line),
        )
        self._push(entry, line[match.end() :].strip())

    def continues(self, line: str, column: int) -> bool:
        """Tell whether the line goes on with the value above it, or says nothing."""
        top = self.top
        if not line.strip():
            return True
        if self.block is not None:
            return column > self.block
        inside = top is not None and column > top.column
        if self.depth:
            starts = KEY.match(line, column) or DASH.match(line, column)
            return inside or not starts
        return top is not None and inside and not top.is_open

    def items(self, start: int, line: str, column: int) -> int:
        """Begin the items whose dashes stand at `column`; return where what they hold begins."""
        while match := DASH.match(line, column):
            number = self._leave_items(column)
            path = (*(self.top.path if self.top else ()), number)
            at = start + column
            self._push(Entry(path, column, at, at + 1, start + match.end(), start + len(line)), "")
            column = match.end()
        return column

    def parent(self, column: int) -> Path:
        """Leave what a key at `column` does not lie in; return the path of what it does."""
        while self.above and self.above[-1].column >= column:
            self.above.pop()
        return self.above[-1].path if self.above else ()

    def _leave_items(self, column: int) -> int:
        """Leave what an item at `column` does not lie in; return the item's number."""
        number = 0
        while self.above:
            top = self.above[-1]
            is_item = isinstance(top.path[-1], int)
            if top.column < column or (top.column == column and not is_item and top.is_open):
                break
            if top.column == column and is_item:
                number = int(top.path[-1]) + 1
            self.above.pop()
        return number

    def _push(self, entry: Entry, value: str) -> None:
        value = "" if value.startswith("#") else value
        entry.is_open = not value
        self.block = entry.column if value[:1] in {"|", ">"} else None
        self.depth = max(depth_of(value), 0) if value[:1] in {"{", "["} else 0
        self.above.append(entry)
        self.entries.append(entry)

    def _close(self) -> None:
        """What stands here is a single value."""
        if self.top:
            self.top.is_open = False


def depth_of(text: str) -> int:
    """Return how many brackets `text` leaves open; fewer than 0: it closes more than it opens."""
    bare = QUOTED.sub("", text)
    comment = COMMENT.search(bare)
    bare = bare[: comment.start()] if comment else bare
    return sum(bare.count(bracket) for bracket in "{[") - sum(
        bare.count(bracket) for bracket in "}]"
    )


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield every line, without its end, and where it begins."""
    start = 0
    for line in text.split("\n"):
        yield start, line.rstrip("\r")
        start += len(line) + 1


@lru_cache(maxsize=128)
def outline(text: str) -> tuple[Entry, ...]:
    """Return every key and item in `text`, in order, outside of braces and brackets."""
    reader = Reader()
    for start, line in lines_of(text):
        reader.read(start, line)
    above: list[Entry] = []
    for entry in reader.entries:
        while above and entry.path[: len(above[-1].path)] != above[-1].path:
            above.pop().close = _line_start(text, entry.start)
        above.append(entry)
    for entry in above:
        entry.close = len(text)
    return tuple(reader.entries)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _after(line: str, index: int) -> int:
    rest = line[index:]
    return index + len(rest) - len(rest.lstrip())
