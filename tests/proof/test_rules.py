"""Mistakes planted in rules are found, told with facts that show them, and no others are."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dealgate.model.rules import AnyRuleSet
from dealgate.proof import checking, regions
from dealgate.proof.checking import analysed
from dealgate.proof.findings import Report
from tests.engine.specimen import Facts
from tests.proof.proving import SPECIMEN, rules, ruleset

MISTAKES = Path(__file__).parent / "mistakes"


def told(report: Report) -> str:
    """Return a report as `dealgate check --verbose` tells it."""
    return "\n".join([*map(str, report.findings), *map(str, report.unknown), report.summary, ""])


def found(of: AnyRuleSet) -> list[tuple[str, str]]:
    """Return what is found, of what."""
    return [(each.subject, str(each.code)) for each in analysed(of, SPECIMEN).findings]


@pytest.mark.parametrize("path", sorted(MISTAKES.glob("*.yaml")), ids=lambda path: path.stem)
def test_mistakes_are_told(path: Path) -> None:
    """Each file of rules has beside it, word for word, what its author reads.

    `REGENERATE=1 .venv/bin/pytest tests/proof/test_rules.py` writes the texts anew.
    """
    text = told(analysed(ruleset(path.read_text()), SPECIMEN))
    golden = path.with_suffix(".txt")
    if os.environ.get("REGENERATE"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize(
    "condition",
    [
        "thing.count > 5",
        "has(thing.count) && thing.count > 5",
        "thing.count > 5 && has(thing.flag)",
        "thing.count >= 5 && thing.count <= 5",
        "thing.flag || thing.inner.flag",
        "has(thing.inner) && thing.inner.count > 5",
        'thing.price > money("EUR", "5") && goal > thing.price',
        "days_between(thing.at, as_of) == 30 && thing.at < thing.inner.at",
        'thing.name.endsWith(".edu") && thing.name.contains("@")',
        "items.exists(x, x.count > 3) && !items.all(x, x.count > 3)",
        "items.filter(x, x.flag).size() > 2",
        'stage == "DE"',
        'lower(stage) == "de"',
    ],
)
def test_sound_rules_are_proved_without_a_word(condition: str) -> None:
    """That a rule can fire and stay quiet is shown on facts, also by expressions over them."""
    report = analysed(rules(condition), SPECIMEN)
    assert told(report) == "1 rules: 1 proved\n"


def test_same_effect_over_other_elements_is_not_redundant() -> None:
    """A rule over one list does not stand in for a rule over another."""
    text = "rules:\n"
    for number, items in enumerate(("items", "items.filter(x, x.flag)")):
        text += f"  - id: r{number}\n    each: {{i: '{items}'}}\n    when: i.count > 3\n"
        text += "    then: {say: same}\n    because: Because.\n"
    assert found(ruleset(text)) == []


def test_of_two_equal_rules_the_later_is_redundant() -> None:
    """One of them must stay."""
    text = "rules:\n"
    for number in range(3):
        text += (
            f"  - id: r{number}\n    each: {{x{number}: items}}\n    when: x{number}.count > 3\n"
        )
        text += "    then: {say: same}\n    because: Because.\n"
    assert found(ruleset(text)) == [("rule r1", "rule-redundant"), ("rule r2", "rule-redundant")]


def test_other_effects_make_nothing_redundant() -> None:
    """Rules that say different things may fire together."""
    assert found(rules("thing.count > 5", "thing.count > 3")) == []


def test_facts_are_judged_as_rules_see_them() -> None:
    """What a kind computes from the facts is there, and what it would overwrite shows nothing."""

    def derive(facts: Any, _parameters: Any, _as_of: int) -> Any:
        derived = Facts()
        derived.CopyFrom(facts)
        derived.thing.total = 7  # type: ignore[attr-defined]  # made at run time
        return derived

    of = rules("thing.total == 7 && thing.flag", "thing.total == 5 && thing.flag")
    report = analysed(of, replace(SPECIMEN, derive=derive))
    assert [(each.subject, each.why) for each in report.unknown] == [
        ("rule r1", "the engine judges the facts that were tried otherwise")
    ]


def test_a_version_with_too_many_rules_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule of it is unknown, for one reason, in one place."""
    monkeypatch.setattr(checking, "MOST", 2)
    many = rules(*(f"thing.count == {number}" for number in range(3)))
    report = analysed(many, SPECIMEN)
    (unknown,) = report.unknown
    assert str(unknown).endswith(
        ":1:1: unknown: all rules: are too many: 3 rules and rows; up to 2 are proved"
    )
    assert report.summary == "3 rules: 0 proved, 3 unknown (are too many)"


def test_conditions_that_are_too_hard_to_multiply_out_are_proved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three alternatives of three are 27 rows; what each part leaves out only adds up."""
    monkeypatch.setattr(regions, "ROWS", 12)
    either = [
        f"({of}.count > 3 || {of}.total > 3 || {of}.ratio > 3.0)" for of in ("thing", "thing.inner")
    ]
    either.append("(thing.flag || thing.inner.flag || size(thing.tags) > 3)")
    sound, spare = rules(" && ".join(either)), rules(" && ".join([*either, *either[:1]]))
    for of, told_ in ((sound, []), (spare, ["condition-pointless"])):
        report = analysed(of, SPECIMEN)
        assert [str(finding.code) for finding in report.findings] == told_
        assert not report.unknown
