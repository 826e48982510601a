"""Claims about what follows once it is clear what to do with a lead."""

from typing import Any

import pytest
from google.type.date_pb2 import Date

from dealgate.model.decision import Evidence, Fired
from dealgate.v1 import lead_pb2, qualify_pb2
from tests.kinds.qualifying import claims, found, qualified

FACTS = qualify_pb2.QualifyFacts(lead=lead_pb2.Lead(id="L1"))


@pytest.mark.parametrize(
    ("codes", "contract_end", "until"),
    [
        (["ENG-01"], None, (2026, 10, 13)),
        (["ENG-02"], None, (2026, 9, 13)),
        (["ENG-02", "ENG-01"], None, (2026, 10, 13)),
        (["OTHER-99"], None, (2026, 8, 14)),
        (["QUAL-02"], None, (2026, 11, 12)),
        (["QUAL-02"], (2027, 1, 1), (2026, 10, 3)),
        (["QUAL-02"], (2026, 8, 1), (2026, 7, 15)),
        (["QUAL-02"], (9999, 12, 31), (9999, 10, 2)),
    ],
)
def test_a_recycled_lead_rests_as_long_as_its_gravest_reason_asks(
    codes: list[str], contract_end: tuple[int, int, int] | None, until: tuple[int, int, int]
) -> None:
    """From 2026-07-15: 90 days, 60 days, or 90 days before a contract ends, never in the past."""
    facts = qualify_pb2.QualifyFacts(lead=FACTS.lead)
    facts.history.recycle_count = 2
    if contract_end:
        year, month, day = contract_end
        facts.history.competitor_contract_ends_on.CopyFrom(Date(year=year, month=month, day=day))
    outcome = qualified(Evidence(fired=[Fired(claims("recycle", one)) for one in codes]), facts)
    date = outcome.recycle_until
    assert (date.year, date.month, date.day) == until
    assert (outcome.engagement_reset, outcome.recycle_count) == (True, 3)


@pytest.mark.parametrize(
    ("rests_until", "until", "count"),
    [((2026, 7, 16), (2026, 7, 16), 2), ((2026, 7, 15), (2026, 10, 13), 3)],
)
def test_a_lead_that_rests_already_is_not_sent_to_rest_again(
    rests_until: tuple[int, int, int], until: tuple[int, int, int], count: int
) -> None:
    """Asked again a day before its date it keeps date and count; on the date a new rest begins."""
    facts = qualify_pb2.QualifyFacts(lead=FACTS.lead)
    facts.history.recycle_count = 2
    year, month, day = rests_until
    facts.history.recycle_until.CopyFrom(Date(year=year, month=month, day=day))
    outcome = qualified(Evidence(fired=[Fired(claims("recycle", "ENG-01"))]), facts)
    date = outcome.recycle_until
    assert ((date.year, date.month, date.day), outcome.recycle_count) == (until, count)
    assert outcome.engagement_reset == (count == 3)


def test_a_nurtured_lead_is_archived_after_six_months() -> None:
    """182 days are 26 weeks; nothing is reset."""
    outcome = qualified(found(fired=["nurture"]))
    assert outcome.archive_on == Date(year=2027, month=1, day=13)
    assert not outcome.engagement_reset
    assert not outcome.HasField("recycle_until")


@pytest.mark.parametrize(
    ("disposition", "due"),
    [
        ("mql", ["FIRST_CONTACT 2026-07-15T16:00:00Z", "DECISION 2026-07-17T12:00:00Z"]),
        ("sql", ["DISCOVERY 2026-07-20T17:00:00Z", "OPPORTUNITY 2026-07-22T17:00:00Z"]),
        ("nurture", []),
        ("customer_route", []),
    ],
)
def test_deadlines_come_soonest_first(disposition: str, due: list[str]) -> None:
    """From Wednesday noon: four open hours, 48 hours, three and five workdays."""
    outcome = qualified(found(fired=[disposition]))
    told = [
        f"{qualify_pb2.SlaMilestone.Name(one.milestone)} {one.due_at.ToJsonString()}"
        for one in outcome.sla_due
    ]
    assert told == [f"SLA_MILESTONE_{one}" for one in due]


@pytest.mark.parametrize(
    ("status", "disposition", "backward"),
    [
        ("MQL", "nurture", True),
        ("MQL", "mql", False),
        ("ACCEPTED", "mql", True),
        ("ACCEPTED", "sql", False),
        ("QUALIFIED", "mql", True),
        ("QUALIFIED", "sql", False),
        ("QUALIFIED", "recycle", False),
        ("QUALIFIED", "disqualified", False),
        ("INQUIRY", "nurture", False),
        ("RECYCLE", "mql", False),
    ],
)
def test_a_lead_is_never_moved_back_without_a_person(
    status: str, disposition: str, backward: object
) -> None:
    """An answer below the lead's standing is flagged, for review, and promises nothing."""
    facts = qualify_pb2.QualifyFacts(lead=FACTS.lead)
    facts.lead.status = lead_pb2.LeadStatus.Value(f"LEAD_STATUS_{status}")
    outcome = qualified(found(fired=[disposition]), facts)
    assert outcome.moves_backward == backward
    if backward:
        assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_REVIEW]
        assert not outcome.sla_due
        assert not outcome.HasField("archive_on")


def test_bant_counts_only_what_is_known_and_confirmed() -> None:
    """A form does not confirm, a conversation about nothing neither; bad news confirms too."""
    facts = qualify_pb2.QualifyFacts(lead=FACTS.lead)
    bant: Any = facts.bant
    bant.budget.status = qualify_pb2.BUDGET_STATUS_NO_BUDGET
    bant.budget.confirmed_by = qualify_pb2.CONFIRMATION_WRITING
    bant.authority.confirmed_by = qualify_pb2.CONFIRMATION_CONVERSATION
    bant.need.level = qualify_pb2.NEED_LEVEL_MUST_HAVE
    bant.need.confirmed_by = qualify_pb2.CONFIRMATION_FORM
    bant.timeline.days = 0
    bant.timeline.confirmed_by = qualify_pb2.CONFIRMATION_CONVERSATION
    told = qualified(found(fired=["mql"]), facts).bant
    elements = [qualify_pb2.BANT_ELEMENT_BUDGET, qualify_pb2.BANT_ELEMENT_TIMELINE]
    assert told.confirmed == 2
    assert told.confirmed_elements == elements
    assert told.missing_elements == [qualify_pb2.BANT_ELEMENT_AUTHORITY]


def test_meddpicc_is_summed_over_its_eight_elements() -> None:
    """Unset and 0 both mean unknown; both frameworks are told whichever the rules go by."""
    facts = qualify_pb2.QualifyFacts(lead=FACTS.lead)
    facts.meddpicc.metrics, facts.meddpicc.champion, facts.meddpicc.competition = 3, 1, 0
    told = qualified(found(fired=["mql"]), facts).meddpicc
    names = [qualify_pb2.MeddpiccElement.Name(one) for one in told.missing_elements]
    assert told.sum == 4
    assert len(names) == 6
    assert "MEDDPICC_ELEMENT_COMPETITION" in names


def test_dates_stop_at_the_end_of_the_calendar() -> None:
    """A lead judged on the last day of 9999 is archived that day: no overflow."""
    last_noon = 253_402_257_600 * 1_000_000_000
    outcome = qualified(found(fired=["nurture"]), as_of=last_noon)
    assert outcome.archive_on == Date(year=9999, month=12, day=31)
    deadlines = qualified(found(fired=["sql"]), as_of=last_noon).sla_due
    assert {one.due_at.ToJsonString() for one in deadlines} == {"9999-12-31T23:59:59Z"}
