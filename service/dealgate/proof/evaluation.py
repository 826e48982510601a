"""The values of dimensions on concrete facts, by the engine's exact evaluator."""

from collections.abc import Sequence
from typing import Any, cast

from google.protobuf.message import Message

from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame, asked_frame
from dealgate.language.values import NoValue, value_of
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.dimensions import MONEY, Class, Dimension
from dealgate.proof.fact_paths import element
from dealgate.proof.kept import Kept
from dealgate.proof.samples import NO_VALUE, Value, amount, number
from dealgate.proof.terms import Term, Terms, held


class Evaluation:
    """Evaluates the terms of one rule set's conditions."""

    def __init__(self, ruleset: AnyRuleSet, terms: Terms, kept: Kept) -> None:
        """`kept` has what was compiled for the same kind before."""
        self._constants = terms.constants
        self._facts = {name: kept.evaluator(each.ast) for name, each in ruleset.facts.items()}
        self._compiled: dict[int, tuple[Term, Evaluator]] = {}

    def value(self, dimension: Dimension, facts: Message, as_of: int) -> Value:
        """Return the value of a dimension, as dimensions hold it; NO_VALUE if it has none."""
        if dimension.type == "message":
            return self._message(dimension.key, facts)
        if dimension.size_of is not None:
            listed = self.of(dimension.size_of, facts, as_of)
            return NO_VALUE if listed is NO_VALUE else len(cast("Sequence[object]", listed))
        if dimension.sides is not None:
            left, right = (self.of(side, facts, as_of) for side in dimension.sides)
            return self._between(dimension, left, right)
        return self.of(dimension.term, facts, as_of)

    def frame(self, facts: Message, as_of: int) -> Frame:
        """Return what expressions are evaluated on, named facts among it."""
        return asked_frame(facts, self._constants, as_of, self._facts)

    def of(self, term: Term, facts: Message, as_of: int) -> Value:
        """Return the value of a term; NO_VALUE if it has none."""
        frame = self.frame(facts, as_of)
        for variable, path in term.variables.items():
            inner = element(facts, path)
            if inner is None:
                return NO_VALUE
            frame.bound[variable] = value_of(inner) if isinstance(inner, Message) else inner
            frame.paths[variable] = path
        value = self._evaluator(term)(frame)
        return NO_VALUE if isinstance(value, NoValue) else held(value, term.type)

    def _evaluator(self, term: Term) -> Evaluator:
        if id(term) not in self._compiled:
            self._compiled[id(term)] = term, compile_exact(term.tree.at(term.node))
        return self._compiled[id(term)][1]

    def _message(self, path: str, facts: Message) -> Value:
        holder: Any = facts
        *above, name = path.split(".")
        for step in above:
            holder = element(holder, step) if step.endswith("[]") else getattr(holder, step)
            if holder is None:
                return NO_VALUE
        return True if holder.HasField(name) else NO_VALUE

    def _between(self, dimension: Dimension, left: Value, right: Value) -> Value:
        if left is NO_VALUE or right is NO_VALUE:
            return NO_VALUE
        if dimension.type != "sign":
            return cast("Value", number(left) - right)
        if isinstance(left, tuple) and left[0] != amount(right)[0]:
            return NO_VALUE
        return (number(left) > right) - (number(left) < right)


def class_of(dimension: Dimension, classes: Sequence[Class], value: Value) -> int | None:
    """Return the number of the class that holds a value; None if no class does."""
    other = None
    for index, class_ in enumerate(classes):
        if class_.other:
            other = index
        elif class_.sample is NO_VALUE or value is NO_VALUE:
            if class_.sample is value:
                return index
        elif class_.sample == value or (class_.is_interval and _within(dimension, class_, value)):
            return index
    return other


def _within(dimension: Dimension, item: Class, value: Value) -> bool:
    if dimension.type == MONEY and amount(value)[0] != amount(item.sample)[0]:
        return False
    above = item.low is None or number(value) > item.low
    return above and (item.high is None or number(value) < item.high)
