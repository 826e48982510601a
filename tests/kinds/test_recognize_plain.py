"""A plain line has none of the faults of lines, and a calendar is told by its periods."""

from random import Random
from typing import Any, cast

import pytest
from google.type.date_pb2 import Date

from dealgate.kinds.recognize.calendar import calendar_of, is_without_gaps
from dealgate.kinds.recognize.calendar_violations import calendar_violations
from dealgate.kinds.recognize.line_violations import line_violations
from dealgate.kinds.recognize.plain import FIELDS, elaborate
from dealgate.kinds.recognize.sizes import size_violations
from dealgate.model.days import is_day
from dealgate.model.instants import DAY
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.random_contracts import Contracts
from tests.kinds.strange_facts import changed

AS_OF = 20_600 * DAY
PLAINER, THOROUGH = 0.7, 0.9


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_wrong_with_a_plain_line(seed: int) -> None:
    """Whatever the contract: to look at elaborate lines alone finds all that there is to find."""
    random, contracts = Random(f"plain {seed}"), Contracts(f"plain {seed}")
    for _ in range(40):
        strange, as_of = changed(random, _plainer(random, contracts.one()), AS_OF)
        facts = cast("pb.RecognizeFacts", strange)
        if any(not _is_sound(day) for line in facts.lines for day in (line.start, line.end)):
            continue
        lines, every = elaborate(facts.lines), [*enumerate(facts.lines)]
        try:
            expected = [*line_violations(facts, every, as_of)]
        except ValueError:
            continue  # another day is malformed: nothing is told of such facts
        assert [*line_violations(facts, lines, as_of)] == expected
        assert [*size_violations(facts, lines)] == [*size_violations(facts, every)]


def test_some_lines_are_plain_and_some_are_not() -> None:
    """The test above shows something."""
    random = Random("both")
    facts = [_plainer(random, Contracts(f"both {seed}").one()) for seed in range(20)]
    plain = sum(len(one.lines) - len(elaborate(one.lines)) for one in facts)
    assert 0 < plain < sum(len(one.lines) for one in facts)


def test_the_fields_of_a_plain_line_are_in_the_contract() -> None:
    """A name that is misspelt would make every line elaborate."""
    assert {field.name for field in pb.RevenueLine.DESCRIPTOR.fields} >= FIELDS


@pytest.mark.parametrize(
    ("days", "faults"),
    [
        ([(1, 31), (32, 59)], []),
        ([(1, 31), (33, 59)], ["periods[1].start"]),
        ([(1, 31), (31, 59)], ["periods[1].start"]),
        ([(31, 1)], ["periods[0].end"]),
        ([(1, 1)], []),
    ],
)
def test_a_calendar_without_gaps_has_no_violation(
    days: list[tuple[int, int]], faults: list[str]
) -> None:
    """And one with gaps, overlaps or a period that ends before it starts has."""
    facts = pb.RecognizeFacts()
    for first, last in days:
        facts.periods.add(start=_day(first), end=_day(last))
    assert is_without_gaps(facts.periods) == (not faults)
    assert [violation.field for violation in calendar_violations(facts)] == faults
    assert len(calendar_of(facts.periods).starts) == len(days)


def test_a_period_without_an_end_is_no_calendar() -> None:
    """Its day is none."""
    facts = pb.RecognizeFacts(periods=[pb.FinancePeriod(start=_day(1))])
    assert not is_without_gaps(facts.periods)
    assert [violation.field for violation in calendar_violations(facts)] == ["periods[0].end"]


def _plainer(random: Random, facts: pb.RecognizeFacts) -> pb.RecognizeFacts:
    """Take from some lines most of what makes them elaborate."""
    for line in facts.lines:
        if random.random() < PLAINER:
            for field, _ in line.ListFields():
                if field.name not in FIELDS and random.random() < THOROUGH:
                    line.ClearField(cast("Any", field.name))
    return facts


def _day(number: int) -> Date:
    return Date(year=2026, month=1 + (number - 1) // 31, day=1 + (number - 1) % 31)


def _is_sound(day: Date) -> bool:
    return day == Date() or is_day(day)
