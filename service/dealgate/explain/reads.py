"""Which facts an expression reads, followed through named facts and the variables of lists.

A fact is named by a path in which `[]` is any element of a list: "activities[].type". What
lies within an amount, a date or an instant is read as the whole of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import CONVERSIONS
from dealgate.model.fields import along
from dealgate.rulebook.messages import is_map

# What a variable stands for: the path of its list's elements; None: of a list that is made up.
Variables = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that rules may read; `field` describes it, `element` tells that it is a list's."""

    path: str
    field: FieldDescriptor
    element: bool


class Reader:
    """Follows expressions to the facts that they read."""

    def __init__(self, facts: Descriptor, named: Mapping[str, Tree]) -> None:
        """`named` are the named facts, by name."""
        self._facts = facts
        self._named = named

    def facts(self, tree: Tree, node: Node, variables: Variables) -> Mapping[str, Fact]:
        """Return every fact that `node` reads, by path."""
        paths = dict.fromkeys(self._paths(tree, node, variables))
        facts = (self._fact(path) for path in paths)
        return {fact.path: fact for fact in facts if fact is not None}

    def names(self, node: Node) -> set[str]:
        """Return every named fact that `node` needs, directly or not."""
        names: set[str] = set()
        for name in syntax.names(node):
            if name in self._named and name not in names:
                names |= {name, *self.names(self._named[name].root)}
        return names

    def elements(self, tree: Tree, node: Node, variables: Variables) -> str | None:
        """Return the path of the elements of a list: "activities[]"; None: it is made up."""
        if syntax.kind(node) == "comprehension_expr":
            loop = node.comprehension_expr
            step = loop.loop_step.call_expr
            filters = step.function == "_?_:_" and syntax.kind(loop.accu_init) == "list_expr"
            return self.elements(tree, loop.iter_range, variables) if filters else None
        chain = syntax.path(node)
        root, _, rest = (chain or "").partition(".")
        if root in self._named and not rest:
            named = self._named[root]
            return self.elements(named, named.root, {})
        if root in variables:
            above = variables[root]
            return f"{above}.{rest}[]" if above and rest else None
        return f"{chain}[]" if root in self._facts.fields_by_name else None

    def _paths(self, tree: Tree, node: Node, variables: Variables) -> Iterator[str]:
        which = syntax.kind(node)
        if tree.constant(node) is not None:
            return
        chain = _chain(node)
        if chain is not None:
            yield from self._chained(chain, variables)
        elif which == "comprehension_expr":
            yield from self._looped(tree, node, variables)
        else:
            for child in syntax.children(node):
                yield from self._paths(tree, child, variables)

    def _chained(self, chain: str, variables: Variables) -> Iterator[str]:
        root, dot, rest = chain.partition(".")
        if root in variables:
            if variables[root]:
                yield f"{variables[root]}{dot}{rest}"
        elif root in self._named:
            named = self._named[root]
            yield from self._paths(named, named.root, {})
        elif root in self._facts.fields_by_name:
            yield chain

    def _looped(self, tree: Tree, node: Node, variables: Variables) -> Iterator[str]:
        loop = node.comprehension_expr
        if syntax.is_bind(node):
            yield from self._paths(tree, loop.accu_init, variables)
            bound = {**variables, loop.accu_var: syntax.path(loop.accu_init)}
            yield from self._paths(tree, loop.result, bound)
            return
        yield from self._paths(tree, loop.iter_range, variables)
        element = self.elements(tree, loop.iter_range, variables)
        inside = {**variables, loop.accu_var: None, loop.iter_var: element}
        if loop.iter_var2:
            inside |= {loop.iter_var: None, loop.iter_var2: element}
        for part in (loop.loop_condition, loop.loop_step, loop.result):
            yield from self._paths(tree, part, inside)

    def _fact(self, path: str) -> Fact | None:
        """Return the fact at `path`, or the amount, date or list that it is a part of."""
        steps = path.split(".")
        fields = along(self._facts, (step.removesuffix("[]") for step in steps))
        whole = next((n for n, field in enumerate(fields, 1) if _is_one_value(field)), len(steps))
        if len(fields) < whole or any(map(is_map, fields[:whole])):
            return None
        field, taken = fields[whole - 1], steps[:whole]
        if field.is_repeated and not taken[-1].endswith("[]"):
            taken[-1] += "[]"
        return Fact(".".join(taken), field, taken[-1].endswith("[]"))


def _is_one_value(field: FieldDescriptor) -> bool:
    """Tell whether a field holds an amount, a date or an instant."""
    return field.message_type is not None and field.message_type.full_name in CONVERSIONS


def _chain(node: Node) -> str | None:
    """As `syntax.path`, but has(a.b) reads a.b too."""
    if syntax.kind(node) == "select_expr":
        above = syntax.path(node.select_expr.operand)
        return above and f"{above}.{node.select_expr.field}"
    return syntax.path(node)
