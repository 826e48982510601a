"""Claims about what is done with a lead, and what follows."""

from itertools import combinations
from typing import Any

import pytest
from google.type.date_pb2 import Date

from dealgate.kinds.qualify.ladder import ORDER
from dealgate.model.decision import Evidence, Fired
from dealgate.v1 import lead_pb2, qualify_pb2
from tests.kinds.qualifying import claims, found, qualified, word

FACTS = qualify_pb2.QualifyFacts(lead=lead_pb2.Lead(id="L1"))


@pytest.mark.parametrize(("graver", "lighter"), list(combinations(ORDER, 2)))
def test_the_gravest_disposition_wins(graver: str, lighter: str) -> None:
    """Whatever else fires: ineligible before disqualified before … before hold."""
    assert word(qualified(found(fired=[lighter, graver]))) == graver


def test_the_codes_of_all_rules_of_the_winner_are_given() -> None:
    """Two reasons not to sell are both told, each once; those of others are not."""
    rules = [claims("disqualified", code) for code in ("QUAL-03", "FIT-02", "QUAL-03")]
    hits = [Fired(claims("mql", "MQL-01")), *map(Fired, rules)]
    assert qualified(Evidence(fired=hits)).reason_codes == ["QUAL-03", "FIT-02"]


@pytest.mark.parametrize("refusal", ["ineligible", "disqualified"])
def test_a_refusal_stands_whatever_else_is_unknown(refusal: str) -> None:
    """Undecided and failed rules and missing facts do not let a refused lead back in."""
    evidence = found([refusal], ["ineligible", "sql"], ["customer_route"], known=(1, 10))
    outcome = qualified(evidence)
    assert word(outcome) == refusal
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_ARCHIVE]
    assert not outcome.hold_reasons


@pytest.mark.parametrize(("open_", "winner"), list(combinations(ORDER, 2)))
def test_an_undecided_rule_that_could_change_the_answer_holds_it(open_: str, winner: str) -> None:
    """Unknown is never no: HOLD, unless it is a refusal, or SQL that is open behind MQL."""
    outcome = qualified(found(fired=[winner], undecided=[open_]))
    if winner == "disqualified" or (open_, winner) == ("sql", "mql"):
        assert word(outcome) == winner
        return
    assert word(outcome) == "hold"
    assert outcome.missing_facts == [f"missing.{open_}"]
    assert outcome.holding_rule_ids == [f"{open_.replace('_', '-')}-code-01"]
    assert qualify_pb2.HOLD_REASON_UNDECIDED_RULE in outcome.hold_reasons
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_PROVIDE_FACTS]


@pytest.mark.parametrize(("winner", "open_"), list(combinations(ORDER, 2)))
def test_an_undecided_rule_that_comes_too_late_changes_nothing(winner: str, open_: str) -> None:
    """Nobody is asked for facts that could not matter."""
    outcome = qualified(found(fired=[winner], undecided=[open_]))
    assert word(outcome) == winner
    assert not outcome.missing_facts


def test_what_was_withheld_is_told() -> None:
    """A lead that would be an MQL, were it known not to be a competitor's."""
    outcome = qualified(found(fired=["mql"], undecided=["ineligible"]))
    assert outcome.withheld_disposition == lead_pb2.DISPOSITION_MQL
    assert not outcome.reason_codes
    assert not outcome.sla_due


@pytest.mark.parametrize("winner", ORDER[2:])
@pytest.mark.parametrize("broken", ORDER)
def test_a_rule_that_went_wrong_shuts_the_gate(winner: str, broken: str) -> None:
    """Wherever it stands: HOLD names it, and asks for its repair."""
    outcome = qualified(found(fired=[winner], failed=[broken]))
    assert word(outcome) == "hold"
    assert outcome.holding_rule_ids == [f"{broken.replace('_', '-')}-code-01"]
    assert qualify_pb2.HOLD_REASON_FAILED_RULE in outcome.hold_reasons
    assert qualify_pb2.NEXT_ACTION_REPAIR_RULES in outcome.next_actions


@pytest.mark.parametrize(("known", "disposition"), [(4, "nurture"), (3, "hold")])
def test_too_few_facts_hold_a_lead(known: int, disposition: str) -> None:
    """4 of 10 facts are enough for a least completeness of 0.4; 3 are not."""
    outcome = qualified(found(fired=["nurture"], known=(known, 10)))
    assert word(outcome) == disposition
    held = [qualify_pb2.HOLD_REASON_INCOMPLETE_FACTS] if disposition == "hold" else []
    assert outcome.hold_reasons == held


def test_a_lead_no_rule_speaks_of_is_looked_at_by_a_person() -> None:
    """Nothing fires: HOLD, and no guess."""
    outcome = qualified(found())
    assert word(outcome) == "hold"
    assert outcome.hold_reasons == [qualify_pb2.HOLD_REASON_NO_RULE]
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_REVIEW]


def test_a_rule_may_hold_a_lead() -> None:
    """Its code is told, and a person looks."""
    outcome = qualified(found(fired=["hold"]))
    assert word(outcome) == "hold"
    assert outcome.reason_codes == ["CODE-01"]
    assert outcome.hold_reasons == [qualify_pb2.HOLD_REASON_RULE]
    assert outcome.next_actions == [qualify_pb2.NEXT_ACTION_REVIEW]


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
