"""What a kind said before is used again under the same parameters, and under no others."""

import marshal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from dealgate.model.errors import Violation
from dealgate.proof.boxes import TooHard
from dealgate.proof.case_facts import MOST, CaseFacts, case_facts
from dealgate.proof.checking import analysed
from dealgate.proof.dimensions import NOON
from dealgate.proof.findings import Report
from dealgate.proof.formulas import And
from dealgate.proof.kept import Kept, Shelf
from dealgate.proof.lasting import take_plain, to_plain
from dealgate.proof.regions import Region, Space
from dealgate.proof.remembered import Memory
from dealgate.proof.witness import Witness
from tests.proof.proving import SPECIMEN, rules
from tests.shipped import cases_of


class Parameters(BaseModel):
    """The most that a count may be."""

    most: int


def _check(facts: Any, parameters: Parameters, _as_of: int) -> Sequence[Violation]:
    beyond = facts.thing.count > parameters.most
    return [Violation("thing.count", f"is more than {parameters.most}")] if beyond else []


KIND = replace(SPECIMEN, parameters=Parameters, check=_check)


def test_other_parameters_refuse_other_values() -> None:
    """With one memory, from edit to edit, the same is found as without any."""
    memory = Memory()
    for most in (10, 30, 10, 20):
        of = replace(rules("thing.count == 20"), parameters=Parameters(most=most))
        kept, fresh = analysed(of, KIND, memory=memory), analysed(of, KIND)
        assert [str(each) for each in kept.findings] == [str(each) for each in fresh.findings]
        assert bool(fresh.findings) == (most < 20)


def test_true_is_not_one() -> None:
    """A dictionary takes them for the same; what is refused of one says nothing of the other."""
    kept = Kept(KIND)
    assert kept.refusal("thing.flag", value=True, ask=lambda: "") == ""
    assert kept.refusal("thing.flag", 1, lambda: "is not a flag") == "is not a flag"


def test_another_kind_of_the_same_name_is_asked_anew() -> None:
    """A declared kind is read again when its file changes."""
    shelf, of = Shelf(), rules("thing.count == 20")
    assert shelf.of(KIND, of) is shelf.of(KIND, of)
    assert shelf.of(KIND, of) is not shelf.of(replace(KIND), of)


def _facts(count: int) -> Witness:
    facts: Any = SPECIMEN.facts()
    facts.thing.count = count
    return Witness(facts, NOON)


def test_facts_of_cases_spare_proofs_and_change_no_finding() -> None:
    """A rule that fires on one case and is false on another is asked for no facts of its own."""
    rule_set = replace(rules("thing.count == 20"), parameters=Parameters(most=30))
    (rule,) = rule_set.rules
    cases = CaseFacts({rule.id: [_facts(20)]}, [_facts(7)])
    memory = Memory()
    report = analysed(rule_set, KIND, memory=memory, shown_by=cases)
    assert report.findings == analysed(rule_set, KIND).findings == ()
    shown: list[Any] = [witness.facts for witness in memory.shown.values()]
    assert {facts.thing.count for facts in shown} == {20, 7}


def test_facts_that_the_kind_refuses_by_now_spare_nothing() -> None:
    """A case is still there after a parameter has changed that makes it impossible."""
    rule_set = replace(rules("thing.count == 20"), parameters=Parameters(most=10))
    cases = CaseFacts({rule_set.rules[0].id: [_facts(20)]}, [_facts(7)])
    report = analysed(rule_set, KIND, memory=Memory(), shown_by=cases)
    assert [str(each) for each in report.findings] == [
        str(each) for each in analysed(rule_set, KIND).findings
    ]
    assert report.findings


def test_facts_that_no_longer_show_it_are_not_believed() -> None:
    """The engine judges facts by the rules as they are now."""
    memory, cases = Memory(), CaseFacts({"r1": [_facts(20)]}, [_facts(7)])
    for when in ("thing.count == 20", "thing.count == 21", "thing.count < 0 && thing.count > 0"):
        rule_set = replace(rules(when), parameters=Parameters(most=30))
        kept = analysed(rule_set, KIND, memory=memory, shown_by=cases)
        fresh = analysed(rule_set, KIND)
        assert [str(each) for each in kept.findings] == [str(each) for each in fresh.findings]


@pytest.mark.parametrize("after", ["thing.count == 20", "thing.count == 21", "thing.count == 40"])
def test_what_lasts_changes_no_finding(after: str) -> None:
    """Another process finds the same with what this one leaves it, and proves only what changed."""
    first = _checked("thing.count == 20", Memory())
    report = _checked(after, memory := Memory(), marshal.loads(marshal.dumps(first[1])))[0]
    assert list(map(str, report.findings)) == list(map(str, _checked(after, Memory())[0].findings))
    assert (memory.proved == 0) == (after == "thing.count == 20")


def _checked(when: str, memory: Memory, before: Any = None) -> tuple[Report, Any]:
    """Return what is found of a condition, and what lasts of it."""
    of = replace(rules(when, "thing.count < 5"), parameters=Parameters(most=30))
    kept = memory.shelf.of(KIND, of)
    if before is not None:
        take_plain(before, memory, kept)
    cases = CaseFacts({"r1": [_facts(20)]}, [_facts(7)])
    report = analysed(of, KIND, memory=memory, shown_by=cases)
    return report, to_plain(memory, kept)


def test_what_was_derived_lasts() -> None:
    """Facts that the kind derived something from are not asked about again."""
    memory, other, of = Memory(), Memory(), rules("thing.count == 20")
    facts, kept, later = _facts(20).facts, memory.shelf.of(KIND, of), other.shelf.of(KIND, of)
    derived = kept.known(facts, NOON, lambda: _facts(21).facts)
    take_plain(to_plain(memory, kept), other, later)
    assert later.known(facts, NOON, lambda: pytest.fail("asked again")) == derived


def test_regions_that_are_too_hard_are_told_once() -> None:
    """What could not be written down for a rule is not tried again at every edit."""
    space = Space({})
    formula = And(())
    space.refuse(formula, Region.TRUE, "is too hard")
    with pytest.raises(TooHard, match="is too hard"):
        space.rows(formula, Region.TRUE)
    assert space.known_rows(formula, Region.TRUE) == "is too hard"
    assert space.known_rows(formula, Region.POSSIBLE) is None
    assert space.rows(formula, Region.POSSIBLE) == space.known_rows(formula, Region.POSSIBLE)


def test_cases_say_where_to_look() -> None:
    """Of each rule the cases in which fewest others fire come first, and no errors."""
    shipped_cases = cases_of("convert", 3).cases
    facts = case_facts(shipped_cases)
    firing = {rule for case in shipped_cases if case.error is None for rule in case.fired or ()}
    assert set(facts.firing) == firing
    assert all(len(witnesses) <= MOST for witnesses in facts.firing.values())
    for rule, witnesses in facts.firing.items():
        assert not {id(each) for each in witnesses} & {id(each) for each in facts.quiet(rule)}
