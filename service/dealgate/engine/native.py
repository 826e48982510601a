"""The default engine: each rule set becomes one Python function.

The function reads every fact once and computes every condition in three values: what is missing or
fails is a value like any other (`statements.py`), and all rules over one list share one loop
(`loops.py`). The few nodes that are not written out are left to the exact evaluator, which is the
oracle that the whole is compared with.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from dealgate.engine.evidence import Gatherer, Judgement
from dealgate.engine.explain import Explainer
from dealgate.engine.hits import Hits
from dealgate.engine.recurring import Recurring
from dealgate.engine.writer import Writer
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.language.values import Value
from dealgate.model.decision import AnyEvidence, Explanation
from dealgate.model.rules import AnyRuleSet

# Raise it when the same facts and rules may give another answer: replays depend on it.
SEMANTICS = "native/2"


# Facts and the instant → what each rule came to, and the value of each fact that was read.
Fire: TypeAlias = Callable[[Message, int], tuple[list[Judgement], Sequence[Value]]]


class NativeEngine:
    """Fires rule sets in this process. Safe to use from anything: it holds compiled code only."""

    name = SEMANTICS

    def __init__(self) -> None:
        """Start with nothing compiled; a rule set is compiled when it is first fired."""
        # By identity: two rule sets of one name and digest may hold different rules, as a mutant
        # and its original do. The program holds its rule set, so no id is used twice.
        self._programs: dict[int, Program] = {}

    def prepare(self, ruleset: AnyRuleSet) -> "Program":
        """Compile a rule set once; called at load, so that no caller waits for it."""
        program = self._programs.get(id(ruleset))
        if program is None:
            program = self._programs[id(ruleset)] = compile_ruleset(ruleset)
        return program

    def keep(self, rulesets: Iterable[AnyRuleSet]) -> None:
        """Discard all other programs; one that is fired nevertheless is compiled again."""
        kept = {id(ruleset) for ruleset in rulesets}
        self._programs = {key: program for key, program in self._programs.items() if key in kept}

    async def fire(
        self, ruleset: AnyRuleSet, facts: Message, as_of: int, *, explain: bool
    ) -> AnyEvidence:
        """Judge every rule on these facts; see judge.Engine."""
        return self.prepare(ruleset).fire(facts, as_of, explain=explain)

    async def close(self) -> None:
        """Do nothing: compiled code holds no process and no file."""


@dataclass(frozen=True)
class Program:
    """A compiled rule set."""

    ruleset: AnyRuleSet
    constants: Mapping[str, Value]
    source: str
    run: Fire
    gather: Callable[[Sequence[Judgement], Sequence[Value], Sequence[Explanation]], AnyEvidence]

    @cached_property
    def explainer(self) -> Explainer:
        """How rules are explained; made when the first explanation is wanted."""
        return Explainer(self.ruleset, self.constants)

    def judge(self, facts: Message, as_of: int) -> tuple[list[Judgement], Sequence[Value]]:
        """Return what each rule came to, and the value of each fact that was read."""
        judgements, values = self.run(facts, as_of)
        return judgements, values

    def fire(self, facts: Message, as_of: int, *, explain: bool) -> AnyEvidence:
        """Return the evidence."""
        judgements, values = self.run(facts, as_of)
        explained = self.explainer.explain(facts, as_of, judgements) if explain else ()
        return self.gather(judgements, values, explained)

    def explain(self, facts: Message, as_of: int) -> tuple[Explanation, ...]:
        """Return how each rule was judged."""
        judgements, _ = self.judge(facts, as_of)
        return self.explainer.explain(facts, as_of, judgements)

    def evidence(
        self,
        judgements: Sequence[Judgement],
        values: Sequence[Value],
        explained: Sequence[Explanation],
    ) -> AnyEvidence:
        """Return the evidence for what each rule came to, after the tables' hit policies."""
        return self.gather(judgements, values, explained)


def constants_of(ruleset: AnyRuleSet) -> dict[str, Value]:
    """Evaluate a rule set's constants."""
    frame = Frame(Empty(), {})
    return {
        name: compile_exact(Tree(expression.ast))(frame)
        for name, expression in ruleset.constants.items()
    }


def compile_ruleset(ruleset: AnyRuleSet) -> Program:
    """Compile every expression of a rule set into one function."""
    constants = constants_of(ruleset)
    writer = Writer(ruleset.message, constants)
    for name, expression in ruleset.facts.items():
        writer.add_fact(name, expression)
    rows = {row.id for table in ruleset.tables for row in table.rows}
    for rule in ruleset.rules:
        if rule.id in rows:
            writer.add_row(rule)
        else:
            writer.add_rule(rule)
    source, scope = writer.source(), writer.scope()
    exec(compile(source, f"<{ruleset.name}>", "exec"), scope)  # noqa: S102  # made from the AST
    gather = Hits(ruleset).evidence if ruleset.tables else Gatherer(ruleset.rules).gather
    recurring = Recurring(ruleset.rules, gather)
    return Program(ruleset, constants, source, scope["fire"], recurring.gather)
