"""Claims about events that leave together: never two about one subject."""

from hypothesis import given
from hypothesis import strategies as st

from dealgate.streams.waves import consecutive, fewest

SUBJECTS = st.lists(st.integers(0, 4), max_size=40)


@given(SUBJECTS, st.integers(1, 8))
def test_consecutive(subjects: list[int], most: int) -> None:
    """Runs are the items in order, none with a subject twice, none longer than is allowed."""
    items = list(enumerate(subjects))
    runs = list(consecutive(items, lambda item: item[1], most))
    assert [item for run in runs for item in run] == items
    for run in runs:
        assert 0 < len(run) <= most
        assert len({subject for _, subject in run}) == len(run)


@given(st.lists(st.integers(0, 9), max_size=40))
def test_sizes(sizes: list[int]) -> None:
    """A run is no larger than is allowed, unless it is one item; no two neighbours fit into one."""
    runs = list(
        consecutive(
            enumerate(sizes), lambda item: item[0], 64, size=lambda item: item[1], most_size=8
        )
    )
    totals = [sum(size for _, size in run) for run in runs]
    assert all(total <= 8 or len(run) == 1 for total, run in zip(totals, runs, strict=True))
    firsts = [run[0][1] for run in runs[1:]]
    assert all(total + first > 8 for total, first in zip(totals[:-1], firsts, strict=True))


@given(SUBJECTS)
def test_fewest(subjects: list[int]) -> None:
    """As many parts as the commonest subject has items; the items of each subject in order."""
    items = list(enumerate(subjects))
    parts = fewest(items, lambda item: item[1])
    assert len(parts) == max(map(subjects.count, subjects), default=0)
    assert all(len({subject for _, subject in part}) == len(part) for part in parts)
    sent = [item for part in parts for item in part]
    for subject in set(subjects):
        assert [i for i, s in sent if s == subject] == [i for i, s in items if s == subject]
