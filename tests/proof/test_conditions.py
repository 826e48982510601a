"""Conditions: equal meanings share a dimension, and what cannot be taken apart says so."""

import pytest

from dealgate.proof.formulas import atoms
from dealgate.proof.prover import Prover
from dealgate.proof.regions import Region
from dealgate.proof.rows import Row
from tests.proof.proving import prover

HEAD = """\
constants:
  least: 50
  near: ["DE", "FR"]
  a_day: duration("24h")
facts:
  big: thing.count >= least
  counted: "has(thing.count) ? thing.count : 0"
  known: "(has(thing.flag) ? 1 : 0) + (has(thing.name) ? 1 : 0)"
  all: big && known > 0 && counted > 0
"""


def same(one: str, other: str) -> bool:
    """Tell whether two conditions are true, and false, in the same places."""
    asked = prover(one, other, "all", "thing.name in near && thing.at < as_of - a_day", head=HEAD)
    return all(_within(asked, a, b, region) for a, b in (("r0", "r1"), ("r1", "r0"))
               for region in (Region.TRUE, Region.FALSE))  # fmt: skip


def _within(asked: Prover, one: str, other: str, region: Region) -> bool:
    rows: list[list[Row]] = [asked.rows(asked.rules[name], region) for name in (one, other)]
    return asked.point(rows[0], rows[1]) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thing.count >= 50", "50 <= thing.count"),
        ("thing.count >= 50", "thing.count > 49"),
        ("thing.count >= 50", "thing.count >= 49.5"),
        ("thing.count >= 50", "big"),
        ("thing.count >= 50", "!(thing.count < least)"),
        ("thing.count == 1 || thing.count == 2", "thing.count in [2, 1]"),
        ("thing.name in near", 'thing.name == "DE" || thing.name == "FR"'),
        ("!(thing.name in near)", 'thing.name != "DE" && thing.name != "FR"'),
        ("thing.flag", "thing.flag == true"),
        ("thing.flag != true", "!thing.flag"),
        ("thing.flag == thing.inner.flag", "!(thing.flag != thing.inner.flag)"),
        ("thing.color == COLOR_RED", "thing.color != COLOR_BLUE"),
        ("thing.at <= as_of - a_day", 'as_of - thing.at >= duration("24h")'),
        ("thing.at <= as_of - a_day", "thing.at + a_day <= as_of"),
        ("thing.at < thing.inner.at", "thing.inner.at > thing.at"),
        ('thing.day < date("2026-03-01")', 'thing.day <= date("2026-02-28")'),
        ('thing.price >= money("EUR", "5")', '!(thing.price < money("EUR", "5.00"))'),
        ("size(items) > 0", "items.size() >= 1"),
        ("has(thing.tags)", "thing.tags.size() > 0"),
        ("counted > 3", "has(thing.count) && thing.count > 3"),
        ("known >= 2", "has(thing.flag) && has(thing.name)"),
        ("known == 1", "has(thing.flag) != has(thing.name)"),
    ],
)
def test_equal_conditions_have_equal_regions(one: str, other: str) -> None:
    """However it is spelt, turned round, named or negated."""
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thing.count >= 50", "thing.count > 50"),
        ("thing.ratio >= 0.5", "thing.ratio > 0.5"),
        ("thing.flag", "has(thing.flag) && thing.flag"),
        ('thing.price > money("EUR", "5")', 'thing.price > money("USD", "5")'),
        ("thing.at < as_of", "thing.at <= as_of"),
        ("thing.inner.count > 5", "thing.count > 5"),
        (
            "thing.flag ? thing.count > 5 : thing.count > 5",
            "thing.flag ? counted > 5 : counted > 5",
        ),
    ],
)
def test_different_conditions_have_different_regions(one: str, other: str) -> None:
    """Also if they differ only where a fact is missing."""
    assert not same(one, other)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("items.exists(x, x.count > 3)", "looks into a list"),
        ('thing.name.startsWith("a")', "uses startsWith(…)"),
        ('thing.name < "b"', "compares what cannot be ordered"),
        ('"a" in thing.tags', "uses in(…)"),
        ("thing.ratio / 3.0 > 1.0", "compares what cannot be ordered"),
    ],
)
def test_what_cannot_be_taken_apart_says_why(condition: str, reason: str) -> None:
    """It is a dimension of its own, true, false or neither."""
    asked = prover(condition)
    keys = {atom.dimension for atom in atoms(asked.rules["r0"])}
    assert [asked.conditions.dimensions[key].opaque for key in keys] == [reason]


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ("thing.count >= 50 && thing.count < 200", "thing.count: from 50 to less than 200"),
        ("thing.count < 50", "thing.count: from 0 to less than 50"),
        ("thing.count > 5", "thing.count: more than 5"),
        ("thing.count == 2147483647", "thing.count: 2147483647"),
        ('thing.name != "DE"', 'thing.name: anything but "DE"'),
        ("!has(thing.name)", "thing.name: not known"),
        ("has(thing.inner)", "thing.inner: known"),
        ('thing.price > money("EUR", "5")', 'thing.price: more than money("EUR", "5")'),
        ('thing.day == date("2026-02-28")', 'thing.day: date("2026-02-28")'),
        ("thing.color != COLOR_RED", "thing.color: COLOR_BLUE"),
        ("thing.at < as_of", 'thing.at - as_of: less than duration("0s")'),
        ("true", "any facts"),
    ],
)
def test_regions_are_shown_in_words(condition: str, shown: str) -> None:
    """As an author would say it, with values in CEL's spelling."""
    asked = prover(condition)
    (row,) = asked.rows(asked.rules["r0"], Region.TRUE)
    assert asked.space.described(row) == shown
