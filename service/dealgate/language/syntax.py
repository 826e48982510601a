"""Reading a checked CEL expression: its nodes, their types, and their text."""

import copy
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.language.v1 import checked_pb2
from dealgate.language.values import Scalar
from dealgate.model.vocabulary import pool_of

Node: TypeAlias = checked_pb2.Expr

PRIMITIVES = {1: "bool", 2: "int", 3: "uint", 4: "double", 5: "string", 6: "bytes"}
WELL_KNOWN = {1: "any", 2: "timestamp", 3: "duration"}
MESSAGES = {"timestamp": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration"}


class Tree:
    """A `cel.expr.CheckedExpr`, read."""

    def __init__(self, ast: bytes) -> None:
        """`ast` is the serialized message."""
        self._expr = checked_pb2.CheckedExpr.FromString(ast)
        self.root: Node = self._expr.expr

    @property
    def lists(self) -> Mapping[str, str]:
        """The paths of the elements of lists that are named facts, as far as they are facts'."""
        return self._expr.lists

    def at(self, node: Node) -> "Tree":
        """Return the tree below one of its nodes."""
        below = copy.copy(self)
        below.root = node
        return below

    @cached_property
    def _types(self) -> dict[int, str]:
        return {id_: type_name(type_) for id_, type_ in self._expr.type_map.items()}

    def type(self, node: Node) -> str:
        """Return a node's type in CEL's notation."""
        return self._types.get(node.id, "dyn")

    def overloads(self, node: Node) -> list[str]:
        """Return the ids of the overloads that a call may dispatch to."""
        return list(self._expr.reference_map[node.id].overload_id)

    def constant(self, node: Node) -> Scalar | None:
        """Return the value of a name that stands for a constant, such as a qualified enum value."""
        if node.id not in self._expr.reference_map:
            return None
        reference = self._expr.reference_map[node.id]
        return constant(reference.value) if reference.HasField("value") else None

    def offset(self, node: Node) -> int:
        """Return where a node stands, in code points from the start of the source."""
        return int(self._expr.source_info.positions.get(node.id, 0))

    def field(self, node: Node) -> FieldDescriptor | None:
        """Return the field that a select reads; None if it reads a map."""
        operand = self.type(node.select_expr.operand)
        if operand.startswith("map("):
            return None
        return message(operand).fields_by_name[node.select_expr.field]


def with_lists(ast: bytes, lists: Mapping[str, str]) -> bytes:
    """Return an expression that knows where the elements of lists stand: see `Tree.lists`."""
    expr = checked_pb2.CheckedExpr.FromString(ast)
    expr.lists.update(lists)
    return expr.SerializeToString(deterministic=True)


def type_name(type_: checked_pb2.Type) -> str:
    """Write a checked type in CEL's notation: "list(string)", "google.type.Money"."""
    kind = type_.WhichOneof("type_kind")
    if kind == "primitive":
        return PRIMITIVES[type_.primitive]
    if kind == "well_known":
        return WELL_KNOWN[type_.well_known]
    if kind == "list_type":
        return f"list({type_name(type_.list_type.elem_type)})"
    if kind == "map_type":
        return f"map({type_name(type_.map_type.key_type)}, {type_name(type_.map_type.value_type)})"
    if kind == "message_type":
        return str(type_.message_type)
    if kind == "wrapper":
        return f"wrapper({PRIMITIVES[type_.wrapper]})"
    return kind or "dyn"


def message(type_: str) -> Descriptor:
    """Return the descriptor of a message type."""
    descriptor: Descriptor = pool_of(type_).FindMessageTypeByName(MESSAGES.get(type_, type_))
    return descriptor


def kind(node: Node) -> str:
    """Return which sort of node this is: "call_expr", "select_expr", …."""
    return node.WhichOneof("expr_kind") or "const_expr"


def constant(node: checked_pb2.Constant) -> Scalar | None:
    """Return a literal's value; None for null."""
    which = node.WhichOneof("constant_kind")
    if which is None or which == "null_value":
        return None
    value: Scalar = getattr(node, which)
    return value


def operands(node: Node) -> list[Node]:
    """Return a call's operands, its receiver first."""
    call = node.call_expr
    return ([call.target] if call.HasField("target") else []) + list(call.args)


def is_literal_call(node: Node) -> bool:
    """Tell whether a call has literals alone as operands, such as money("EUR", "5")."""
    return kind(node) == "call_expr" and all(
        kind(operand) == "const_expr" for operand in operands(node)
    )


def children(node: Node) -> list[Node]:
    """Return the nodes directly below this one, in source order."""
    which = kind(node)
    if which == "call_expr":
        return operands(node)
    if which == "select_expr":
        return [node.select_expr.operand]
    if which == "list_expr":
        return list(node.list_expr.elements)
    if which == "struct_expr":
        return [part for entry in node.struct_expr.entries for part in (entry.map_key, entry.value)]
    if which == "comprehension_expr":
        loop = node.comprehension_expr
        if is_bind(node):
            return [loop.accu_init, loop.result]
        return [loop.iter_range, loop.accu_init, loop.loop_condition, loop.loop_step, loop.result]
    return []


def is_bind(node: Node) -> bool:
    """Tell whether a loop binds a name, over an empty list: cel.bind(name, value, result)."""
    return kind(node) == "comprehension_expr" and node.comprehension_expr.iter_var == "#unused"


def ranged(node: Node) -> Node:
    """Return what a macro looks at element by element, or gives a name to."""
    loop = node.comprehension_expr
    return loop.accu_init if is_bind(node) else loop.iter_range


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def variables(node: Node) -> tuple[str, ...]:
    """Return the variables that an author named in a macro."""
    loop = node.comprehension_expr
    if kind(node) != "comprehension_expr":
        return ()
    named = [loop.accu_var] if is_bind(node) else [loop.iter_var, loop.iter_var2]
    return tuple(name for name in named if name[:1].isalpha() or name[:1] == "_")


def scopes(node: Node) -> list[tuple[Node, frozenset[str]]]:
    """Return the nodes directly below this one, each with the names that it alone may mention."""
    if kind(node) != "comprehension_expr":
        return [(child, frozenset()) for child in children(node)]
    loop = node.comprehension_expr
    if is_bind(node):
        return [(loop.accu_init, frozenset()), (loop.result, frozenset({loop.accu_var}))]
    inside = frozenset({loop.iter_var, loop.iter_var2, loop.accu_var}) - {""}
    parts = (loop.accu_init, loop.loop_condition, loop.loop_step, loop.result)
    return [(loop.iter_range, frozenset()), *((part, inside) for part in parts)]


def names(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the free identifiers that an expression mentions, without a leading dot."""
    if kind(node) == "ident_expr" and node.ident_expr.name not in bound:
        yield node.ident_expr.name.removeprefix(".")
    for child, own in scopes(node):
        yield from names(child, bound | own)


def path(node: Node) -> str | None:
    """Return "lead.company.employees" for a chain of selects on a name; else None."""
    which = kind(node)
    if which == "ident_expr":
        return str(node.ident_expr.name)
    if which == "select_expr" and not node.select_expr.test_only:
        above = path(node.select_expr.operand)
        return above and f"{above}.{node.select_expr.field}"
    return None
