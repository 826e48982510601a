"""What a table of the DMN TCK is given: the inputs of a test, and what other decisions come to.

A decision that is a table is asked; of any other, what a test of the same inputs expects is taken.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from docs.tck_tests import below, inputs_of, plain_name, tag_of

Given = Mapping[str, Any]
Answer = Callable[[str, ET.Element], object]


class NotGiven(Exception):
    """A decision that is read, and of which nobody says what it comes to."""


class Chains:
    """The decisions of one model, and its tests."""

    def __init__(self, decisions: Sequence[str], tests: Sequence[ET.Element]) -> None:
        self._decisions = {plain_name(name): name for name in decisions}
        self._tests = [(_inputs(test), test) for test in tests]
        self._asked: list[str] = []  # decisions on the way; none may need itself

    def given(self, test: ET.Element, read: set[str], answer: Answer) -> Given:
        """Return what is given of the facts that a table reads.

        `answer` says what a decision's table comes to, None if it is not a table.
        """
        inputs = _inputs(test)
        given = {name: value for name, value in inputs.items() if name in read}
        for name in sorted(read - {*inputs, "id"}):
            decision = self._decision_of(name)
            if decision is not None:
                given |= dict(self._result(decision, test, answer))
        return {name: value for name, value in given.items() if name in read}

    def _decision_of(self, read: str) -> str | None:
        names = [name for name in self._decisions if f"{read}_".startswith(f"{name}_")]
        return max(names, key=len, default=None)

    def _result(self, name: str, test: ET.Element, answer: Answer) -> Iterator[tuple[str, Any]]:
        decision = self._decisions[name]
        if decision not in self._asked:
            self._asked.append(decision)
            try:
                told = answer(decision, test)
            finally:
                self._asked.pop()
            if told is not None:
                yield from _facts(name, told)
                return
        expected = dict(self._expected(decision, _inputs(test)))
        if not expected:
            raise NotGiven(f"it reads {decision}, which is not a table and which no test expects")
        yield from expected.items()

    def _expected(self, decision: str, inputs: Given) -> Iterator[tuple[str, Any]]:
        for given, test in self._tests:
            for node in below(test, "resultNode") if given == inputs else ():
                if node.get("name") == decision:
                    for told in node:
                        yield from inputs_of(told, plain_name(decision))


def _inputs(test: ET.Element) -> dict[str, Any]:
    nodes = [each for each in test if tag_of(each) == "inputNode"]
    return {
        name: value
        for node in nodes
        for name, value in inputs_of(node, plain_name(node.get("name") or ""))
    }


def _facts(name: str, answer: object) -> Iterator[tuple[str, Any]]:
    if isinstance(answer, dict):
        for part, value in answer.items():
            yield from _facts(f"{name}_{part}", value)
    elif not isinstance(answer, list):
        yield name, str(answer) if isinstance(answer, Decimal) else answer
