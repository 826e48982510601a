"""One pass over facts finds what three would."""

from random import Random
from typing import Any

import pytest
from google.protobuf.text_format import Parse

from dealgate.kinds import KINDS
from dealgate.model import leads
from dealgate.model.bounds import out_of_bounds
from dealgate.model.malformed import malformed
from dealgate.model.soundness import is_sound
from dealgate.model.texts import told
from dealgate.v1.lead_pb2 import Lead
from dealgate.v1.score_pb2 import ScoreFacts
from tests.kinds.strange_facts import changed
from tests.shipped import cases_of, newest_cases

TRIES = 25


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sound_is_found_fault_with_by_none(kind: str) -> None:
    """Facts that pass hold no blank text, nothing malformed and nothing out of bounds."""
    cases = [case for case in newest_cases(kind).cases if case.error is None]
    random, sound = Random(kind), 0
    for _ in range(TRIES):
        case = random.choice(cases)
        facts, _ = changed(random, case.facts, case.as_of)
        wrong = told(facts) is not facts or malformed(facts) or out_of_bounds(facts)
        if is_sound(facts):
            assert not wrong
            sound += 1
    assert sound


def test_leads_and_activities_that_pass_one_look_have_no_fault() -> None:
    """Whatever was done to them."""
    cases = [case for case in cases_of("score", 2).cases if case.error is None]
    random, passed = Random("leads"), 0
    facts: Any
    for _ in range(300):
        case = random.choice(cases)
        facts, as_of = changed(random, case.facts, case.as_of)
        if leads.is_usual_lead(facts.lead, as_of):
            assert leads._lead_faults(facts.lead, facts.lead.company, as_of) == []
            passed += 1
        for activity in facts.activities:
            if leads._is_usual(activity, as_of):
                assert leads._activity(0, activity, as_of) == []
    assert passed


@pytest.mark.parametrize(
    "facts",
    [
        'lead { first_name: " " }',
        'lead { first_name: "\u200b" }',
        'lead { first_name: "" }',
        'lead { company { technologies: "crm" technologies: " " } }',
        "lead { created_at { seconds: 1000000000000 } }",
        "lead { seniority: 99 }",
        'lead { company { annual_revenue { currency_code: "euro" } } }',
        "activities { count: 0 }",
        "activities { duration { seconds: -1 } }",
    ],
)
def test_one_fault_is_enough(facts: str) -> None:
    """A text with one faulty character is unsound, wherever it is."""
    assert not is_sound(Parse(facts, ScoreFacts()))


@pytest.mark.parametrize("name", ["Özlem", "李", "\u00a0x", "x"])
def test_text_that_shows_something_is_sound(name: str) -> None:
    """A text that shows something is sound, in whatever script."""
    assert is_sound(ScoreFacts(lead=Lead(first_name=name)))
