"""How a file looks: laid out as `dealgate fmt` does it, and folded."""

from difflib import SequenceMatcher
from itertools import accumulate, groupby

from lsprotocol.types import FoldingRange, FoldingRangeKind, Range, TextEdit

from dealgate.desk.layout.folder import sort_of
from dealgate.desk.layout.formatting import formatted
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk
from dealgate.model.faults import Fault
from dealgate.rulebook.source import Source


def formatting(desk: Desk, positions: Positions) -> list[TextEdit] | None:
    """Return what `dealgate fmt` would change; None for a file that it cannot lay out."""
    after = _laid_out(desk)
    if after is None:
        return None
    return [] if after == desk.text else [_changed(desk.text, after, positions)]


def formatting_within(desk: Desk, positions: Positions, within: Range) -> list[TextEdit] | None:
    """Return what `dealgate fmt` would change in some lines; None for what it cannot lay out."""
    after = _laid_out(desk)
    if after is None:
        return None
    old, new = (text.splitlines(keepends=True) for text in (desk.text, after))
    starts = [0, *accumulate(map(len, old))]
    first, last = within.start.line, within.end.line
    # A selection of whole lines ends at the beginning of the one after it.
    last -= within.end.character == 0 and last > first
    return [
        TextEdit(positions.range(starts[a], starts[b]), "".join(new[c:d]))
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal" and a <= last and max(b - 1, a) >= first
    ]


def _laid_out(desk: Desk) -> str | None:
    sort, faults = sort_of(desk.file.path), list[Fault]()
    return formatted(Source(desk.file.path.name, desk.text), sort, faults) if sort else None


def folds(desk: Desk, positions: Positions) -> list[FoldingRange]:
    """Return what can be folded: keys and items of several lines, and comments."""
    lines = desk.text.split("\n")
    ends: dict[int, int] = {}
    for entry in desk.entries:
        start = positions.line(entry.start)
        end = positions.line(max(entry.close - 1, entry.start))
        while end > start and lines[min(end, len(lines) - 1)].lstrip()[:1] in {"", "#"}:
            end -= 1  # what stands before the next entry belongs to that
        if end > start:
            ends[start] = max(end, ends.get(start, 0))
    parts = [FoldingRange(start, end) for start, end in ends.items()]
    return sorted(parts + _comments(lines), key=lambda fold: fold.start_line)


def _comments(lines: list[str]) -> list[FoldingRange]:
    folded = []
    numbered = groupby(enumerate(lines), key=lambda pair: pair[1].lstrip().startswith("#"))
    for is_comment, group in numbered:
        numbers = [number for number, _ in group]
        if is_comment and len(numbers) > 1:
            folded.append(FoldingRange(numbers[0], numbers[-1], kind=FoldingRangeKind.Comment))
    return folded


def _changed(before: str, after: str, positions: Positions) -> TextEdit:
    """Return one edit of the lines that differ: the cursor elsewhere stays where it is."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    first = len("".join(old[:start]))
    last = len(before) - len("".join(old[len(old) - end :]))
    return TextEdit(positions.range(first, last), "".join(new[start : len(new) - end]))
