"""The smallest changes that flip an outcome: none listed in vain, none overlooked."""

from dataclasses import replace

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.explain.fact_positions import changed
from dealgate.explain.flip_results import Bounds
from dealgate.explain.flips import Search
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.kinds import KINDS
from dealgate.model.decision import AnyEvidence, Conclusion
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case
from dealgate.v1 import activity_pb2, lead_pb2
from dealgate.v1 import qualify_pb2 as pb
from tests.explain.build import AS_OF, FIRST, judge, saying, search, told, word_after
from tests.shipped import ENGINE, catalog, newest_cases

DEMO = activity_pb2.ACTIVITY_TYPE_DEMO_REQUEST
SECONDS = AS_OF // 10**9


NAMED = {"x": "scores.engagement > 1", "y": "scores.composite > 1"}


def _gate(_: pb.QualifyFacts, __: AnyRuleSet, evidence: AnyEvidence, ___: int) -> Conclusion:
    reasons = [one.rule.id for one in evidence.fired]
    return Conclusion(pb.QualifyOutcome(reason_codes=reasons), "shut" if reasons else "open")


GATE = replace(FIRST, conclude=_gate)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[AnyRuleSet, Case]:
    """Draw a case of a kind's newest version that is answered."""
    file = newest_cases(draw(st.sampled_from(sorted(KINDS))))
    return file.ruleset, draw(st.sampled_from([case for case in file.cases if case.error is None]))


def scores(**known: int) -> pb.QualifyFacts:
    """Return facts with these scores."""
    return pb.QualifyFacts(scores=pb.LeadScores(**known))


def _word(judging: WhatIfJudge, facts: pb.QualifyFacts) -> str:
    verdict = judging.judge(facts)
    assert verdict is not None
    return verdict.word


@settings(max_examples=8, deadline=None)
@given(_cases())
def test_every_flip_is_true_and_none_holds_a_smaller_one(sample: tuple[AnyRuleSet, Case]) -> None:
    """On shipped rules: the listed changes lead to the listed outcome, and only all of them do."""
    ruleset, case = sample
    judging = WhatIfJudge(KINDS[ruleset.kind], ENGINE.prepare(ruleset), case.as_of)
    base = judging.judge(case.facts)
    assert base is not None
    found = Search(judging, case.facts, base, Bounds(tries=400)).run()
    for flip in [*found.flips, *([found.mended] if found.mended else [])]:
        assert flip.verdict.word != base.word
        assert word_after(judging, case.facts, flip, None) == flip.verdict.word
        for left_out in range(len(flip.changes)):
            assert word_after(judging, case.facts, flip, left_out) == base.word


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=3),
    st.integers(0, 10),
    st.integers(0, 10),
)
def test_no_flip_is_overlooked(limits: list[tuple[int, int]], fit: int, engagement: int) -> None:
    """Whatever outcome some value of one fact, or only two together, lead to: a flip is found.

    Compared with deciding on every pair of values there is.
    """
    judging = judge(
        {
            f"r{number}": f"scores.fit >= {low} && scores.engagement < {high}"
            for number, (low, high) in enumerate(limits)
        }
    )
    facts = scores(fit=fit, engagement=engagement)
    base = judging.judge(facts)
    assert base is not None
    values = range(-1, 11)
    words = {
        (one, other): _word(judging, scores(fit=one, engagement=other))
        for one in values
        for other in values
    }
    alone = {words[one, engagement] for one in values} | {words[fit, other] for other in values}
    quiet = [
        (one, other)
        for one, other in words
        if words[one, engagement] == words[fit, other] == base.word
    ]
    listed = search(judging, facts).flips
    assert {f.verdict.word for f in listed if len(f.changes) == 1} == alone - {base.word}
    pairs = {words[pair] for pair in quiet} - {base.word}
    assert {f.verdict.word for f in listed if len(f.changes) == 2} == pairs


def test_a_gate_that_is_shut_for_many_reasons_is_opened_by_all_of_them() -> None:
    """Three changes together, none to spare, where one or two do nothing."""
    judging = WhatIfJudge(
        GATE, judge({"a": "!x", "b": "!y", "c": "scores.fit < 5"}, NAMED).program, AS_OF
    )
    facts = scores(fit=3, engagement=1, composite=1)
    found = search(judging, facts)
    assert not found.flips
    assert found.mended is not None
    changes = {one.spot.path: one.after for one in found.mended.changes}
    assert changes == {"scores.fit": 5, "scores.engagement": 2, "scores.composite": 2}
    assert found.mended.verdict.word == "open"
    for left_out in range(3):
        assert word_after(judging, facts, found.mended, left_out) == "shut"


@pytest.mark.parametrize(("employees", "after"), [(40, 50), (50, 49), (None, 50), (400, 49)])
def test_a_limit_is_met_exactly(employees: int | None, after: int) -> None:
    """The nearest value on the other side of a constant is proposed, and no other."""
    judging = judge({"large": "lead.company.employees >= small"}, constants={"small": "50"})
    facts = pb.QualifyFacts(lead=lead_pb2.Lead(company=lead_pb2.Company(employees=employees)))
    first, *rest = told(search(judging, facts))
    assert first[1] == {"lead.company.employees": after}
    assert all(changes == {"lead.company.employees": None} for _, changes in rest)


def test_an_amount_moves_by_its_minor_unit() -> None:
    """One cent below the limit is enough, and the limit itself on the way up."""
    judging = judge({"worth-it": 'annual_contract_value >= money("EUR", "5000")'})
    rich = pb.QualifyFacts(annual_contract_value=Money(currency_code="EUR", units=9000))
    poor = pb.QualifyFacts(annual_contract_value=Money(currency_code="EUR", units=10))
    below = Money(currency_code="EUR", units=4999, nanos=990_000_000)
    limit = Money(currency_code="EUR", units=5000)
    assert told(search(judging, rich))[0] == ("none", {"annual_contract_value": below})
    assert told(search(judging, poor))[0] == ("worth-it", {"annual_contract_value": limit})


def test_a_date_is_found_by_the_instant_judged_at() -> None:
    """A rest that ended yesterday flips what one that ends tomorrow does not."""
    judging = judge({"rested": "date(as_of) >= history.recycle_until"})
    facts = pb.QualifyFacts()
    facts.history.recycle_until.CopyFrom(Date(year=2026, month=12, day=1))
    today = Date(year=2026, month=9, day=2)
    assert told(search(judging, facts)) == [("rested", {"history.recycle_until": today})]


def test_a_sum_of_named_facts_has_its_boundary_too() -> None:
    """A limit that no literal names is found: 3 more of one of two facts make twelve."""
    named = {
        "fit": "has(scores.fit) ? scores.fit : 0",
        "engagement": "has(scores.engagement) ? scores.engagement : 0",
        "both": "fit + engagement",
    }
    judging = judge({"enough": "both >= 12"}, facts=named)
    assert told(search(judging, scores(fit=4, engagement=5))) == [
        ("enough", {"scores.engagement": 8}),
        ("enough", {"scores.fit": 7}),
    ]


def test_words_that_no_condition_tells_apart_are_one_flip() -> None:
    """Of the values of a list one is tried; the others that lead there too are named beside it."""
    senior = "lead.seniority in [SENIORITY_C_LEVEL, SENIORITY_VP]"
    (flip,) = search(judge({"senior": senior}), pb.QualifyFacts()).flips
    (change,) = flip.changes
    assert (change.after, change.alike) == (lead_pb2.SENIORITY_C_LEVEL, (lead_pb2.SENIORITY_VP,))


def test_a_text_that_no_rule_names_stands_for_all_others() -> None:
    """`!=` is flipped by a text that nobody thought of."""
    judging = judge({"other": 'relationship.duplicate_of != "L1"'})
    facts = pb.QualifyFacts(relationship=lead_pb2.Relationship(duplicate_of="L1"))
    assert told(search(judging, facts))[0] == (
        "other",
        {"relationship.duplicate_of": "something else"},
    )


def test_an_element_can_be_changed_added_and_taken_away() -> None:
    """Of a list judged by `each`: another type, one more activity, or one less."""
    judging = judge(
        {"asked": "a.type == ACTIVITY_TYPE_DEMO_REQUEST && days_between(a.at, as_of) <= 90"},
        each={"asked": ("a", "activities")},
    )
    facts = pb.QualifyFacts(activities=[activity_pb2.Activity(type=DEMO)])
    facts.activities[0].at.seconds = SECONDS
    free = saying(judging, changeable=["activities"])
    changes = [change for _, change in told(search(free, facts))]
    assert {"activities[0]": None} in changes
    facts.activities[0].at.seconds = SECONDS - 200 * 86_400
    first, *_ = told(search(free, facts))
    # 90 whole days and the last second before 91.
    assert next(iter(first[1])) == "activities[0].at"
    moment: object = first[1]["activities[0].at"]
    assert getattr(moment, "seconds", 0) == SECONDS - 91 * 86_400 + 1
    added = [change for _, change in told(search(judging, pb.QualifyFacts()))]
    new = activity_pb2.Activity(type=DEMO)
    new.at.seconds = SECONDS
    assert added == [{"activities[+]": new}]


def test_a_new_element_says_no_more_than_it_must() -> None:
    """If the type alone is enough, no date is invented."""
    judging = judge({"asked": "activities.exists(a, a.type == ACTIVITY_TYPE_DEMO_REQUEST)"})
    found = told(search(judging, pb.QualifyFacts()))
    assert found == [("asked", {"activities[+]": activity_pb2.Activity(type=DEMO)})]


def test_two_elements_are_taken_away_from_the_back() -> None:
    """Taking both of two elements away leaves none, whatever their order."""
    judging = judge({"lonely": "activities.size() == 0"})
    two = [activity_pb2.Activity(id="a"), activity_pb2.Activity(id="b")]
    facts = pb.QualifyFacts(activities=two)
    free = saying(judging, changeable=["activities"])
    flip = next(f for f in search(free, facts).flips if len(f.changes) == 2)
    after = changed(facts, [(one.spot, one.after) for one in flip.changes])
    assert len(after.activities) == 0


def test_what_the_kind_refuses_is_never_proposed() -> None:
    """A score above 100 would fire the rule, but no caller could send it."""
    ruleset = catalog().version("qualify", 2)
    judging = WhatIfJudge(KINDS["qualify"], ENGINE.prepare(ruleset), AS_OF)
    facts = pb.QualifyFacts(lead=lead_pb2.Lead(id="L1"))
    base = judging.judge(facts)
    assert base is not None
    for flip in Search(judging, facts, base, Bounds()).run().flips:
        after: Message = changed(facts, [(one.spot, one.after) for one in flip.changes])
        assert not KINDS["qualify"].check(after, ruleset.parameters, AS_OF)


def test_a_search_that_ends_early_says_so() -> None:
    """The bound on verdicts is told, and what was found until then is still true."""
    judging = judge({"a": "scores.fit > 3", "b": "scores.engagement > 3"})
    whole, cut = search(judging, scores(fit=1)), search(judging, scores(fit=1), tries=2)
    assert (whole.bound, cut.bound) == ("", "the search ended after 2 verdicts")
    assert set(map(repr, told(cut))) <= set(map(repr, told(whole)))


def test_a_search_changes_nothing_it_is_given() -> None:
    """The facts are the same afterwards: changes are made to copies."""
    facts = scores(fit=1, engagement=9)
    before = facts.SerializeToString(deterministic=True)
    search(judge({"a": "scores.fit > scores.engagement"}), facts)
    assert facts.SerializeToString(deterministic=True) == before


def test_what_cannot_change_is_never_changed() -> None:
    """Of a rule set's `fixed` facts, and of what they are part of, no flip changes any."""
    rules = {"both": "lead.company.employees > 10 || scores.fit > 10"}
    judging = judge(rules)
    facts = scores(fit=5)
    free = told(search(judging, facts))
    assert any("lead.company.employees" in changes for _, changes in free)
    for fixed in (("lead.company.employees",), ("lead.company",), ("lead",)):
        assert told(search(saying(judging, fixed=fixed), facts)) == [("both", {"scores.fit": 11})]
