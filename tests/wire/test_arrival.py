"""Ids and instants of calls."""

import time
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.wire.arrival import arrive, uuid7

INSTANTS = st.integers(min_value=0, max_value=(1 << 47) * 1_000_000)  # until the year 6429


@settings(deadline=None)
@given(INSTANTS)
def test_uuid7_holds_its_instant(at: int) -> None:
    """An id is a canonical UUID of version 7 and RFC 9562's variant, made of the instant given."""
    text = uuid7(at)
    number = uuid.UUID(text)
    assert str(number) == text
    assert (number.version, number.variant) == (7, uuid.RFC_4122)
    assert number.int >> 80 == at // 1_000_000


@settings(deadline=None)
@given(INSTANTS, st.integers(min_value=245, max_value=10**18))
def test_uuid7_sorts_by_instant(at: int, later: int) -> None:
    """Of two calls at least 245 ns apart, the later one has the greater id."""
    assert uuid7(at) < uuid7(at + later)


def test_arrival_has_one_instant() -> None:
    """The id of a call was made from the same reading of the clock as its instant."""
    before = time.time_ns()
    arrival = arrive()
    assert before <= arrival.at <= time.time_ns()
    assert uuid.UUID(arrival.id).int >> 80 == arrival.at // 1_000_000


def test_ids_do_not_repeat() -> None:
    """Calls that come in at the same nanosecond have different ids."""
    assert len({uuid7(1_000_000) for _ in range(1_000)}) == 1_000
