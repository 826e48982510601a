"""Facts as the fields that a network reads: generated names, clamped numbers, null for unknown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf.message import Message

from dealgate.engine.evidence import Judgement
from dealgate.engine.native import Program, compile_ruleset, constants_of
from dealgate.engine.rete.conditions import LARGEST_INT, LONGEST_STRING
from dealgate.engine.rete.lint import LintFinding, lint
from dealgate.engine.rete.networks import Emitter, Group, Network
from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame, named_frame
from dealgate.language.syntax import Tree
from dealgate.language.values import NoValue, Value, elements
from dealgate.model.errors import RuleSetUnusable
from dealgate.model.rules import AnyRule, AnyRuleSet


@dataclass(frozen=True, slots=True)
class Input:
    """One network's fields, of one element if it is judged over a list."""

    network: int
    element: int | None
    fields: Mapping[str, Any]


def projected(value: Value) -> str | int | None:
    """Return a value in the form that the library compares with literals as CEL does.

    What is beyond every literal stays beyond it when cut; null matches nothing, not even `!=`.
    """
    if isinstance(value, NoValue):
        return None
    if isinstance(value, str):
        return value if len(value) <= LONGEST_STRING else "~" * (LONGEST_STRING + 1)
    if isinstance(value, bool):
        return value
    return max(-LARGEST_INT, min(LARGEST_INT, cast("int", value)))


@dataclass(frozen=True, slots=True)
class Projection:
    """What a group's networks read: from the facts, or from every element of a list.

    `networks` has the fields of each network, with its number.
    """

    variable: str
    items: Evaluator | None
    reads: Mapping[str, Evaluator]
    networks: Mapping[int, Sequence[str]]

    def inputs(self, frame: Frame) -> Iterator[Input]:
        """Yield the fields of every network."""
        for element, on in self._frames(frame):
            values = {name: projected(read(on)) for name, read in self.reads.items()}
            for number, names in self.networks.items():
                yield Input(number, element, {name: values[name] for name in names})

    def _frames(self, frame: Frame) -> Iterator[tuple[int | None, Frame]]:
        if self.items is None:
            yield None, frame
            return
        for element, value in enumerate(elements(self.items(frame))):
            yield element, Frame(frame.facts, frame.names, {self.variable: value})


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule set for both engines; `name` is what the child process knows its networks by."""

    name: str
    program: Program
    constants: Mapping[str, Value]
    named: Mapping[str, Evaluator]
    networks: Sequence[Network]
    projections: Sequence[Projection]

    def inputs(self, facts: Message, as_of: int) -> list[Input]:
        """Project facts onto every network."""
        frame = named_frame(facts, self.constants, as_of, self.named)
        return [found for projection in self.projections for found in projection.inputs(frame)]

    def expected(self, judgements: Sequence[Judgement]) -> set[tuple[int, int | None]]:
        """Return what the native engine says fires: rule and element, both counted from 0."""
        rules = self.program.ruleset.rules
        found: set[tuple[int, int | None]] = set()
        for rule, judgement in enumerate(judgements):
            if rules[rule].when is not None and isinstance(judgement, list):
                found |= {(rule, element) for element, truth in judgement if truth is True}
            elif rules[rule].when is not None and judgement is True:
                found.add((rule, None))
        return found


def compile_rete(ruleset: AnyRuleSet, name: str) -> Compiled:
    """Compile a rule set; raises RuleSetUnusable naming every rule beyond the limits, and why."""
    constants = constants_of(ruleset)
    networks: list[Network] = []
    projections: list[Projection] = []
    for group in _groups(ruleset, constants):
        compiled = dict(enumerate(group.networks(), start=len(networks)))
        networks += compiled.values()
        projections.append(_projection(group, compiled))
    _refuse(ruleset, [finding for network in networks for finding in lint(network)])
    named = {name: compile_exact(Tree(fact.ast)) for name, fact in ruleset.facts.items()}
    return Compiled(name, compile_ruleset(ruleset), constants, named, networks, projections)


def _groups(ruleset: AnyRuleSet, constants: Mapping[str, Value]) -> Sequence[Group]:
    groups: dict[tuple[str, str] | None, Group] = {}
    for number, rule in enumerate(ruleset.rules):
        if rule.when is not None:
            group = groups.setdefault(_over(rule), Group(rule.each))
            tree = Tree(rule.when.ast)
            group.conditions[f"r{number}"] = Emitter(tree, group, constants).emit(tree.root)
    return list(groups.values())


def _over(rule: AnyRule) -> tuple[str, str] | None:
    return (rule.each.variable, rule.each.items.source) if rule.each else None


def _projection(group: Group, networks: Mapping[int, Network]) -> Projection:
    fields = {number: network.fields for number, network in networks.items()}
    if group.each is None:
        return Projection("", None, group.reads, fields)
    items = compile_exact(Tree(group.each.items.ast))
    return Projection(group.each.variable, items, group.reads, fields)


def _refuse(ruleset: AnyRuleSet, findings: Sequence[LintFinding]) -> None:
    if findings:
        reasons = [f"rule {ruleset.rules[int(f.rule[1:])].id} {f.reason}" for f in findings]
        advice = "the engine rete cannot judge it, the engine native can"
        raise RuleSetUnusable(ruleset.name, f"{'; '.join(reasons)} ({advice})")
