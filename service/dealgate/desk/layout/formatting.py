"""A file's text reformatted, or left unchanged: what it means and its comments never change."""

from collections import Counter
from typing import Any

from dealgate.desk.layout.comments import comments
from dealgate.desk.layout.emission import Emitter
from dealgate.desk.layout.entries import entries_of
from dealgate.model.faults import Fault
from dealgate.rulebook.digest import digest
from dealgate.rulebook.document import Fields, Node, plain
from dealgate.rulebook.sheet import read_sheet
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

CHANGED = "formatting would change the meaning of this file, so it was left unchanged"
TELL = "this is a bug in the formatter; please report it"


def formatted(source: Source, sort: str, faults: list[Fault]) -> str | None:
    """Return the text of `source` reformatted; None if it cannot be read, and faults are added.

    `sort` is what `sort_of` says of its file.
    A text that is laid out already comes back as it is.
    """
    if sort == "table":
        return _table(source, faults)
    before = len(faults)
    document = read_yaml(source, faults)
    if document is None or len(faults) > before:
        return None
    text = Emitter(sort).text(entries_of(document))
    if text == source.text:
        return text  # what has not changed still means the same
    again: list[Fault] = []
    result = read_yaml(Source(source.file, text), again)
    if again or result is None or _said(document, sort) != _said(result, sort):
        faults.append(source.fault(0, CHANGED, TELL))
        return None
    return text


def _table(source: Source, faults: list[Fault]) -> str | None:
    """Return a CSV with quotes where they are needed and no blanks round its cells.

    Columns are not aligned: one longer cell would change every row.
    """
    before = len(faults)
    sheet = read_sheet(source, faults)
    if sheet is None or len(faults) > before:
        return None
    lines = [[cell.value for cell in row] for row in (sheet.header, *sheet.rows)]
    text = "".join(f"{','.join(_cell(value) for value in line)}\n" for line in lines)
    if text == source.text:
        return text
    again = read_sheet(Source(source.file, text), [])
    if again is None or [[c.value for c in row] for row in (again.header, *again.rows)] != lines:
        faults.append(source.fault(0, CHANGED, TELL))
        return None
    return text


def _cell(value: str) -> str:
    needed = any(letter in value for letter in ',"\r\n')
    return '"' + value.replace('"', '""') + '"' if needed else value


def _said(document: Node, sort: str) -> Any:
    """Return what a document means, and its comments in any order: those of moved keys move."""
    meaning = digest(document) if sort == "rules" else plain(document)
    order = _free_order(document, sort)
    return meaning, order, Counter(comment.text for comment in comments(document))


def _free_order(document: Node, sort: str) -> Any:
    """Return the order of names that authors choose themselves."""
    sections = ("constants", "facts") if sort == "rules" else ("base",)
    fields = document if isinstance(document, Fields) else Fields(document.source, 0, ())
    gets = [fields.get(section) for section in sections]
    return [[key.value for key, _ in node] for node in gets if isinstance(node, Fields)]
