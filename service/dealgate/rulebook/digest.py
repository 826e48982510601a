"""The digest of a rule file: SHA-256 of what it means, so comments and layout may change freely.

The rows of its tables are part of it, as their cells say and not as they are quoted.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dealgate.rulebook.document import Fields, Items, Node, Scalar, plain
from dealgate.rulebook.sheet import Sheet
from dealgate.rulebook.written import squeezed

NO_SHEETS: Mapping[str, Sheet] = {}
TRUTHS = {"TRUE": "true", "FALSE": "false"}


def digest(document: Node, sheets: Mapping[str, Sheet] = NO_SHEETS) -> str:
    """Return 64 hexadecimal digits; two documents share them only if they mean the same.

    `sheets` are the rows of the document's tables, by the tables' ids.
    """
    meaning = json.dumps(_meaning(document, sheets), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(meaning.encode()).hexdigest()


def _meaning(document: Node, sheets: Mapping[str, Sheet]) -> Any:
    if not isinstance(document, Fields):
        return plain(document)
    meaning = {key.value: _section(key.value, value) for key, value in document}
    rows = {id_: _rows(sheet) for id_, sheet in sheets.items()}
    return {**meaning, "rows of tables": rows} if rows else meaning


def _rows(sheet: Sheet) -> Any:
    header = [squeezed(cell.value) for cell in sheet.header]
    return [header, *([_cell(cell.value) for cell in row] for row in sheet.rows)]


def _cell(text: str) -> str:
    """Excel writes TRUE for true, and an empty cell says what `-` says."""
    return TRUTHS.get(text, squeezed(text)) or "-"


def _section(name: str, node: Node) -> Any:
    if name == "constants":
        return _each_value(node, _constant)
    if name == "facts":
        return _each_value(node, _expression)
    if name in {"rules", "tables"} and isinstance(node, Items):
        return [_each_value(rule, None) for rule in node.items]
    return plain(node)


def _each_value(node: Node, meaning: Any) -> Any:
    if not isinstance(node, Fields):
        return plain(node)
    return {key.value: (meaning or _in_rule(key.value))(value) for key, value in node}


def _in_rule(name: str) -> Any:
    if name == "when":
        return _expression
    return (lambda node: _each_value(node, _expression)) if name == "each" else plain


def _expression(node: Node) -> Any:
    return squeezed(node.value) if isinstance(node, Scalar) else plain(node)


def _constant(node: Node) -> Any:
    """Quoted and plain differ: "5" is a text, 5 a number."""
    if isinstance(node, Items):
        return [_constant(item) for item in node.items]
    if isinstance(node, Scalar):
        return {"text": node.value} if node.quoted else {"cel": squeezed(node.value)}
    return plain(node)
