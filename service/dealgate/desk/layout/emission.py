"""Entries become text: two spaces a level, keys in their order, at most one blank line."""

from collections.abc import Sequence

from dealgate.desk.layout.comments import Comment
from dealgate.desk.layout.entries import Entry, Path, is_inline, parts_of
from dealgate.desk.layout.orders import order_of
from dealgate.desk.layout.scalars import WIDTH, lines_of
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.signals.file_shapes import CONDITIONS

PROSE = {"because"}
STEP = 2


class Emitter:
    """Writes the entries of one file."""

    def __init__(self, sort: str) -> None:
        """`sort` is what `sort_of` says of its file."""
        self._sort = sort

    def text(self, root: Entry) -> str:
        """Return the whole file."""
        lines = self._inside(root, 0)
        while lines and not lines[0]:
            lines.pop(0)
        return "\n".join(lines) + "\n"

    def _inside(self, entry: Entry, indent: int) -> list[str]:
        lines: list[str] = []
        for child in self._ordered(entry):
            lines += self._above(child, indent, first=not lines and bool(entry.path))
            lines += self._entry(child, indent)
        return lines + _alone(entry.below, indent)

    def _ordered(self, entry: Entry) -> Sequence[Entry]:
        """Return what is inside, in the order of its shape; comments at the top stay there."""
        order = order_of(self._sort, entry.path)
        if not order or not isinstance(entry.value, Fields) or not entry.inside:
            return entry.inside
        first = entry.inside[0]
        names = [child.path[-1] for child in entry.inside]
        if not {*names} <= {*order} or names == sorted(
            names, key=lambda name: order.index(str(name))
        ):
            return entry.inside
        top, gap = first.above, first.gap
        ordered = sorted(entry.inside, key=lambda child: order.index(str(child.path[-1])))
        first.above, first.gap = [], False
        ordered[0].above, ordered[0].gap = [*top, *ordered[0].above], gap
        return ordered

    def _above(self, entry: Entry, indent: int, *, first: bool) -> list[str]:
        lines = _alone(entry.above, indent)
        hoisted = _hoisted(self._ordered(entry)) if entry.key is None else []
        lines += _alone(hoisted, indent)
        if (entry.gap or self._parted(entry)) and not (lines and entry.above and not entry.gap):
            lines.append("")
        if first and lines and not lines[0]:
            lines.pop(0)
        return lines

    def _parted(self, entry: Entry) -> bool:
        """Tell whether a blank line belongs before it: the sections of rule files."""
        section = self._sort == "rules" and len(entry.path) == 1
        return section and not isinstance(entry.value, Scalar) and not is_inline(entry.value)

    def _entry(self, entry: Entry, indent: int) -> list[str]:
        head = f"{_raw(entry.key)}:" if entry.key else "-"
        lines = self._value(entry, head, indent)
        # Plain text that goes on over several lines has its comment behind the last of them.
        is_flowing = isinstance(entry.value, Scalar) and entry.value.style not in {"|", ">"}
        last = is_flowing and not lines[0].endswith(">-")
        lines[-1 if last else 0] += "".join(f"  {comment.text}" for comment in entry.beside)
        return lines

    def _value(self, entry: Entry, head: str, indent: int) -> list[str]:
        start = " " * indent + head
        if isinstance(entry.value, Scalar):
            expression = self._is_expression(entry.path)
            prose = str(entry.path[-1]) in PROSE
            beside = sum(len(comment.text) + 2 for comment in entry.beside)
            lines = lines_of(
                entry.value,
                indent + STEP,
                WIDTH - len(start) - 1 - beside * (not expression and not prose),
                expression=expression,
                prose=prose,
            )
            return [f"{start} {lines[0]}".rstrip(), *lines[1:]]
        if is_inline(entry.value) and not entry.inside:
            text = self._inline(entry.value, entry.path)
            if text is not None and len(start) + 1 + len(text) <= WIDTH:
                return [f"{start} {text}"]
            return self._broken(entry, start, indent)
        return self._nested(entry, start, indent)

    def _nested(self, entry: Entry, start: str, indent: int) -> list[str]:
        below = self._inside(entry, indent + STEP)
        if entry.key is None and below:
            # An item's first key is on the line of its dash.
            return [f"{start} {below[0].lstrip()}", *below[1:]]
        return [start, *below]

    def _broken(self, entry: Entry, start: str, indent: int) -> list[str]:
        """Return what is too long for one line: in braces over two, or as a block.

        A list of single values stays in brackets, over as many lines as it takes.
        """
        node, parts = entry.value, parts_of(entry.value, entry.path)
        texts = [self._inline(value, path) for path, _, value in parts]
        pieces = [
            f"{_raw(key)}: {text}" if key else text
            for (_, key, _), text in zip(parts, texts, strict=True)
        ]
        if None not in texts and not entry.beside:
            lines = _filled(start, [str(piece) for piece in pieces], indent + STEP, node)
            are_single = all(isinstance(value, Scalar) for _, key, value in parts if not key)
            is_short = len(lines) <= 2 and max(len(line) for line in lines) <= WIDTH
            if is_short or (not isinstance(node, Fields) and are_single):
                return lines
        entry.inside = [Entry(path, 0, key, value) for path, key, value in parts]
        return self._nested(entry, start, indent)

    def _inline(self, node: Node, path: Path) -> str | None:
        """Return the node on one line; None if it needs several."""
        if isinstance(node, Scalar):
            return self._single(node)
        if isinstance(node, Fields):
            pairs = [(_raw(key), self._inline(value, (*path, key.value))) for key, value in node]
            if any(value is None for _, value in pairs):
                return None
            return f"{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"
        items = [self._inline(item, (*path, at)) for at, item in enumerate(node.items)]
        return None if None in items else f"[{', '.join(str(item) for item in items)}]"

    @staticmethod
    def _single(scalar: Scalar) -> str | None:
        lines = [line.strip() for line in _raw(scalar).split("\n")]
        if scalar.style in {"|", ">"} or "" in lines[1:] or any(x.endswith("\\") for x in lines):
            return None
        return " ".join(lines)

    def _is_expression(self, path: Path) -> bool:
        if self._sort == "signal":
            return path in CONDITIONS or path[:2] == ("ask", "facts")
        if self._sort != "rules":
            return False
        in_rule = path[:1] == ("rules",) and path[2:3] in {("when",), ("each",)}
        return in_rule or (path[:1] == ("facts",) and len(path) == 2)


def _alone(comments: Sequence[Comment], indent: int) -> list[str]:
    lines: list[str] = []
    for comment in comments:
        lines += ([""] if comment.gap else []) + [" " * indent + comment.text]
    return lines


def _hoisted(ordered: Sequence[Entry]) -> list[Comment]:
    """Take the comments above an item's first key: they stand above its dash."""
    if not ordered or not ordered[0].above:
        return []
    comments, ordered[0].above = ordered[0].above, []
    return comments


def _raw(scalar: Scalar | None) -> str:
    return scalar.source.text[scalar.start : scalar.end] if scalar else ""


def _filled(start: str, texts: Sequence[str], indent: int, node: Node) -> list[str]:
    """Return what is in braces or brackets on lines that are as full as they can be."""
    opening, closing = "{}" if isinstance(node, Fields) else "[]"
    lines, line = list[str](), f"{start} {opening}"
    for number, text in enumerate(texts):
        piece = text + (closing if number == len(texts) - 1 else ",")
        gap = "" if line.endswith(opening) or not line.strip() else " "
        if len(line) + len(gap) + len(piece) > WIDTH and gap:
            lines.append(line)
            line, gap = " " * indent, ""
        line += gap + piece
    return [*lines, line if texts else f"{line}{closing}"]
