"""Boxes: the search agrees with looking at every point."""

from collections.abc import Sequence
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.proof.boxes import TooHard, cover, difference, point_outside
from dealgate.proof.rows import Box, Index, Row, box_of, contains, meet, positions, widest

WIDTH, COLUMNS = 3, 3
FULL: Box = ((1 << WIDTH) - 1,) * COLUMNS
Point = tuple[int, ...]

masks = st.integers(min_value=1, max_value=FULL[0])
rows = st.dictionaries(st.integers(0, COLUMNS - 1), masks).map(
    lambda row: tuple(sorted(row.items()))
)
many = st.lists(rows, max_size=7)


def points(box: Sequence[int]) -> set[Point]:
    """Return every point of a box."""
    return set(product(*([b for b in range(WIDTH) if mask >> b & 1] for mask in box)))


def inside(row: Row) -> set[Point]:
    """Return every point of a row."""
    return points(box_of(row, FULL))


def union(of: Sequence[Row]) -> set[Point]:
    """Return every point of some rows."""
    return set().union(*map(inside, of))


@settings(max_examples=120)
@given(rows, many)
def test_a_point_outside_is_found_if_there_is_one(row: Row, others: list[Row]) -> None:
    """What is found lies in the box and outside all rows; None means that they cover it."""
    box = box_of(row, FULL)
    found = point_outside(box, others)
    left = points(box) - union(others)
    assert (found is None) == (not left)
    assert found is None or points(found) <= left


@settings(max_examples=120)
@given(rows, many)
def test_difference_is_exact_and_disjoint(row: Row, others: list[Row]) -> None:
    """The regions hold each point that is left, once."""
    box = box_of(row, FULL)
    regions = [points(region) for region in difference(box, others)]
    assert set().union(*regions) == points(box) - union(others)
    assert sum(map(len, regions)) == len(set().union(*regions))


@given(rows, many)
def test_meeting_rows_are_those_that_share_a_point(row: Row, others: list[Row]) -> None:
    """Every one of them, and no other."""
    wanted = [p for p, other in enumerate(others) if inside(row) & inside(other)]
    assert list(positions(Index(others).meeting(row))) == wanted


@given(rows, many, many)
def test_a_cover_covers_and_has_none_to_spare(
    row: Row, given_: list[Row], others: list[Row]
) -> None:
    """What is chosen covers the box with what is given; without any one of them it does not."""
    box = box_of(row, FULL)
    every = [*others, row]
    chosen = [every[position] for position in cover(box, given_, every)]
    assert points(box) <= union([*given_, *chosen])
    for left_out in range(len(chosen)):
        rest = chosen[:left_out] + chosen[left_out + 1 :]
        assert not points(box) <= union([*given_, *rest])


@given(rows, rows)
def test_meet_and_contains_are_those_of_sets(one: Row, other: Row) -> None:
    """Rows meet as their points do."""
    met = meet(one, other)
    assert (set() if met is None else inside(met)) == inside(one) & inside(other)
    if contains(one, other):
        assert inside(other) <= inside(one)


@given(st.lists(rows, max_size=12, unique=True))
def test_the_widest_rows_lie_within_no_other(many: list[Row]) -> None:
    """No point is lost, and none that are left hold another."""
    left = widest(many)
    assert union(left) == union(many)
    assert not any(contains(one, other) for one in left for other in left if one != other)


def test_a_search_that_takes_too_long_is_given_up() -> None:
    """Nothing is claimed after the last step."""
    full = ((1 << 6) - 1,) * 8
    hard = [((column, 1 << bit), (other, 1 << bit)) for column in range(8) for bit in range(6)
            for other in range(column + 1, 8)]  # fmt: skip
    with pytest.raises(TooHard):
        difference(full, hard, steps=50)


def test_as_many_rows_as_a_file_holds_are_searched() -> None:
    """A thousand rows that lie apart, and the one value that none of them holds."""
    rows: list[Row] = [((0, 1 << value), (1, 0b10)) for value in range(1_000) if value != 500]

    assert point_outside((((1 << 1_000) - 1), 0b10), rows) == (1 << 500, 0b10)
    assert point_outside((((1 << 500) - 1), 0b10), rows) is None


def test_an_index_finds_what_looking_at_each_row_finds() -> None:
    """Whether a row asks for few classes of a column or for many."""
    random = Random(14)
    rows: list[Row] = [
        tuple(
            (column, random.randrange(1, 1 << 12)) for column in range(2) if random.random() < 0.8
        )
        for _ in range(60)
    ]
    index = Index(rows)
    for row in rows:
        expected = [at for at, other in enumerate(rows) if meet(row, other) is not None]
        assert [*positions(index.meeting(row))] == expected
