"""Claims about the stage gate: what rules stop, what opens it, and what follows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.advance import ADVANCE
from dealgate.model.decision import AnyEvidence, Evidence, Failed, Fired, Undecided
from dealgate.v1 import advance_pb2 as pb
from dealgate.v1 import gate_pb2
from dealgate.v1.opportunity_pb2 import FORECAST_CATEGORY_COMMIT
from tests.kinds import build
from tests.kinds.advancing import PARAMETERS, advanced, codes, deal, decided, rule

MEETING = rule("a-meeting", block="NO_MEETING", field="checklist.meeting_held", next="Meet.")
STALE = rule("b-stale", warn="STALE", field="opportunity.next_step_date")
MANAGER = rule("c-discount", require="DISCOUNT_10", roles=["manager"])
VP = rule("d-discount", require="DISCOUNT_20", roles=["vp", "manager"])
OVERRIDE = rule("e-override", waive=["NO_MEETING", "STAGE_SKIPPED", "DISCOUNT_10"])
UNKNOWN = ("checklist.meeting_held",)
BY_MANAGER = "approvals { role: SALES_ROLE_MANAGER approver_id: 'M' }"
OWNED = "opportunity { owner_id: 'R' }"


def fired(*rules: Any) -> AnyEvidence:
    """Return evidence of rules that fired."""
    return Evidence(fired=[Fired(one) for one in rules])


def test_a_move_that_nothing_stops_is_allowed_with_all_that_follows() -> None:
    """The new probability and category, when it is due, and the events to emit."""
    outcome = advanced(deal("Talk", "Offer", "opportunity { forecast_category: 3 }"))
    assert (decided(outcome), outcome.move) == ("ALLOW", pb.STAGE_MOVE_FORWARD)
    assert (outcome.probability, outcome.forecast_category) == (75.5, FORECAST_CATEGORY_COMMIT)
    assert outcome.sla_due_at.ToNanoseconds() == build.AS_OF + 10 * build.DAY
    assert outcome.events == [
        "opportunity.stage_changed",
        "opportunity.forecast_category_changed",
    ]


def test_the_events_tell_only_what_changes() -> None:
    """A closed deal is closed; a category that is unknown or the same has not changed."""
    assert advanced(deal("Offer", "Won")).events == [
        "opportunity.stage_changed",
        "opportunity.closed",
    ]
    same = advanced(deal("Talk", "Offer", "opportunity { forecast_category: 4 }"))
    assert same.events == ["opportunity.stage_changed"]


def test_a_stage_without_days_is_never_due() -> None:
    """Without a number of days there is no deadline, rather than one of nought days."""
    assert not advanced(deal("Talk", "Trial")).HasField("sla_due_at")


def test_a_blocking_rule_stops_the_move_and_names_the_field() -> None:
    """The answer tells what is not done and what to do, and promises nothing."""
    told = deal("Talk", "Offer", "checklist { meeting_held: false }")
    outcome = advanced(told, fired(MEETING))
    assert decided(outcome) == "BLOCK"
    (reason,) = outcome.reasons
    assert (reason.code, reason.rule_id) == ("NO_MEETING", "a-meeting")
    assert (reason.severity, reason.message) == (gate_pb2.REASON_SEVERITY_BLOCK, "for the test")
    (item,) = outcome.missing
    assert (item.field, item.unknown, item.code) == (UNKNOWN[0], False, "NO_MEETING")
    assert outcome.next_actions == ["Meet."]
    assert not outcome.HasField("probability")
    assert (outcome.forecast_category, len(outcome.events)) == (0, 0)


@pytest.mark.parametrize(
    ("field", "told", "unknown"),
    [
        ("closure.details", "", True),
        ("closure.details", "closure {}", True),
        ("closure.details", 'closure { details: "" }', True),
        ("closure.details", 'closure { details: "-" }', False),
        ("closure.loss_reason", "closure { loss_reason: LOSS_REASON_UNSPECIFIED }", True),
        ("closure.loss_reason", "closure { loss_reason: LOSS_REASON_OTHER }", False),
        ("opportunity.amount", "", True),
        ("opportunity.amount", 'opportunity { amount { currency_code: "EUR" } }', False),
        ("opportunity.contacts", "", False),
        ("target_stage", "", False),
        ("the handshake", "", False),
    ],
)
def test_what_is_missing_is_unknown_only_if_nobody_told_it(
    field: str, told: str, unknown: object
) -> None:
    """A rule that asks `has(…)` fires on a fact that is absent: absent is not "wrong"."""
    outcome = advanced(deal("Talk", "Offer", told), fired(rule("x", block="X", field=field)))
    assert [(item.field, item.unknown) for item in outcome.missing] == [(field, unknown)]


def test_unknown_is_never_yes() -> None:
    """A blocking rule that cannot be judged stops the move and names the facts it lacks."""
    outcome = advanced(deal("Talk", "Offer"), Evidence(undecided=[Undecided(MEETING, UNKNOWN)]))
    assert decided(outcome) == "BLOCK"
    assert outcome.reasons[0].undecided
    assert (outcome.missing[0].field, outcome.missing[0].unknown) == (UNKNOWN[0], True)
    assert outcome.next_actions == ["Meet.", "Tell checklist.meeting_held."]


@pytest.mark.parametrize(
    ("effect", "decision", "said"),
    [
        ({"block": "X"}, "BLOCK", ["X"]),
        ({"block": "X", "when_unknown": "claim"}, "BLOCK", ["X"]),
        ({"block": "X", "when_unknown": "ignore"}, "ALLOW", []),
        ({"warn": "X"}, "ALLOW", []),
        ({"warn": "X", "when_unknown": "claim"}, "ALLOW", ["X"]),
        ({"warn": "X", "when_unknown": "block"}, "BLOCK", ["X"]),
        ({"inform": "X"}, "ALLOW", []),
        ({"require": "X", "roles": ["vp"]}, "BLOCK", ["X"]),
        ({"require": "X", "roles": ["vp"], "when_unknown": "claim"}, "REQUIRES_APPROVAL", ["X"]),
        ({"require": "X", "roles": ["vp"], "when_unknown": "ignore"}, "ALLOW", []),
        ({"waive": ["X"]}, "ALLOW", []),
    ],
)
def test_each_rule_says_what_follows_if_it_is_unknown(
    effect: dict[str, Any], decision: str, said: list[str]
) -> None:
    """What gates is shut unless its author says otherwise; what informs is silent."""
    unsure = Undecided(rule("unsure", **effect), ("opportunity.discount",))
    outcome = advanced(deal("Talk", "Offer"), Evidence(undecided=[unsure]))
    assert (decided(outcome), codes(outcome)) == (decision, said)


@pytest.mark.parametrize("effect", [{"block": "X"}, {"warn": "X"}, {"waive": ["X"]}])
def test_a_rule_that_failed_shuts_the_gate(effect: dict[str, Any]) -> None:
    """Whatever it would have claimed, the answer is BLOCK and names the rule and the fault."""
    failed = Evidence(failed=[Failed(rule("ratio", **effect), "divide by zero")])
    outcome = advanced(deal("Talk", "Offer"), failed)
    assert decided(outcome) == "BLOCK"
    (reason,) = outcome.reasons
    assert (reason.code, reason.rule_id, reason.undecided) == ("RULE_FAILED", "ratio", True)
    assert "divide by zero" in reason.message


def test_a_warning_stops_nothing() -> None:
    """It is told, and it is not missing."""
    outcome = advanced(deal("Talk", "Offer"), fired(STALE))
    assert (decided(outcome), codes(outcome), len(outcome.missing)) == ("ALLOW", ["STALE"], 0)
    assert outcome.reasons[0].severity == gate_pb2.REASON_SEVERITY_WARN


def test_reasons_come_in_the_order_of_the_file() -> None:
    """Fired, undecided or failed, each stands where its rule stands; the pipeline comes first."""
    evidence = Evidence(
        fired=[Fired(STALE)],
        undecided=[Undecided(MEETING, UNKNOWN)],
        failed=[Failed(MANAGER, "overflow")],
    )
    outcome = advanced(deal("New", "Offer"), evidence)
    assert [reason.rule_id for reason in outcome.reasons] == [
        "",
        "a-meeting",
        "b-stale",
        "c-discount",
    ]


def test_elements_of_a_list_are_named() -> None:
    """A rule judged over a list tells which elements it is about."""
    late = rule("late", over="opportunity.history", warn="LATE")
    outcome = advanced(deal("Talk", "Offer"), Evidence(fired=[Fired(late, (0, 2))]))
    assert outcome.reasons[0].elements == [0, 2]


def test_a_field_is_missing_once() -> None:
    """Two rules that lack the same fact ask for it once."""
    twice = [Undecided(MEETING, UNKNOWN), Undecided(rule("f", block="Y"), UNKNOWN)]
    outcome = advanced(deal("Talk", "Offer"), Evidence(undecided=twice))
    assert [item.field for item in outcome.missing] == list(UNKNOWN)


def test_a_required_approval_is_asked_for() -> None:
    """Nothing else is wrong, so the answer is to ask; nothing changes until it is given."""
    outcome = advanced(deal("Talk", "Offer", OWNED), fired(MANAGER))
    assert decided(outcome) == "REQUIRES_APPROVAL"
    (approval,) = outcome.approvals
    assert (approval.role, approval.given) == (gate_pb2.SALES_ROLE_MANAGER, False)
    assert approval.codes == ["DISCOUNT_10"]
    assert len(outcome.missing) == 0
    assert outcome.next_actions == ["Ask for approval: manager."]
    assert not outcome.HasField("probability")


def test_given_approvals_open_the_gate() -> None:
    """Each role is asked for once, whoever asks, and a VP may stand in for a manager."""
    by_vp = "approvals { role: SALES_ROLE_VP approver_id: 'V' }" + BY_MANAGER
    outcome = advanced(deal("Talk", "Offer", OWNED + by_vp), fired(MANAGER, VP))
    assert decided(outcome) == "ALLOW"
    assert [(one.role, one.approver_id, list(one.codes)) for one in outcome.approvals] == [
        (gate_pb2.SALES_ROLE_MANAGER, "V", ["DISCOUNT_10", "DISCOUNT_20"]),
        (gate_pb2.SALES_ROLE_VP, "V", ["DISCOUNT_20"]),
    ]


def test_a_manager_does_not_stand_in_for_a_vp() -> None:
    """Standing in goes one way."""
    outcome = advanced(deal("Talk", "Offer", OWNED + BY_MANAGER), fired(VP))
    assert [one.given for one in outcome.approvals] == [True, False]
    assert decided(outcome) == "REQUIRES_APPROVAL"


@pytest.mark.parametrize(
    ("owner", "decision"),
    [("R", "ALLOW"), ("M", "REQUIRES_APPROVAL"), ("", "REQUIRES_APPROVAL")],
)
def test_nobody_approves_their_own_deal(owner: str, decision: str) -> None:
    """An approval by the owner does not count, nor one that might be the owner's."""
    facts = deal("Talk", "Offer", BY_MANAGER)
    if owner:
        facts.opportunity.owner_id = owner
    assert decided(advanced(facts, fired(MANAGER))) == decision


def test_an_owner_that_is_not_known_is_asked_for() -> None:
    """There is an approval, and it would count if we knew whose deal it is."""
    outcome = advanced(deal("Talk", "Offer", BY_MANAGER), fired(MANAGER, VP))
    assert [(item.field, item.unknown, item.code) for item in outcome.missing] == [
        ("opportunity.owner_id", True, "DISCOUNT_10")
    ]
    unasked = advanced(deal("Talk", "Offer", BY_MANAGER))
    assert (decided(unasked), len(unasked.missing)) == ("ALLOW", 0)


@pytest.mark.parametrize(
    ("discount", "decision"),
    [
        ("0.1", "ALLOW"),
        ("0.15", "ALLOW"),
        ("0.16", "REQUIRES_APPROVAL"),
        ("", "REQUIRES_APPROVAL"),
    ],
)
def test_an_approval_counts_up_to_the_discount_it_was_given_for(
    discount: str, decision: str
) -> None:
    """Who consented to 15 % has not consented to 16 %, nor to nobody knows how much."""
    most = "approvals { role: SALES_ROLE_MANAGER approver_id: 'M' max_discount { value: '0.15' } }"
    facts = deal("Talk", "Offer", OWNED + most)
    if discount:
        facts.opportunity.discount.value = discount
    assert decided(advanced(facts, fired(MANAGER))) == decision


def test_an_override_sets_blocks_aside_and_says_so() -> None:
    """The reasons stay visible as information, and the answer names what was set aside."""
    outcome = advanced(deal("New", "Offer"), fired(MEETING, OVERRIDE))
    assert (decided(outcome), outcome.move) == ("ALLOW", pb.STAGE_MOVE_SKIP)
    assert outcome.waived_codes == ["STAGE_SKIPPED", "NO_MEETING"]
    assert codes(outcome) == ["STAGE_SKIPPED", "NO_MEETING"]
    assert {reason.severity for reason in outcome.reasons} == {gate_pb2.REASON_SEVERITY_INFO}
    assert len(outcome.missing) == len(outcome.next_actions) == 0


def test_no_override_stands_for_an_approval() -> None:
    """A code that asks for approval cannot be waived, known or unknown."""
    assert decided(advanced(deal("Talk", "Offer"), fired(MANAGER, OVERRIDE))) == "REQUIRES_APPROVAL"
    unsure = [Undecided(MANAGER, ("opportunity.discount",))]
    evidence = Evidence(fired=[Fired(OVERRIDE)], undecided=unsure)
    assert decided(advanced(deal("Talk", "Offer"), evidence)) == "BLOCK"


@pytest.mark.parametrize(
    ("more", "code", "missing"),
    [
        ("expected_version: 4 opportunity { version: 4 }", None, []),
        ("opportunity { version: 4 }", None, []),
        ("expected_version: 3 opportunity { version: 4 }", "VERSION_CONFLICT", []),
        ("expected_version: 0 opportunity { version: 4 }", "VERSION_CONFLICT", []),
        ("expected_version: 3", "VERSION_UNKNOWN", ["opportunity.version"]),
    ],
)
def test_a_stale_record_does_not_move(more: str, code: str | None, missing: list[str]) -> None:
    """Only the version that the actor saw may move; none expected, none compared."""
    outcome = advanced(deal("Talk", "Offer", more))
    assert codes(outcome) == ([code] if code else [])
    assert decided(outcome) == ("BLOCK" if code else "ALLOW")
    assert [item.field for item in outcome.missing] == missing


def test_a_repeated_request_changes_nothing() -> None:
    """A retry after success is NO_CHANGE, though the version has moved on and rules would block."""
    stale = deal("Offer", "Offer", "expected_version: 1 opportunity { version: 2 }")
    outcome = advanced(stale, fired(MEETING))
    assert (decided(outcome), outcome.move) == ("NO_CHANGE", pb.STAGE_MOVE_NONE)
    assert (outcome.probability, len(outcome.reasons), len(outcome.events)) == (75.5, 0, 0)


def test_the_entity_is_the_opportunity_and_the_word_is_the_decision() -> None:
    """A decision is listed under opportunity/O-1 as "no_change"."""
    facts = deal("Trial", "Trial")
    ruleset = build.ruleset(ADVANCE, [], PARAMETERS)
    assert str(ADVANCE.entity_of(facts)) == "opportunity/O-1"
    assert ADVANCE.conclude(facts, ruleset, Evidence(), build.AS_OF).word == "no_change"


RULES = [MEETING, STALE, MANAGER, VP, OVERRIDE]


@given(
    st.lists(st.sampled_from(RULES), unique_by=lambda one: one.id),
    st.sampled_from(RULES),
    st.sampled_from(["fired", "undecided", "failed"]),
)
def test_bad_news_never_opens_the_gate(known: list[Any], more: Any, how: str) -> None:
    """One more block, doubt or fault leaves a shut gate shut, unless it is an override."""
    before = advanced(deal("Talk", "Offer"), fired(*known))
    rest = [one for one in known if one.id != more.id]
    evidence = {
        "fired": Evidence(fired=[*map(Fired, rest), Fired(more)]),
        "undecided": Evidence(fired=[*map(Fired, rest)], undecided=[Undecided(more, ("x",))]),
        "failed": Evidence(fired=[*map(Fired, rest)], failed=[Failed(more, "overflow")]),
    }[how]
    after = advanced(deal("Talk", "Offer"), evidence)
    if decided(before) == "BLOCK" and more is not OVERRIDE:
        assert decided(after) == "BLOCK"
