"""A document as entries: each key or item with the comments that belong to it."""

from dataclasses import dataclass, field

from dealgate.desk.layout.comments import Comment, comments, gap_before
from dealgate.rulebook.document import Fields, Items, Node, Scalar

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item (`key` None).

    `above` are the comments on lines of their own before it, `beside` the one on its line, `gap`
    a blank line right before it. `inside` is what a block of keys or items holds; `below` are
    comments after the last of those.
    """

    path: Path
    column: int
    key: Scalar | None
    value: Node
    gap: bool = False
    above: list[Comment] = field(default_factory=list)
    beside: list[Comment] = field(default_factory=list)
    inside: list["Entry"] = field(default_factory=list)
    below: list[Comment] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.key.start if self.key else self.value.start


def entries_of(document: Node) -> Entry:
    """Return the document as one entry with all others inside."""
    return _Reader(document).read()


def is_inline(node: Node) -> bool:
    """Tell whether the node is written in braces or brackets."""
    return not isinstance(node, Scalar) and node.source.text[node.start] in "{["


def parts_of(node: Node, path: Path) -> list[tuple[Path, Scalar | None, Node]]:
    """Return the keys and values in `node`, or its items, each with its path."""
    if isinstance(node, Fields):
        return [((*path, key.value), key, value) for key, value in node]
    items = node.items if isinstance(node, Items) else ()
    return [((*path, at), None, item) for at, item in enumerate(items)]


class _Reader:
    """Deals out the comments in the order of the file."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._text = document.source.text
        self._comments = comments(document)
        self._open: list[Entry] = []
        self._last: Entry | None = None

    def read(self) -> Entry:
        root = Entry((), -1, None, self._document)
        self._open = [root]
        self._fill(root)
        self._leave([c for c in self._comments if c.alone], root)
        self._beside([c for c in self._comments if not c.alone])
        return root

    def _fill(self, entry: Entry) -> None:
        node = entry.value
        if isinstance(node, Scalar) or (is_inline(node) and not self._commented(node)):
            return
        parts = parts_of(node, entry.path)
        for path, key, value in parts:
            child = Entry(path, self._column(key, value), key, value)
            self._take(child, entry)
            entry.inside.append(child)
            self._open.append(child)
            self._fill(child)
            self._open = self._open[: self._open.index(entry) + 1]

    def _column(self, key: Scalar | None, value: Node) -> int:
        start = key.start if key else value.start
        column = start - self._text.rfind("\n", 0, start) - 1
        # An item's dash precedes it.
        return column if key else max(column - 2, 0)

    def _take(self, child: Entry, parent: Entry) -> None:
        """Emit the comments before `child`."""
        before = [c for c in self._comments if c.index < child.start]
        self._comments = self._comments[len(before) :]
        self._beside([c for c in before if not c.alone])
        alone = [c for c in before if c.alone]
        deeper = 0
        while parent.inside and deeper < len(alone) and alone[deeper].column > child.column:
            deeper += 1
        self._leave(alone[:deeper], parent)
        child.above = alone[deeper:]
        child.gap = gap_before(self._text, child.start)
        self._last = child

    def _beside(self, comments: list[Comment]) -> None:
        for comment in comments:
            owner = self._last
            if owner is None:
                self._document_comment(comment)
            elif isinstance(owner.value, Scalar) and comment.index < owner.value.start:
                owner.above.append(comment)
            else:
                owner.beside.append(comment)

    def _document_comment(self, comment: Comment) -> None:
        # Beside `---`: there is no entry yet.
        self._comments.insert(0, comment)

    def _leave(self, comments: list[Comment], parent: Entry) -> None:
        """Keep comments after the last entry of the block that they are indented like."""
        for comment in comments:
            block = parent
            while block.inside and block.inside[-1].inside:
                deeper = block.inside[-1]
                if comment.column < deeper.inside[0].column:
                    break
                block = deeper
            block.below.append(comment)

    def _commented(self, node: Fields | Items) -> bool:
        end = end_of(node)
        return any(node.start < c.index < end for c in self._comments)


def end_of(node: Node) -> int:
    """Return where the node ends, its closing bracket included."""
    if isinstance(node, Scalar):
        return node.end
    last = node.start + 1
    parts = [value for _, value in node] if isinstance(node, Fields) else list(node.items)
    if parts:
        last = end_of(parts[-1])
    elif not is_inline(node):
        return node.start
    return _closed(node.source.text, last) if is_inline(node) else last


def _closed(text: str, at: int) -> int:
    """Return where the next closing bracket outside of a comment ends."""
    while at < len(text) and text[at] not in "}]":
        at = text.find("\n", at) if text[at] == "#" and text[at - 1].isspace() else at + 1
        if at < 0:
            return len(text)
    return at + 1
