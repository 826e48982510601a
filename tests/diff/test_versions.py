"""Two versions compared: in words, and by the exact facts on which they part."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.diff.entries import RegionExample
from dealgate.diff.regions import Partings
from dealgate.diff.table_changes import table_changes
from dealgate.diff.versions import Versions
from dealgate.engine.native import NativeEngine
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.model.rules import AnyRuleSet, AnyTable, HitPolicy, Table
from dealgate.proof.witness import Witness
from dealgate.v1 import qualify_pb2 as pb
from tests.diff.build import difference, entry, version
from tests.engine.building import HERE, Points
from tests.explain.build import AS_OF, FIRST

SMALL = "lead.company.employees < 50"


def scores(fit: int | None, engagement: int | None) -> pb.QualifyFacts:
    """Return facts with these scores."""
    return pb.QualifyFacts(scores=pb.LeadScores(fit=fit, engagement=engagement))


def facts_of(shown: RegionExample) -> pb.QualifyFacts:
    """Return the facts that a region is shown on."""
    assert shown.witness is not None
    assert isinstance(shown.witness.facts, pb.QualifyFacts)
    return shown.witness.facts


def tabled(hit: HitPolicy, rows: Sequence[str], points: Sequence[int]) -> AnyRuleSet:
    """Return a rule set of one table, whose rows claim these points; more points come first."""
    made = version({f"t/{number}": row for number, row in enumerate(rows)})
    claims = [
        replace(rule, then=Points(points=each))
        for rule, each in zip(made.rules, points, strict=True)
    ]
    ranked = sorted(points, reverse=True)
    table = Table("t", hit, (), claims, HERE, ("points",), ranked, "collected")
    return replace(made, rules=claims, tables=(table,))


CONDITIONS = st.lists(
    st.one_of(
        st.builds(
            "scores.{} {} {}".format,
            st.sampled_from(["fit", "engagement"]),
            st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
            st.integers(1, 5),
        ),
        st.just("!has(scores.fit)"),
        st.just("scores.fit in [1, 3, 5]"),
    ),
    min_size=1,
    max_size=4,
).map(lambda parts: " || ".join(" && ".join(parts[n : n + 2]) for n in range(0, len(parts), 2)))


@settings(max_examples=60, deadline=None)
@given(CONDITIONS, CONDITIONS)
def test_regions_are_exact(was: str, is_: str) -> None:
    """On every facts there are: a region holds them if, and only if, the versions part there.

    Each region is shown on facts that lie in it.
    """
    old, new = version({"r": was}), version({"r": is_})
    partings = Partings(old, new, FIRST, ())
    parting = partings.between(old.rules[0], new.rules[0])
    engine = NativeEngine()
    before = WhatIfJudge(FIRST, engine.prepare(replace(old, digest="old")), AS_OF)
    after = WhatIfJudge(FIRST, engine.prepare(replace(new, digest="new")), AS_OF)
    values = [None, *range(8)]
    assert not parting.unknown
    for facts in (scores(fit, engagement) for fit in values for engagement in values):
        found = [r.sense for r in parting.regions if partings.lies_in(r, Witness(facts, AS_OF))]
        words = [judge.judge(facts) for judge in (before, after)]
        fires = [verdict is not None and verdict.word == "r" for verdict in words]
        expected = {(False, True): ["fires now"], (True, False): ["no longer fires"]}
        if not parting.more:
            assert found == expected.get((fires[0], fires[1]), [])
    for region in parting.regions:
        assert region.witnesses
        assert all(partings.lies_in(region, witness) for witness in region.witnesses)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([HitPolicy.FIRST, HitPolicy.PRIORITY]),
    st.tuples(CONDITIONS, CONDITIONS, CONDITIONS),
    CONDITIONS,
    st.permutations([1, 2, 3]),
)
def test_regions_of_tables_know_which_row_is_taken(
    hit: HitPolicy, rows: tuple[str, str, str], other: str, points: list[int]
) -> None:
    """The second row of a table is rewritten: where it claims is settled by its hit policy."""
    old = tabled(hit, rows, points)
    new = tabled(hit, (rows[0], other, rows[2]), points)
    partings = Partings(old, new, FIRST, ())
    parting = partings.between(old.rules[1], new.rules[1])
    engine = NativeEngine()
    programs = [
        engine.prepare(replace(old, digest="old")),
        engine.prepare(replace(new, digest="new")),
    ]
    values = [None, *range(7)]
    assert not parting.unknown
    for facts in (scores(fit, engagement) for fit in values for engagement in values):
        evidence = [program.fire(facts, AS_OF, explain=False) for program in programs]
        fires = tuple("t/1" in {one.rule.id for one in each.fired} for each in evidence)
        found = [r.sense for r in parting.regions if partings.lies_in(r, Witness(facts, AS_OF))]
        expected = {(False, True): ["fires now"], (True, False): ["no longer fires"]}
        if not parting.more:
            assert found == expected.get((fires[0], fires[1]), [])
    assert all(region.witnesses for region in parting.regions)


@pytest.mark.parametrize(
    ("was", "is_", "words"),
    [
        (
            SMALL,
            "lead.company.employees < 200",
            "the limit of lead.company.employees rises from 50 to 200",
        ),
        (
            SMALL,
            "20 > lead.company.employees",
            "the limit of lead.company.employees falls from 50 to 20",
        ),
        (SMALL, "lead.company.employees <= 50", "lead.company.employees: `< 50` becomes `<= 50`"),
        (
            'annual_contract_value >= money("EUR", "5000")',
            'annual_contract_value >= money("EUR", "7500.50")',
            "the limit of annual_contract_value rises from EUR 5,000.00 to EUR 7,500.50",
        ),
        (
            "lead.seniority in [SENIORITY_VP]",
            "lead.seniority in [SENIORITY_VP, SENIORITY_C_LEVEL]",
            "lead.seniority may also be c level",
        ),
        (
            'lead.country in ["DE", "AT"]',
            'lead.country in ["DE"]',
            'lead.country may no longer be "AT"',
        ),
        (SMALL, f"{SMALL} && scores.fit > 3", "also needs `scores.fit > 3`"),
        (f"{SMALL} && scores.fit > 3", SMALL, "no longer needs `scores.fit > 3`"),
        (SMALL, f"{SMALL} || scores.fit > 3", "is enough too: `scores.fit > 3`"),
        (f"{SMALL} || scores.fit > 3", SMALL, "is no longer enough: `scores.fit > 3`"),
        (
            f"!({SMALL})",
            "!(lead.company.employees < 60)",
            "in what must not hold: the limit of lead.company.employees rises from 50 to 60",
        ),
    ],
)
async def test_a_change_of_a_condition_in_words(was: str, is_: str, words: str) -> None:
    """Limits, operators, lists, and parts more or less are told as a person would."""
    found = await entry(version({"r": was}), version({"r": is_}))
    assert (found.change, found.lines[0]) == ("changed", words)
    assert found.shown


async def test_a_region_is_described_and_shown_on_facts() -> None:
    """From 50 to less than 200, with facts on which the engine's answers are those shown."""
    new = version({"small": "lead.company.employees < 200"})
    (shown,) = (await entry(version({"small": SMALL}), new)).shown
    assert shown.region.sense == "fires now"
    assert shown.region.where == "lead.company.employees: from 50 to less than 200"
    assert 50 <= facts_of(shown).lead.company.employees < 200
    assert (shown.old, shown.new) == ("none", "small")


async def test_what_stayed_is_not_described_again() -> None:
    """Only what changed says where; the witness meets the rest as well."""
    was, is_ = (f"scores.fit > 3 && lead.company.employees < {limit}" for limit in (50, 60))
    (shown,) = (await entry(version({"r": was}), version({"r": is_}))).shown
    assert shown.region.where == "lead.company.employees: from 50 to less than 60"
    assert facts_of(shown).scores.fit > 3


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        (SMALL, "50 > lead.company.employees"),
        ("scores.fit > 3 && scores.fit > 1", "scores.fit > 3"),
        ("!(scores.fit > 3)", "scores.fit <= 3"),
    ],
)
async def test_other_words_for_the_same_are_no_difference(was: str, is_: str) -> None:
    """What is proved to be true and false on the same facts is at most reworded."""
    found = await difference(version({"r": was}), version({"r": is_}))
    assert found.is_none
    assert [e.change for e in found.entries] in ([], ["reworded"])


async def test_names_are_not_meaning() -> None:
    """A constant that is renamed, or written out, changes nothing that rules mean."""
    named = version({"r": "lead.company.employees < small"}, constants={"small": "50"})
    plain = version({"r": SMALL})
    entries = (await difference(named, plain)).entries
    assert [(e.sort, e.name, e.change) for e in entries] == [("constant", "small", "removed")]


async def test_a_constant_says_which_rules_it_reaches() -> None:
    """Also through a named fact; the rule itself says what the new limit is."""

    def small(limit: str) -> object:
        return version(
            {"r": "tiny && scores.fit > 1"},
            facts={"tiny": "lead.company.employees < small"},
            constants={"small": limit},
        )

    found = (await difference(small("50"), small("60"))).entries  # type: ignore[arg-type]
    rule, constant, fact = found
    assert rule.lines[0] == "`tiny` is the same text, but names that it uses have changed"
    assert (constant.name, constant.lines) == ("small", ("50 → 60", "reaches r"))
    assert fact.lines[0] == "the limit of lead.company.employees rises from 50 to 60"


async def test_rules_come_and_go_move_and_change_their_names() -> None:
    """A rule of another id but the same meaning is renamed; order is told once."""
    limits = {"a": 1, "b": 2, "c": 3, "last": 4, "gone": 5}
    old = version({name: f"scores.fit > {limit}" for name, limit in limits.items()})
    limits = {"last": 4, "x": 1, "b": 2, "c": 3, "came": 6}
    new = version({name: f"scores.fit > {limit}" for name, limit in limits.items()})
    found = {e.name: (e.change, e.lines) for e in (await difference(old, new)).entries}
    assert found.pop("came")[0] == "added"
    assert found.pop("gone")[0] == "removed"
    assert found == {
        "x": ("changed", ("is called x now, and was a",)),
        "last": ("moved", ("moved within the rules",)),
    }


async def test_a_rule_that_is_undecided_more_often_is_no_other_rule() -> None:
    """It fires on the same facts, and the difference that is left is said."""
    was = version({"r": "has(scores.fit) && scores.fit > 3"})
    found = await entry(was, version({"r": "scores.fit > 3"}))
    assert found.lines == (
        "no longer needs `has(scores.fit)`",
        "fires on the same facts as before; it may be undecided on others",
    )
    assert not found.shown


async def test_a_rule_over_elements_is_shown_on_one() -> None:
    """The witness has the element that is judged otherwise."""
    each = {"r": ("a", "activities")}
    was, is_ = (
        version({"r": f"a.type == ACTIVITY_TYPE_CHAT && a.count >= {least}"}, each=each)
        for least in (2, 3)
    )
    (shown,) = (await entry(was, is_)).shown
    assert [activity.count for activity in facts_of(shown).activities] == [2]


async def test_what_cannot_be_taken_apart_is_still_shown_on_facts() -> None:
    """An opaque function is compared by whether it holds, and the engine finds facts for it."""
    was = version({"r": 'lead.title.contains("chief")'})
    is_ = version({"r": 'lead.title.contains("chief") && scores.fit > 3'})
    (shown,) = (await entry(was, is_)).shown
    assert shown.region.sense == "no longer fires"
    assert "chief" in facts_of(shown).lead.title


def test_how_the_rows_of_a_table_rank_and_what_they_may_name_is_told() -> None:
    """A list of allowed values changes no answer, and is told as what it is."""
    old: AnyTable = Table("t", HitPolicy.PRIORITY, (), (), HERE, priority=("a", "b"))
    new = replace(old, priority=("b", "a"), allowed={"lead.country": ["DE", "AT"]})
    assert table_changes(old, old) == ()
    assert table_changes(old, new) == (
        "its rows rank b, a, and ranked a, b",
        "lead.country may be DE, AT, and might be anything",
    )
    assert table_changes(new, replace(old, hit=HitPolicy.FIRST, priority=())) == (
        "its hit policy is first, and was priority",
        "lead.country may be anything, and might be DE, AT",
    )


async def test_what_a_limit_does_is_shown_on_examples() -> None:
    """Of examples that are answered otherwise, each outcome is shown once, changed words first."""
    rules = {"r": "lead.company.employees < small"}
    old, new = (version(rules, constants={"small": limit}) for limit in ("50", "60"))
    sizes = (10, 52, 55, 70)
    examples = [Witness(staffed(employees), AS_OF) for employees in sizes]
    found = Versions(old, new, FIRST, examples).difference().entries
    (answers,) = [entry for entry in found if entry.sort == "answers"]
    assert answers.lines == ("2 of 4 are answered otherwise",)
    (shown,) = answers.shown
    assert facts_of(shown).lead.company.employees == 52
    assert shown.old != shown.new


async def test_examples_that_are_answered_alike_are_no_difference() -> None:
    """A limit that no example comes near is told, and nothing of answers."""
    rules = {"r": "lead.company.employees < small"}
    old, new = (version(rules, constants={"small": limit}) for limit in ("50", "60"))
    found = Versions(old, new, FIRST, [Witness(staffed(10), AS_OF)]).difference().entries
    assert [entry.sort for entry in found if entry.sort != "rule"] == ["constant"]


def staffed(employees: int) -> pb.QualifyFacts:
    """Return facts of a company of that size."""
    facts = pb.QualifyFacts()
    facts.lead.company.employees = employees
    return facts
