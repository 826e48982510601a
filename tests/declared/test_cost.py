"""What makes declared properties cheap changes no answer."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.engine.native import NativeEngine
from dealgate.judge import judge
from dealgate.model.entity_walk import SENT
from dealgate.model.errors import BadQuestion
from dealgate.model.properties import Property
from dealgate.model.property_reading import fill
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.checking import Checked
from dealgate.v1 import qualify_pb2 as pb
from tests.declared.folder import PROPERTIES, checked, read

NOON = 1_780_315_200 * 10**9
ENGINE = NativeEngine()
PLAIN = """\
ruleset: qualify
version: 1
owner: sales
because: Rules that read no property.
parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}
rules:
  - id: large
    when: lead.company.employees > 100
    then: {disposition: mql, code: OWN-01}
    because: Large ones are worth a talk.
  - id: webcast
    each: {a: activities}
    when: a.type == ACTIVITY_TYPE_WEBCAST
    then: {disposition: nurture, code: OWN-02}
    because: Listeners are warm.
"""
CASES = """\
cases:
  - case: a small one
    as_of: 2026-06-01T00:00:00Z
    facts: {lead: {id: L1, company: {employees: 2}}}
    fired: []
"""
WORDS = "activity:\n  type: {type: enum, values: [webcast], because: We make one.}\n"
NAMES = sorted(
    checked().catalog.kinds["qualify"].widening.vocabulary.declared["lead"]  # type: ignore[union-attr]
)
ANY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["gold", "EUR 12.50", "EUR -3.00", "2026-07-01", "2026-05-01T10:00:00.5Z", "90m", "0.25"]
    ),
    st.text("a", min_size=100, max_size=300),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.sampled_from(["2026-01-01", "x", ""]), max_size=3),
    st.none(),
)


def unread(tmp: Path) -> Checked:
    """Return a folder whose rules read no property, but a further word."""
    home = tmp / "rules" / "qualify"
    home.mkdir(parents=True)
    declared = PROPERTIES.replace("activity:\n", WORDS)
    (tmp / "rules" / "properties.yaml").write_text(declared)
    (home / "v1.yaml").write_text(PLAIN)
    (home / "v1.cases.yaml").write_text(CASES)
    return read(tmp / "rules")


def ruleset_of(folder: Checked) -> AnyRuleSet:
    """Return its only rule set."""
    return folder.catalog.version("qualify", 1)


def asked(lead: dict[str, Any], company: dict[str, Any]) -> pb.QualifyFacts:
    """Return facts with these properties."""
    facts = pb.QualifyFacts()
    facts.lead.id = "L1"
    facts.lead.company.employees = 250
    facts.lead.properties.update(lead)
    facts.lead.company.properties.update(company)
    heard = facts.activities.add(id="a1")
    heard.at.seconds = NOON // 10**9 - 60
    heard.properties.update({"type": "webcast", "medium": "radio"})
    return facts


def test_rules_that_read_no_property_answer_the_same_without_their_types(tmp_path: Path) -> None:
    """Facts are judged as they were sent then, further words included."""
    folder = unread(tmp_path)
    kind, ruleset = folder.catalog.kinds["qualify"], ruleset_of(folder)
    assert ruleset.as_sent
    facts = asked({"tier": "gold", "tags": ["a"]}, {"fleet": 3})
    answers = [
        asyncio.run(judge(kind, rules, ENGINE, facts, NOON))
        for rules in (ruleset, replace(ruleset, as_sent=False))
    ]
    fired = [[hit.rule.id for hit in verdict.evidence.fired] for verdict in answers]
    assert fired[0] == fired[1] == ["large", "webcast"]
    assert answers[0].answer.outcome == answers[1].answer.outcome
    with pytest.raises(BadQuestion, match=r"lead\.properties\.tier"):
        asyncio.run(judge(kind, ruleset, ENGINE, asked({"tier": "tin"}, {}), NOON))


def test_rules_that_ask_whether_there_are_properties_read_them(tmp_path: Path) -> None:
    """`has(lead.properties)` is true of typed ones alone: not of an empty object."""
    folder = unread(tmp_path)
    text = PLAIN.replace("lead.company.employees > 100", "has(lead.properties)")
    (tmp_path / "rules" / "qualify" / "v1.yaml").write_text(text)
    assert not ruleset_of(read(tmp_path / "rules")).as_sent
    assert not ruleset_of(checked()).as_sent
    assert ruleset_of(folder).as_sent


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        ANY,
    )
)
def test_properties_are_read_as_one_by_one(sent: dict[str, Any]) -> None:
    """The bytes written for what was sent are those of a message that each value was put in."""
    kind = checked().catalog.kinds["qualify"]
    way: Any = kind.widening
    declared = way.vocabulary.declared["lead"]
    facts = asked(sent, {})
    holder = way.vocabulary.holder(way.wide, "Lead")
    expected, wrong = holder(), list[tuple[str, str]]()
    for name, value in getattr(facts.lead, SENT).fields.items():
        known: Property = declared[name]
        typed, faults = known.read(value)
        wrong += [(f"{name}{at}", text) for at, text in faults]
        if typed is not None:
            fill(expected, known, typed)
    for _ in range(2):  # the second time from what is remembered
        data, told = way._readers["Lead"].read(facts.lead.properties)
        assert holder.FromString(data) == expected
        assert list(told) == sorted(wrong)
