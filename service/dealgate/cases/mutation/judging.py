"""Cases judged by the exact evaluator, and by a mutant: again only what depends on the change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from dealgate.cases.mutation.mutants import Mutant
from dealgate.cases.running import Runnable, RunnableRule, runnable, runnable_rule
from dealgate.engine.evidence import Judgement
from dealgate.engine.native import Program, compile_ruleset, constants_of
from dealgate.language.evaluators import Evaluator
from dealgate.language.frame import Frame, named_frame
from dealgate.language.values import Value
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.model.texts import told


@dataclass(frozen=True, slots=True)
class JudgedFacts:
    """Facts, the value of every name on them, the result of each rule, and the facts read.

    `told` are the facts before anything was derived from them.
    """

    told: Message
    facts: Message
    names: Mapping[str, Value]
    judgements: Sequence[Judgement]
    read: Sequence[Value]


class MutantJudge:
    """Judges facts by one rule set, and by its mutants."""

    def __init__(self, kind: AnyKind, ruleset: AnyRuleSet) -> None:
        """Compile the rule set."""
        self.kind = kind
        self.ruleset = ruleset
        self._program: Program = compile_ruleset(ruleset)
        self._constants = constants_of(ruleset)
        self.facts = {name: runnable(fact) for name, fact in ruleset.facts.items()}
        self._named = {name: fact.run for name, fact in self.facts.items()}
        self.rules = [runnable_rule(rule) for rule in ruleset.rules]

    def judged(self, sent: Message, as_of: int) -> JudgedFacts:
        """Return what the rule set itself makes of the facts that were sent."""
        known = told(sent)
        return self._judged(known, self.kind.derived(known, self.ruleset.parameters, as_of), as_of)

    def under(self, parameters: Any, judged: JudgedFacts, as_of: int) -> JudgedFacts:
        """Return what it makes of them by other `parameters`, from which other facts may follow."""
        facts = self.kind.derived(judged.told, parameters, as_of)
        return judged if facts == judged.facts else self._judged(judged.told, facts, as_of)

    def _judged(self, known: Message, facts: Message, as_of: int) -> JudgedFacts:
        frame = named_frame(facts, self._constants, as_of, self._named)
        judgements, read = self._program.judge(facts, as_of)
        return JudgedFacts(known, facts, frame.names, judgements, read)

    def disturbed(self, mutant: Mutant) -> "Disturbed":
        """Return the same for a mutant of the rule set."""
        part, name = mutant.path[0], mutant.path[1] if len(mutant.path) > 1 else ""
        if part == "rules" and mutant.path[2] in {"when", "each"}:
            rule = mutant.ruleset.rules[int(name)]
            return Disturbed(self.facts, self.rules, {int(name): runnable_rule(rule)})
        if part == "constants":
            constant = runnable(mutant.ruleset.constants[str(name)]).run
            return Disturbed(self.facts, self.rules, {}, {str(name): constant})
        if part == "facts":
            fact = runnable(mutant.ruleset.facts[str(name)]).run
            return Disturbed(self.facts, self.rules, {}, {str(name): fact})
        return Disturbed(self.facts, self.rules, {})


class Disturbed:
    """A mutant, ready to judge what the rule set has judged before."""

    def __init__(
        self,
        facts: Mapping[str, Runnable],
        rules: Sequence[RunnableRule],
        other_rules: Mapping[int, RunnableRule],
        other_names: Mapping[str, Evaluator] | None = None,
    ) -> None:
        """`other_rules` and `other_names` stand for those of the rule set."""
        self._facts = facts
        self._rules = rules
        self._other_rules = other_rules
        self._other_names = other_names or {}

    def judgements(self, judged: JudgedFacts) -> Sequence[Judgement]:
        """Return what the mutant makes of the same facts; unchanged, it is the same object."""
        names, changed = self._names(judged)
        judgements = list(judged.judgements)
        for index, rule in self._affected(changed):
            judgements[index] = rule.judge(judged.facts, names)
        return judged.judgements if _same(judgements, judged.judgements) else judgements

    def _names(self, judged: JudgedFacts) -> tuple[Mapping[str, Value], set[str]]:
        """Return the values of all names, and which of them differ."""
        if not self._other_names:
            return judged.names, set()
        names, changed = dict(judged.names), set[str]()
        for name, run in self._other_names.items():
            self._set(name, run(Frame(judged.facts, judged.names)), names, changed)
        for name, fact in self._facts.items():
            if name not in self._other_names and fact.mentions & changed:
                self._set(name, fact.run(Frame(judged.facts, names)), names, changed)
        return names, changed

    def _set(self, name: str, value: Value, names: dict[str, Value], changed: set[str]) -> None:
        if not _same(value, names[name]):
            names[name] = value
            changed.add(name)

    def _affected(self, changed: set[str]) -> Iterator[tuple[int, RunnableRule]]:
        yield from self._other_rules.items()
        if changed:
            for index, rule in enumerate(self._rules):
                if rule.mentions & changed:
                    yield index, rule


def _same(value: Value, other: Value) -> bool:
    """Tell whether two values are one; 1 and True are not."""
    return type(value) is type(other) and bool(value == other)
