"""Questions such as `contacts.exists(c, c.id == touch.contact_id)`: is there an element of this id?

Asked for each touch, that is contacts times touches. The list is the same every time, so the values
of its elements are gathered once, and each question is one look-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import Scalar
from dealgate.model.quick import quick

HASHED = ("string", "int", "bool")  # a double may be equal to nothing, not even to itself


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether an element of the list at `path` has a `field` equal to `other`."""

    path: str
    field: FieldDescriptor
    other: Node


@quick
@dataclass(frozen=True, slots=True)
class Index:
    """The values that a field has in a list, and whether an element lacks it."""

    values: frozenset[Scalar]
    lacks: bool


def membership(tree: Tree, node: Node) -> Membership | None:
    """Return what a macro asks, if it is such a question about a list of facts."""
    loop = node.comprehension_expr
    path = None if syntax.is_bind(node) or loop.iter_var2 else syntax.path(loop.iter_range)
    step = loop.loop_step.call_expr
    if path is None or step.function != "_||_" or len(step.args) != 2:
        return None
    body = step.args[1]
    if syntax.kind(body) != "call_expr" or body.call_expr.function != "_==_":
        return None
    sides = syntax.operands(body)
    for own, other in (sides, sides[::-1]):
        field = _field_of(tree, own, loop.iter_var)
        if field is not None and loop.iter_var not in set(syntax.names(other)):
            return Membership(path, field, other)
    return None


def index_of(items: Sequence[Message], field: FieldDescriptor) -> Index:
    """Gather the values of a field; an enum's zero and a text's absence are none."""
    name, is_told, absent = _reading(field)
    if is_told:
        held = [getattr(item, name) for item in items if item.HasField(name)]
    else:
        held = [value for item in items if (value := getattr(item, name)) != absent]
    return Index(frozenset(cast("list[Scalar]", held)), len(held) < len(items))


@cache
def _reading(field: FieldDescriptor) -> tuple[str, bool, Any]:
    """Return a field's name, whether its absence is visible, and its value if it is absent.

    Descriptors are slower to say that than messages are to give their values.
    """
    return field.name, field.enum_type is None and field.has_presence, field.default_value


def _field_of(tree: Tree, node: Node, variable: str) -> FieldDescriptor | None:
    if syntax.kind(node) != "select_expr" or node.select_expr.test_only:
        return None
    if syntax.path(node.select_expr.operand) != variable or tree.type(node) not in HASHED:
        return None
    return tree.field(node)
