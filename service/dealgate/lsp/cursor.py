"""Where the cursor is: below which keys, and in a key or in a value."""

import re
from dataclasses import dataclass
from typing import Literal

from dealgate.lsp.outline import KEY, QUOTED, Path, Reader, lines_of

Role = Literal["key", "value", "item"]
WORD = re.compile(r"[\w.-]*\Z")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file.

    `role` "key": a key is being written in what lies at `path`; "value": the value of `path`;
    "item": what `path` holds, be it a value or its first key. What is being written began at
    `start`; for a value that is where the whole of it begins, over several lines too.
    """

    path: Path
    role: Role
    start: int

    def below(self, *path: str | int | None) -> bool:
        """Tell whether it lies at `path` or deeper; None stands for any step."""
        steps = zip(path, self.path, strict=False)
        return len(self.path) >= len(path) and all(a is None or a == b for a, b in steps)


def spot(text: str, index: int, *, speaks: bool = True) -> Spot | None:
    """Return where `index` is; None in a comment.

    A file that `speaks` has expressions below `facts`, whose braces are CEL's.
    """
    reader, start, line = Reader(), 0, ""
    for start, line in lines_of(text):
        if start + len(line) >= index:
            break
        reader.read(start, line)
    inner = _in_line(reader, text, start, line, index)
    is_inline = inner and not speaks and inner.path[:1] == ("facts",) and inner.role == "value"
    if inner and is_inline and text[inner.start : inner.start + 1] in {"{", "["}:
        return _inline(text, inner.path, inner.start, index)
    return inner


def _in_line(reader: Reader, text: str, start: int, line: str, index: int) -> Spot | None:
    at = min(index - start, len(line))
    column = len(line) - len(line.lstrip(" "))
    top = reader.top
    is_blank = not line.strip()
    if is_blank:
        column = at
    going_on = reader.continues(line, column) and not is_blank
    if is_blank and top is not None:
        going_on = at > top.column and (reader.block is not None or reader.depth > 0)
    if top is not None and going_on:
        return _value(text, top.path, top.value, index)
    if is_comment(line[:at]):
        return None
    column = reader.items(start, line, column)
    match = KEY.match(line, column)
    if match is None:
        dashed = bool(reader.top and reader.entries and reader.entries[-1].start >= start)
        path = reader.top.path if dashed and reader.top else reader.parent(column)
        if dashed and line[column : column + 1] in {"{", "["} and at > column:
            return _value(text, path, start + column, index)
        return Spot(path, "item" if dashed else "key", start + min(column, at))
    if at <= match.end(1):
        return Spot(reader.parent(column), "key", start + match.start(1))
    if at < match.end():
        return None
    reader.key(start, line, match)
    return _value(text, reader.above[-1].path, min(reader.above[-1].value, index), index)


def is_comment(before: str) -> bool:
    """Tell whether what follows `before` on its line is a comment."""
    bare = QUOTED.sub(lambda match: "q" * len(match[0]), before)
    return bool(re.search(r"(?:^|\s)#", bare))


def _value(text: str, path: Path, start: int, index: int) -> Spot:
    if text[start : start + 1] in {"{", "["} and path[0] != "facts" and path[-1] != "when":
        return _inline(text, path, start, index)
    return Spot(path, "value", start)


def _inline(text: str, path: Path, start: int, index: int) -> Spot:
    """Return the spot within braces and brackets, closed or not."""
    levels: list[list[str | int | None]] = []
    token, at = start, start
    while at < index:
        letter = text[at]
        quoted = QUOTED.match(text, at) if letter in "\"'" else None
        if quoted:
            at = quoted.end()
            continue
        if letter in "{[":
            levels.append([None] if letter == "{" else [0])
            token = at + 1
        elif letter in "}]" and levels:
            levels.pop()
        elif letter == "," and levels:
            step = levels[-1][0]
            levels[-1][0] = step + 1 if isinstance(step, int) else None
            token = at + 1
        elif letter == ":" and levels and levels[-1][0] is None and text[at + 1 : at + 2] in " \n":
            levels[-1][0] = text[token:at].strip().strip("\"'")
            token = at + 1
        at += 1
    steps = [level[0] for level in levels if level[0] is not None]
    while token < index and text[token] in " \n":
        token += 1
    last = levels[-1][0] if levels else ""
    role: Role = "key" if last is None else "item" if isinstance(last, int) else "value"
    return Spot((*path, *steps), role, token)
