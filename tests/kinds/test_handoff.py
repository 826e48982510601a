"""Claims about hand-offs: the gate, what is missing, who may accept, and by when."""

from fractions import Fraction
from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.handoff import HANDOFF
from dealgate.kinds.handoff.items import ITEMS
from dealgate.kinds.handoff.terms import HandoffEffect, HandoffParameters
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.parts import decimal_message
from dealgate.model.rules import AnyRule
from dealgate.v1 import handoff_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.kinds import build

WEIGHTS = dict(zip(ITEMS, (15, 10, 20, 20, 15, 5, 5, 5, 5), strict=True))
PARAMETERS: dict[str, Any] = {"weights": WEIGHTS}


def deal(more: str = "") -> pb.HandoffFacts:
    """Return the facts; `more` in protobuf's text format."""
    return text_format.Merge(more, pb.HandoffFacts(opportunity=Opportunity(id="O")))


def rule(name: str, **effect: Any) -> AnyRule:
    """Return a rule that makes this claim."""
    return build.rule(HANDOFF, name, effect)


def complete(*names: str, percent: int = 100) -> list[AnyRule]:
    """Return rules that say how complete these items are."""
    return [rule(name, item=name, complete=percent) for name in names]


def handed(
    facts: pb.HandoffFacts, evidence: AnyEvidence | None = None, **parameters: Any
) -> pb.HandoffOutcome:
    """Check the facts, conclude, and return the outcome."""
    ruleset = build.ruleset(HANDOFF, [], {**PARAMETERS, **parameters})
    assert HANDOFF.check(facts, ruleset.parameters, build.AS_OF) == []
    outcome = HANDOFF.conclude(facts, ruleset, evidence or Evidence(), build.AS_OF).outcome
    assert isinstance(outcome, pb.HandoffOutcome)
    return outcome


def verdict(outcome: pb.HandoffOutcome) -> str:
    """Return the verdict in one word."""
    return pb.HandoffVerdict.Name(outcome.verdict).removeprefix("HANDOFF_VERDICT_")


@given(st.dictionaries(st.sampled_from(sorted(ITEMS)), st.integers(0, 100)))
def test_the_score_is_the_sum_of_the_items(shares: dict[str, int]) -> None:
    """Each by its weight; what lacks most comes first, and what is whole is not missing."""
    rules = [rule(name, item=name, complete=percent) for name, percent in shares.items()]
    outcome = handed(deal(), build.fired(*rules))
    parts = [Fraction(WEIGHTS[name] * percent, 100) for name, percent in shares.items()]  # type: ignore[index]  # drawn
    whole = sum(parts, Fraction(0))
    assert outcome.score == decimal_message(Fraction(whole), 2)
    lacks = [
        (WEIGHTS[name] * Fraction(100 - shares.get(name, 0), 100), ITEMS[name]) for name in ITEMS
    ]
    expected = sorted((each for each in lacks if each[0]), key=lambda each: -each[0])
    assert list(outcome.missing) == [item for _, item in expected]
    assert verdict(outcome) == ("READY" if whole >= 85 else "INCOMPLETE")


def test_the_first_rule_that_fires_decides_an_item() -> None:
    """Others are evidence, and change nothing."""
    rules = [rule("a", item="risks", complete=40), rule("b", item="risks", complete=100)]
    assert handed(deal(), build.fired(*rules)).score.value == "2"


@pytest.mark.parametrize(
    "evidence",
    [
        build.fired(*complete(*ITEMS), rule("b", block="B")),
        Evidence(
            fired=build.fired(*complete(*ITEMS)).fired,
            undecided=[build.undecided(rule("b", block="B"), "contract.is_signed")],
        ),
        Evidence(
            fired=build.fired(*complete(*ITEMS)).fired, failed=[build.failed(rule("b", block="B"))]
        ),
    ],
    ids=["blocked", "nobody knows", "went wrong"],
)
def test_the_gate_stays_shut(evidence: AnyEvidence) -> None:
    """What blocks, what may block, and what went wrong: none is ready, however complete."""
    accepted = deal("reply { is_accepted: true replied_by: 'CSM' }")
    for facts in (deal(), accepted):
        outcome = handed(facts, evidence)
        assert (verdict(outcome), outcome.score.value) == ("BLOCKED", "100")
        assert len(outcome.blockers) == 1
        assert outcome.acceptance_is_premature is facts.HasField("reply")


def test_an_undecided_item_names_what_it_waits_for() -> None:
    """It adds nothing until somebody tells; a rule that fired for it settles the matter."""
    waits = build.undecided(rule("a", item="risks", complete=100), "risks_are_reviewed")
    outcome = handed(deal(), Evidence(undecided=[waits]))
    assert list(outcome.items[5].missing_facts) == ["risks_are_reviewed"]
    both = Evidence(fired=build.fired(*complete("risks")).fired, undecided=[waits])
    assert list(handed(deal(), both).items[5].missing_facts) == []


def test_what_was_sent_back_is_returned_whatever_the_score() -> None:
    """Customer success has the last word."""
    facts = deal("reply { is_accepted: false replied_by: 'CSM' returned_for: HANDOFF_ITEM_RISKS }")
    assert verdict(handed(facts, build.fired(*complete(*ITEMS)))) == "RETURNED"


def test_milestones_come_by_date() -> None:
    """Counted from the first day of the subscription, whatever the order they were written in."""
    milestones = [
        {"code": "LATER", "title": "Later", "days": 30},
        {"code": "SOON", "title": "Soon", "days": 1},
    ]
    facts = deal("customer { started_on { year: 9999 month: 12 day: 20 } }")
    outcome = handed(facts, milestones=milestones)
    assert [(each.code, each.due_on.day) for each in outcome.milestones] == [
        ("SOON", 21),
        ("LATER", 31),
    ]
    assert list(handed(deal(), milestones=milestones).milestones) == []


FUTURE = "{ seconds: 1900000000 }"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("opportunity { id: '' }", ["opportunity.id"]),
        (
            (
                f"opportunity {{ closed_at {FUTURE} }} submitted_at {FUTURE}"
                f" reply {{ is_accepted: true replied_by: 'x' replied_at {FUTURE} }}"
            ),
            ["opportunity.closed_at", "submitted_at", "reply.replied_at"],
        ),
        (
            "opportunity { closed_at { seconds: 9 } } submitted_at { seconds: 8 }",
            ["opportunity.closed_at"],
        ),
        (
            (
                "contract { starts_on { year: 2026 month: 2 day: 1 }"
                " ends_on { year: 2026 month: 1 day: 1 } }"
            ),
            ["contract.ends_on"],
        ),
        ("contract { starts_on { year: 2026 month: 2 } }", ["contract.starts_on"]),
        (
            "products { seats: 0 } products { product_id: 'a' } products { product_id: 'a' }",
            ["products[2].product_id", "products[0].product_id", "products[0].seats"],
        ),
        (
            (
                "stakeholders { } stakeholders { contact_id: 'a' role: STAKEHOLDER_ROLE_USER }"
                " stakeholders { contact_id: 'a' role: STAKEHOLDER_ROLE_USER }"
                " stakeholders { contact_id: 'a' role: STAKEHOLDER_ROLE_CHAMPION }"
            ),
            ["stakeholders[0].contact_id", "stakeholders[2].contact_id"],
        ),
        (
            "success_criteria { } commitments { description: ' ' } risks: ''",
            ["success_criteria[0].metric", "commitments[0].description", "risks[0]"],
        ),
        ("reply { }", ["reply.is_accepted", "reply.replied_by"]),
        (
            "reply { is_accepted: true replied_by: 'x' returned_for: HANDOFF_ITEM_RISKS }",
            ["reply.returned_for"],
        ),
        ("reply { is_accepted: false replied_by: 'x' }", ["reply.returned_for"]),
        (
            "opportunity { owner_id: 'x' } reply { is_accepted: true replied_by: 'x' }",
            ["reply.replied_by"],
        ),
        (" ".join(["risks: 'a'"] * 1001), ["risks"]),
    ],
)
def test_bad_facts_are_refused_field_by_field(more: str, expected: list[str]) -> None:
    """Missing, contradictory, out of range, in the future, twice, too many."""
    parameters = HandoffParameters.model_validate(PARAMETERS)
    found = HANDOFF.check(deal(more), parameters, build.AS_OF)
    assert sorted(each.field for each in found) == sorted(expected)


@pytest.mark.parametrize(
    "effect", [{}, {"item": "risks"}, {"item": "risks", "complete": 1, "block": "B"}]
)
def test_bad_effects_are_refused(effect: dict[str, object]) -> None:
    """An effect makes one claim, and makes it completely."""
    with pytest.raises(ValueError, match=r"claim either|one needs the other"):
        HandoffEffect.model_validate(effect)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {"risks": 99}},
        {"milestones": [{"code": "A", "title": "a", "days": 1}] * 2},
    ],
)
def test_bad_parameters_are_refused(wrong: dict[str, object]) -> None:
    """Weights are a whole, and each milestone has its own code."""
    with pytest.raises(ValueError, match=r"add up to 100|two have the same"):
        HandoffParameters.model_validate({**PARAMETERS, **wrong})
