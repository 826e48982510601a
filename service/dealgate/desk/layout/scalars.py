"""How single values are written: as they are, unless they are too long or quoted for nothing."""

import re

from dealgate.rulebook.document import Scalar
from dealgate.rulebook.written import TOKENS

WIDTH = 100
# What YAML would not read back as the same plain text.
UNSAFE_START = re.compile(r"[\s\"'`@%!&*|>{}\[\],#?:-]")
UNSAFE = re.compile(r": |:$| #|\n|\s$")
BREAKS = {"&&", "||"}


def is_plain(text: str) -> bool:
    """Tell whether `text` may stand without quotes."""
    return bool(text) and not UNSAFE_START.match(text) and not UNSAFE.search(text)


def lines_of(scalar: Scalar, indent: int, room: int, *, expression: bool, prose: bool) -> list[str]:
    """Return a value as it follows its key: the first line beside it, others at `indent`.

    `room` is how many columns the first line has.
    """
    if scalar.style in {"|", ">"}:
        return _block(scalar, indent)
    raw = [line.strip(" \t\r") for line in _raw(scalar).split("\n")]
    needless = expression and scalar.quoted and is_plain(scalar.value)
    raw = [scalar.value] if needless else raw
    text, unquoted = raw[0], needless or scalar.style == ""
    is_long = len(raw) == 1 and len(text) > room
    if is_long and unquoted and (expression or prose):
        return [">-", *(" " * indent + line for line in wrapped(text, WIDTH - indent, expression))]
    return [text, *(" " * indent + line if line else "" for line in raw[1:])]


def wrapped(text: str, width: int, expression: bool) -> list[str]:  # noqa: FBT001
    """Return `text` on lines that `>` folds to the same; a condition breaks at its connectives."""
    pieces = _pieces(text) if expression else [text]
    if len(text) <= width:
        pieces = [text]
    lines: list[str] = []
    for piece in pieces:
        lines += _filled(piece, width)
    return lines


def _raw(scalar: Scalar) -> str:
    return scalar.source.text[scalar.start : scalar.end]


def _pieces(text: str) -> list[str]:
    """Split a condition before its outermost connectives; it stays whole if there are none."""
    pieces, depth, start, previous = list[str](), 0, 0, None
    for token in TOKENS.finditer(text):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        pair = (previous[0] if previous else "") + token[0]
        if (
            depth == 0
            and pair in BREAKS
            and previous
            and text[previous.start() - 1 : previous.start()] == " "
        ):
            pieces.append(text[start : previous.start() - 1])
            start = previous.start()
            previous = None
            continue
        previous = token
    return [*pieces, text[start:]]


def _filled(text: str, width: int) -> list[str]:
    """Break at single spaces: `>` makes one of each line's end."""
    lines = []
    while len(text) > width:
        spots = [m.start() for m in re.finditer(r"(?<=\S) (?=\S)", text)]
        fitting = [spot for spot in spots if spot <= width] or spots[:1]
        if not fitting:
            break
        lines.append(text[: fitting[-1]])
        text = text[fitting[-1] + 1 :]
    return [*lines, text]


def _block(scalar: Scalar, indent: int) -> list[str]:
    """Return a block with its lines moved to `indent`; it keeps how it ends."""
    head, _, body = _raw(scalar).partition("\n")
    keeping = "-" if "-" in head.split("#")[0] else "+" if "+" in head.split("#")[0] else ""
    lines = [line.rstrip("\r") for line in body.split("\n")]
    if lines and not lines[-1].strip():
        lines.pop()
    first = next((line for line in lines if line.strip()), "")
    content = next((line for line in scalar.value.split("\n") if line.strip()), "")
    old = _leading(first) - _leading(content)
    digit = "2" if _leading(content) else ""
    if keeping != "+":
        while lines and not lines[-1].strip():
            lines.pop()
    moved = [" " * indent + line[old:] if line[old:].strip() else line[old:] for line in lines]
    return [f"{scalar.style}{digit}{keeping}", *moved]


def _leading(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
