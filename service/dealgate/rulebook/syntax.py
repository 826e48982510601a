"""What the YAML parser says, in an author's words: mostly, what it made of an expression."""

import re
from typing import Any, NamedTuple

from dealgate.model.faults import Fault
from dealgate.rulebook.habits import unseen
from dealgate.rulebook.outdented import outdented
from dealgate.rulebook.source import Source

ENTRY = re.compile(r"^[ \t]*(?:- +)*([\w.-]+):[ \t]+((\S).*)")


CONFLICT = re.compile(r"^(?:<{7} .*|={7}|>{7} .*|\|{7} .*)$", re.MULTILINE)


class _Cause(NamedTuple):
    """What to say when the parser says `problem` of a value that starts with one of `starts`.

    `opened` tells that the fault stands where the parser began, not where it gave up.
    """

    problem: str
    message: str
    hint: str = ""
    starts: str = ""
    opened: bool = False


TEXT_ENDS = "YAML ends this text at its closing quote, but more follows"
LIST_ENDS = "YAML ends this value at its closing bracket, but more follows"
ASTRAY = "this line is neither a key nor part of the text above it"
ASTRAY_HINT = "write `key: value`; and mind that ` #` ends a text that goes on over several lines"
CLOSE = "mind that a comma ends plain text inside braces"
UNALIGNED = "this line is indented like no line above it"

_CAUSES = (
    _Cause("expected key", TEXT_ENDS, starts="'\""),
    _Cause("expected key", LIST_ENDS, starts="[{"),
    _Cause("expected key", UNALIGNED, "align it with the lines it belongs to"),
    _Cause("expected '-' indicator", UNALIGNED, "align it with the lines it belongs to"),
    _Cause("values are not allowed", "YAML takes `: ` here for a new key"),
    _Cause("line break", "YAML takes `>` and `|` at the start for a block of text", starts=">|"),
    _Cause(
        "line break",
        "YAML takes a value that starts with `!` for a tag, and tags are not used here",
        starts="!",
    ),
    _Cause("block sequence entries", "YAML takes `- ` here for a list item"),
    _Cause("mapping keys", "YAML takes `? ` here for a key"),
    _Cause("tab character", "a tab indents this line", "indent with spaces"),
    _Cause("end of stream", "the quote that opens here is never closed", opened=True),
    _Cause(
        "expected ',' or '}'", "this `{` is not closed, or a comma is missing", CLOSE, opened=True
    ),
    _Cause(
        "expected ',' or ']'", "this `[` is not closed, or a comma is missing", CLOSE, opened=True
    ),
    _Cause("unknown escape", "this escape means nothing in YAML's double quotes"),
    _Cause("find expected ':'", ASTRAY, ASTRAY_HINT, opened=True),
    _Cause("alphabetic or numeric", "YAML takes `&` or `*` here for an anchor or alias"),
    _Cause("node content", "a value cannot start with this"),
    _Cause("document start", "after `...` nothing may follow", "delete the line `...`"),
)


def syntax_fault(source: Source, error: Any) -> Fault:
    """Return the fault behind a `yaml.MarkedYAMLError`."""
    index = error.problem_mark.index
    problem = error.problem or ""
    begun = index if error.context_mark is None else error.context_mark.index
    if told := _unseen(source, index) or _conflict(source) or outdented(source, index, begun):
        return told
    entry = ENTRY.match(source.line(index))
    if "start any token" in problem:
        return _bad_start(source, index)
    if "values are not allowed" in problem and not _inside_value(source, index, entry):
        return _misindented(source, index)
    for cause in _CAUSES:
        if cause.problem in problem and (not cause.starts or (entry and entry[3] in cause.starts)):
            at = error.context_mark.index if cause.opened else index
            return source.fault(at, cause.message, cause.hint or cure(source, index))
    return source.fault(index, f"this is not YAML: {problem}", cure(source, index))


def _conflict(source: Source) -> Fault | None:
    """Return the fault of a file that a merge left half done."""
    mark = CONFLICT.search(source.text)
    if mark is None:
        return None
    hint = "resolve the conflict: keep one side, and delete the three marks"
    return source.fault(mark.start(), "this marks a merge conflict", hint)


def _unseen(source: Source, index: int) -> Fault | None:
    """Return the fault of a sign on the line, or the one above, that looks like a blank."""
    start = source.text.rfind("\n", 0, max(source.text.rfind("\n", 0, index), 0)) + 1
    end = source.text.find("\n", index)
    for position in range(start, end if end >= 0 else len(source.text)):
        if hidden := unseen(source.text[position]):
            return source.fault(position, hidden[1], hidden[2])
    return None


def cure(source: Source, index: int) -> str:
    """Return the line that `index` stands on as its author should write it."""
    entry = ENTRY.match(source.line(index))
    if entry is None:
        return "put it in a block: `|` after the key, the text on the next line, indented"
    text = entry[2]
    if text[0] in "'\"" and text.endswith(text[0]) and text.count(text[0]) == 2:
        text = text[1:-1]
    return f"write it as a block:\n  {entry[1]}: |\n    {text}"


def _inside_value(source: Source, index: int, entry: re.Match[str] | None) -> bool:
    """Tell whether a second `: ` stands on the line, and not just its first."""
    column = source.location(index).column - 1
    return entry is not None and column > entry.start(2)


def _misindented(source: Source, index: int) -> Fault:
    line = source.line(index)
    start = index - (source.location(index).column - 1) + len(line) - len(line.lstrip())
    hint = "end the line above with `:` if this belongs to it, or align the two"
    return source.fault(start, "this key cannot be nested under the line above it", hint)


def _bad_start(source: Source, index: int) -> Fault:
    letter = source.text[index]
    if letter == "\t":
        return source.fault(index, "a tab indents this line", "indent with spaces")
    return source.fault(index, f"a value cannot start with {letter}", cure(source, index))
