"""The native engine against cel-cpp: random rules, random facts, unknown and failed included."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from dealgate.engine.native import Program, compile_ruleset
from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.model.rules import ExpressionFaults
from tests.engine.building import rule_set
from tests.engine.expressions import Expressions, Text
from tests.engine.messages import specimen
from tests.engine.oracle import ERROR, UNKNOWN, environment, evaluate, outcome

QUICK = 1_500
MESSAGES = 4
OVER_A_LIST = 0.15  # the share of rules that are judged once per element
AS_OF = 1_772_445_600_000_000_000


def test_native_is_cel_cpp(request: pytest.FixtureRequest) -> None:
    """On the same rule and facts, native, exact and cel-cpp agree: true, false, unknown or failed.

    Nothing is changed by reading it. `make fuzz` runs the same for at least 100,000 comparisons.
    """
    wanted = request.config.getoption("--fuzz-comparisons") or QUICK
    seed = request.config.getoption("--fuzz-seed")
    fuzz = Fuzz(Random(seed))
    while fuzz.compared < wanted:
        fuzz.run()
    print(f"\nseed {seed}: {fuzz.compared} comparisons, {dict(fuzz.seen)}")  # noqa: T201  # the totals
    assert fuzz.differences == []
    assert min(fuzz.seen[each] for each in (True, False, UNKNOWN, ERROR)) > wanted // 50
    assert fuzz.seen["rejected"] < fuzz.compared // 100


class Fuzz:
    """Draws rules and compares what they come to."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._cel = environment()
        self.compared = 0
        self.seen: Counter[bool | str] = Counter()
        self.differences: list[tuple[Any, ...]] = []

    def run(self) -> None:
        """Compare one rule on a few messages; what the checker refuses is counted."""
        draw = Expressions(self._random)
        try:
            if self._random.random() < OVER_A_LIST:
                self._run_over_a_list(draw.element_test(2))
            else:
                self._run_once(draw)
        except ExpressionFaults:
            self.seen["rejected"] += 1

    def _run_once(self, draw: Expressions) -> None:
        for number in range(self._random.choice((0, 0, 1, 2))):
            draw.named[f"named_{number}"] = draw.truth(2)
        rule = draw.truth(self._random.randint(1, 4))
        program = self._compile(draw.named, rule)
        theirs, exactly = self._cel.compile(rule.cels), Exact(program)
        for _ in range(MESSAGES):
            self._compare(program, rule, theirs, exactly)

    def _run_over_a_list(self, rule: Text) -> None:
        each = {"rule": ("x", "items")}
        program = compile_ruleset(rule_set(CelChecker(), {"rule": rule.ours}, each=each))
        theirs = self._cel.compile(rule.cels)
        for _ in range(MESSAGES):
            facts = specimen(self._random)
            (judgement,), _ = program.judge(facts, AS_OF)
            assert isinstance(judgement, list)
            judged = dict(judgement)
            for index, element in enumerate(facts.items):
                expected = evaluate(theirs, facts, AS_OF, x=element)
                native = outcome(judged.get(index, False))
                self.compared += 1
                self.seen[expected] += 1
                if expected != native:
                    self.differences.append((rule.ours, facts, index, expected, native))

    def _compile(self, named: dict[str, Text], rule: Text) -> Program:
        facts = {name: text.ours for name, text in named.items()}
        return compile_ruleset(rule_set(CelChecker(), {"rule": rule.ours}, facts=facts))

    def _compare(self, program: Program, rule: Text, theirs: Any, exactly: "Exact") -> None:
        facts = specimen(self._random)
        before = facts.SerializeToString(deterministic=True)
        expected = evaluate(theirs, facts, AS_OF)
        native = outcome(program.judge(facts, AS_OF)[0][0])
        exact = outcome(exactly.judge(facts))
        self.compared += 1
        self.seen[expected] += 1
        unchanged = facts.SerializeToString(deterministic=True) == before
        if not (expected == native == exact and unchanged):
            self.differences.append(
                (rule.ours, rule.cels, facts, expected, native, exact, unchanged)
            )


class Exact:
    """The rule of a program as explanations compile it."""

    def __init__(self, program: Program) -> None:
        ruleset = program.ruleset
        self._facts = {
            name: compile_exact(Tree(expression.ast), trace=True)
            for name, expression in ruleset.facts.items()
        }
        when = ruleset.rules[0].when
        assert when is not None
        self._when = compile_exact(Tree(when.ast), trace=True)

    def judge(self, facts: Any) -> Any:
        """Return what the rule comes to."""
        names: dict[str, Any] = {"as_of": AS_OF}
        for name, fact in self._facts.items():
            names[name] = fact(Frame(facts, dict(names), seen={}))
        return self._when(Frame(facts, names, seen={}))
