"""Who is next: nobody waits behind a thousand calls of another tenant."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dealgate.wire.fairness import FairLine


def test_tenants_take_turns() -> None:
    """However many one brings, the other is next but one."""
    line: FairLine[str] = FairLine()
    for number in range(100):
        line.push("many", "c1", f"m{number}")
    line.push("few", "c2", "f0")
    line.push("few", "c2", "f1")
    order = [line.pop() for _ in range(6)]
    assert order == ["m0", "f0", "m1", "f1", "m2", "m3"]
    assert len(line) == 96


def test_connections_of_a_tenant_take_turns() -> None:
    """One connection that floods does not keep another of its tenant waiting."""
    line: FairLine[str] = FairLine()
    for number in range(9):
        line.push("t", "flood", f"f{number}")
    line.push("t", "calm", "c0")
    assert "c0" in {line.pop(), line.pop()}


def test_what_costs_more_comes_less_often() -> None:
    """A tenant of large messages gets as much as one of small ones, not as many."""
    line: FairLine[str] = FairLine()
    for number in range(10):
        line.push("large", "c1", f"L{number}", cost=4)
        line.push("small", "c2", f"S{number}", cost=1)
    first = [line.pop()[0] for _ in range(10)]
    assert first.count("S") == 8


def test_nobody_saves_up() -> None:
    """Who was away begins where the others are, and does not get all turns until it is even."""
    line: FairLine[str] = FairLine()
    for number in range(20):
        line.push("busy", "c1", f"b{number}")
    for _ in range(10):
        line.pop()
    for number in range(5):
        line.push("back", "c2", f"k{number}")
    assert [line.pop()[0] for _ in range(4)].count("k") == 2


def test_the_longest_line_is_cut() -> None:
    """Whoever has most waiting loses its newest."""
    line: FairLine[str] = FairLine()
    for name, tenant in (("a0", "a"), ("b0", "b"), ("b1", "b")):
        line.push(tenant, "c", name)
    assert line.drop_newest_of_longest() == ("b", "b1")


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.booleans()), max_size=20)
)
def test_all_come_once_and_in_their_order(steps: list[tuple[str, str, bool]]) -> None:
    """Whoever joins is served once or leaves, and one connection's calls stay in their order."""
    line: FairLine[tuple[str, str, int]] = FairLine()
    joined, left = [], []
    for number, (tenant, connection, leaves) in enumerate(steps):
        item = (tenant, connection, number)
        line.push(tenant, connection, item)
        joined.append(item)
        if leaves:
            line.remove(tenant, connection, item)
            line.remove(tenant, connection, item)
            left.append(item)
    served = [line.pop() for _ in range(len(line))]
    assert sorted(served + left) == sorted(joined)
    for pair in {(tenant, connection) for tenant, connection, _ in served}:
        mine = [number for *who, number in served if tuple(who) == pair]
        assert mine == sorted(mine)
    with pytest.raises(ValueError, match="empty"):
        line.pop()
