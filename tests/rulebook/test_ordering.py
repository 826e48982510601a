"""Named facts are put in order, and circles are found."""

from hypothesis import given
from hypothesis import strategies as st

from dealgate.rulebook.ordering import in_order

NAMES = "abcdefg"
GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES + "xyz")))


@given(GRAPHS)
def test_each_name_comes_after_those_it_mentions(mentions: dict[str, set[str]]) -> None:
    """What is in the order stands behind all that it mentions, unless that goes in a circle."""
    order, cycles = in_order(mentions)
    circling = {name for cycle in cycles for name in cycle}
    assert sorted([*order, *circling]) == sorted(mentions)
    for position, name in enumerate(order):
        assert mentions[name] & set(mentions) <= {*order[:position], *circling}


@given(GRAPHS)
def test_every_circle_is_one(mentions: dict[str, set[str]]) -> None:
    """Each name of a circle mentions the next, the last one the first, and none comes twice."""
    for cycle in in_order(mentions)[1]:
        assert len(set(cycle)) == len(cycle)
        for name, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            assert following in mentions[name]


def test_file_order_is_kept_where_it_can_be() -> None:
    """Names that need nothing stay as they stand: the order never depends on a hash seed."""
    assert list(in_order({name: set() for name in NAMES})[0]) == list(NAMES)
