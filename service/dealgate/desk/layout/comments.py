"""Where the comments of a YAML document are: outside of every scalar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dealgate.rulebook.document import Fields, Node, Scalar

COMMENT = re.compile(r"(?:(?<=\s)|^)#[^\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` begins with its `#`; `alone`: nothing else is on its line.

    `gap` tells that the line before it is blank.
    """

    index: int
    column: int
    text: str
    alone: bool
    gap: bool


def scalars(node: Node) -> Iterator[Scalar]:
    """Yield every key and single value, in the order of the file."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Fields):
        for key, value in node:
            yield key
            yield from scalars(value)
    else:
        for item in node.items:
            yield from scalars(item)


def comments(document: Node) -> list[Comment]:
    """Return every comment, in the order of the file."""
    text, comments_read, at = document.source.text, list[Comment](), 0
    for scalar in scalars(document):
        comments_read += _between(text, at, scalar.start)
        at = max(at, scalar.end)
        header = text[scalar.start : scalar.end].split("\n", 1)[0]
        if scalar.style in {"|", ">"} and "#" in header:
            comments_read += _between(text, scalar.start, scalar.start + len(header))
    return comments_read + _between(text, at, len(text))


def gap_before(text: str, index: int) -> bool:
    """Tell whether the line before that of `index` is blank."""
    start = text.rfind("\n", 0, index)
    return start > 0 and not text[text.rfind("\n", 0, start) + 1 : start].strip()


def _between(text: str, start: int, end: int) -> list[Comment]:
    if text.find("#", start, end) < 0:
        return []
    return [_comment(text, match) for match in COMMENT.finditer(text, start, end)]


def _comment(text: str, match: re.Match[str]) -> Comment:
    start = match.start()
    line = text.rfind("\n", 0, start) + 1
    alone = not text[line:start].strip()
    return Comment(start, start - line, match[0].rstrip(), alone, alone and gap_before(text, start))
