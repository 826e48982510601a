"""Writes a rule set as the text of one Python function, and names what the text mentions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import Descriptor

from dealgate.engine.emit import BUDGET
from dealgate.engine.known import known
from dealgate.engine.loops import Loop
from dealgate.engine.names import Element, Names
from dealgate.engine.reads import Reads, decimal_or_failure, missing
from dealgate.engine.statements import Statements, Term, indented
from dealgate.language import syntax, values
from dealgate.language.budget import Budget, read_through
from dealgate.language.evaluators import Evaluator, both, either
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.operations import NAMES
from dealgate.language.origins import element_path
from dealgate.language.syntax import Tree
from dealgate.language.text import text
from dealgate.language.values import Value
from dealgate.model.rules import AnyRule, Each, Expression

CELL = re.compile(r"\bc\d+\b")
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
    "CelError": values.CelError,
    "CurrenciesDiffer": values.CurrenciesDiffer,
    "Failure": values.Failure,
    "Budget": Budget,
    "Frame": Frame,
    "NoValue": values.NoValue,
    "LEAVE": (values.CelError, values.MissingFact),
}


class Lazily:
    """An exact evaluator, compiled when it is first needed: most never are."""

    def __init__(self, tree: Tree) -> None:
        """Keep the tree until then."""
        self._tree = tree
        self._evaluate: Evaluator | None = None

    def __call__(self, frame: Frame) -> Value:
        """Evaluate."""
        if self._evaluate is None:
            self._evaluate = compile_exact(self._tree)
        return self._evaluate(frame)


@dataclass(slots=True)
class Choice:
    """Lines for facts that may be missing, and for facts that are all there; where they stand."""

    test: str
    start: int
    end: int = 0
    slow: list[str] = field(default_factory=list)
    quick: list[str] = field(default_factory=list)


class Writer:
    """Writes the function `fire(facts, as_of)`."""

    def __init__(self, message: Descriptor, constants: Mapping[str, Value]) -> None:
        """`message` describes the facts; `constants` are the values of constant names."""
        self._constants = constants
        self._reads = Reads(message)
        self._names = Names(self._reads, constants, self._leave)
        self._exact: list[Evaluator] = []
        self._lines: list[str] = []
        self._judged: list[str] = []
        self._cells: dict[str, str] = {}
        self._loops: dict[str, Loop] = {}
        self._choice = Choice("", 0)

    def add_fact(self, name: str, expression: Expression) -> None:
        """Evaluate a named fact; later expressions may read it."""
        variable = f"n_{name}"
        if self._assign(variable, Tree(expression.ast)).partial:
            self._names.partial.add(variable)
        self._names.facts[name] = variable

    def add_rule(self, rule: AnyRule) -> None:
        """Judge a rule."""
        variable = self._judge()
        if rule.each is not None:
            self._loop(rule.each).add(variable, rule)
        elif rule.when is None:
            self._lines.append(f"{variable} = True")
        else:
            self._assign(variable, Tree(rule.when.ast))

    def add_row(self, rule: AnyRule) -> None:
        """Judge a row of a table: what rows have in common is judged once for all of them."""
        if rule.each is not None or rule.when is None:
            self.add_rule(rule)
            return
        joined = self._joined(Tree(rule.when.ast))
        cells = dict.fromkeys(CELL.findall(joined))
        code = joined
        if len(cells) > 1:
            code = f"False if {' or '.join(f'{cell} is False' for cell in cells)} else {joined}"
        self._lines.append(f"{self._judge()} = {code}")

    def _judge(self) -> str:
        """Return the variable of the next rule."""
        self._judged.append(f"r{len(self._judged)}")
        return self._judged[-1]

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

    def _assign(self, variable: str, tree: Tree) -> Term:
        writing = Statements(tree, self._names)
        term = writing.write()
        lines = [*writing.lines, f"{variable} = {term.code}"]
        quick = known(tree, self._names) if term.partial and writing.lines else None
        if quick is None:
            self._lines += lines
        else:
            self._choose(f"if {' or '.join(quick.tests)}:", lines, f"{variable} = {quick.code}")
        return term

    def _choose(self, test: str, slow: Sequence[str], quick: str) -> None:
        """Write a choice; one that follows another by the same test is joined to it."""
        last = self._choice
        if last.test == test and last.end == len(self._lines):
            del self._lines[last.start :]
        else:
            last = Choice(test, len(self._lines))
        last.slow += slow
        last.quick.append(quick)
        self._lines += [test, *indented(last.slow), "else:", *indented(last.quick)]
        last.end = len(self._lines)
        self._choice = last

    def _loop(self, loop: Each) -> Loop:
        """Return the loop over a list, which it shares with every rule over the same list."""
        tree = Tree(loop.items.ast)
        path = element_path(tree, loop.variable)
        key = f"{path} {text(tree.root)}"
        if key not in self._loops:
            variable = f"items{len(self._loops)}"
            items = self._assign(variable, tree)
            self._reads.walk(items.code)
            self._loops[key] = Loop(Term(variable, items.partial), path, self._names)
        return self._loops[key]

    def _leave(self, tree: Tree, element: Element | None) -> str:
        """Write a call of the exact evaluator."""
        self._exact.append(Lazily(tree))
        facts = self._names.facts.items()
        names = "".join(f", {name!r}: {variable}" for name, variable in facts)
        bound = ""
        if element is not None:
            variable = repr(element.variable)
            bound = f", {{{variable}: {element.code}}}, {{{variable}: {element.path_code}}}"
        paid = f", budget={BUDGET}" if _is_paid(tree) else ""
        frame = f"Frame(facts, {{**CONSTANTS, 'as_of': as_of{names}}}{bound}{paid})"
        return f"EXACT[{len(self._exact) - 1}]({frame})"

    def source(self) -> str:
        """Return the function: what each rule came to, and the value of each fact read."""
        loops = [line for loop in self._loops.values() for line in loop.lines()]
        reads = [fact.variable for fact in self._reads.facts.values()]
        result = f"return [{', '.join(self._judged)}], ({''.join(f'{read}, ' for read in reads)})"
        body = [*self._reads.written(), *self._lines, *loops, result]
        if any(BUDGET in line for line in body):
            body.insert(0, f"{BUDGET} = Budget()")
        return "\n".join(["def fire(facts, as_of):", *indented(body)]) + "\n"

    def scope(self) -> dict[str, Any]:
        """Return every name that the text mentions; after `source`."""
        unknowns = {f"u_{fact.variable}": fact.unknown for fact in self._reads.facts.values()}
        constants = {f"k_{name}": value for name, value in self._constants.items()}
        return {
            **SCOPE,
            **self._reads.literals,
            **self._names.sets,
            **unknowns,
            **constants,
            "EXACT": self._exact,
            "CONSTANTS": dict(self._constants),
        }


def _is_paid(tree: Tree) -> bool:
    """Tell whether evaluating a tree may take steps that are counted."""
    return any(
        syntax.kind(node) == "comprehension_expr"
        or (syntax.kind(node) == "call_expr" and read_through(tree, node))
        for node in syntax.walk(tree.root)
    )
