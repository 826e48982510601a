"""A file that declares a signal: read as strictly as rules, with the position of every fault."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from google.protobuf.descriptor import Descriptor

from dealgate.inbox.filling import evaluator
from dealgate.language import syntax
from dealgate.language.cost import Costs
from dealgate.language.scope import AS_OF
from dealgate.language.syntax import Tree
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.property_values import read_duration
from dealgate.model.rules import Expression
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Node, Scalar, below, plain
from dealgate.rulebook.expressions import Expressions
from dealgate.rulebook.faults import coded_as, did_you_mean
from dealgate.rulebook.validation import validated
from dealgate.rulebook.written import Written, expression
from dealgate.signals.contexts import Contexts
from dealgate.signals.declared import Read, Signal
from dealgate.signals.file_shapes import CrossingShape, SignalShape
from dealgate.signals.follow_up import read_question
from dealgate.signals.patterns import Absence, Count, Crossing, Pattern
from dealgate.signals.words import strange_words

PATTERNS: Final = ("count", "absence", "crossing")
STEPS_MOST = 1_000_000  # of one condition on one event: about 50 ms
LONGEST = 400 * 86_400 * 10**9  # ns; state is kept for as long
MEASURES = "measures"
NUMBERS = frozenset({"int", "uint", "double", "google.type.Decimal"})
NO_CLOCK = "as_of is not known here: what fires follows from events alone"
BETWEEN = "more than 0s, and at most 400d, are allowed"
CLOCK_CURE = "read an instant of the event: activity.at"


def read_signal(
    document: Node, name: str, contexts: Contexts, checker: ExpressionChecker, faults: list[Fault]
) -> Signal | None:
    """Return the signal of a file called `name`.yaml; None if it has faults, which are added."""
    before = len(faults)
    shape = validated(document, SignalShape, faults)
    if shape is None or not isinstance(document, Fields):
        return None
    reader = _Reader(document, shape, contexts, checker, faults)
    reader.check_name(name)
    signal = reader.signal()
    return signal if len(faults) == before else None


class _Reader:
    """Reads one file, whose keys are sound."""

    def __init__(
        self,
        document: Fields,
        shape: SignalShape,
        contexts: Contexts,
        checker: ExpressionChecker,
        faults: list[Fault],
    ) -> None:
        self._document, self._shape = document, shape
        self._contexts, self._checker, self._faults = contexts, checker, faults

    def check_name(self, name: str) -> None:
        if self._shape.signal != name:
            text = f"signal: '{self._shape.signal}' stands in {name}.yaml"
            self._wrong("signal", text, f"write {name}, or rename the file")

    def signal(self) -> Signal | None:
        shape = self._shape
        if shape.on not in self._contexts.feeds:
            text = f"on: '{shape.on}' is neither activity nor a kind of decisions"
            self._wrong("on", text, did_you_mean(shape.on, self._contexts.feeds))
            return None
        facts: Descriptor = self._contexts.of(shape.on).DESCRIPTOR  # type: ignore[assignment]
        self._expressions = Expressions(self._checker, facts, self._faults)
        pattern = self._pattern()
        when = self._condition(("when",))
        answered = self._condition(("absence", "of"))
        value = self._value() if shape.crossing else None
        ask = None
        if (node := self._document.get("ask")) is not None and shape.ask is not None:
            ask = read_question(node, shape.ask, self._contexts, self._checker, self._faults)
        if pattern is None:
            return None
        meaning = _meaning(self._document)
        return Signal(
            name=shape.signal,
            owner=shape.owner,
            because=shape.because.strip(),
            feed=shape.on,
            pattern=pattern,
            digest=hashlib.sha256(meaning.encode()).hexdigest(),
            location=self._document.location,
            when=when,
            answered=answered,
            value=value,
            ask=ask,
        )

    def _pattern(self) -> Pattern | None:
        shape = self._shape
        given = [key for key in PATTERNS if getattr(shape, key) is not None]
        if len(given) != 1:
            text = "two patterns are declared" if given else "a pattern is missing"
            self._wrong(given[1] if given else "", text, f"declare one of: {', '.join(PATTERNS)}")
        cool_down = self._span(("cool_down",)) if shape.cool_down else 0
        if shape.count is not None:
            return Count(shape.count.at_least, self._span(("count", "within")), cool_down)
        if shape.absence is not None:
            answered = below(self._document.get("absence"), "of") is not None
            return Absence(self._span(("absence", "for")), answered, cool_down)
        return None if shape.crossing is None else self._crossing(shape.crossing, cool_down)

    def _crossing(self, shape: CrossingShape, cool_down: int) -> Pattern | None:
        if (shape.above is None) == (shape.below is None):
            self._wrong("crossing", "crossing: a direction is expected", "write above: or below:")
            return None
        upwards = shape.above is not None
        threshold: Decimal = shape.above if shape.above is not None else shape.below  # type: ignore[assignment]
        rearm = threshold if shape.rearm is None else shape.rearm
        if (rearm > threshold) if upwards else (rearm < threshold):
            text = "crossing: rearm lies beyond the threshold, where it could never cross again"
            self._wrong("crossing", text, "above: 75 takes rearm: 70; below: 40 takes rearm: 50")
        return Crossing(threshold, rearm, upwards, shape.first, cool_down)

    def _span(self, path: tuple[str, ...]) -> int:
        node = self._at(path)
        text = node.value if isinstance(node, Scalar) else ""
        span = read_duration(text)
        nanos = 0 if span is None else span.ToNanoseconds()
        if not 0 < nanos <= LONGEST:
            why = f"'{text}' is not a valid duration" if span is None else BETWEEN
            fault = f"{'.'.join(path)}: {why}"
            self._faults.append(node.fault(fault, "write 90m, 24h or 14d"))
            return 1
        return nanos

    def _condition(self, path: tuple[str, ...]) -> Read | None:
        node = below(self._document, path[0])
        for key in path[1:]:
            node = below(node, key)
        typed = None if node is None else self._typed(node, ".".join(path), "bool")
        return None if typed is None else evaluator(typed)

    def _value(self) -> Read | None:
        node = self._at(("crossing", "of"))
        typed = self._typed(node, "crossing.of", None)
        if typed is not None and (typed.type not in NUMBERS or typed.enum):
            what = "a word of a list" if typed.enum else typed.type
            text = f"crossing.of: this is {what}, not a number"
            self._faults.append(node.fault(text, "read a number: outcome.total"))
        return None if typed is None else evaluator(typed)

    def _typed(self, node: Node, subject: str, expected: str | None) -> Expression | None:
        written = expression(node, subject, self._faults)
        if written is None:
            return None
        if AS_OF in self._expressions.mentions(written):
            self._faults.append(written.fault(0, f"{subject}: {NO_CLOCK}", CLOCK_CURE))
            return None
        typed = self._expressions.typed(written, subject, {}, expected)
        if typed is not None:
            if fault := self._never_known(typed, written, subject):
                self._faults.append(fault)
            steps = Costs(self._expressions.descriptor).of(Tree(typed.ast)).steps
            if steps > STEPS_MOST:
                text = f"{subject}: this can take {steps:,.0f} steps for one event"
                with coded_as(Code.COST_EXCEEDED, self._faults):
                    cure = f"{STEPS_MOST:,} are allowed: compare less, and no list with a list"
                    self._faults.append(written.fault(0, text, cure))
        return typed

    def _never_known(self, typed: Expression, written: Written, subject: str) -> Fault | None:
        """Return a fault for what reads nothing of an event, or what no event has."""
        tree = Tree(typed.ast)
        if not self._expressions.mentions(written) & {"entity", "activity", "outcome"}:
            text = f"{subject}: this reads nothing of the event"
            return written.fault(0, text, "read activity, outcome or entity, or leave it out")
        nodes = (node for node in syntax.walk(tree.root) if syntax.kind(node) == "select_expr")
        if any(node.select_expr.field == MEASURES for node in nodes):
            text = f"{subject}: measures are computed when a lead is scored, and no event has them"
            return written.fault(written.text.find(MEASURES), text, "count events: count: {…}")
        for word, values in strange_words(tree):
            text = f"{subject}: '{word}' is not one of its values"
            return written.fault(written.text.find(word), text, did_you_mean(word, values))
        return None

    def _at(self, path: tuple[str, ...]) -> Node:
        node: Node = self._document
        for key in path:
            node = below(node, key) or node
        return node

    def _wrong(self, key: str, text: str, hint: str) -> None:
        self._faults.append((self._document.get(key) or self._document).fault(text, hint))


# What a change of does not begin a signal's state anew.
BESIDE = frozenset({"owner", "because", "ask"})


def _meaning(document: Fields) -> str:
    """Return what a signal is seen by, in one form."""
    told: Mapping[str, Any] = plain(document)
    return json.dumps({key: told[key] for key in told if key not in BESIDE}, sort_keys=True)
