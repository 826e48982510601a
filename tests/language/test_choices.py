"""What is written out decides alone, wherever it is written: in a branch, a list, a map, a bind."""

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.rules import ExpressionFaults
from tests.engine.specimen import FACTS

ZONES = '{"DE": "Europe/Berln", "FR": "Europe/Paris"}'
REFUSED = {
    'as_of.getHours(thing.flag ? "Mars" : thing.name) > 1': (28, "unknown time zone"),
    f"as_of.getHours({ZONES}[stage]) > 1": (59, "unknown time zone"),
    'as_of.getHours(["UTC", "Mars"][thing.count]) > 1': (30, "unknown time zone"),
    '["Mars", "UTC"].all(z, as_of.getHours(z) > 1)': (38, "unknown time zone"),
    'cel.bind(z, "Mars", as_of.getHours(z)) > 1': (35, "unknown time zone"),
    '["UTC"].transformList(i, z, date(as_of, z + "x")).size() > 0': (42, "unknown time zone"),
    '{"Mars": 1}.exists(z, as_of.getHours(z) > 1)': (37, "unknown time zone"),
    'money(thing.flag ? "EUR" : "EURO", "5") > thing.price': (27, "not a currency code"),
    '["1", "x"].exists(n, int(n) == thing.count)': (25, "not an int"),
    'timestamp({"a": "x"}[stage]) > as_of': (20, "not a timestamp"),
    "thing.tags[thing.flag ? -1 : 0] == stage": (24, "index out of bounds"),
    "cel.bind(l, [1, 2], l[2]) == 1": (21, "index out of bounds"),
    "[thing.count, thing.count][2] == 1": (27, "index out of bounds"),
    '{"a": 1, "b": thing.count}["c"] == 1': (27, "no such key"),
    'as_of.getHours("localtime") > 1': (15, "unknown time zone"),
    'as_of.getHours("right/Europe/Berlin") > 1': (15, "unknown time zone"),
    'decimal("1_000") < thing.share': (7, "not a decimal"),
    'money("EUR", " 1") < thing.price': (5, "not a decimal"),
    'double("\uff11") > 1.0': (6, "not a double"),
}
OTHERWISE = {
    "thing.count / (thing.flag ? 0 : 2) > 1": (28, "this divides by zero"),
    'thing.count / {"DE": 0, "FR": 0}[stage] > 1': (32, "this divides by zero"),
    "duration(60) < thing.span": (8, "rules do not use duration(…)"),
    "[0].exists(d, thing.count / d == 1)": (28, "this divides by zero"),
    "cel.bind(d, 0, thing.count / d) == 1": (29, "this divides by zero"),
    '{"a": 1, "a": 2}.size() == 1': (9, "this map has the key twice"),
    "{thing.name: 1, thing.name: 2}.size() == 1": (21, "this map has the key twice"),
}


@pytest.mark.parametrize("source", [*REFUSED, *OTHERWISE])
def test_what_can_only_fail_is_told(checker: CelChecker, source: str) -> None:
    """At the value that decides, or where it is used, with a cure."""
    with pytest.raises(ExpressionFaults) as caught:
        checker.check(source, facts=FACTS, variables={}, expected="bool")

    (fault,) = caught.value.faults
    at, reason = REFUSED.get(source, (0, ""))
    expected = (at, f"this can only fail: {reason}") if reason else OTHERWISE[source]
    assert (fault.offset, fault.message) == expected
    assert fault.hint


@pytest.mark.parametrize(
    "source",
    [
        'thing.count / {"DE": 0, "FR": 2}[stage] > 1',
        "[0, 1].exists(d, d > 0 && thing.count / d == 1)",
        '{"a": 1}[stage] == 1',
        "[thing.count, thing.count][1] == 1",
        "[1, 2].exists(x, [10, 20][x - 1] > 10)",
        '["UTC", "CET"].exists(z, as_of.getHours(z) > 1)',
        'as_of.getHours(thing.flag ? "UTC" : thing.name) > 1',
        "{thing.name: 1, stage: 2}.size() == 1",
    ],
)
def test_what_may_succeed_is_taken(checker: CelChecker, source: str) -> None:
    """A number that is read from a map may be kept from where it fails."""
    checked = checker.check(source, facts=FACTS, variables={}, expected="bool")

    assert checked.type == "bool"
