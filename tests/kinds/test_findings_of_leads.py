"""What went wrong with real leads and deals, answered by the newest rules (findings, leads.md)."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf import json_format

from dealgate.engine.native import NativeEngine
from dealgate.judge import judged
from dealgate.kinds import KINDS
from tests.shipped import catalog

AS_OF = 1_795_608_000_000_000_000  # Wednesday 2026-11-25, 12:00 UTC
LEAD: Mapping[str, Any] = {
    "id": "L1",
    "email": "ann@acme.de",
    "has_opted_out_of_email": False,
    "do_not_call": False,
    "seniority": "SENIORITY_VP",
    "company": {"employees": 900},
}
SCREENED = dict.fromkeys(
    (
        *("is_customer", "is_competitor", "is_employee", "is_candidate", "is_student"),
        *("is_support_request", "is_target_account", "is_export_denied", "is_partner"),
    ),
    False,
)
KNOWN: Mapping[str, Any] = {
    "lead": LEAD,
    "relationship": SCREENED,
    "verification": {
        "status": "VERIFICATION_STATUS_VERIFIED",
        "contactable_by_email": True,
        "contactable_by_phone": True,
    },
    "scores": {"fit": 70, "engagement": 50, "composite": 60},
    "history": {"attempts_without_response": 0, "recycle_count": 0},
}


def answer(kind: str, facts: Mapping[str, Any], as_of: int = AS_OF) -> dict[str, Any]:
    """Return what the newest version answers."""
    message = json_format.ParseDict(dict(facts), KINDS[kind].facts())
    ruleset = [one for one in catalog().all() if one.kind == kind][-1]
    verdict = judged(KINDS[kind], NativeEngine().prepare(ruleset), message, as_of)
    outcome = verdict.answer.outcome
    return json_format.MessageToDict(outcome, preserving_proto_field_name=True)


def qualified(**facts: Mapping[str, Any] | list[Any]) -> tuple[str, list[str]]:
    """Return the disposition and the codes of a lead of whom all is known, but for these facts."""
    merged = {
        name: {**KNOWN.get(name, {}), **value} if isinstance(value, dict) else value
        for name, value in facts.items()
    }
    outcome = answer("qualify", {**KNOWN, **merged})
    return outcome["disposition"].removeprefix("DISPOSITION_"), outcome.get("reason_codes", [])


def act(name: str, day: int, hour: int = 10) -> dict[str, Any]:
    """Return an activity of November."""
    return {
        "id": f"{name}-{day}-{hour}",
        "type": f"ACTIVITY_TYPE_{name}",
        "at": f"2026-11-{day:02}T{hour:02}:00:00Z",
    }


DEMO = act("DEMO_REQUEST", 25)


@pytest.mark.parametrize(
    "history",
    [
        {"attempts_without_response": 3},
        {"rejection_code": "ENG-02"},
        {"recycle_count": 1, "recycle_until": {"year": 2027, "month": 1, "day": 1}},
        {"rejection_code": "QUAL-03", "recycle_until": {"year": 2024, "month": 1, "day": 1}},
    ],
)
def test_whoever_asks_today_is_answered_whatever_was_counted_before(
    history: dict[str, Any],
) -> None:
    """L-08: an act with its instant goes before counters and codes without one."""
    assert qualified(history=history, activities=[DEMO])[0] == "MQL"


@pytest.mark.parametrize(
    ("acts", "disposition"),
    [
        ([act("DEMO_REQUEST", 20), act("SPAM_COMPLAINT", 25)], "DISQUALIFIED"),
        ([act("DEMO_REQUEST", 20), act("UNSUBSCRIBE", 25)], "HOLD"),
        ([act("UNSUBSCRIBE", 20), act("DEMO_REQUEST", 25)], "MQL"),
        ([act("MEETING_BOOKED", 25)], "MQL"),
        ([act("TRIAL_START", 25)], "MQL"),
    ],
)
def test_the_last_wish_counts(acts: list[dict[str, Any]], disposition: str) -> None:
    """L-09: a complaint and a later unsubscription win; who asks again is answered."""
    assert qualified(activities=acts)[0] == disposition


@pytest.mark.parametrize("known", ["is_customer", "is_partner"])
@pytest.mark.parametrize("closed", [True, False])
def test_customers_and_partners_are_never_archived(known: str, closed: bool) -> None:  # noqa: FBT001
    """L-09: they go to whoever looks after them, whatever channels they closed."""
    lead = {"has_opted_out_of_email": closed, "do_not_call": closed}
    found, _ = qualified(lead=lead, relationship={known: True}, activities=[DEMO])
    assert found == "CUSTOMER_ROUTE"


def test_what_is_confirmed_goes_before_scores() -> None:
    """L-09: no need, in writing; no budget, beside a need and a decision maker."""
    no_need = {"need": {"level": "NEED_LEVEL_NO_NEED", "confirmed_by": "CONFIRMATION_WRITING"}}
    assert qualified(bant=no_need, scores={"composite": 80})[0] == "RECYCLE"
    no_budget = {"budget": {"status": "BUDGET_STATUS_NO_BUDGET"}}
    no_budget["budget"]["confirmed_by"] = "CONFIRMATION_CONVERSATION"
    assert qualified(bant=no_budget)[1] == ["QUAL-01"]


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u00a0", "\u200b", "\ufeff", "\u3000"])
def test_a_blank_code_or_duplicate_is_none(blank: str) -> None:
    """L-13, L-23: what shows nothing disqualifies nobody."""
    assert qualified(history={"rejection_code": blank})[0] == "NURTURE"
    assert qualified(relationship={"duplicate_of": blank})[0] == "NURTURE"


def rep(name: str, **fields: Any) -> dict[str, Any]:
    """Return a rep who may get inbound leads."""
    usual = {"teams": ["inbound"], "is_active": True, "has_no_limit": True, "languages": ["en"]}
    return {"id": name, **usual, **fields}


def test_reps_without_a_limit_take_turns() -> None:
    """L-19: room is a limit and no share."""
    facts: dict[str, Any] = {"lead": {"id": "L1"}, "reps": [rep("a"), rep("b")]}
    first = answer("route", facts)["owner_id"]
    limited = rep("b", has_no_limit=False, capacity=20, open_leads=0)
    assert first in {"a", "b"}
    assert answer("route", {**facts, "reps": [rep("a"), limited]})["owner_id"] in {"a", "b"}


def test_who_is_away_until_the_deadline_does_not_get_the_lead() -> None:
    """L-17: on Friday evening all are closed; leave begins on Saturday, the deadline is Monday."""
    friday = AS_OF + (2 * 24 + 5) * 3_600 * 10**9
    hours = {"opens": 9, "closes": 17, "time_zone": "Europe/Berlin", "region": "DE"}
    leave = {"start": "2026-11-27T23:00:00Z", "end": "2026-12-12T00:00:00Z"}
    reps = [rep("a", working_hours=hours, time_off=[leave]), rep("b", working_hours=hours)]
    facts: dict[str, Any] = {"lead": {"id": "L1"}, "reps": reps}
    assert answer("route", facts, friday)["owner_id"] == "b"
    named = {"id": "A1", "owner_id": "a", "is_named": True}
    assert answer("route", {**facts, "account": named}, friday)["owner_id"] == "b"


@pytest.mark.parametrize("language", ["de", "de-DE", "DE", "German"])
def test_a_language_is_one_however_it_is_written(language: str) -> None:
    """L-26: no fallback owner for the spelling of a code."""
    reps = [rep("a", languages=["de"]), rep("b", languages=["fr"])]
    facts = {"lead": {"id": "L1"}, "language": language, "reps": reps}
    assert answer("route", facts)["owner_id"] == "a"


def deal(**fields: Any) -> dict[str, Any]:
    """Return a deal to inspect, in its second stage."""
    usual = {"id": "O1", "stage_name": "Needs Analysis", "amount": {"currency_code": "EUR"}}
    return {"opportunity": {**usual, **fields}}


def test_one_person_with_three_roles_is_one() -> None:
    """L-22: people are counted, and not entries; without ids nobody knows how many they are."""
    roles = ("ECONOMIC_BUYER", "CHAMPION", "DECISION_MAKER")
    contacts = [{"id": "c1", "role": f"CONTACT_ROLE_{role}"} for role in roles]
    (found,) = answer("inspect", {"id": "p", "deals": [deal(contacts=contacts)]})["deals"]
    assert found["measures"]["people"] == 1
    assert "SINGLE_THREADED" in [issue["code"] for issue in found["issues"]]


def test_a_deal_without_a_type_is_blamed_like_any_other() -> None:
    """L-23: blank is not "renewal"."""
    (found,) = answer("inspect", {"id": "p", "deals": [deal()]})["deals"]
    assert "NO_NEXT_STEP" in [issue["code"] for issue in found["issues"]]
