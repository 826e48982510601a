"""Hit policies: which rows of a decision table claim, when some of them cannot be judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealgate.engine.hits import Settled, settler
from dealgate.engine.native import NativeEngine
from dealgate.language.cel import CelChecker
from dealgate.language.values import Failure, NoValue, Unknown, Value
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.rules import SEPARATE, AnyRuleSet, AnyTable, HitPolicy, Rule, Table
from tests.engine.building import HERE, Points, rule_set, tabled
from tests.engine.specimen import Facts

AS_OF = 1_772_445_600_000_000_000  # 2026-03-02T10:00:00Z
CONFLICT = "conflict"
OPEN = Unknown(("fact",))
BROKEN = Failure("divide by zero")


def table(hit: HitPolicy, points: Sequence[int]) -> AnyTable:
    """Return a table whose rows claim these points."""
    rows = [Rule(f"t/{n}", None, Points(points=each), "", HERE) for n, each in enumerate(points)]
    ranked = tuple(sorted(set(points), reverse=True))
    return Table("t", hit, (), rows, HERE, ("points",), ranked, "collected")


def claimed(settled: Settled, of: AnyTable) -> list[tuple[str, int]]:
    """Return the id and the points of all that is claimed."""
    truths, claim = settled
    found = [
        (row.id, row.then.points)
        for row, truth in zip(of.rows, truths, strict=True)
        if truth is True
    ]
    return found + ([(claim.rule.id, claim.rule.then.points)] if claim else [])


def worlds(truths: Sequence[Value]) -> Iterator[list[bool]]:
    """Yield every way in which the rows that cannot be judged could come out."""
    choices = [(truth,) if isinstance(truth, bool) else (False, True) for truth in truths]
    yield from (list(world) for world in product(*choices))


def told(hit: HitPolicy, points: Sequence[int], world: Sequence[bool]) -> Any:
    """Say what DMN says of a table all of whose rows are judged: an answer, None or a conflict."""
    rows = [number for number, holds in enumerate(world) if holds]
    if not rows:
        return None
    values = [points[number] for number in rows]
    if hit is HitPolicy.UNIQUE:
        return rows[0] if len(rows) == 1 else CONFLICT
    if hit is HitPolicy.ANY:
        return values[0] if len(set(values)) == 1 else CONFLICT
    if hit is HitPolicy.FIRST:
        return rows[0]
    if hit is HitPolicy.PRIORITY:
        return min(rows, key=lambda number: (-points[number], number))
    folds: Mapping[HitPolicy, Any] = {HitPolicy.MIN: min, HitPolicy.MAX: max}
    return folds.get(hit, sum)(values)


def said(hit: HitPolicy, of: AnyTable, settled: Settled) -> Any:
    """Say the same of what the engine made of it."""
    claims = claimed(settled, of)
    if not claims:
        return CONFLICT if any(isinstance(each, Failure) for each in settled[0]) else None
    ((id_, points),) = claims
    by_row = hit in {HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.PRIORITY}
    return int(id_.removeprefix("t/")) if by_row else points


SINGLE = [hit for hit in HitPolicy if hit not in SEPARATE]
TABLES = st.lists(st.tuples(st.integers(1, 3), st.sampled_from([True, False, OPEN])), max_size=6)
FAILING = st.sampled_from([True, False, OPEN, BROKEN])
ROWS = st.lists(st.tuples(st.integers(1, 3), FAILING), min_size=1, max_size=6)


@pytest.mark.parametrize("hit", SINGLE, ids=lambda hit: hit.value)
@settings(max_examples=80)
@given(rows=TABLES.filter(len))
def test_decided_exactly_if_every_world_agrees(hit: HitPolicy, rows: list[tuple[int, Any]]) -> None:
    """A table claims what it would claim however its unknown rows came out, and else nothing."""
    points, truths = [row[0] for row in rows], [row[1] for row in rows]
    of = table(hit, points)

    settled = settler(of)(truths)

    answers = {told(hit, points, world) for world in worlds(truths)}
    undecided = any(isinstance(each, Unknown) for each in settled[0])
    if len(answers) == 1:
        assert {said(hit, of, settled)} == answers
    else:
        assert claimed(settled, of) == []
        assert undecided or any(isinstance(each, Failure) for each in settled[0])


@pytest.mark.parametrize("hit", SINGLE, ids=lambda hit: hit.value)
@settings(max_examples=80)
@given(rows=ROWS)
def test_a_failed_row_lets_nothing_through(hit: HitPolicy, rows: list[tuple[int, Any]]) -> None:
    """What a table claims beside a failed row, it would claim however that row came out."""
    points, truths = [row[0] for row in rows], [row[1] for row in rows]
    of = table(hit, points)

    settled = settler(of)(truths)

    if claimed(settled, of):
        answers = {told(hit, points, world) for world in worlds(truths)}
        assert {said(hit, of, settled)} == answers
    if BROKEN in truths and not claimed(settled, of):
        assert any(isinstance(each, NoValue) for each in settled[0])


@pytest.mark.parametrize("hit", list(HitPolicy), ids=lambda hit: hit.value)
async def test_engine_applies_policies_once_and_per_element(
    hit: HitPolicy, checker: CelChecker
) -> None:
    """Over a list, each element is settled by itself, as the table without a list would be."""
    conditions = {"t/0": "{}.flag", "t/1": "{}.count > 5", "t/2": "{}.count / {}.total > 1"}
    things: list[dict[str, Any]] = [
        {"flag": flag, "count": count, "total": total}
        for flag, count, total in product((True, False, None), (9, 1, None), (1, 0, None))
    ]
    things = [{k: v for k, v in thing.items() if v is not None} for thing in things]
    over = {id_: text.replace("{}", "i") for id_, text in conditions.items()}
    once = {id_: text.replace("{}", "thing") for id_, text in conditions.items()}
    listed = tabled(rule_set(checker, over, each=dict.fromkeys(over, ("i", "items"))), hit)
    single = tabled(rule_set(checker, once), hit)

    evidence = await fire(listed, Facts(items=things))

    for element, thing in enumerate(things):
        alone = await fire(single, Facts(thing=thing))
        assert at(evidence, element) == summary(alone)


@pytest.mark.parametrize(
    ("hit", "words"),
    [
        (HitPolicy.UNIQUE, "t/0, t/1 hold at once, but only one may"),
        (HitPolicy.ANY, "t/0, t/1 hold at once, but must agree"),
    ],
)
async def test_a_conflict_names_the_rows(hit: HitPolicy, words: str, checker: CelChecker) -> None:
    """Rows that contradict each other fail together, and each says with whom."""
    rules = tabled(rule_set(checker, {"t/0": "thing.flag", "t/1": "thing.flag"}), hit)

    evidence = await fire(rules, Facts(thing={"flag": True}))

    assert [(each.rule.id, each.error) for each in evidence.failed] == [
        ("t/0", words),
        ("t/1", words),
    ]
    assert evidence.fired == []


async def test_a_row_below_an_unknown_one_names_its_facts(checker: CelChecker) -> None:
    """Hit policy first: a row that holds waits for the one above, and says what that lacks."""
    rules = tabled(
        rule_set(checker, {"t/0": "thing.flag", "t/1": "thing.count > 5"}), HitPolicy.FIRST
    )

    evidence = await fire(rules, Facts(thing={"count": 9}))

    assert [(each.rule.id, each.missing) for each in evidence.undecided] == [
        ("t/0", ("thing.flag",)),
        ("t/1", ("thing.flag",)),
    ]


async def test_a_row_below_a_failed_one_fails(checker: CelChecker) -> None:
    """Hit policy first: what comes first and failed might have claimed, and is named."""
    rules = {"t/0": "thing.count / thing.total > 1", "t/1": "thing.flag"}

    evidence = await fire(
        tabled(rule_set(checker, rules), HitPolicy.FIRST),
        Facts(thing={"count": 1, "total": 0, "flag": True}),
    )

    assert [(each.rule.id, each.error) for each in evidence.failed] == [
        ("t/0", "divide by zero"),
        ("t/1", "t/0 comes first and failed: divide by zero"),
    ]


async def test_what_is_collected_names_its_rows(checker: CelChecker) -> None:
    """One claim, in the table's place in the file, with the rows that it was collected from."""
    rules = {"before": "thing.flag", "t/0": "thing.flag", "t/1": "thing.count > 5", "t/2": "true"}
    built = tabled(rule_set(checker, rules), HitPolicy.SUM)

    evidence = await fire(built, Facts(thing={"flag": True, "count": 1}))

    assert [hit.rule.id for hit in evidence.fired] == ["before", "t"]
    claim = evidence.fired[1]
    assert (claim.rule.then.points, claim.rule.because) == (4, "collected")
    assert claim.ids == ("t/0", "t/2")


async def test_a_sum_that_no_rule_may_claim_fails(checker: CelChecker) -> None:
    """Each number is allowed, their sum is not: the table fails rather than claim it."""
    built = tabled(rule_set(checker, {"t/0": "thing.flag", "t/1": "thing.flag"}), HitPolicy.SUM)
    (of,) = built.tables
    rows = [replace(row, then=Points(points=600)) for row in of.rows]
    built = replace(built, rules=rows, tables=[replace(of, rows=rows)])

    evidence = await fire(built, Facts(thing={"flag": True}))

    assert {each.error for each in evidence.failed} == {
        "the result of its rows is not a value that a rule may claim"
    }


async def fire(rules: AnyRuleSet, facts: Any) -> AnyEvidence:
    """Fire a rule set on facts."""
    return await NativeEngine().fire(rules, facts, AS_OF, explain=False)


def summary(evidence: AnyEvidence) -> Any:
    """Return the ids in each list of the evidence, and what is claimed."""
    fired = [(hit.rule.id, hit.rule.then.points, hit.ids) for hit in evidence.fired]
    return (
        sorted(fired),
        [each.rule.id for each in evidence.undecided],
        [(each.rule.id) for each in evidence.failed],
    )


def at(evidence: AnyEvidence, element: int) -> Any:
    """Return the same of one element."""

    def here(lists: Sequence[Any]) -> list[Any]:
        return [each for each in lists if element in each.elements]

    return summary(Evidence(here(evidence.fired), here(evidence.undecided), here(evidence.failed)))


ATOMS = [
    "thing.flag",
    "!thing.flag",
    "thing.count > 5",
    "thing.count <= 9",
    "thing.count / thing.total > 1",
    "thing.total != 0",
    'thing.name in ["a", "b"]',
    "has(thing.name)",
    "(thing.flag || thing.count > 5)",
    "!(thing.count >= 1 && thing.total < 5)",
    'thing.price >= money("EUR", "5")',
    "thing.color == COLOR_RED",
    "local",
]
THINGS = st.fixed_dictionaries(
    {},
    optional={
        "flag": st.booleans(),
        "count": st.sampled_from([0, 1, 7, 9, 10]),
        "total": st.sampled_from([0, 1, 7]),
        "name": st.sampled_from(["a", "c"]),
        "color": st.sampled_from([1, 2]),
        "price": st.sampled_from(
            [{"currency_code": c, "units": u} for c in ("EUR", "USD") for u in (1, 9)]
        ),
    },
)
ROWS_OF_ATOMS = st.lists(
    st.lists(st.sampled_from(ATOMS), min_size=1, max_size=6), min_size=1, max_size=6
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS_OF_ATOMS, things=st.lists(THINGS, min_size=1, max_size=5))
async def test_rows_are_judged_as_rules_are(
    checker: CelChecker, rows: list[list[str]], things: list[dict[str, Any]]
) -> None:
    """Though their cells are judged once for all rows, down to the facts that each row lacks."""
    conditions = {f"t/{n}": " && ".join(cells) for n, cells in enumerate(rows)}
    rules = rule_set(checker, conditions, facts={"local": "thing.count > 1 || thing.flag"})

    for thing in things:
        as_rules = await fire(rules, Facts(thing=thing))
        as_rows = await fire(tabled(rules, HitPolicy.RULE_ORDER), Facts(thing=thing))
        assert detail(as_rows) == detail(as_rules)


def detail(evidence: AnyEvidence) -> Any:
    """Return all that evidence says of rules and facts."""
    return (
        [hit.rule.id for hit in evidence.fired],
        [(each.rule.id, each.missing) for each in evidence.undecided],
        [(each.rule.id, each.error) for each in evidence.failed],
        (evidence.missing, evidence.facts_read, evidence.facts_known),
    )
