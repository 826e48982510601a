"""The digest of a rule file: SHA-256 of what it means, so comments and layout may change freely."""

import hashlib
import json
from typing import Any

from dealgate.rulebook.document import Fields, Items, Node, Scalar, plain
from dealgate.rulebook.written import squeezed


def digest(document: Node) -> str:
    """Return 64 hexadecimal digits; two documents share them only if they mean the same."""
    meaning = json.dumps(_meaning(document), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(meaning.encode()).hexdigest()


def _meaning(document: Node) -> Any:
    if not isinstance(document, Fields):
        return plain(document)
    return {key.value: _section(key.value, value) for key, value in document}


def _section(name: str, node: Node) -> Any:
    if name == "constants":
        return _each_value(node, _constant)
    if name == "facts":
        return _each_value(node, _expression)
    if name == "rules" and isinstance(node, Items):
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
