"""Makes every name in a checked expression unambiguous.

The checker resolves names by scope; evaluators, compiled code and proofs look them up by their
text. They agree because a macro's variable may not be a name that means something already, and
because a leading dot, which has done its work in the checker, is dropped.
"""

import re
from collections.abc import Collection, Iterator

from google.protobuf.descriptor import Descriptor

from dealgate.language import syntax
from dealgate.language.scope import enum_constants
from dealgate.language.syntax import Node
from dealgate.language.v1 import checked_pb2
from dealgate.model.rules import ExpressionFault

RENAME = "give the variable of this macro another name"


def resolved(
    ast: bytes, source: str, facts: Descriptor | None, taken: Collection[str]
) -> tuple[bytes, list[ExpressionFault]]:
    """Return the expression with its names resolved, and the variables whose names are `taken`.

    Enum constants are variables to the checker, which gives authors their bare names. Here they
    become what CEL makes of a qualified name: a reference with a value.
    """
    checked = checked_pb2.CheckedExpr.FromString(ast)
    constants = enum_constants(facts) if facts is not None else {}
    positions = checked.source_info.positions
    faults = []
    for node, bound in _scoped(checked.expr, frozenset()):
        if syntax.kind(node) == "ident_expr":
            name = node.ident_expr.name = node.ident_expr.name.removeprefix(".")
            if name in constants and name not in bound:
                checked.reference_map[node.id].value.int64_value = constants[name][1]
            continue
        for name in syntax.variables(node):
            if name in taken or name in bound:
                offset = _offset(source, positions.get(node.id, 0), name)
                text = f"'{name}' means something else already"
                faults.append(ExpressionFault(offset, text, RENAME))
    patched: bytes = checked.SerializeToString(deterministic=True)
    return patched, faults


def _scoped(node: Node, bound: frozenset[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    """Yield the names and macros below a node, each with the variables in scope where it stands."""
    if syntax.kind(node) in {"ident_expr", "comprehension_expr"}:
        yield node, bound
    for child, variables in syntax.scopes(node):
        yield from _scoped(child, bound | variables)


def _offset(source: str, start: int, name: str) -> int:
    """Return where a macro that stands at `start` writes its variable."""
    match = re.compile(rf"\b{re.escape(name)}\b").search(source, start)
    return match.start() if match else start
