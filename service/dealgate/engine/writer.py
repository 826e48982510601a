"""Writes a rule set as the text of one Python function, and names what the text mentions."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor

from dealgate.engine.emit import Block, Emitter, NotCompilable
from dealgate.engine.reads import Reads, decimal_or_failure, missing
from dealgate.language import syntax, values
from dealgate.language.exact import Evaluator, both, compile_exact, either
from dealgate.language.frame import Frame
from dealgate.language.operations import NAMES
from dealgate.language.syntax import Tree
from dealgate.language.text import text
from dealgate.language.values import Value
from dealgate.model.rules import AnyRule, Each, Expression

LAZY = ("_&&_", "_||_", "_?_:_")
CELL = re.compile(r"\bc\d+\b")
CONNECTIVES = {"_&&_": "both", "_||_": "either"}


CONVERSIONS = {f"as_{each.__name__}": each for each in values.CONVERSIONS.values()}
# What the text of a compiled function may mention, besides the facts it reads and its constants.
SCOPE: dict[str, Any] = {
    **NAMES,
    **CONVERSIONS,
    "as_decimal": decimal_or_failure,
    "missing": missing,
    "both": both,
    "either": either,
    "first_without_value": values.first_without_value,
    "Frame": Frame,
    "NoValue": values.NoValue,
    "LEAVE": (values.CelError, values.MissingFact),
}


class Writer:
    """Writes the function `fire(facts, as_of)`."""

    def __init__(self, message: Descriptor, constants: Mapping[str, Value]) -> None:
        """`message` describes the facts; `constants` are the values of constant names."""
        self._constants = constants
        self._reads = Reads(message)
        self._names: dict[str, str] = {}
        self._exact: list[Evaluator] = []
        self._lines: list[str] = []
        self._judged: list[str] = []
        self._cells: dict[str, str] = {}

    def add_fact(self, name: str, expression: Expression) -> None:
        """Evaluate a named fact; later expressions may read it."""
        variable = f"n_{name}"
        self._assign(variable, Tree(expression.ast))
        self._names[name] = variable

    def add_rule(self, rule: AnyRule) -> None:
        """Judge a rule."""
        variable = f"r{len(self._judged)}"
        self._judged.append(variable)
        if rule.each is not None:
            self._loop(variable, rule, rule.each)
        elif rule.when is None:
            self._lines.append(f"{variable} = True")
        else:
            self._assign(variable, Tree(rule.when.ast))

    def add_row(self, rule: AnyRule) -> None:
        """Judge a row of a table: what rows have in common is judged once for all of them."""
        if rule.each is not None or rule.when is None:
            self.add_rule(rule)
            return
        variable = f"r{len(self._judged)}"
        self._judged.append(variable)
        tree = Tree(rule.when.ast)
        joined = self._joined(tree)
        cells = dict.fromkeys(CELL.findall(joined))
        code = joined
        if len(cells) > 1:
            code = f"False if {' or '.join(f'{cell} is False' for cell in cells)} else {joined}"
        self._lines.append(f"{variable} = {code}")

    def _joined(self, tree: Tree) -> str:
        """Return a condition's cells as they are joined by `&&`."""
        if tree.root.call_expr.function == "_&&_":
            sides = [self._joined(tree.at(side)) for side in syntax.operands(tree.root)]
            return f"both({', '.join(sides)})"
        key = text(tree.root)
        if key not in self._cells:
            self._cells[key] = f"c{len(self._cells)}"
            self._assign(self._cells[key], tree)
        return self._cells[key]

    def _emit(self, tree: Tree, bound: dict[str, str] | None = None) -> Block | None:
        try:
            return Emitter(tree, self._reads, self._names, self._constants).emit(bound)
        except NotCompilable:
            return None

    def _assign(self, variable: str, tree: Tree) -> None:
        block = self._emit(tree)
        slow = f"{variable} = {self._leave(tree)}"
        if block is None:
            self._lines.append(slow)
            return
        fast = [f"{variable} = {block.code}"]
        if not block.total:
            fast = ["try:", *_indent(fast), "except LEAVE:", f"    {slow}"]
        self._lines += self._guarded(block, fast, lambda: self._without(variable, tree, block))

    def _guarded(self, block: Block, fast: list[str], slow: Callable[[], list[str]]) -> list[str]:
        if not block.needs:
            return fast
        return [f"if {self._known(block.needs)}:", *_indent(fast), "else:", *_indent(slow())]

    def _without(self, variable: str, tree: Tree, block: Block) -> list[str]:
        """Write what an expression comes to when one of the facts it needs is missing."""
        if is_strict(tree) and (block.total or is_flat(tree)):
            needs = ", ".join(block.needs)
            single = len(block.needs) == 1
            return [f"{variable} = {needs if single else f'first_without_value(({needs}))'}"]
        function = tree.root.call_expr.function
        if function not in CONNECTIVES:
            return [f"{variable} = {self._leave(tree)}"]
        sides = [f"{variable}_{side}" for side in range(2)]
        above, self._lines = self._lines, []
        for side, operand in zip(sides, syntax.operands(tree.root), strict=True):
            self._assign(side, tree.at(operand))
        below, self._lines = self._lines, above
        return [*below, f"{variable} = {CONNECTIVES[function]}({', '.join(sides)})"]

    def _known(self, variables: Sequence[str]) -> str:
        return " and ".join(
            f"not isinstance({each}, NoValue)"
            if each in self._fallible()
            else f"{each} is not u_{each}"
            for each in variables
        )

    def _fallible(self) -> set[str]:
        # A named fact can lack a value for several reasons, and a conversion can fail.
        fallible = {each.variable for each in self._reads.facts.values() if each.fallible}
        return fallible | set(self._names.values())

    def _leave(self, tree: Tree, each: str = "") -> str:
        self._exact.append(compile_exact(tree))
        names = "".join(f", {name!r}: {variable}" for name, variable in self._names.items())
        frame = f"Frame(facts, {{**CONSTANTS, 'as_of': as_of{names}}}{each})"
        return f"EXACT[{len(self._exact) - 1}]({frame})"

    def _loop(self, variable: str, rule: AnyRule, each: Each) -> None:
        items = Tree(each.items.ast)
        self._assign(f"{variable}_items", items)
        if rule.when is None:
            body = [f"{variable}.append((i, True))"]
        else:
            path = syntax.path(items.root) or each.variable
            bound = f", {{{each.variable!r}: x}}, {{{each.variable!r}: f'{path}[{{i}}]'}}"
            body = self._element(Tree(rule.when.ast), each.variable, bound)
            body += ["if t is not False:", f"    {variable}.append((i, t))"]
        self._lines += [
            f"if isinstance({variable}_items, NoValue):",
            f"    {variable} = {variable}_items",
            "else:",
            f"    {variable} = []",
            f"    for i, x in enumerate({variable}_items):",
            *_indent(_indent(body)),
        ]

    def _element(self, tree: Tree, variable: str, bound: str) -> list[str]:
        block = self._emit(tree, {variable: "x"})
        slow = [f"t = {self._leave(tree, bound)}"]
        if block is None:
            return slow
        fast = [f"t = {block.code}"]
        if not block.total:
            fast = ["try:", *_indent(fast), "except LEAVE:", *_indent(slow)]
        return self._guarded(block, fast, lambda: slow)

    def source(self) -> str:
        """Return the function: what each rule came to, and the value of each fact read."""
        reads = [each.variable for each in self._reads.facts.values()]
        body = [*self._reads.lines, *self._lines]
        result = f"return [{', '.join(self._judged)}], ({''.join(f'{each}, ' for each in reads)})"
        return "\n".join(["def fire(facts, as_of):", *_indent([*body, result])]) + "\n"

    def scope(self) -> dict[str, Any]:
        """Return every name that the text mentions."""
        unknowns = {f"u_{each.variable}": each.unknown for each in self._reads.facts.values()}
        constants = {f"k_{name}": value for name, value in self._constants.items()}
        return {
            **SCOPE,
            **self._reads.literals,
            **unknowns,
            **constants,
            "EXACT": self._exact,
            "CONSTANTS": dict(self._constants),
        }


def is_strict(tree: Tree) -> bool:
    """Tell whether every operand is needed whatever the others are, so unknown stays unknown."""
    return not any(
        syntax.kind(node) == "comprehension_expr"
        or (syntax.kind(node) == "call_expr" and node.call_expr.function in LAZY)
        for node in syntax.walk(tree.root)
    )


def is_flat(tree: Tree) -> bool:
    """Tell whether nothing below the outermost operation can fail before a fact is missed."""
    return all(
        syntax.kind(node) in ("const_expr", "ident_expr")
        or (syntax.kind(node) == "select_expr" and tree.field(node) is not None)
        or syntax.is_literal_call(node)
        for operand in syntax.children(tree.root)
        for node in syntax.walk(operand)
    )


def _indent(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines]
