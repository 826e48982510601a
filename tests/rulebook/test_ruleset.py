"""A rule file without faults becomes a RuleSet, ready for an engine."""

from collections.abc import Callable

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.document import Node
from dealgate.rulebook.ruleset import read_ruleset

HEAD = "ruleset: approve\nversion: 1\nowner: sales\nbecause: First floor.\n"
RULE = "rules:\n  - id: small\n    when: {when}\n    then: {{points: 1}}\n    because: Small.\n"

Make = Callable[..., AnyRuleSet]


@pytest.fixture
def make(read: Callable[[str], Node], approve: AnyKind, checker: CelChecker) -> Make:
    """Read a rule file that has no faults."""

    def making(text: str) -> AnyRuleSet:
        faults: list[Fault] = []
        ruleset = read_ruleset(read(HEAD + text), approve, 1, checker, faults)
        assert faults == []
        assert ruleset is not None
        return ruleset

    return making


def test_constants_are_typed_by_how_they_are_written(make: Make) -> None:
    """Plain is CEL, quotes make text, a list is a list of the same."""
    constants = """\
constants:
  n: 5
  t: '5'
  l: ["a", 'b']
  m: money("EUR", "5")
  r: |
    "5"
"""
    when = "deal.employees > n && deal.country in l && deal.amount > m && deal.country != t + r"
    found = make(constants + RULE.format(when=when)).constants
    assert {name: (each.source, each.type) for name, each in found.items()} == {
        "n": ("5", "int"),
        "t": ('"5"', "string"),
        "l": ('["a", "b"]', "list(string)"),
        "m": ('money("EUR", "5")', "google.type.Money"),
        "r": ('"5"', "string"),
    }


def test_quotes_in_a_text_constant_stay(make: Make) -> None:
    """A text constant may hold quotes, backslashes and line breaks."""
    found = make("constants:\n  t: 'a\"b\\c'\n" + RULE.format(when="deal.country == t"))
    assert found.constants["t"].source == '"a\\"b\\\\c"'


def test_facts_come_in_dependency_order(make: Make) -> None:
    """Each named fact comes after those it mentions, wherever it stands in the file."""
    facts = "facts:\n  c: b && a\n  b: a || deal.strategic\n  d: c\n  a: deal.employees > 5\n"
    assert list(make(facts + RULE.format(when="d")).facts) == ["a", "b", "c", "d"]


def test_each_binds_its_variable_to_the_element(make: Make) -> None:
    """A rule may be judged once per element of a filtered list, and each rule has its own name."""
    loop = "contacts.filter(x, x.signs)"
    rules = (
        f'rules:\n  - id: one\n    each:\n      c: {loop}\n    when: c.name == "Ann"\n'
        "    then: {points: 1}\n    because: One.\n"
        '  - id: two\n    each: {c: deal.tags}\n    when: c == "a"\n'
        "    then: {points: 1}\n    because: Two.\n"
    )
    first, second = (rule.each for rule in make(rules).rules)
    assert first is not None
    assert second is not None
    assert (first.variable, first.items.type) == ("c", "list(dealgate.test.approve.Contact)")
    assert (second.variable, second.items.type) == ("c", "list(string)")


def test_rule_without_condition_has_none(make: Make) -> None:
    """A rule without `when` always holds."""
    rules = "rules:\n  - id: always\n    then: {verdict: approve}\n    because: |\n      Default.\n"
    (rule,) = make(rules).rules
    assert (rule.when, rule.each, rule.because) == (None, None, "Default.")
    assert str(rule.location) == "rules.yaml:6:5"


def test_parameters_may_be_left_out(make: Make) -> None:
    """A kind whose parameters all have defaults needs no block for them."""
    assert make(RULE.format(when="deal.strategic")).parameters.threshold == 10


def test_comment_after_an_expression_is_no_fault(make: Make) -> None:
    """Only a comment sign inside a text is suspicious."""
    (rule,) = make(RULE.format(when='deal.country == "a" # Germany')).rules
    assert rule.when is not None
    assert rule.when.source == 'deal.country == "a"'


def test_expression_knows_where_it_starts(make: Make) -> None:
    """An expression's place is that of its first letter, also in a block."""
    (rule,) = make(RULE.format(when="|\n\n      deal.strategic")).rules
    assert rule.when is not None
    assert str(rule.when.location) == "rules.yaml:9:7"
