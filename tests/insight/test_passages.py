"""How leads and opportunities pass, by hand."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.insight.passages import Passages, conversions
from dealgate.insight.window import Window
from dealgate.v1.advance_pb2 import StageMove
from tests.insight.recording import Journal, left_out, stamp, value

FIRST, SECOND = 0, 1


def lead(journal: Journal, name: str, day: float, outcome: str = "", **more: Any) -> None:
    """A lead is qualified; without an outcome, it is scored."""
    kind = "qualify" if outcome else "score"
    journal.note(kind, ("lead", name), day, outcome=outcome, **more)


def counts(found: Any, location: int) -> tuple[int, int, int, int, int]:
    """Return entered, passed, ended, open and skipped of a stage."""
    one = found[location]
    return one.entered, one.passed, one.ended, one.open, one.skipped


def test_leads_pass_from_captured_to_converted() -> None:
    """Four leads: one converts, one is disqualified, one skips MQL, one is still open."""
    journal = Journal()
    lead(journal, "A", 1)
    lead(journal, "A", 2, "MQL")
    lead(journal, "A", 3, "SQL", told=("CONVERTED", 5))
    lead(journal, "B", 1)
    lead(journal, "B", 4, "DISQUALIFIED")
    lead(journal, "C", 2, "SQL")
    lead(journal, "D", 3, "NURTURE")
    found = journal.ask("GetLeadFunnel", as_of=10)
    assert [one.stage for one in found.cohort] == ["captured", "MQL", "SQL"]
    assert counts(found.cohort, 0) == (4, 2, 1, 1, 0)
    assert counts(found.cohort, 1) == (2, 2, 0, 0, 1)
    assert counts(found.cohort, 2) == (2, 1, 0, 1, 0)
    assert value(found.cohort[0].conversion) == "0.5"
    assert found.cohort[0].value_if_open_pass.value == "0.75"
    assert value(found.period[0].conversion) == "0.666667"
    assert value(found.period[2].conversion) == "1"
    assert (found.basis.decisions, found.basis.results) == (7, 1)
    assert found.basis.fresh_to == stamp(5)
    assert found.basis.formulas


def test_nothing_that_happens_later_counts() -> None:
    """As of day 2 the lead is an MQL and open, whatever came of it."""
    journal = Journal()
    lead(journal, "A", 1, "MQL", told=("CONVERTED", 5))
    found = journal.ask("GetLeadFunnel", as_of=2)
    assert counts(found.cohort, 1) == (1, 0, 0, 1, 0)
    assert value(found.period[1].conversion) is None


def test_cohort_and_period_are_not_mixed() -> None:
    """Who entered before the window and left in it counts in the period, not in the cohort."""
    journal = Journal()
    journal.move("early", 1, "New")
    journal.move("early", 12, "Offer")
    journal.move("late", 11, "New")
    found = journal.ask("GetStageConversion", since=10, before=20)
    assert counts(found.cohort, FIRST) == (1, 0, 0, 1, 0)
    assert value(found.cohort[FIRST].conversion) == "0"
    assert counts(found.period, FIRST) == (2, 1, 0, 1, 0)
    assert value(found.period[FIRST].conversion) == "1"


def test_skips_pass_through_and_reentries_count_once() -> None:
    """One deal is won without an offer; another goes back and forth, and is lost."""
    journal = Journal()
    journal.move("skips", 1, "New", told=("WON", 4))
    for day, stage in ((1, "New"), (2, "Offer"), (3, "New"), (4, "Offer")):
        journal.move("returns", day, stage)
    journal.move("returns", 6, "Lost", move=StageMove.STAGE_MOVE_LOSE)
    found = journal.ask("GetStageConversion")
    assert counts(found.cohort, FIRST) == (2, 2, 0, 0, 0)
    assert counts(found.cohort, SECOND) == (2, 1, 1, 0, 1)


def test_stages_come_from_history_too_and_blocked_moves_are_none() -> None:
    """What the opportunity brings counts, with stages that nobody asked for told apart."""
    journal = Journal()
    history = [("New", 1.0), ("Legal", 2.0), ("Offer", 3.0)]
    journal.move("A", 5, history=history, told=("LOST", 9))
    found = journal.ask("GetStageConversion")
    assert counts(found.cohort, FIRST) == (1, 1, 0, 0, 0)
    assert counts(found.cohort, SECOND) == (1, 0, 1, 0, 0)
    assert left_out(found) == {"STAGE_UNKNOWN": 1}


def test_time_in_stage_knows_who_is_still_there() -> None:
    """Of 2, 4, 6 and 8+ days the median is 4; without censoring it would be wrong, too."""
    journal = Journal()
    for name, days in (("a", 2), ("b", 4), ("c", 6)):
        journal.move(name, 1, "New")
        journal.move(name, 1 + days, "Offer")
    journal.move("open", 1, "New")
    new, offer = journal.ask("GetTimeInStage", as_of=9).stages
    assert (new.entered, new.left, new.open) == (4, 3, 1)
    assert [value(one) for one in (new.p25_days, new.median_days, new.p75_days)] == ["2", "4", "6"]
    assert (offer.entered, offer.left, value(offer.median_days)) == (3, 0, None)
    assert offer.median_days.unknown_because == "too many are still in it"
    assert new.is_small_sample


ENTRIES = st.tuples(st.sampled_from("abcdef"), st.integers(0, 3), st.integers(0, 50))
ENDS = st.tuples(st.sampled_from("abcdef"), st.integers(0, 50))


@settings(deadline=None, max_examples=30)
@given(st.lists(ENTRIES, max_size=30), st.lists(ENDS, max_size=6), st.integers(0, 50))
def test_laws_of_conversion(
    entries: list[tuple[str, int, int]], endings: list[tuple[str, int]], as_of: int
) -> None:
    """Everybody who entered has passed, ended or is open, and the next stage holds who passed.

    Compared with a loop that follows each subject by itself.
    """
    stages = ("one", "two", "three", "four")
    window = Window(0, 100, as_of)
    cohort, period = conversions(Passages(entries, endings), stages, window)
    for location, one in enumerate(cohort):
        assert one.entered == one.passed + one.ended + one.open
        assert min(one.passed, one.ended, one.open) >= 0
        assert one.conversion.numerator <= one.conversion.denominator
        seen = {s for s, rank, at in entries if rank >= location and at <= as_of}
        passed = {s for s, rank, at in entries if rank > location and at <= as_of}
        assert (one.entered, one.passed) == (len(seen), len(passed))
    for by_cohort, by_period in zip(cohort, period, strict=True):
        assert (by_cohort.passed, by_cohort.ended) == (by_period.passed, by_period.ended)


@pytest.mark.parametrize("as_of", [10, 1])
def test_an_empty_journal_has_no_conversion(as_of: float) -> None:
    """Nothing known is not 0 %."""
    found = Journal().ask("GetStageConversion", as_of=as_of)
    assert [value(one.conversion) for one in found.cohort] == [None, None]
    assert not found.basis.HasField("fresh_to")
