"""Rules over one list share a loop, and come to what each comes to alone."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from dealgate.engine.native import NativeEngine, compile_ruleset
from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.language.values import (
    Failure,
    NoValue,
    Unknown,
    Value,
    elements,
    first_without_value,
)
from dealgate.model.rules import AnyRule, ExpressionFaults
from tests.engine.building import rule_set
from tests.engine.expressions import Expressions
from tests.engine.messages import specimen
from tests.engine.specimen import Facts

AS_OF = 1_772_445_600_000_000_000
LISTS = ("items", "items.filter(y, y.count > 0)")
GUARDS = (
    "x.color == COLOR_RED",
    "x.color == COLOR_RED && {}",
    "x.color == COLOR_BLUE && {} && {}",
    "x.color in [COLOR_RED, COLOR_BLUE] && {}",
    "x.color in [COLOR_RED, COLOR_BLUE] && has(x.color) ? {} : false",
    "{} && x.color == COLOR_RED",
    "{}",
)


@pytest.mark.parametrize("seed", range(8))
def test_a_rule_among_others_comes_to_what_it_comes_to_alone(seed: int) -> None:
    """Whatever shares its loop or its guard, element by element, as the exact evaluator has it."""
    random = Random(seed)
    compared = 0
    while compared < 400:
        rules = drawn(random)
        each = {name: ("x", random.choice(LISTS)) for name in rules}
        try:
            ruleset = rule_set(CelChecker(), rules, each=each)
        except ExpressionFaults:
            continue
        program = compile_ruleset(ruleset)
        for _ in range(3):
            facts = specimen(random)
            judgements, _ = program.judge(facts, AS_OF)
            for rule, judgement in zip(ruleset.rules, judgements, strict=True):
                assert judgement == exactly(rule, facts), rule.when
                compared += len(facts.items)


def drawn(random: Random) -> dict[str, str]:
    """Return up to six rules, most of which begin with a test of the same enum."""
    draw = Expressions(random)
    rules = {}
    for number in range(random.randint(1, 6)):
        form = random.choice(GUARDS)
        tests = [draw.element_test(1).ours for _ in range(form.count("{}"))]
        rules[f"rule-{number}"] = form.format(*(f"({test})" for test in tests))
    return rules


def exactly(rule: AnyRule, facts: Any) -> Value | Sequence[tuple[int, Value]]:
    """Return what the exact evaluator makes of each element, without those it is false for."""
    assert rule.when is not None
    assert rule.each is not None
    names = {"as_of": AS_OF}
    items = compile_exact(Tree(rule.each.items.ast))(Frame(facts, names))
    if isinstance(items, NoValue):
        return items
    path = "items[{}]" if rule.each.items.source == "items" else "items[]"
    judge = compile_exact(Tree(rule.when.ast))
    frames = [
        Frame(facts, names, {"x": x}, {"x": path.format(i)}) for i, x in enumerate(elements(items))
    ]
    truths = [judge(frame) for frame in frames]
    return [(index, truth) for index, truth in enumerate(truths) if truth is not False]


async def test_where_the_guarded_enum_is_unknown_every_rule_is_judged(
    checker: CelChecker,
) -> None:
    """An element without a color may be of any: its rules are undecided, not passed over."""
    rules = {
        "red": "x.color == COLOR_RED && x.count > 1",
        "small": "x.color == COLOR_BLUE && x.count > 9",
    }
    each = dict.fromkeys(rules, ("x", "items"))
    facts: Any = Facts()
    facts.items.add(count=5)
    evidence = await NativeEngine().fire(
        rule_set(checker, rules, each=each), facts, AS_OF, explain=False
    )
    assert [entry.rule.id for entry in evidence.undecided] == ["red"]
    assert evidence.undecided[0].missing == ("items[0].color",)


async def test_an_absent_list_leaves_all_its_rules_undecided(checker: CelChecker) -> None:
    """A list that cannot be known, because what filters it is not, is unknown for each rule."""
    rules = {"a": "x.count > 1", "b": "x.count > 2"}
    each = dict.fromkeys(rules, ("x", "items.filter(y, thing.flag)"))
    facts: Any = Facts()
    facts.items.add(count=5)
    program = compile_ruleset(rule_set(checker, rules, each=each))
    assert program.judge(facts, AS_OF)[0] == [Unknown(("thing.flag",))] * 2


def test_rules_look_once_for_what_several_of_them_ask_about(checker: CelChecker) -> None:
    """Of the facts, by the value that is read; of an element, at the top of the loop."""
    rules = {
        "known": "has(thing.count) && thing.count > 5",
        "again": "has(thing.count) && thing.count < 3",
        "element": "has(x.total) && x.total > 5",
        "other-element": "x.total < 3",
    }
    each = {"element": ("x", "items"), "other-element": ("x", "items")}

    source = compile_ruleset(rule_set(checker, rules, each=each)).source

    assert source.count("HasField('count')") == 1
    assert source.count("('total')") == 1


def test_what_several_lack_is_named_once_and_sorted() -> None:
    """However often it is asked for, and by whatever comes first."""
    lacks = Unknown(("b",)), Unknown(("a", "b"))

    assert first_without_value(lacks) == Unknown(("a", "b"))
    assert first_without_value((*lacks[::-1], True)) == Unknown(("a", "b"))
    assert first_without_value((Failure("no"), *lacks)) == Failure("no")
