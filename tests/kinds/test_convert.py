"""Claims about whether a lead becomes an opportunity, what is missing, and what to expect."""

from decimal import Decimal
from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dealgate.kinds.convert import CONVERT
from dealgate.kinds.convert.terms import ConvertEffect, ConvertParameters
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.statistics import difference, wilson
from dealgate.v1 import convert_pb2 as pb
from tests.kinds import build
from tests.kinds.converting import PARAMETERS, claims, converted, facts, needs, segment

LATE = claims("LATE", inform="LATE")
NOT_NOW = claims("NOT_NOW", nurture="NOT_NOW", field="disposition")
OWNER = needs("OWNER", "deal.owner_id")


@pytest.mark.parametrize(
    ("evidence", "decision"),
    [
        (Evidence(), pb.CONVERT_DECISION_CONVERT),
        (build.fired(LATE), pb.CONVERT_DECISION_CONVERT),
        (build.fired(OWNER), pb.CONVERT_DECISION_NEEDS_DATA),
        (build.fired(OWNER, NOT_NOW), pb.CONVERT_DECISION_NURTURE),
        (Evidence(undecided=[build.undecided(LATE, "x")]), pb.CONVERT_DECISION_CONVERT),
        (Evidence(undecided=[build.undecided(OWNER, "x")]), pb.CONVERT_DECISION_NEEDS_DATA),
        (Evidence(undecided=[build.undecided(NOT_NOW, "x")]), pb.CONVERT_DECISION_NEEDS_DATA),
        (Evidence(failed=[build.failed(OWNER)]), pb.CONVERT_DECISION_NEEDS_DATA),
        (Evidence(failed=[build.failed(NOT_NOW)]), pb.CONVERT_DECISION_NEEDS_DATA),
        (Evidence(failed=[build.failed(LATE)]), pb.CONVERT_DECISION_CONVERT),
    ],
)
def test_the_gate_opens_only_if_nothing_is_left_open(
    evidence: AnyEvidence, decision: pb.ConvertDecision.ValueType
) -> None:
    """What nurtures wins; what could not be judged, or went wrong, keeps it shut."""
    assert converted(facts(), evidence).decision == decision


def test_a_repeat_after_success_does_no_harm() -> None:
    """A lead that is an opportunity already needs nothing, whatever the rules say by now."""
    outcome = converted(facts(deal=pb.PlannedDeal(id="O1")), build.fired(OWNER, NOT_NOW))
    assert outcome.decision == pb.CONVERT_DECISION_ALREADY_CONVERTED
    assert not outcome.missing
    assert not outcome.creates


def test_missing_facts_are_ranked_by_worth() -> None:
    """By rank, then by what was observed of them, then by name; each once."""
    given = facts()
    for field, share in (("b", 10), ("c", 40)):
        one = given.item_evidence.add(field=field)
        getattr(one, "with").CopyFrom(segment("", 50, 50))
        one.without.CopyFrom(segment("", share, 100 - share))
    rules = [
        needs(*args) for args in (("C", "c"), ("D", "d"), ("A", "a"), ("B", "b"), ("E", "e", 1))
    ]
    again = needs("B_TOO", "b", 60)
    outcome = converted(given, build.fired(*rules, again))
    assert [one.field for one in outcome.missing] == ["e", "b", "c", "a", "d"]
    assert [one.lift.value for one in outcome.missing] == ["", "0.4", "0.1", "", ""]
    assert outcome.missing[1].code == "B"


def test_an_undecided_rule_asks_for_what_it_lacked() -> None:
    """Not for the fact it is about: the caller learns what to find out."""
    evidence = Evidence(undecided=[build.undecided(OWNER, "account.id", "deal.amount")])
    outcome = converted(facts(), evidence)
    assert [(one.field, one.unknown) for one in outcome.missing] == [
        ("account.id", True),
        ("deal.amount", True),
    ]
    assert outcome.reasons[0].undecided


def test_what_was_told_and_is_not_good_enough_is_not_unknown() -> None:
    """An owner was told; none, or one that shows nothing, was not."""
    for owner, unknown in (("o", False), ("", True), (None, True)):
        deal = pb.PlannedDeal(owner_id=owner)
        outcome = converted(facts(deal=deal), build.fired(OWNER))
        assert outcome.missing[0].unknown is unknown


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_the_interval_is_wilsons(successes: int, trials: int, low: str, high: str) -> None:
    """Newcombe 1998, Statist. Med. 17, 857-872, table I, method 3."""
    found = wilson(successes, trials, "0.95")
    assert abs(found.low - Decimal(low)) <= Decimal("0.00005")
    assert abs(found.high - Decimal(high)) <= Decimal("0.00005")


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), "0.0524", "0.3339"),
        ((9, 10), (3, 10), "0.1705", "0.8090"),
        ((10, 10), (0, 20), "0.6791", "1.0000"),
    ],
)
def test_the_difference_is_newcombes(
    one: tuple[int, int], other: tuple[int, int], low: str, high: str
) -> None:
    """Newcombe 1998, Statist. Med. 17, 873-890, table II, method 10."""
    found = difference(one, other, "0.95")
    assert abs(found.low - Decimal(low)) <= Decimal("0.00005")
    assert abs(found.high - Decimal(high)) <= Decimal("0.00005")


@given(st.integers(0, 1000), st.integers(0, 1000), st.sampled_from(["0.9", "0.95", "0.99"]))
def test_an_interval_holds_its_rate(successes: int, failures: int, confidence: str) -> None:
    """It lies in [0, 1], and mirrors itself if success and failure change places."""
    trials = successes + failures
    if trials == 0:
        return
    found, mirrored = (wilson(x, trials, confidence) for x in (successes, failures))
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert abs(found.low + mirrored.high - 1) <= Decimal("0.000001")


@pytest.mark.parametrize(("lost", "status"), [(19, "SAMPLE_TOO_SMALL"), (20, "OBSERVED")])
def test_a_rate_is_observed_from_thirty_closed_leads_on(lost: int, status: str) -> None:
    """Leads that are still open are in neither number, however many there are."""
    expected = converted(facts(funnel=[segment("web", 10, lost, 1000)])).expected
    assert expected.status == pb.FunnelStatus.Value(f"FUNNEL_STATUS_{status}")
    assert expected.HasField("rate") == (status == "OBSERVED")


def test_a_lift_needs_enough_leads_on_both_sides() -> None:
    """29 without it tell nothing, and nothing is shown instead."""
    given = facts()
    one = given.item_evidence.add(field="deal.owner_id")
    getattr(one, "with").CopyFrom(segment("", 15, 15))
    one.without.CopyFrom(segment("", 10, 19))
    assert not converted(given, build.fired(OWNER)).missing[0].HasField("lift")


def test_a_field_that_may_be_filled_counts_as_filled() -> None:
    """What is not known could be lost; what is known to be empty is not."""
    given = facts()
    given.custom_fields.add(name="Maybe__c")
    given.custom_fields.add(name="Empty__c", is_filled=False)
    given.custom_fields.add(name="A__c", is_filled=True)
    outcome = converted(given)
    assert outcome.unmapped_fields == ["Maybe__c"]
    assert [one.target for one in outcome.field_mappings] == ["Opportunity.A__c"]
    assert outcome.decision == pb.CONVERT_DECISION_CONVERT
    stopped = converted(given, unmapped_fields_block=True)
    assert stopped.decision == pb.CONVERT_DECISION_NEEDS_DATA


def test_nobody_is_late_without_a_deadline() -> None:
    """Unknown is neither in time nor late."""
    assert not converted(facts()).HasField("first_contact_breached")


SEGMENT = "converted: 1 lost: 1"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("lead { id: '' }", ["lead.id"]),
        ("lead { created_at { seconds: 99999999999 } }", ["lead.created_at"]),
        ("account { id: 'A' is_new: true }", ["account.is_new"]),
        ("contact { id: 'C' is_new: true }", ["contact.is_new"]),
        ("deal { owner_id: '%s' }" % ("x" * 257), ["deal.owner_id"]),
        ("deal { amount { currency_code: 'EUR' units: -1 } }", ["deal.amount"]),
        ("deal { budget { currency_code: 'EUR' units: -1 } }", ["deal.budget"]),
        ("deal { amount { currency_code: 'EUR' nanos: 1 } }", ["deal.amount"]),
        ("deal { close_date { year: 2026 month: 2 day: 30 } }", ["deal.close_date"]),
        ("deal { next_step_date { year: 2026 } }", ["deal.next_step_date"]),
        ("disposition: 99", ["disposition"]),
        ("first_contact { made_at { seconds: 99999999999 } }", ["first_contact.made_at"]),
        ("funnel { }", ["funnel[0].name", "funnel[0].converted", "funnel[0].lost"]),
        (f"funnel {{ name: 'a' {SEGMENT} open: -1 }}", ["funnel[0].open"]),
        ("funnel { name: 'a' converted: -1 lost: -1 }", ["funnel[0].converted", "funnel[0].lost"]),
        (f"funnel {{ name: 'a' {SEGMENT} }} " * 2, ["funnel[1].name"]),
        ("".join(f"funnel {{ name: 'a{n}' {SEGMENT} }} " for n in range(21)), ["funnel"]),
        (
            "item_evidence { }",
            [
                f"item_evidence[0].{name}"
                for name in (
                    "field",
                    "with.converted",
                    "with.lost",
                    "without.converted",
                    "without.lost",
                )
            ],
        ),
        (
            f"item_evidence {{ field: 'a' with {{ {SEGMENT} }} without {{ {SEGMENT} }} }} " * 2,
            ["item_evidence[1].field"],
        ),
        ("custom_fields { }", ["custom_fields[0].name"]),
        ("custom_fields { name: 'a' } custom_fields { name: 'a' }", ["custom_fields[1].name"]),
    ],
)
def test_bad_facts_are_named(more: str, expected: list[str]) -> None:
    """Every fault is named by its path, and nothing else is."""
    given = text_format.Parse("lead { id: 'L1' }", pb.ConvertFacts())
    text_format.Merge(more, given)
    parameters = ConvertParameters.model_validate(PARAMETERS)
    found = CONVERT.check(given, parameters, build.AS_OF)
    assert [one.field for one in found] == expected


@pytest.mark.parametrize(
    ("then", "wrong"),
    [
        ({}, "one of need, nurture and inform"),
        ({"need": "A", "nurture": "B", "field": "x"}, "one of need, nurture and inform"),
        ({"need": "A"}, "name the fact"),
        ({"inform": "a"}, "pattern"),
        ({"need": "A", "field": "x", "rank": 0}, "greater than or equal to 1"),
    ],
)
def test_effects_that_make_no_sense_are_refused(then: dict[str, Any], wrong: str) -> None:
    """Each says what to write instead."""
    with pytest.raises(ValidationError, match=wrong):
        ConvertEffect.model_validate(then)
