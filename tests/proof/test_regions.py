"""Regions: every condition is true, false or neither exactly where the engine says so."""

from collections.abc import Mapping, Sequence
from itertools import product
from random import Random
from typing import Any

import pytest
from google.protobuf.message import Message

from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.syntax import Tree
from dealgate.proof.evaluation import class_of
from dealgate.proof.formulas import Choice, Formula, Not, Truth
from dealgate.proof.prover import Prover
from dealgate.proof.regions import Region, Space
from dealgate.proof.rows import Row
from tests.engine.specimen import Facts
from tests.proof.proving import SPECIMEN, claiming

# Every class of every atom below has a value here; None is a missing fact.
VALUES: Mapping[str, Sequence[Any]] = {
    "count": (None, 0, 2, 3, 4, 7),
    "name": (None, "DE", "FR", "US"),
    "flag": (None, False, True),
    "color": (None, 1, 2),
}
ATOMS = (
    "thing.count < 3",
    "3 <= thing.count",
    "thing.count == 3",
    "thing.count in [2, 3]",
    "has(thing.count)",
    "(has(thing.count) ? thing.count : 0) > 2",
    "(thing.flag ? 1 : 0) + (has(thing.name) ? 2 : 0) >= 2",
    "(thing.flag ? 3 : thing.count) == 3",
    'thing.name == "DE"',
    'thing.name != "DE"',
    '!(thing.name in ["DE", "FR"])',
    "has(thing.name)",
    'lower(thing.name) == "de"',
    'thing.name.startsWith("D")',
    "thing.flag",
    "thing.flag == false",
    "thing.flag == (thing.count < 3)",
    "thing.color == COLOR_RED",
    "thing.color != COLOR_RED",
    "has(thing.color)",
)
REGIONS = {True: {Region.TRUE, Region.POSSIBLE}, False: {Region.FALSE, Region.DOUBTFUL}}
NEITHER = {Region.POSSIBLE, Region.DOUBTFUL}


def condition(random: Random, depth: int) -> str:
    """Draw a condition."""
    if depth == 0 or random.random() < 0.2:
        return random.choice(ATOMS)
    parts = [condition(random, depth - 1) for _ in range(3)]
    form = random.choice(("({} && {})", "({} || {})", "!({})", "({} ? {} : {})"))
    return form.format(*parts)


def points() -> list[Message]:
    """Return facts with every combination of values."""
    found = []
    for values in product(*VALUES.values()):
        facts: Any = Facts()
        for name, value in zip(VALUES, values, strict=True):
            if value is not None:
                setattr(facts.thing, name, value)
        found.append(facts)
    return found


POINTS = points()


@pytest.mark.parametrize("seed", range(20))
def test_regions_are_where_the_engine_says(seed: int) -> None:
    """For nested conditions of all sorts, on all facts, missing ones included.

    None of these facts lies where dimensions are said to exclude each other.
    """
    random = Random(seed)
    conditions = [condition(random, 3) for _ in range(4)]
    ruleset = claiming(conditions, "abcd")
    prover = Prover(ruleset, SPECIMEN)
    rows = {
        (rule.id, region): prover.rows(prover.rules[rule.id], region)
        for rule in ruleset.rules
        for region in Region
    }
    everywhere = [tuple(enumerate(prover.space.full))]
    every_link = prover.links(everywhere)
    for facts in POINTS:
        point = placed(prover, facts)
        assert not any(holds(link, point) for link in every_link)
        for rule in ruleset.rules:
            assert rule.when is not None
            truth = compile_exact(Tree(rule.when.ast))(Frame(facts, {}))
            wanted = REGIONS.get(truth, NEITHER) if isinstance(truth, bool) else NEITHER
            found = {r for r in Region if any(holds(row, point) for row in rows[rule.id, r])}
            assert found == wanted, f"{rule.when.source} on {facts}"


def placed(prover: Prover, facts: Message) -> list[int]:
    """Return the class of every dimension on some facts."""
    space, found = prover.space, []
    for dimension, classes in zip(space.dimensions, space.classes, strict=True):
        value = prover.evaluation.value(dimension, facts, 0)
        number = class_of(dimension, classes, value)
        assert number is not None
        found.append(number)
    return found


def holds(row: Row, point: Sequence[int]) -> bool:
    """Tell whether a point lies in a row."""
    return all(classes >> point[column] & 1 for column, classes in row)


def test_choices_may_lie_one_within_the_other_without_end() -> None:
    """As those of a table of 500 rows that tells a fact; Python has a thousand levels."""
    formula: Formula = Truth(value=True)
    for depth in range(3000):
        on = Truth(value=depth % 2 == 0)
        formula = Choice((on,), ((on, Truth(value=False)), (Not(on), formula)))
    space = Space({})
    assert space.rows(formula, Region.TRUE) == []
    assert space.rows(formula, Region.FALSE) == [()]
    assert space.rows(Not(formula), Region.POSSIBLE) == [()]
