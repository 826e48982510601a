"""Rules that are judged once per element of a list: one loop a list, whatever the number of rules.

Most such rules begin with a test of one enum field ("x.type == DEMO && …"). Where that field is
known, an element is shown to the rules of its value alone; where it is not, to every rule.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from dealgate.engine.elements import Constants, chosen, conjuncts, of_element
from dealgate.engine.guards import guard_of
from dealgate.engine.names import Element, Names
from dealgate.engine.reads import attribute
from dealgate.engine.statements import (
    Statements,
    Term,
    combined,
    indented,
    literal,
)
from dealgate.language import syntax
from dealgate.language.syntax import Node, Tree
from dealgate.model.rules import AnyRule

# Each conjunct is written within the one before, with lines for three values of its own.
CONJUNCTS = 8
NAME = re.compile(r"\be_?\w+")


@dataclass(frozen=True, slots=True)
class Looped:
    """A rule of a loop, and the variable that collects (index, truth) of its elements."""

    variable: str
    rule: AnyRule


@dataclass(slots=True)
class Branches:
    """What is done with an element whose guarded field is known, and whose is not.

    `numbers` are those that rules ask more of an element for.
    """

    always: dict[int, list[str]] = field(default_factory=dict)
    guarded: list[str] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


class Loop:
    """Every rule over one list."""

    def __init__(self, items: Term, path: str, names: Names) -> None:
        """`items` is the list, `path` what its elements are reported under."""
        self._items = items
        self._path = path
        self._names = names
        self._rules: list[Looped] = []
        self._shared: AbstractSet[str] = frozenset()
        self._held = f"l_{names.reads.variable()}"
        self._constants = Constants()

    def add(self, variable: str, rule: AnyRule) -> None:
        """Judge a rule in this loop."""
        self._rules.append(Looped(variable, rule))

    def lines(self) -> list[str]:
        """Return the loop; afterwards every rule's variable holds what it came to."""
        reads: dict[str, tuple[str, str]] = {}
        body: list[str] = []
        branches: dict[str, Branches] = {}
        self._shared = shared_by(looped.rule for looped in self._rules)
        for looped in self._rules:
            self._judge(looped, reads, body, branches)
        for name, branch in branches.items():
            self._dispatch(name, self._value(reads, name), branch, body)
        hoisted = _read(reads.values(), body)
        names = "".join(f"{looped.variable}, " for looped in self._rules)
        start = [f"{names}= {self._held} = [{', '.join('[]' for _ in self._rules)}]"]
        loop = [f"for i, x in enumerate({self._items.code}):", *indented([*hoisted, *body])]
        whole = [*self._constants.lines(), *start, *loop]
        if not self._items.partial:
            return whole
        absent = [f"{looped.variable} = {self._items.code}" for looped in self._rules]
        test = f"if isinstance({self._items.code}, NoValue):"
        return [test, *indented(absent), "else:", *indented(whole)]

    def _judge(
        self,
        looped: Looped,
        reads: dict[str, tuple[str, str]],
        body: list[str],
        branches: dict[str, Branches],
    ) -> None:
        each, when = looped.rule.each, looped.rule.when
        if each is None or when is None:
            body.append(f"{looped.variable}.append((i, True))")
            return
        tree = Tree(when.ast)
        element = Element(each.variable, "x", self._path, reads, self._shared)
        whole = Statements(tree, self._names, element)
        judged = [*_kept(looped, whole.write(), whole)]
        guard = guard_of(tree, each.variable)
        if guard is None:
            body += self._known(looped, tree, element, conjuncts(tree.root), judged)
            return
        branch = branches.setdefault(guard.field, Branches())
        branch.unknown += judged
        if not guard.rest:
            for number in guard.numbers:
                branch.always.setdefault(number, []).append(looped.variable)
            return
        slow = self._rest(looped, tree, element, guard.rest)
        hit = self._known(looped, tree, element, guard.rest, slow)
        test = f"in {{{', '.join(map(literal, guard.numbers))}}}"
        value = self._value(reads, guard.field)
        branch.numbers.update(guard.numbers)
        branch.guarded += [f"if {value} {test}:", *indented(hit)]

    def _value(self, reads: dict[str, tuple[str, str]], name: str) -> str:
        unknown = self._names.reads.unknown_in(self._path, name)
        code = f"{attribute('x', name)} or {unknown}"
        return reads.setdefault(name, (f"e_{name}", f"({code})"))[0]

    def _known(
        self,
        looped: Looped,
        tree: Tree,
        element: Element,
        nodes: Sequence[Node],
        slow: list[str],
        asked: AbstractSet[str] = frozenset(),
    ) -> list[str]:
        """Judge conjuncts in two values where their facts are known, by the lines `slow` if not."""
        known = of_element(tree.at(nodes[0]), self._names, element, self._constants)
        if known is None or len(nodes) > CONJUNCTS:
            return slow
        rest, hit = nodes[1:], [f"{looped.variable}.append((i, True))"]
        if rest:
            three = self._rest(looped, tree, element, rest)
            hit = self._known(looped, tree, element, rest, three, asked | known.tests)
        return chosen(known, asked, self._names.reads.variable(), slow, hit)

    def _rest(
        self, looped: Looped, tree: Tree, element: Element, rest: Sequence[Node]
    ) -> list[str]:
        """Judge the conjuncts after the guard, which holds, from the left."""
        writing = Statements(tree, self._names, element)
        first = writing.write(rest[0])
        if len(rest) == 1:
            return _kept(looped, first, writing)
        truth = self._names.reads.variable()
        writing.lines.append(f"{truth} = {first.code}")
        partial = first.partial
        for node in rest[1:]:
            inner = Statements(tree, self._names, element)
            term = inner.write(node)
            left = Term(truth, partial)
            joined = combined(truth, left, term, absorbing=False, into=self._names.reads)
            writing.lines += [f"if {truth} is not False:", *indented([*inner.lines, *joined])]
            partial = partial or term.partial
        return _kept(looped, Term(truth, partial), writing)

    def _dispatch(self, name: str, value: str, branch: Branches, body: list[str]) -> None:
        """Write the choice by a guarded field into `body`."""
        known = list(branch.guarded)
        if len(branch.numbers) > 1:
            numbers = ", ".join(map(literal, sorted(branch.numbers)))
            known = [f"if {value} in {{{numbers}}}:", *indented(known)]
        if branch.always:
            table = f"d_{self._names.reads.variable()}_{name}"
            positions = {looped.variable: at for at, looped in enumerate(self._rules)}
            self._names.reads.literals[table] = {
                number: [positions[variable] for variable in variables]
                for number, variables in branch.always.items()
            }
            known += [
                f"for at in {table}.get({value}, ()):",
                f"    {self._held}[at].append((i, True))",
            ]
        body += [
            f"if isinstance({value}, NoValue):",
            *indented(branch.unknown),
            "else:",
            *indented(known),
        ]


def _read(reads: Iterable[tuple[str, str]], body: Iterable[str]) -> list[str]:
    """Write the reads that are mentioned: by the body of a loop, or by what is read after them."""
    lines, mentioned = list[str](), set(NAME.findall("\n".join(body)))
    for variable, code in reversed([*reads]):
        if variable in mentioned:
            lines.insert(0, f"{variable} = {code}")
            mentioned.update(NAME.findall(code))
    return lines


def _kept(looped: Looped, term: Term, writing: Statements) -> list[str]:
    """Keep what the element came to, unless it is false."""
    truth = writing.assign(term)
    kept = f"    {looped.variable}.append((i, {truth}))"
    return [*writing.lines, f"if {truth} is not False:", kept]


def shared_by(rules: Iterable[AnyRule]) -> frozenset[str]:
    """Return what is mentioned more than once of an element by rules that judge every one."""
    mentions: Counter[str] = Counter()
    for rule in rules:
        if rule.each is None or rule.when is None:
            continue
        tree = Tree(rule.when.ast)
        if guard_of(tree, rule.each.variable) is None:
            mentions.update(_below(tree.root, f"{rule.each.variable}."))
    return frozenset(path for path, times in mentions.items() if times > 1)


def _below(root: Node, start: str) -> Iterator[str]:
    for node in syntax.walk(root):
        if syntax.kind(node) == "select_expr":
            path = f"{syntax.path(node.select_expr.operand)}.{node.select_expr.field}"
            if path.startswith(start):
                yield path.removeprefix(start)
