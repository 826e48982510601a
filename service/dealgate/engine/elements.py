"""The text of conditions on an element of a list, whose facts are all known (see `known.py`).

A condition is judged conjunct by conjunct from the left, since the first that is false settles it.
Each conjunct asks only whether the facts that it reads are known; where they are not, or where it
fails, the lines for three values decide:

    if not has('stage_name'):
        ...                                 # what is missing decides what it comes to
    elif x.stage_name in s_late_stages:
        if not has('days_idle'):
            ...
        elif x.days_idle > (14):
            r3.append((i, True))
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from google.protobuf.descriptor import FieldDescriptor

from dealgate.engine.emit import BUDGET, NotCompilable
from dealgate.engine.known import TwoValued
from dealgate.engine.names import Element, Names
from dealgate.engine.reads import attribute, elements, valued
from dealgate.language import syntax
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Node, Tree

PURE = {"const_expr", "call_expr"}


class OfElement(NamedTuple):
    """Python `code` that is right unless one of the `tests` holds, or it raises one of LEAVE."""

    code: str
    tests: frozenset[str]
    fallible: bool


@dataclass(slots=True)
class Constants:
    """What is the same for every element, such as the date of `as_of`: computed before the loop.

    `variables` names what each text comes to; beside it stands a variable that tells if it failed.
    """

    variables: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Write what runs before the loop."""
        return [
            line
            for code, variable in self.variables.items()
            for line in (
                "try:",
                f"    {variable}, {failed(variable)} = {code}, False",
                "except CelError:",
                f"    {variable}, {failed(variable)} = None, True",
            )
        ]


def failed(variable: str) -> str:
    """Return the variable that tells whether a constant failed."""
    return f"{variable}_failed"


def of_element(
    tree: Tree, names: Names, element: Element, constants: Constants
) -> OfElement | None:
    """Return the two-valued text of a condition on an element; None if it has none.

    What is paid for is left to the lines for three values: nothing may be paid for twice.
    """
    emitter = _OfElement(tree, names, element, constants)
    try:
        block = emitter.emit({element.variable: element.code})
    except NotCompilable:
        return None
    if BUDGET in block.code:
        return None
    needs = [names.absent(need) for need in block.needs if names.is_partial(need)]
    return OfElement(block.code, frozenset([*needs, *emitter.tests]), not block.total)


def conjuncts(node: Node) -> list[Node]:
    """Return what `&&` joins, from the left."""
    if syntax.kind(node) == "call_expr" and node.call_expr.function == "_&&_":
        return [inner for side in syntax.operands(node) for inner in conjuncts(side)]
    return [node]


def chosen(
    known: OfElement, asked: AbstractSet[str], truth: str, slow: list[str], hit: list[str]
) -> list[str]:
    """Write a choice: `slow` where a test holds or the text fails, `hit` where it is true.

    `asked` are tests that are known to fail; `truth` is a variable of its own.
    """
    test = " or ".join(sorted(known.tests - asked))
    inner = ["    " + line for line in hit]
    otherwise = ["    " + line for line in slow]
    if known.fallible:
        tried = [f"try: {truth} = {known.code}", "except LEAVE: pass"]
        if test:
            tried = [f"if not ({test}):", *("    " + line for line in tried)]
        left = [f"if {truth} is None:", *otherwise, f"elif {truth}:", *inner]
        return [f"{truth} = None", *tried, *left]
    if test:
        return [f"if {test}:", *otherwise, f"elif {known.code}:", *inner]
    return [f"if {known.code}:", *inner]


class _OfElement(TwoValued):
    """Reads fields of the element as they are, and notes the tests that must fail before."""

    def __init__(self, tree: Tree, names: Names, element: Element, constants: Constants) -> None:
        super().__init__(tree, names)
        self._element, self._held = element, constants

    def _select_expr(self, node: Node) -> tuple[str, bool]:
        field_ = self._tree.field(node)
        root, _, below = (syntax.path(node.select_expr.operand) or "").partition(".")
        is_of_element = root == self._element.variable and self._tree.constant(node) is None
        if field_ is None or not is_of_element:
            return super()._select_expr(node)
        name = f"{below}.{field_.name}" if below else field_.name
        if node.select_expr.test_only:
            return self._element.present(name, field_), True
        if field_.is_repeated:
            return elements(attribute(self._element.message(below), field_.name), field_), True
        return self._value(name, field_), True

    def _value(self, name: str, field_: FieldDescriptor) -> str:
        """Read a field, which is known if the test that is noted fails."""
        if field_.message_type is not None and field_.message_type.name == "Decimal":
            raise NotCompilable  # may fail without being raised
        code = self._element.value(name, field_)
        is_told_by_value = field_.enum_type or not field_.has_presence
        there = code if is_told_by_value else self._element.present(name, field_)
        self.tests[f"not {there}"] = None
        return valued(code, field_)

    def _call_expr(self, node: Node) -> tuple[str, bool]:
        code, total = super()._call_expr(node)
        if total or not _is_constant(node) or BUDGET in code:
            return code, total
        variable = self._held.variables.setdefault(code, self._all.reads.variable())
        self.tests[failed(variable)] = None
        return variable, True


def _is_constant(node: Node) -> bool:
    return all(
        syntax.kind(inner) in PURE or inner.ident_expr.name == AS_OF for inner in syntax.walk(node)
    )
