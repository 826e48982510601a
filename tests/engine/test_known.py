"""What is known is judged in two values, and comes to what three-valued logic comes to."""

from typing import Any

import pytest

from dealgate.engine.native import compile_ruleset
from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from tests.engine.building import rule_set
from tests.engine.specimen import Facts

AS_OF = 1_772_445_600_000_000_000
DAY = 86_400_000_000_000
YEAR_1 = -62_135_596_800_000_000_000


def test_rules_on_the_same_facts_ask_once_whether_they_are_known(checker: CelChecker) -> None:
    """Both ranges of a count stand in one choice, as any Python programmer would write it."""
    rules = {"few": "thing.count >= 1 && thing.count < 5", "many": "thing.count >= 5"}
    source = compile_ruleset(rule_set(checker, rules)).source
    assert (
        "    else:\n        r0 = ((v0 >= (1)) and (v0 < (5)))\n        r1 = (v0 >= (5))" in source
    )


RULES = [
    "thing.count >= 1 && thing.count < 5",
    "thing.count == 3 || thing.flag",
    'thing.price >= money("EUR", "10") && thing.price < money("EUR", "20")',
    'thing.name in named && thing.price < money("EUR", "20")',
    'thing.name == "a" ? thing.count > 2 : thing.flag',
    "items.exists(x, x.color == COLOR_RED)",
    "!items.exists(x, x.color == COLOR_BLUE) && items.exists(x, x.color == COLOR_RED)",
    'items.all(x, x.at <= as_of - duration("24h") - duration("24h"))',
    "items.filter(x, x.color == COLOR_RED).size() == 1 && items.size() > 1",
]
EUROS = {"currency_code": "EUR", "units": 15}
SPECIMENS: list[dict[str, Any]] = [
    {},
    {"thing": {"count": 3, "flag": False, "price": EUROS, "name": "a"}},
    {"thing": {"count": 0, "flag": True, "name": ""}},
    {"thing": {"price": {"currency_code": "USD", "units": 15}, "name": "b"}},
    {"items": [{"color": 1, "at": {"seconds": 1}}, {"color": 2}]},
    {"items": [{"color": 2, "at": {"seconds": 1}}, {"color": 0}]},
    {"items": [{"color": 1, "at": {"seconds": AS_OF // 10**9}}]},
]


@pytest.mark.parametrize("when", RULES)
def test_a_rule_comes_to_what_the_exact_evaluator_has_it_come_to(
    checker: CelChecker, when: str
) -> None:
    """Whatever is known, foreign, empty or absent, and beside the first of all days."""
    ruleset = rule_set(checker, {"rule": when, "other": when}, constants={"named": '["a", "b"]'})
    program, rule = compile_ruleset(ruleset), ruleset.rules[0]
    assert rule.when is not None
    exact = compile_exact(Tree(rule.when.ast))
    for specimen in SPECIMENS:
        for as_of in (AS_OF, YEAR_1 + DAY):
            facts = Facts(**specimen)
            constants = {**program.constants, "as_of": as_of}
            judged, _ = program.judge(facts, as_of)
            assert judged == [exact(Frame(facts, constants))] * 2, specimen
