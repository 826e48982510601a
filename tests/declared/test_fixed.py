"""Facts of one's own that cannot change: no flip changes them, and answers are as they were."""

from pathlib import Path

import pytest

from dealgate.engine.native import NativeEngine
from dealgate.explain.flip_results import Bounds, Flips
from dealgate.explain.flips import Search
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.model.rules import AnyRuleSet
from dealgate.model.widening import recorded
from dealgate.rulebook.checking import Checked
from tests.declared import folder
from tests.explain.build import AS_OF, told

CASES = "cases:\n  - {case: a, as_of: 2026-01-01T00:00:00Z, facts: {fan: {id: F1}}, fired: []}\n"
KIND = """\
kind: welcome
because: Who gets a seat in front?
entity: {type: fan, id: fan.id}
facts:
  fan:
    id: {type: text, required: true, because: The id.}
    born_on: {type: date, FIXEDbecause: As in the passport.}
    points: {type: int, because: Collected in the shop.}
    fixed: {type: bool, because: Has a fixed seat.}
outcome:
  word: seat
  fields:
    seat: {type: enum, values: [front, back], fold: gravest, because: Where.}
unknown: hold
nothing: back
"""
RULES = """\
ruleset: welcome
version: 1
owner: sales
because: Old fans first.
EXTRArules:
  - id: old-fan
    when: fan.born_on < date("1980-01-01")
    then: {seat: front}
    because: They have waited long.
  - id: keen-fan
    when: fan.points > 100
    then: {seat: front}
    because: They buy.
  - id: seated
    when: fan.fixed
    then: {seat: front}
    because: They have one.
"""


def _read(home: Path, declared: str, extra: str = "") -> Checked:
    files = {
        "kind.yaml": KIND.replace("FIXED", declared),
        "v1.yaml": RULES.replace("EXTRA", extra),
        "v1.cases.yaml": CASES,
    }
    return folder.read(folder.written_kind(home, "welcome", files))


def _rules(checked: Checked) -> AnyRuleSet:
    (ruleset,) = checked.needing_all().catalog.all()
    return ruleset


def _flips(checked: Checked) -> Flips:
    ruleset = _rules(checked)
    kind = checked.needing_all().catalog.kinds["welcome"]
    facts = kind.facts()
    facts.fan.id, facts.fan.points, facts.fan.fixed = "F1", 5, False
    facts.fan.born_on.year, facts.fan.born_on.month, facts.fan.born_on.day = 1999, 5, 1
    judging = WhatIfJudge(kind, NativeEngine().prepare(ruleset), AS_OF)
    base = judging.judge(facts)
    assert base is not None
    return Search(judging, facts, base, Bounds()).run()


def _changed(found: Flips) -> set[str]:
    return {path for _, changes in told(found) for path in changes}


def test_a_declared_fact_that_cannot_change_is_in_no_flip(tmp_path: Path) -> None:
    """`fixed: true` in kind.yaml; a rule set may say that it can change after all."""
    free = _flips(_read(tmp_path / "free", ""))
    held = _flips(_read(tmp_path / "held", "fixed: true, "))
    after_all = _flips(_read(tmp_path / "all", "fixed: true, ", "changeable: [fan.born_on]\n"))
    assert "fan.born_on" in _changed(free)
    assert "fan.born_on" not in _changed(held)
    assert {"fan.points", "fan.fixed"} <= _changed(held)
    assert held.fixed == ("fan.born_on",)
    assert "fan.born_on" in _changed(after_all)


def test_what_cannot_change_changes_no_answer(tmp_path: Path) -> None:
    """The digest of a version is the same with `fixed` and without; a fact of that name counts."""
    free = _rules(_read(tmp_path / "free", ""))
    assert _rules(_read(tmp_path / "held", "fixed: true, ")).digest == free.digest
    lines = KIND.replace("FIXED", "").replace("fixed: {type: bool,", "fixed: {type: bool, unit: x,")
    files = {"kind.yaml": lines, "v1.yaml": RULES.replace("EXTRA", ""), "v1.cases.yaml": CASES}
    other = folder.read(folder.written_kind(tmp_path / "other", "welcome", files))
    assert _rules(other).digest != free.digest


@pytest.mark.parametrize("wrong", ["fan.points", "fan.bron_on"])
def test_only_what_is_fixed_can_be_said_to_change(wrong: str, tmp_path: Path) -> None:
    """A misspelt path, and one that can change anyway, are told with their place."""
    checked = _read(tmp_path, "fixed: true, ", f"changeable: [{wrong}]\n")
    (fault,) = checked.faults.all
    assert "v1.yaml:5:14: changeable: " in str(fault)


def test_a_property_that_cannot_change_is_in_no_flip() -> None:
    """`fixed: true` in properties.yaml; one below a past activity is fixed with it."""
    fixed = folder.PROPERTIES.replace("webinars: {type: int,", "webinars: {type: int, fixed: true,")
    for properties, expected in ((folder.PROPERTIES, True), (fixed, False)):
        (ruleset,) = folder.read(folder.written(properties)).needing_all().catalog.all()
        kind = folder.read(folder.written(properties)).needing_all().catalog.kinds["qualify"]
        facts = kind.facts()
        facts.lead.id = "L1"
        facts.lead.properties.webinars = 5
        facts.activities.add(id="a").properties.medium = "radio"
        judging = WhatIfJudge(kind, NativeEngine().prepare(ruleset), AS_OF)
        base = judging.judge(facts)
        assert base is not None
        found = Search(judging, facts, base, Bounds(tries=200)).run()
        assert ("lead.properties.webinars" in found.fixed) is not expected
        assert "activities[0].properties.medium" not in _changed(found)


def test_no_flip_says_what_nobody_may_send() -> None:
    """Of an enum one of its values, of a number what its bounds allow; of recorded facts, too."""
    properties = folder.PROPERTIES.replace("at_most: 50", "at_most: 40")
    checked = folder.read(folder.written(properties)).needing_all()
    (ruleset,), kind = checked.catalog.all(), recorded(checked.catalog.kinds["qualify"])
    facts = kind.facts()
    facts.lead.id, facts.lead.properties.tier, facts.lead.properties.webinars = "L1", "gold", 20
    judging = WhatIfJudge(kind, NativeEngine().prepare(ruleset), AS_OF)
    base = judging.judge(facts)
    assert base is not None
    found = Search(judging, facts, base, Bounds(tries=2_000)).run()
    values = {(path, after) for _, changes in told(found) for path, after in changes.items()}
    tiers = {after for path, after in values if path == "lead.properties.tier"}
    webinars = {after for path, after in values if path == "lead.properties.webinars"}
    assert tiers <= {"silver", "bronze", None}
    assert tiers & {"silver", "bronze"}
    assert webinars <= {None, *range(41)}
