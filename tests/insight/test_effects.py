"""What became of decisions, by rule, by hand."""

import pytest

from tests.insight.recording import Journal, left_out, value


def journal() -> Journal:
    """Six scored leads: three converted, two not, one of which nobody knows."""
    kept = Journal()
    for name, fired, told in (
        ("a", ["demo", "large"], ("CONVERTED", 9, 1_000)),
        ("b", ["demo"], ("CONVERTED", 9, 2_000)),
        ("c", ["demo"], ("NOT_CONVERTED", 9)),
        ("d", ["large"], ("NOT_CONVERTED", 9)),
        ("e", ["large", "student"], ("CONVERTED", 9)),
        ("f", ["student"], None),
    ):
        kept.note("score", ("lead", name), 5, fired=fired, told=told)
    return kept


def test_precision_lift_and_money_by_hand() -> None:
    """Base 3/5; demo 2/3, so a lift of 1.11, and 30 of money; student has one known end."""
    found = journal().ask("GetRuleEffectiveness", kind="score")
    assert (found.base.numerator, found.base.denominator) == (3, 5)
    demo, large, student = found.rules
    assert (demo.rule_id, demo.fired, value(demo.precision)) == ("demo", 3, "0.666667")
    assert (value(demo.lift), demo.amount.units, demo.amounts) == ("1.111111", 30, 2)
    assert (large.fired, value(large.precision), large.amount.units) == (3, "0.666667", 10)
    assert (student.fired, student.precision.denominator, value(student.lift)) == (2, 1, "1.666667")
    assert not student.HasField("amount")
    assert demo.precision.is_small_sample
    low, high = (float(one.value.value) for one in (demo.lift_at_least, demo.lift_at_most))
    assert low < 1.111111 < high


def test_a_result_before_the_decision_is_no_success() -> None:
    """The decision may have known it: it is left out, and said to be."""
    kept = Journal()
    kept.note("score", ("lead", "a"), 5, fired=["demo"], told=("CONVERTED", 4))
    found = kept.ask("GetRuleEffectiveness", kind="score")
    assert value(found.base) is None
    assert found.rules[0].precision.unknown_because
    assert left_out(found) == {"BEFORE_DECISION": 1}


@pytest.mark.parametrize(
    ("asked", "fired"),
    [({"since": 6}, 0), ({"before": 5}, 0), ({"rule_set_version": 2}, 0), ({"since": 5}, 3)],
)
def test_only_what_is_asked_for_counts(asked: dict[str, int], fired: int) -> None:
    """A window and a version choose decisions."""
    rules = journal().ask("GetRuleEffectiveness", kind="score", **asked).rules
    assert sum(one.fired for one in rules if one.rule_id == "demo") == fired


def test_other_kinds_and_neutral_results_do_not_count() -> None:
    """A result that is neither a success nor a failure counts in no share."""
    kept = journal()
    kept.note("qualify", ("lead", "a"), 5, fired=["demo"], told=("CONVERTED", 9))
    kept.note("score", ("lead", "g"), 5, fired=["demo"], told=("FIRST_VALUE", 9))
    found = kept.ask("GetRuleEffectiveness", kind="score")
    assert found.base.denominator == 5
    assert found.rules[0].fired == 4


def test_what_became_of_decisions_by_their_outcome() -> None:
    """Whatever words the kind has: those of one that the rules declare are its own."""
    kept = Journal()
    for name, outcome, told in (
        ("a", "APPROVE", ("WON", 9)),
        ("b", "APPROVE", ("LOST", 9)),
        ("c", "NEEDS_APPROVAL", ("WON", 9)),
        ("d", "APPROVE", None),
    ):
        kept.note("score", ("quote", name), 5, outcome=outcome, told=told)
    approved, needed = kept.ask("GetRuleEffectiveness", kind="score").outcomes
    assert (approved.outcome, approved.decisions) == ("APPROVE", 3)
    assert (approved.precision.numerator, approved.precision.denominator) == (1, 2)
    assert (needed.outcome, value(needed.precision)) == ("NEEDS_APPROVAL", "1")
