"""Which rules and conditions the cases have seen true, false and unknown.

What cannot be is not demanded: a condition that reads no fact which may be missing where it is
judged is never unknown (see knowing.py), nor one whose facts the kind itself requires. Of a
condition that facts settle beforehand (see settled.py) nothing is demanded.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import Message

from dealgate.cases.chains import CONNECTIVES, links
from dealgate.cases.gaps import Condition, Gap, Key, Path
from dealgate.cases.knowing import Knowing, Paths
from dealgate.cases.offsets import begin
from dealgate.cases.running import Seen, runnable, runnable_rule
from dealgate.cases.settled import is_settled
from dealgate.engine.explain import truth_of
from dealgate.engine.native import constants_of
from dealgate.language import syntax
from dealgate.language.frame import Frame
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Node, Tree
from dealgate.language.text import text
from dealgate.language.values import Value
from dealgate.model.decision import Truth
from dealgate.model.rules import AnyRuleSet


@dataclass
class Coverage:
    """Takes note of what every case makes of every condition of a rule set.

    `required` are the paths of facts that the kind does not let be missing.
    """

    ruleset: AnyRuleSet
    conditions: Sequence[Condition] = field(init=False)

    def __post_init__(self) -> None:
        """Take the rule set apart."""
        rules, facts = self.ruleset.rules, self.ruleset.facts
        self._constants = constants_of(self.ruleset)
        self._facts = {name: runnable(fact, trace=True) for name, fact in facts.items()}
        self._rules = [runnable_rule(rule, trace=True) for rule in rules]
        self.conditions = tuple(self._conditions())
        # What no case has come to yet, by expression: where nothing is left, nobody need look.
        self._unseen: dict[Path, set[tuple[int | None, Truth]]] = {}
        for condition in self.conditions:
            demanded = {(condition.node, truth) for truth in self.demanded(condition, frozenset())}
            self._unseen.setdefault(condition.path, set()).update(demanded)

    def see(self, facts: Message, as_of: int) -> None:
        """Take note of what the facts make of each condition."""
        wanted = {path for path, unseen in self._unseen.items() if unseen}
        for (path, node), truth in self._seen_on(facts, as_of, wanted):
            self._unseen[path].discard((node, truth))

    def shows(self, gap: Gap, facts: Message, as_of: int) -> bool:
        """Tell whether the facts show what the gap lacks."""
        path = gap.condition.path
        return ((path, gap.condition.node), gap.truth) in self._seen_on(facts, as_of, {path})

    def _seen_on(
        self, facts: Message, as_of: int, wanted: Container[Path]
    ) -> Iterator[tuple[Key, Truth]]:
        """Yield what the facts make of the conditions in the expressions at the `wanted` paths."""
        names: dict[str, Value] = {**self._constants, AS_OF: as_of}
        for name, fact in self._facts.items():
            frame = Frame(facts, names, seen={})
            names[name] = fact.run(frame)
            if ("facts", name) in wanted:
                yield from _noted(("facts", name), frame.seen)
        for index, rule in enumerate(self._rules):
            path: Path = ("rules", index, "when")
            for frame in rule.frames(facts, names) if path in wanted else ():
                if rule.when is None:
                    yield (path, None), Truth.TRUE
                    continue
                frame.seen = {}
                rule.when.run(frame)
                yield from _noted(path, frame.seen)

    def demanded(self, condition: Condition, required: Paths) -> Sequence[Truth]:
        """Return what a condition has to be seen as."""
        if condition.node is None:
            return (Truth.TRUE,)
        known = (Truth.TRUE, Truth.FALSE)
        return (*known, Truth.UNKNOWN) if condition.causes - required else known

    def tally(self, required: Paths) -> tuple[int, Sequence[Gap]]:
        """Return how much is demanded, and what of it no case has seen."""
        demanded = [
            Gap(condition, truth)
            for condition in self.conditions
            for truth in self.demanded(condition, required)
        ]
        return len(demanded), [gap for gap in demanded if not self._has_seen(gap)]

    def _has_seen(self, gap: Gap) -> bool:
        return (gap.condition.node, gap.truth) not in self._unseen[gap.condition.path]

    @property
    def lists(self) -> Mapping[str, Paths]:
        """The lists that each variable of `each` and of a macro goes through, as paths."""
        lists: dict[str, Paths] = {}
        trees = [fact.tree for fact in self._facts.values()]
        trees += [rule.when.tree for rule in self._rules if rule.when is not None]
        trees += [rule.items.tree for rule in self._rules if rule.items is not None]
        loops = [loop for tree in trees for loop in _loops(tree)]
        loops += [(run.variable, run.items.tree.root) for run in self._rules if run.items]
        for variable, items in loops:
            lists[variable] = lists.get(variable, frozenset()) | frozenset(self._list_of(items))
        return lists

    def _list_of(self, items: Node) -> Iterator[str]:
        """Yield the path of the list that an expression takes elements from, if it is a fact's."""
        path = syntax.path(items)
        if path in self._facts:
            yield from self._list_of(self._facts[path].tree.root)
        elif syntax.kind(items) == "comprehension_expr":
            yield from self._list_of(items.comprehension_expr.iter_range)
        elif path is not None:
            yield path

    def _conditions(self) -> Iterator[Condition]:
        trees = {name: fact.tree for name, fact in self._facts.items()}
        causes_of: dict[str, Paths] = {}
        bound = frozenset(self._constants)
        for name, tree in trees.items():
            knowing = Knowing(tree, trees, causes_of, bound)
            causes_of[name] = knowing.visit(tree.root)
            yield from _within(tree, f"fact {name}", ("facts", name), knowing.causes)
        for index, (rule, run) in enumerate(zip(self.ruleset.rules, self._rules, strict=True)):
            path, subject = ("rules", index, "when"), f"rule {rule.id}"
            if run.when is None:
                yield Condition(subject, path, None, 0, "", root=True)
                continue
            knowing = Knowing(run.when.tree, trees, causes_of, bound | {run.variable})
            knowing.visit(run.when.tree.root)
            yield from _within(run.when.tree, subject, path, knowing.causes)


def _noted(path: Path, seen: Seen | None) -> Iterator[tuple[Key, Truth]]:
    return (((path, id_), truth_of(value)) for id_, value in (seen or {}).items())


def _loops(tree: Tree) -> Iterator[tuple[str, Node]]:
    for node in syntax.walk(tree.root):
        if syntax.kind(node) == "comprehension_expr" and not syntax.is_bind(node):
            loop = node.comprehension_expr
            yield loop.iter_var2 or loop.iter_var, loop.iter_range


def _within(
    tree: Tree, subject: str, path: Path, causes: Mapping[int, Paths]
) -> Iterator[Condition]:
    for node in _conditions_below(tree, tree.root):
        if is_settled(node):
            continue
        root = node is tree.root and path[0] == "rules"
        offset = begin(tree, node)
        yield Condition(subject, path, node.id, offset, text(node), root, causes[node.id])


def _conditions_below(tree: Tree, node: Node) -> Iterator[Node]:
    """Yield the outermost conditions, then those they are made of."""
    if tree.type(node) != "bool":
        # What a macro does with each element is its own affair.
        for child in [] if syntax.kind(node) == "comprehension_expr" else syntax.children(node):
            yield from _conditions_below(tree, child)
    elif syntax.kind(node) != "const_expr":
        yield node
        yield from _parts(tree, node)


def _parts(tree: Tree, node: Node) -> Iterator[Node]:
    """Yield the conditions that a condition is made of; what a `!` stands before is the same."""
    function = node.call_expr.function
    if function in CONNECTIVES:
        for leaf in links(node, function):
            yield from _conditions_below(tree, _bare(leaf))
    elif function == "_?_:_":
        for part in node.call_expr.args:
            yield from _conditions_below(tree, _bare(part))
    elif function == "!_":
        yield from _parts(tree, _bare(node))


def _bare(node: Node) -> Node:
    """Return the operand of the `!`, if there is one."""
    return _bare(node.call_expr.args[0]) if node.call_expr.function == "!_" else node
