"""What a missing case must show: a condition with some truth, or a mutant that differs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from dealgate.cases.coverage import Coverage
from dealgate.cases.gaps import Gap
from dealgate.cases.mutation.judging import JudgedFacts, MutantJudge
from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.mutation.survivors import evidence_of
from dealgate.cases.suggestion.distance import (
    Trees,
    Wish,
    all_of,
    differing,
    steps_to,
    unmasked,
    want,
)
from dealgate.judge import concluded
from dealgate.language import syntax
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.model.decision import AnyEvidence, Truth
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """`near` says from 0 to 1 how near facts come, `met` whether they are there.

    `trees` are the expressions whose facts matter; not `guided`, nothing tells how near they are.
    """

    near: Callable[[JudgedFacts], float]
    met: Callable[[JudgedFacts, int], bool]
    trees: Sequence[Tree]
    guided: bool = True


class Goals:
    """The goals of one rule set."""

    def __init__(self, kind: AnyKind, judge: MutantJudge, coverage: Coverage) -> None:
        """`judge` and `coverage` are of the same rule set."""
        self._kind = kind
        self._judge = judge
        self._coverage = coverage
        self._ruleset = judge.ruleset
        self._facts: Trees = {name: fact.tree for name, fact in judge.facts.items()}

    def of(self, about: Gap | Mutant) -> Goal:
        """Return what a case has to show for this to be found no more."""
        if isinstance(about, Gap):
            return self._seen(about)
        disturbed = self._judge.disturbed(about)

        def met(judged: JudgedFacts, as_of: int) -> bool:
            after = disturbed.judgements(judged)
            if after is judged.judgements and not about.claims:
                return False
            before = evidence_of(self._ruleset, judged.judgements, judged)
            then = evidence_of(about.ruleset, after, judged)
            if before is None or then is None:
                return before is not None
            return told_apart(before, then) or (
                self._outcome(self._ruleset, judged.facts, before, as_of)
                != self._outcome(about.ruleset, judged.facts, then, as_of)
            )

        trees = [Tree(ast) for ast in self._expressions(about)]
        wishes = self._wishes(about)
        return Goal(self._near(wishes), met, self._closed(trees), guided=bool(wishes))

    def _seen(self, gap: Gap) -> Goal:
        condition = gap.condition
        tree = self._tree(condition.path)
        steps = steps_to(tree.root, condition.node or 0) or ()
        node = next(node for node in syntax.walk(tree.root) if node.id == condition.node)
        wish = all_of(
            [want(tree, node, gap.truth, self._facts), unmasked(tree, steps, self._facts)]
        )
        return Goal(
            self._near([(condition.path, wish)]),
            lambda judged, as_of: self._coverage.shows(gap, judged.facts, as_of),
            self._closed([tree]),
        )

    def _outcome(
        self, ruleset: AnyRuleSet, facts: Message, evidence: AnyEvidence, as_of: int
    ) -> Any:
        try:
            return concluded(self._kind, ruleset, facts, evidence, as_of).answer.outcome
        except Exception as error:  # noqa: BLE001  # a disturbed parameter may break the kind
            return type(error)

    def _tree(self, path: Path) -> Tree:
        if path[0] == "facts":
            return self._facts[str(path[1])]
        rule = self._ruleset.rules[int(path[1])]
        expression = rule.each.items if path[2] == "each" and rule.each else rule.when
        if expression is None:
            raise LookupError(path)
        return Tree(expression.ast)

    def _expressions(self, mutant: Mutant) -> Iterator[bytes]:
        """Yield the expressions that a mutant touches, as they stand in the rule set."""
        section, *rest = mutant.path
        if section == "rules":
            rule = self._ruleset.rules[int(rest[0])]
            yield from (
                expression.ast
                for expression in (rule.when, rule.each and rule.each.items)
                if expression
            )
            return
        names = {str(rest[0])} if section in {"facts", "constants"} else set()
        for name, fact in self._judge.facts.items():
            if fact.mentions & names or name in names:
                names.add(name)
                yield self._ruleset.facts[name].ast
        for rule, run in zip(self._ruleset.rules, self._judge.rules, strict=True):
            if rule.when is not None and run.mentions & names:
                yield rule.when.ast

    def _closed(self, trees: Sequence[Tree]) -> Sequence[Tree]:
        """Return the trees with those of all named facts that they need."""
        closed, names = list(trees), set[str]()
        for tree in closed:
            for name in syntax.names(tree.root):
                if name in self._facts and name not in names:
                    names.add(name)
                    closed.append(self._facts[name])
        return closed

    def _near(self, wishes: Sequence[tuple[Path, Wish]]) -> Callable[[JudgedFacts], float]:
        """Return the best of wishes, each on what its rule is judged on."""

        def near(judged: JudgedFacts) -> float:
            return max((self._met(path, wish, judged) for path, wish in wishes), default=0.0)

        return near

    def _met(self, path: Path, wish: Wish, judged: JudgedFacts) -> float:
        if path[0] != "rules":
            return wish(Frame(judged.facts, judged.names))
        frames = self._judge.rules[int(path[1])].frames(judged.facts, judged.names)
        return max((wish(frame) for frame in frames), default=0.0)

    def _wishes(self, mutant: Mutant) -> list[tuple[Path, Wish]]:
        section = mutant.path[0]
        if section == "parameters":
            return []
        if section == "rules" and mutant.path[2] == "then":
            return list(self._claimed(int(mutant.path[1])))
        if section == "constants":
            return list(self._exposed(str(mutant.path[1]), []))
        tree, other = self._tree(mutant.path), _disturbed_tree(mutant)
        steps = steps_to(tree.root, mutant.node or 0) or ()
        local = [differing(tree, other, steps, self._facts), unmasked(tree, steps, self._facts)]
        if section == "facts":
            return list(self._exposed(str(mutant.path[1]), local))
        return [(mutant.path, all_of(local))]

    def _claimed(self, index: int) -> Iterator[tuple[Path, Wish]]:
        """Wish that a rule fire, or at least be undecided."""
        rule = self._ruleset.rules[index]
        if rule.when is not None:
            tree, path = Tree(rule.when.ast), ("rules", index, "when")
            for truth in (Truth.TRUE, Truth.UNKNOWN):
                yield path, want(tree, tree.root, truth, self._facts)

    def _exposed(self, name: str, local: Sequence[Wish]) -> Iterator[tuple[Path, Wish]]:
        """Wish that a rule be decided by a name, directly or through other named facts."""
        for index, run in enumerate(self._judge.rules):
            if run.when is not None and name in run.when.mentions:
                for wish in self._mentions(run.when.tree, name):
                    yield ("rules", index, "when"), all_of([*local, wish])
        for other, fact in self._judge.facts.items():
            if name in fact.mentions:
                for wish in self._mentions(fact.tree, name):
                    yield from self._exposed(other, [*local, wish])

    def _mentions(self, tree: Tree, name: str) -> Iterator[Wish]:
        for node in syntax.walk(tree.root):
            if syntax.kind(node) == "ident_expr" and node.ident_expr.name == name:
                yield unmasked(tree, steps_to(tree.root, node.id) or (), self._facts)


def _disturbed_tree(mutant: Mutant) -> Tree:
    section, name, *rest = mutant.path
    if section == "facts":
        return Tree(mutant.ruleset.facts[str(name)].ast)
    rule = mutant.ruleset.rules[int(name)]
    expression = rule.each.items if rest[0] == "each" and rule.each else rule.when
    if expression is None:
        raise LookupError(mutant.path)
    return Tree(expression.ast)


def told_apart(
    before: AnyEvidence, after: AnyEvidence, lists: Sequence[str] = ("fired", "undecided", "failed")
) -> bool:
    """Tell whether a case that lists its rules notices."""
    return any(_ids(getattr(before, word)) != _ids(getattr(after, word)) for word in lists)


def _ids(judged: Sequence[Any]) -> list[str]:
    return [entry.rule.id for entry in judged]
