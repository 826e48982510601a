"""The engine's word on a witness: the result of a rule on concrete facts.

Rules are judged one at a time, by the exact evaluator that the engine is defined by, because a
table of a thousand rows takes seconds to compile and a question is about a few of them. Where
compiling is cheap, the compiled rule set is asked as well and must say the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from google.protobuf.message import Message

from dealgate.engine.native import Program, compile_ruleset
from dealgate.language.evaluators import Evaluator
from dealgate.language.frame import Frame, asked_frame
from dealgate.language.values import NoValue, Value, elements
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRule, AnyRuleSet
from dealgate.proof.kept import Kept
from dealgate.proof.terms import Terms
from dealgate.proof.witness import Witness

COMPILED = 200  # rules; beyond, only the exact evaluator judges


class Verdicts:
    """The results of rules on one witness, by id."""

    def __init__(self, truths: Callable[[str], Sequence[Value]]) -> None:
        """`truths` returns what a rule came to: one value, or one for each element."""
        self._truths = truths

    def fires(self, *ids: str) -> bool:
        """Tell whether all of these fire."""
        return all(any(truth is True for truth in self._truths(id_)) for id_ in ids)

    def any_fires(self, ids: Sequence[str]) -> bool:
        """Tell whether any of these fires."""
        return any(self.fires(id_) for id_ in ids)

    def is_false(self, *ids: str) -> bool:
        """Tell whether all of these are false: neither true nor undecided nor failed."""
        return all(all(truth is False for truth in self._truths(id_)) for id_ in ids)


Confirm = Callable[[Verdicts], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """A witness as rules see it, with the values of the names that were asked for."""

    facts: Message
    frame: Frame
    as_of: int


class WitnessJudge:
    """Judges the rules of one rule set."""

    def __init__(
        self,
        ruleset: AnyRuleSet,
        terms: Terms,
        kind: AnyKind,
        compiled: int = COMPILED,
        kept: Kept | None = None,
    ) -> None:
        """`kind` computes facts from others, as it does before a decision; `kept` has some."""
        self._kept = kept or Kept(kind)
        self._most = compiled
        self._kind = kind
        self._ruleset = ruleset
        self._constants = terms.constants
        compiled_of = self._kept.evaluator
        self._facts = {name: compiled_of(fact.ast) for name, fact in ruleset.facts.items()}
        self._rules = {rule.id: rule for rule in ruleset.rules}
        self._number = {rule.id: number for number, rule in enumerate(ruleset.rules)}
        self._evaluators: dict[str, tuple[Evaluator | None, Evaluator | None]] = {}
        self._program: Program | None = None

    def known(self, witness: Witness) -> Known:
        """Return a witness as rules see it: what follows from it may be dear to compute."""
        sent, as_of = witness.facts, witness.as_of
        derive = partial(self._kind.known, sent, self._ruleset.parameters, as_of)
        facts = self._kept.known(sent, as_of, derive)
        frame = asked_frame(facts, self._constants, witness.as_of, self._facts)
        return Known(facts, frame, witness.as_of)

    def agrees(self, known: Known, confirm: Confirm) -> bool:
        """Tell whether the engine says of a witness what is expected."""
        if not confirm(Verdicts(lambda id_: self._truths(id_, known.frame))):
            return False
        return len(self._rules) > self._most or confirm(self._compiled(known.facts, known.as_of))

    def _compiled(self, facts: Message, as_of: int) -> Verdicts:
        if self._program is None:
            self._program = compile_ruleset(self._ruleset)
        judgements, _ = self._program.judge(facts, as_of)

        def truths(id_: str) -> Sequence[Value]:
            truths = judgements[self._number[id_]]
            return [truth for _, truth in truths] if isinstance(truths, list) else [truths]

        return Verdicts(truths)

    def _truths(self, id_: str, frame: Frame) -> Sequence[Value]:
        rule = self._rules[id_]
        items, when = self._evaluator(rule)
        if rule.each is None or items is None:
            return [_truth(when, Frame(frame.facts, frame.names))]
        listed = items(frame)
        if isinstance(listed, NoValue):
            return [listed]
        bound = ({rule.each.variable: element} for element in elements(listed))
        return [_truth(when, Frame(frame.facts, frame.names, name)) for name in bound]

    def _evaluator(self, rule: AnyRule) -> tuple[Evaluator | None, Evaluator | None]:
        if rule.id not in self._evaluators:
            items = self._kept.evaluator(rule.each.items.ast) if rule.each else None
            when = self._kept.evaluator(rule.when.ast) if rule.when else None
            self._evaluators[rule.id] = items, when
        return self._evaluators[rule.id]


def _truth(when: Evaluator | None, frame: Frame) -> Value:
    return True if when is None else when(frame)
