"""Rule sets as networks: what the library judges well as it is, all else as booleans."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dealgate.engine.rete.conditions import (
    COMPARISONS,
    CONNECTIVES,
    LARGEST_INT,
    LONGEST_LIST,
    LONGEST_STRING,
    MOST_CONDITIONS,
    ORDERINGS,
    SCALARS,
    Condition,
    leaves,
    size,
)
from dealgate.language import syntax
from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import Value
from dealgate.model.rules import Each


@dataclass(frozen=True, slots=True)
class Network:
    """Rules that are judged together: "r7" is the rule set's rule 7, counted from 0."""

    conditions: Mapping[str, Condition]

    @property
    def fields(self) -> list[str]:
        """The fields that its conditions mention."""
        return list(
            {
                leaf.field: None
                for condition in self.conditions.values()
                for leaf in leaves(condition)
            }
        )


@dataclass(slots=True)
class Group:
    """All rules that are judged over the same list, or over none, and the fields they share."""

    each: Each | None
    names: dict[bytes, str] = field(default_factory=dict)
    reads: dict[str, Evaluator] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)

    def field_of(self, tree: Tree, node: Node) -> str:
        """Return the name of the field that holds the value of `node`."""
        name = self.names.setdefault(_meaning(node), f"f{len(self.names)}")
        if name not in self.reads:
            self.reads[name] = compile_exact(tree.at(node))
        return name

    def networks(self) -> list[Network]:
        """Spread the rules over as few networks as the library's limits allow."""
        shares: list[dict[str, Condition]] = []
        room = 0
        for name, condition in self.conditions.items():
            room -= size(condition)
            if room < 0:
                shares.append({})
                room = MOST_CONDITIONS - size(condition)
            shares[-1][name] = condition
        return [Network(share) for share in shares]


def _meaning(node: Node) -> bytes:
    # Nodes that differ in their ids alone read the same facts to the same end.
    bare = Node()
    bare.CopyFrom(node)
    for part in syntax.walk(bare):
        part.id = 0
    return bare.SerializeToString(deterministic=True)


class Emitter:
    """Turns a checked condition into the library's form."""

    def __init__(self, tree: Tree, group: Group, constants: Mapping[str, Value]) -> None:
        """`constants` are the values of constant names."""
        self._tree = tree
        self._group = group
        self._constants = constants

    def emit(self, node: Node) -> Condition:
        """Return the condition; what is outside the subset becomes a boolean field."""
        function = node.call_expr.function
        if function in CONNECTIVES:
            sign = CONNECTIVES[function]
            return {sign: [self.emit(part) for part in self._chain(node, function)]}
        return self._atom(node, function) or {self._group.field_of(self._tree, node): True}

    def _chain(self, node: Node, function: str) -> Iterator[Node]:
        # a && (b && c) as one group: groups are scarce.
        for part in syntax.operands(node):
            same = part.call_expr.function == function
            yield from self._chain(part, function) if same else [part]

    def _atom(self, node: Node, function: str) -> Condition | None:
        operands = syntax.operands(node)
        if function in COMPARISONS:
            return self._comparison(COMPARISONS[function], *operands)
        if function == "@in":
            return self._membership(*operands)
        if function == "!_" and self._is_fact(operands[0]):
            return {self._group.field_of(self._tree, operands[0]): False}
        return None

    def _comparison(self, sign: str, left: Node, right: Node) -> Condition | None:
        if self._literal(left) is not None:
            left, right, sign = right, left, ORDERINGS.get(sign, sign)
        literal, type_ = self._literal(right), self._tree.type(left)
        if not self._is_fact(left) or literal is None or self._tree.type(right) != type_:
            return None
        if not in_range(literal) or (sign in ORDERINGS and type_ not in ("int", "uint")):
            return None
        test = {self._group.field_of(self._tree, left): literal}
        return {sign: test} if sign else test

    def _membership(self, item: Node, items: Node) -> Condition | None:
        listed = self._list(items)
        if not self._is_fact(item) or not listed or len(listed) > LONGEST_LIST:
            return None
        if self._tree.type(items) != f"list({self._tree.type(item)})":
            return None
        name = self._group.field_of(self._tree, item)
        return {"$or": [{name: literal} for literal in listed]}

    def _list(self, node: Node) -> list[Value]:
        if syntax.kind(node) == "list_expr":
            literals = [self._literal(element) for element in node.list_expr.elements]
        else:
            constant = self._constant(node)
            literals = constant if isinstance(constant, list) else []
        return list(dict.fromkeys(literals)) if all(map(in_range, literals)) else []

    def _is_fact(self, node: Node) -> bool:
        return (
            self._tree.type(node) in SCALARS
            and syntax.path(node) is not None
            and self._literal(node) is None
        )

    def _literal(self, node: Node) -> Value:
        if syntax.kind(node) == "const_expr":
            return syntax.constant(node.const_expr)
        enum = self._tree.constant(node)
        return self._constant(node) if enum is None else enum

    def _constant(self, node: Node) -> Value:
        bound = self._group.each and self._group.each.variable
        name = node.ident_expr.name
        return None if name == bound else self._constants.get(name)


def in_range(literal: Value) -> bool:
    """Tell whether the library compares facts with this literal rightly."""
    if isinstance(literal, str):
        return len(literal) <= LONGEST_STRING
    return isinstance(literal, int) and abs(literal) < LARGEST_INT
