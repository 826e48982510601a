"""Work has a price: loops over what callers send are paid for, in every evaluator."""

from random import Random
from typing import Any

import pytest

from dealgate.engine.native import compile_ruleset
from dealgate.language.budget import Budget, Exhausted, Hurried, JudgedAside
from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.model.decision import Truth
from tests.engine.building import rule_set
from tests.engine.messages import specimen
from tests.engine.specimen import Facts

AS_OF = 1_772_445_600_000_000_000
CUBE = "items.exists(a, items.exists(b, items.exists(c, a.count + b.count + c.count == -1)))"
RULES = {"cube": CUBE, "plain": "thing.count > 0", "absorbed": f"thing.count > 0 || {CUBE}"}


def many(number: int, *, lacks: bool = False) -> Any:
    """Return facts with a long list; with `lacks` its first element has no count."""
    facts: Any = Facts(thing={"count": 1})
    for index in range(number):
        facts.items.add(name=f"i{index}", **({} if lacks and not index else {"count": index}))
    return facts


def program(rules: dict[str, str], **more: Any) -> Any:
    """Compile rules written as text."""
    return compile_ruleset(rule_set(CelChecker(), rules, **more))


def test_what_exceeds_the_budget_fails_its_rule_alone() -> None:
    """Others are judged as ever, and what is true anyway stays true."""
    evidence = program(RULES).fire(many(1000), AS_OF, explain=True)

    assert [(one.rule.id, one.error) for one in evidence.failed] == [
        ("cube", "takes more steps than a decision may")
    ]
    assert [one.rule.id for one in evidence.fired] == ["plain", "absorbed"]
    truths = {one.rule.id: one.truth for one in evidence.explained}
    assert truths == {"cube": Truth.ERROR, "plain": Truth.TRUE, "absorbed": Truth.TRUE}


def test_a_missing_fact_buys_no_more() -> None:
    """The exact evaluator, which facts that lack are left to, is paid from the same budget."""
    evidence = program(RULES).fire(many(1000, lacks=True), AS_OF, explain=False)

    assert "cube" not in [one.rule.id for one in evidence.fired]
    assert {one.rule.id for one in (*evidence.undecided, *evidence.failed)} == {"cube"}


def test_where_others_wait_long_work_is_sent_elsewhere() -> None:
    """No rule absorbs that, also not one that would be true anyway; short work stays."""
    compiled = program(RULES)
    with Hurried(), pytest.raises(JudgedAside):
        compiled.fire(many(1000), AS_OF, explain=False)
    with Hurried():
        assert len(compiled.fire(many(3), AS_OF, explain=True).fired) == 2


def test_rules_without_loops_count_nothing() -> None:
    """There is no budget in what is generated for them."""
    assert "_budget" not in program({"plain": "thing.count > 0 && thing.name == 'x'"}).source


def test_long_texts_and_lists_are_paid_for() -> None:
    """A text that is searched a thousand times counts a thousand times, like a list."""
    facts = many(1000)
    facts.thing.name = "x" * 1_000_000
    search = program({"search": "items.exists(i, i.count < 0 || thing.name.matches('y'))"})
    assert [one.rule.id for one in search.fire(facts, AS_OF, explain=False).failed] == ["search"]
    doubling = {"f0": "thing.name"} | {f"f{n}": f"f{n - 1} + f{n - 1}" for n in range(1, 34)}
    grown = program({"grown": "f33 == 'x'"}, facts=doubling)
    assert [one.rule.id for one in grown.fire(facts, AS_OF, explain=False).failed] == ["grown"]


def test_of_a_long_list_what_matters_is_explained() -> None:
    """The first elements, and those for which the rule is not false; nobody reads thousands."""
    ruleset = {"late": "i.count >= 990"}
    evidence = program(ruleset, each={"late": ("i", "items")}).fire(many(1000), AS_OF, explain=True)

    assert [one.element for one in evidence.explained] == [*range(50), *range(990, 1000)]


def test_a_list_that_a_macro_makes_costs_its_length() -> None:
    """The exact evaluator adds to it in place: ten thousand elements are no problem."""
    made = "size(items.map(i, i.count).filter(n, n >= 0)) == 9999"
    evidence = program({"made": made}).fire(many(10_000, lacks=True), AS_OF, explain=False)
    assert [one.missing for one in evidence.undecided] == [("items[].count",)]


@pytest.mark.parametrize("seed", range(4))
def test_looking_up_is_looping(seed: int) -> None:
    """`list.exists(x, x.f == v)` comes to the same whether it is looked up or looped through."""
    random = Random(seed)
    fields = ("count", "name", "color", "total", "flag")
    for _ in range(60):
        field = random.choice(fields)
        facts = specimen(random)
        asked = f"items.exists(x, x.{field} == thing.{field})"
        looped = f"items.exists(x, x.{field} == thing.{field} && true)"
        ruleset = rule_set(CelChecker(), {"asked": asked, "looped": looped})
        (first, second), _ = compile_ruleset(ruleset).judge(facts, AS_OF)
        assert first == second, facts
        exact = [
            compile_exact(Tree(rule.when.ast))(Frame(facts, {"as_of": AS_OF}))
            for rule in ruleset.rules
            if rule.when
        ]
        assert exact == [first, second], facts


def test_ids_are_looked_up() -> None:
    """A list asked by each element of another costs their sum, not their product."""
    each = {"mine": ("i", "items")}
    evidence = program({"mine": "items.exists(x, x.name == i.name)"}, each=each).fire(
        many(10_000), AS_OF, explain=False
    )
    assert len(evidence.fired[0].elements) == 10_000


def test_a_budget_that_is_used_up_stays_so() -> None:
    """The next loop fails, too, however short."""
    budget = Budget()
    with pytest.raises(Exhausted):
        budget.loop(range(10**9), 1)
    with pytest.raises(Exhausted):
        budget.loop(range(1), 1)
