"""The rete engine finds what the native engine finds."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealgate.engine.rete.conditions import MOST_CONDITIONS, MOST_GROUPS
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.rules import ExpressionFaults, HitPolicy
from tests.engine.building import rule_set, tabled
from tests.engine.rete_rules import Drawn, facts, rule_sets
from tests.engine.rete_running import Both, built, engines, needs_durable_rules, unique
from tests.engine.specimen import Facts
from tests.shipped import newest_cases

pytestmark = needs_durable_rules
QUICK = 20  # `make fuzz` compares more


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """The engines; their child process serves the whole file."""
    with engines() as found:
        yield found


def agreeing(checker: CelChecker, both: Both, examples: int) -> None:
    """Compare the engines on random rule sets and facts, and on their rules as rows of a table."""

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(rule_sets(), st.sampled_from(list(HitPolicy)), st.lists(facts(), min_size=1, max_size=4))
    def agree(drawn: Drawn, hit: HitPolicy, questions: list[Any]) -> None:
        try:
            ruleset = built(checker, drawn)
        except ExpressionFaults:
            return  # a random constant expression that can only fail
        for judged in (ruleset, tabled(unique(ruleset), hit)):
            for question in questions:
                rete, native = both.fire(judged, question)
                assert rete == native

    agree()


def test_rete_is_native(request: pytest.FixtureRequest, checker: CelChecker, both: Both) -> None:
    """On random rule sets and facts, present or not, both engines find equal evidence.

    Of tables, too: durable_rules judges the rows, and hit policies make the same of them in both.
    """
    wanted = request.config.getoption("--fuzz-comparisons", default=0)
    agreeing(checker, both, max(QUICK, wanted // 40))


def test_nothing_is_read_that_was_not_written(
    checker: CelChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They agree, too, when the C library's fresh memory is full of rubbish."""
    monkeypatch.setenv("MALLOC_PERTURB_", "165")
    with engines() as perturbed:
        agreeing(checker, perturbed, 5)


def test_explanations_are_the_same(checker: CelChecker, both: Both) -> None:
    """An explanation does not depend on the engine."""
    ruleset = unique(rule_set(checker, {"a": "thing.flag || thing.count > 3"}))

    rete, native = both.fire(ruleset, Facts(), explain=True)

    assert rete == native
    assert rete.explained


def test_long_lists_are_judged_whole(checker: CelChecker, both: Both) -> None:
    """A rule over more elements than fit one exchange is judged on each of them."""
    facts: Any = Facts()
    facts.thing.sizes.extend(range(1234))
    ruleset = unique(rule_set(checker, {"odd": "s % 2 == 1"}, each={"odd": ("s", "thing.sizes")}))

    rete, native = both.fire(ruleset, facts)

    assert rete == native
    assert rete.fired[0].elements == tuple(range(1, 1234, 2))


def nested(levels: int) -> str:
    """Return a condition of that many groups, one in another."""
    signs = [("&&", "||")[level % 2] for level in range(levels)]
    return reduce(lambda inner, sign: f"thing.flag {sign} ({inner})", signs, "thing.count > 3")


LIMITS = {
    "as many rules as a network holds, all of them firing": {
        f"rule-{number}": f"thing.count > {number}" for number in range(MOST_CONDITIONS)
    },
    "the same condition in all of them": {
        f"rule-{number}": "thing.count > 3" for number in range(MOST_CONDITIONS)
    },
    "the same condition among the alternatives of all of them": {
        f"rule-{number}": f"thing.flag || thing.count > {number}"
        for number in range(MOST_CONDITIONS // 2)
    },
    "as many alternatives as one rule may have": {
        "wide": " || ".join(f"thing.count > {number}" for number in range(MOST_CONDITIONS))
    },
    "as many ways to hold as one rule may have": {
        "product": " && ".join(
            f"({' || '.join(f'thing.{field} != {number}' for number in range(7, 10))})"
            for field in ("count", "total", "inner.count")
        )
    },
    "long lists": {
        f"rule-{number}": f"thing.count in [{', '.join(map(str, range(number, number + 16)))}]"
        for number in range(60)
    },
    "as many groups as a rule may have": {"deep": nested(MOST_GROUPS)},
    "several networks": {f"rule-{n}": f"thing.count > {n} && thing.flag" for n in range(200)},
}


@pytest.mark.parametrize("rules", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("count", [0, 15, 1000])
def test_the_library_is_right_up_to_the_limits(
    checker: CelChecker, both: Both, rules: dict[str, str], count: int
) -> None:
    """What the linter lets pass, the library builds, and judges as the native engine does."""
    facts: Any = Facts()
    facts.thing.count = facts.thing.total = facts.thing.inner.count = count
    facts.thing.flag = True
    ruleset = unique(rule_set(checker, rules))

    rete, native = both.fire(ruleset, facts)

    assert rete == native


def test_shipped_rules_are_within_the_limits(both: Both) -> None:
    """What decides today can be decided with rete, and the two agree on every case of it."""
    for file in map(newest_cases, KINDS):
        asked = [(case.facts, case.as_of) for case in file.cases]
        assert asked
        for rete, native in both.fired(file.ruleset, asked):
            assert rete == native
