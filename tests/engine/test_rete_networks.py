"""What reaches durable_rules: which conditions as they are, which facts, and within what limits."""

import importlib.util
import re
import sys
from typing import Any

import pytest

from dealgate.engine.rete.conditions import LONGEST_STRING, Condition, fnv, groups, matches
from dealgate.engine.rete.engine import ReteEngine
from dealgate.engine.rete.lint import LIBRARY_NAMES, lint
from dealgate.engine.rete.networks import Network
from dealgate.engine.rete.projection import Compiled, compile_rete
from dealgate.language.cel import CelChecker
from dealgate.model.errors import RuleSetUnusable
from tests.engine.building import rule_set
from tests.engine.rete_running import AS_OF
from tests.engine.specimen import Facts

CONSTANTS = {"limit": "5", "home": '"DE"', "places": '["DE", "FR", "DE"]'}
LONG = "z" * (LONGEST_STRING + 1)


def compiled(checker: CelChecker, when: str) -> Compiled:
    """Compile a rule set of one rule."""
    named = {"known": "has(thing.count)"}
    return compile_rete(rule_set(checker, {"a": when}, facts=named, constants=CONSTANTS), "r#1")


def condition(checker: CelChecker, when: str) -> Condition:
    """Return what a condition becomes."""
    (network,) = compiled(checker, when).networks
    return network.conditions["r0"]


@pytest.mark.parametrize(
    ("when", "becomes"),
    [
        ("thing.count < 5", {"$lt": {"f0": 5}}),
        ("5 < thing.count", {"$gt": {"f0": 5}}),
        ("thing.total >= -7", {"$gte": {"f0": -7}}),
        ("thing.quota <= 9007199254740991u", {"$lte": {"f0": 2**53 - 1}}),
        ("thing.count == limit", {"f0": 5}),
        ("thing.count != 5", {"$neq": {"f0": 5}}),
        ('"DE" != thing.name', {"$neq": {"f0": "DE"}}),
        ("thing.name == home", {"f0": "DE"}),
        ("thing.name in places", {"$or": [{"f0": "DE"}, {"f0": "FR"}]}),
        ("thing.color == COLOR_BLUE", {"f0": 2}),
        ("thing.color in [COLOR_RED, COLOR_BLUE]", {"$or": [{"f0": 1}, {"f0": 2}]}),
        ("thing.flag", {"f0": True}),
        ("!thing.flag", {"f0": False}),
        ("!known", {"f0": False}),
        (
            "thing.flag && (thing.count > 1 && thing.count < 9)",
            {"$and": [{"f0": True}, {"$gt": {"f1": 1}}, {"$lt": {"f1": 9}}]},
        ),
        (
            "thing.flag || (thing.count > 1 && known)",
            {"$or": [{"f0": True}, {"$and": [{"$gt": {"f1": 1}}, {"f2": True}]}]},
        ),
    ],
)
def test_the_subset_reaches_the_library_as_it_is(
    checker: CelChecker, when: str, becomes: Condition
) -> None:
    """Comparisons of a fact with a literal or constant are the library's to judge."""
    assert condition(checker, when) == becomes


@pytest.mark.parametrize(
    "when",
    [
        "thing.ratio > 1.5",
        "thing.count > 1.5",
        "thing.count + 1 > 5",
        "10 / thing.count > 1",
        "thing.count > thing.total",
        "thing.total < 9007199254740992",
        "thing.total == -9007199254740992",
        'thing.name < "b"',
        f'thing.name == "{LONG}"',
        f'thing.name in ["a", "{LONG}"]',
        "thing.name in thing.tags",
        f"thing.total in [{', '.join(map(str, range(17)))}]",
        'thing.name.matches("^a")',
        'lower(thing.name) == "de"',
        "thing.flag < true",
        "!(thing.count > 5)",
        "has(thing.count)",
        "!has(thing.count)",
        "thing.flag ? thing.flag : known",
        "thing.sizes.exists(x, x > 5)",
        "thing.at < as_of",
        'thing.price > money("EUR", "5")',
        'thing.day == date("2026-01-31")',
        'thing.share < decimal("0.2")',
        'thing.note == b"a"',
        'thing.labels["plan"] == "pro"',
        "true",
        "limit == 5",
    ],
)
def test_all_else_reaches_it_as_a_boolean(checker: CelChecker, when: str) -> None:
    """What the library gets wrong, or crashes on, it never sees."""
    assert condition(checker, when) == {"f0": True}


def test_a_bound_variable_is_no_constant(checker: CelChecker) -> None:
    """The variable of `each` is read from the element, though a constant has the same name."""
    ruleset = rule_set(
        checker, {"a": "home == 1"}, each={"a": ("home", "thing.sizes")}, constants=CONSTANTS
    )
    facts: Any = Facts()
    facts.thing.sizes.extend([1, 2])

    inputs = compile_rete(ruleset, "r#1").inputs(facts, AS_OF)

    assert [(each.element, each.fields) for each in inputs] == [(0, {"f0": 1}), (1, {"f0": 2})]


@pytest.mark.parametrize(
    ("when", "field", "value", "crosses"),
    [
        ("thing.total > 5", "total", 2**53 - 1, 2**53 - 1),
        ("thing.total > 5", "total", 2**63 - 1, 2**53),
        ("thing.total > 5", "total", -(2**63), -(2**53)),
        ("thing.quota > 5u", "quota", 2**64 - 1, 2**53),
        ('thing.name == "a"', "name", "z" * 1000, "z" * 1000),
        ('thing.name == "a"', "name", "a" + "z" * 65_536, "~" * 1001),
        ("thing.flag", "flag", True, True),
        ("thing.color == COLOR_RED", "color", 0, None),
        ("10 / thing.count > 1", "count", 0, None),
        ("thing.count > 5", "total", 6, None),
    ],
)
def test_facts_cross_within_the_librarys_limits(
    checker: CelChecker, when: str, field: str, value: Any, crosses: Any
) -> None:
    """Numbers and strings beyond every literal are cut; absent and failed values are null."""
    facts: Any = Facts()
    setattr(facts.thing, field, value)

    (found,) = compiled(checker, when).inputs(facts, AS_OF)

    assert found.fields == {"f0": crosses}


def test_no_name_of_a_stranger_crosses(checker: CelChecker) -> None:
    """A colliding name in the facts stays outside: all names that cross were generated."""
    assert fnv("xejdtrij") == fnv("amount")
    facts: Any = Facts()
    facts.thing.labels.update({"xejdtrij": "1", "f0": "1", "sid": "1", "$s": "1"})
    when = 'thing.labels["xejdtrij"] == "1" && thing.count > 3 && "f0" in thing.labels'

    (found,) = compiled(checker, when).inputs(facts, AS_OF)

    assert found.fields == {"f0": True, "f1": None, "f2": True}


def test_hashes_are_the_librarys() -> None:
    """Ours is the function that the library's own constants were made with (state.h)."""
    assert (fnv("id"), fnv("sid")) == (926_444_256, 3_593_476_751)


def test_generated_names_do_not_collide() -> None:
    """The first 20,000 names of fields have hashes of their own."""
    names = [*LIBRARY_NAMES.split(), *(f"f{number}" for number in range(20_000))]

    assert len({fnv(name) for name in names}) == len(names)


def test_many_rules_are_spread_over_networks(checker: CelChecker) -> None:
    """No network holds more conditions than may hold at once, and no rule is lost."""
    rules = {
        f"rule-{number}": f"thing.count > {number} || thing.total > {number}"
        for number in range(100)
    }

    networks = compile_rete(rule_set(checker, rules), "r#1").networks

    assert [len(network.conditions) for network in networks] == [29, 29, 29, 13]
    assert [name for network in networks for name in network.conditions] == [
        f"r{number}" for number in range(100)
    ]


BRANCHES: list[Condition] = [{"$gt": {f"f{number}": 1}} for number in range(60)]
NESTED: Condition = {"f0": 1}
for _depth in range(8):
    NESTED = {"$or": [{"f1": 1}, {"$and": [{"f2": 1}, NESTED]}]}
PRODUCT: Condition = {
    "$and": [{"$or": [{"$gt": {f"f{a}": 1}} for a in range(b, b + 4)]} for b in (0, 4, 8)]
}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"$div": {"f0": 1}}, "uses $div"),
        ({"$mt": {"f0": "a.*"}}, "uses $mt"),
        ({"$nex": {"f0": 1}}, "uses $nex"),
        ({"$in": {"f0": "abc"}}, "uses $in"),
        ({"$gt": {"f0": {"$m": "f1"}}}, "not an integer, boolean or string"),
        ({"$gt": {"f0": 2**53}}, "not an integer, boolean or string"),
        ({"f0": -(2**53)}, "not an integer, boolean or string"),
        ({"f0": 1e-07}, "not an integer, boolean or string"),
        ({"f0": None}, "not an integer, boolean or string"),
        ({"f0": LONG}, "not an integer, boolean or string"),
        ({"$lt": {"f0": "b"}}, "puts in order"),
        ({"$lt": {"f0": True}}, "puts in order"),
        ({"amount": 1}, "not generated"),
        ({"id": 1}, "not generated"),
        ({"$or": BRANCHES}, "too many alternatives"),
        (PRODUCT, "too many alternatives"),
        (NESTED, "more than 15 groups"),
    ],
)
def test_the_linter_refuses(wrong: Condition, reason: str) -> None:
    """Each limit of the library is found where it is broken, and nowhere else."""
    network = Network({"r0": {"f0": 1}, "r1": wrong, "r2": {"f1": 2}})

    findings = lint(network)

    assert {finding.rule for finding in findings} - {"r2"} == {"r1"}
    assert any(reason in finding.reason for finding in findings)


def test_the_linter_knows_equal_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two names that the library would take for one are never used together."""
    monkeypatch.setattr(
        "dealgate.engine.rete.lint.fnv", lambda name: int(name in {"f0", "f1"}) or name
    )

    findings = lint(Network({"r0": {"f0": 1}, "r1": {"f1": 1}}))

    assert [finding.rule for finding in findings] == ["r1"]


@pytest.mark.parametrize(
    ("found", "ways", "nested"),
    [
        ({"f0": 1}, 1, 0),
        ({"$or": [{"f0": 1}, {"f0": 2}]}, 1, 1),
        ({"$or": [{"f0": 1}, {"f0": 1}]}, 2, 1),
        ({"$or": [{"f0": 1}, {"f1": 2}]}, 2, 1),
        ({"$or": [{"f0": 1}, {"$neq": {"f0": 2}}]}, 2, 1),
        ({"$or": [{"f0": 1}, {"$and": [{"f1": 1}, {"f2": 1}]}]}, 2, 2),
        (PRODUCT, 64, 4),
    ],
)
def test_ways_to_hold_are_counted(found: Condition, ways: int, nested: int) -> None:
    """The library fires a rule once for every way in which it holds."""
    assert (matches(found), groups(found)) == (ways, nested)


def test_a_rule_set_beyond_the_limits_is_refused(checker: CelChecker) -> None:
    """The refusal names every rule and the cure."""
    many = " || ".join(f"thing.total == {2 * n} || thing.count == {n}" for n in range(40))
    ruleset = rule_set(checker, {"small": "thing.flag", "wide": many, "wider": f"{many} || false"})

    with pytest.raises(RuleSetUnusable) as raised:
        compile_rete(ruleset, "r#1")

    assert re.findall(r"rule ([\w-]+) has too many alternatives", str(raised.value)) == [
        "wide",
        "wider",
    ]
    assert "small" not in str(raised.value)
    assert "the engine native can" in str(raised.value)


def test_without_the_library_the_engine_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cure is a command."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))

    with pytest.raises(ModuleNotFoundError, match=r"pip install dealgate\[rete\]"):
        ReteEngine()


def test_on_a_python_that_cannot_load_it_the_engine_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It can be installed on Python 3.13, but not be imported."""
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))

    with pytest.raises(ModuleNotFoundError, match=r"3\.11 or 3\.12, or the engine native"):
        ReteEngine()
