"""Turns one checked expression into the text of a Python expression.

It is made from the AST alone: constants enter it through `repr` or by reference, never by pasting
what an author wrote. The text is right only as long as the facts it `needs` are known and nothing
fails; whoever runs it leaves all else to the exact evaluator.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dealgate.engine.reads import Reads, attribute, present, read
from dealgate.language import syntax
from dealgate.language.budget import read_through, weight_of
from dealgate.language.membership import Membership, membership
from dealgate.language.operations import OPERATIONS, Operation
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Node, Tree

LITERALS = (bool, int, float, str, bytes)
# What generated code calls the budget of a decision.
BUDGET = "_budget"
EARLIER = "subtract_timestamp_duration"
TAKEN_OFF = re.compile(rf"instant\((?P<instant>{AS_OF}) - \((?P<taken>\d+)\)\)")
LITERAL = re.compile(r"\((?P<taken>\d+)\)")
IN_SETS = ("int", "string", "uint", "bool")


class NotCompilable(Exception):
    """This node is left to the exact evaluator."""


@dataclass(slots=True)
class Block:
    """A compiled expression: Python `code`, the variables it needs known, can it not fail?"""

    code: str
    needs: Sequence[str]
    total: bool


class Emitter:
    """Turns one expression into Python."""

    def __init__(
        self, tree: Tree, reads: Reads, names: Mapping[str, str], constants: Mapping[str, Any]
    ) -> None:
        """`names` are the named facts' variables; `constants` the values of constant names."""
        self._tree = tree
        self._reads = reads
        self._names = names
        self._constants = constants
        self._bound: dict[str, str] = {}
        self._needs: dict[str, None] = {}

    def emit(self, bound: dict[str, str] | None = None) -> Block:
        """Return the block, or raise NotCompilable; `bound` maps variables in scope to Python's."""
        self._bound = dict(bound or {})
        code, total = self._emit(self._tree.root)
        return Block(code, tuple(self._needs), total)

    def _emit(self, node: Node) -> tuple[str, bool]:
        result: tuple[str, bool] = getattr(self, f"_{syntax.kind(node)}")(node)
        return result

    def _const_expr(self, node: Node) -> tuple[str, bool]:
        return self._constant(syntax.constant(node.const_expr))

    def _constant(self, value: Any) -> tuple[str, bool]:
        if isinstance(value, float) and not abs(value) < float("inf"):
            return f"float({str(value)!r})", True
        return (f"({value!r})" if isinstance(value, (int, float)) else repr(value)), True

    def _ident_expr(self, node: Node) -> tuple[str, bool]:
        name = node.ident_expr.name
        constant = self._tree.constant(node)
        if constant is not None:
            return self._constant(constant)
        if name in self._bound:
            return self._bound[name], True
        if name in self._names:
            self._needs[self._names[name]] = None
            return self._names[name], True
        if name in self._constants:
            value = self._constants[name]
            return self._constant(value) if isinstance(value, LITERALS) else (f"k_{name}", True)
        if name == AS_OF:
            return AS_OF, True
        return self._field(node, name)

    def _field(self, node: Node, path: str) -> tuple[str, bool]:
        top = self._reads.message_type.fields_by_name.get(path)
        field_ = self._tree.field(node) if top is None else top
        if self._tree.type(node).startswith(("list(", "map(")):
            return self._reads.items(path, field_), True
        if field_ is None:
            raise NotCompilable
        fact = self._reads.fact(path, field_)
        self._needs[fact.variable] = None
        return fact.variable, True

    def _select_expr(self, node: Node) -> tuple[str, bool]:
        constant = self._tree.constant(node)
        if constant is not None:
            return self._constant(constant)
        field_ = self._tree.field(node)
        operand = node.select_expr.operand
        if field_ is None:
            table, _ = self._emit(operand)
            key = node.select_expr.field
            if node.select_expr.test_only:
                return f"({key!r} in {table})", True
            return f"lookup({table}, {key!r})", False
        path = syntax.path(operand)
        if path and path.partition(".")[0] not in self._bound:
            if node.select_expr.test_only:
                return self._reads.present(path, field_), True
            return self._field(node, f"{path}.{field_.name}")
        source, total = self._message(operand)
        if node.select_expr.test_only:
            return present(source, field_), total
        code = read(source, field_, "missing()")
        return code, total and field_.is_repeated

    def _message(self, node: Node) -> tuple[str, bool]:
        if syntax.kind(node) == "select_expr" and not node.select_expr.test_only:
            field_ = self._tree.field(node)
            if field_ is not None and not field_.is_repeated:
                source, total = self._message(node.select_expr.operand)
                return attribute(source, field_.name), total
        return self._emit(node)

    def _call_expr(self, node: Node) -> tuple[str, bool]:
        function = node.call_expr.function
        parts = [self._emit(operand) for operand in syntax.operands(node)]
        codes = [code for code, _ in parts]
        total = all(total for _, total in parts)
        if function in ("_&&_", "_||_"):
            return f"({codes[0]} {'and' if function == '_&&_' else 'or'} {codes[1]})", total
        if function == "_?_:_":
            return f"({codes[1]} if {codes[0]} else {codes[2]})", total
        if function == "@not_strictly_false":
            raise NotCompilable
        if function in ("_==_", "_!=_") and not self._is_deep(node):
            return f"({codes[0]} {function.strip('_')} {codes[1]})", total
        if function == "@in" and is_literal_set(
            self._tree, syntax.operands(node)[1], self._constants
        ):
            return f"({codes[0]} in {{{codes[1][1:-1]}}})", total
        operation = OPERATIONS[self._overload(node)]
        if syntax.is_literal_call(node):
            return self._folded(operation, node)
        if self._overload(node) == EARLIER:
            codes = _joined(codes)
        codes, free = paid(self._tree, node, codes)
        return operation.text.format(*codes), total and operation.total and free

    def _folded(self, operation: Operation, node: Node) -> tuple[str, bool]:
        # The checker has refused what could fail here.
        literals = [syntax.constant(operand.const_expr) for operand in syntax.operands(node)]
        value = operation.call(*literals)
        if isinstance(value, LITERALS):
            return self._constant(value)
        name = f"k{len(self._reads.literals)}"
        self._reads.literals[name] = value
        return name, True

    def _overload(self, node: Node) -> str:
        return self._tree.overloads(node)[0]

    def _is_deep(self, node: Node) -> bool:
        return self._tree.type(syntax.operands(node)[0]).startswith(("list(", "map("))

    def _list_expr(self, node: Node) -> tuple[str, bool]:
        parts = [self._emit(element) for element in node.list_expr.elements]
        return f"[{', '.join(code for code, _ in parts)}]", all(total for _, total in parts)

    def _struct_expr(self, node: Node) -> tuple[str, bool]:
        parts = [self._emit(part) for part in syntax.children(node)]
        return f"build_map({', '.join(code for code, _ in parts)})", False

    def _comprehension_expr(self, node: Node) -> tuple[str, bool]:
        loop = node.comprehension_expr
        if syntax.is_bind(node):
            return self._bind(node)
        asked = membership(self._tree, node)
        if asked is not None and asked.path.partition(".")[0] not in self._bound:
            return self._holds(asked, loop.iter_range), False
        items = self._reads.walk(self._emit(loop.iter_range)[0])
        items = f"{BUDGET}.loop({items}, {weight_of(node)})"
        if loop.iter_var2:
            is_map = self._tree.type(loop.iter_range).startswith("map(")
            items = f"{items}.items()" if is_map else f"enumerate({items})"
        outer = dict(self._bound)
        for variable in filter(None, (loop.iter_var, loop.iter_var2)):
            self._bound[variable] = f"x{len(self._bound)}_{variable.strip('@')}"
        names = [name for variable, name in self._bound.items() if variable not in outer]
        try:
            code, _ = self._macro(node, ", ".join(names), items)
        finally:
            self._bound = outer
        return code, False  # a loop may be too long

    def _holds(self, asked: Membership, items: Node) -> str:
        listed, other = self._emit(items)[0], self._emit(asked.other)[0]
        number = self._tree.constant(asked.other)
        if asked.field.enum_type and number and not self._bound:
            column = self._reads.column(listed, asked.field.name)
            if column:
                return f"{BUDGET}.among({listed}, {column}, {number!r})"
        name = f"k{len(self._reads.literals)}"
        self._reads.literals[name] = asked.field
        alike = f"{listed}.{asked.field.name}"
        return f"{BUDGET}.holds({name!r}, {listed}, {name}, {other}, {alike!r})"

    def _bind(self, node: Node) -> tuple[str, bool]:
        loop = node.comprehension_expr
        is_message = "." in self._tree.type(loop.accu_init)
        value, value_total = (self._message if is_message else self._emit)(loop.accu_init)
        outer = dict(self._bound)
        name = self._bound[loop.accu_var] = f"x{len(outer)}_{loop.accu_var.strip('@')}"
        try:
            code, total = self._emit(loop.result)
        finally:
            self._bound = outer
        return f"(lambda {name}: {code})({value})", value_total and total

    def _macro(self, node: Node, variable: str, items: str) -> tuple[str, bool]:
        loop = node.comprehension_expr
        step = loop.loop_step.call_expr
        start = loop.accu_init
        if syntax.kind(start) == "list_expr":
            return self._list_macro(step, variable, items)
        if syntax.kind(start) == "struct_expr":
            return self._map_macro(step, variable, items)
        if isinstance(syntax.constant(start.const_expr), bool):
            body, total = self._emit(step.args[1])
            name = "any" if step.function == "_||_" else "all"
            return f"{name}({body} for {variable} in {items})", total
        body, total = self._emit(step.args[0])
        return f"(sum(1 for {variable} in {items} if {body}) == 1)", total

    def _list_macro(self, step: Any, variable: str, items: str) -> tuple[str, bool]:
        condition, condition_total = "", True
        if step.function == "_?_:_":
            body, condition_total = self._emit(step.args[0])
            condition = f" if {body}"
            step = step.args[1].call_expr
        element, total = self._emit(step.args[1].list_expr.elements[0])
        return f"[{element} for {variable} in {items}{condition}]", total and condition_total

    def _map_macro(self, step: Any, variable: str, items: str) -> tuple[str, bool]:
        condition, condition_total = "", True
        if step.function == "_?_:_":
            body, condition_total = self._emit(step.args[0])
            condition, step = f" if {body}", step.args[1].call_expr
        parts = [self._emit(part) for part in step.args[1:]]
        if len(parts) == 1:
            return f"map_of({parts[0][0]} for {variable} in {items}{condition})", False
        (key, key_total), (value, value_total) = parts
        code = f"{{{key}: {value} for {variable} in {items}{condition}}}"
        return code, condition_total and key_total and value_total


def _joined(codes: list[str]) -> list[str]:
    """Join what is taken off an instant twice: what lies between two instants is one, too."""
    twice = TAKEN_OFF.fullmatch(codes[0])
    once = LITERAL.fullmatch(codes[1])
    if twice is None or once is None:
        return codes
    return [twice["instant"], f"({int(twice['taken']) + int(once['taken'])})"]


def paid(tree: Tree, node: Node, codes: list[str]) -> tuple[list[str], bool]:
    """Pay for the operands that a call reads from end to end; tell whether there are none."""
    positions = read_through(tree, node)
    return [
        f"{BUDGET}.read({code})" if position in positions else code
        for position, code in enumerate(codes)
    ], not positions


def is_literal_set(tree: Tree, node: Node, constants: Mapping[str, Any]) -> bool:
    """Tell whether a node is a list of literals and of constants that may be written as a set."""
    if syntax.kind(node) != "list_expr" or not node.list_expr.elements:
        return False
    if tree.type(node)[5:-1] not in IN_SETS:
        return False
    return all(_is_literal(tree, element, constants) for element in node.list_expr.elements)


def _is_literal(tree: Tree, node: Node, constants: Mapping[str, Any]) -> bool:
    if syntax.kind(node) == "const_expr" or tree.constant(node) is not None:
        return True
    name = node.ident_expr.name
    return bool(name) and isinstance(constants.get(name), LITERALS)
