"""The ids a search by time looks at, whatever the clocks did."""

from hypothesis import assume, example, given
from hypothesis import strategies as st

from dealgate.journal.span import id_span
from dealgate.model.decision import DecisionFilter

MILLISECOND = 1_000_000
MILLISECONDS = st.integers(0, 2**48 - 1)


@given(
    id_time=MILLISECONDS,
    stray=st.integers(-5, 5) | st.integers(-(2**40), 2**40),
    rest=st.integers(0, MILLISECOND - 1),
    slack=st.integers(0, 3),
    since=st.integers(0, 3) | st.integers(0, 2**62),
    until=st.integers(1, 3) | st.integers(1, 2**62),
    tail=st.binary(min_size=10, max_size=10),
)
@example(id_time=0, stray=0, rest=0, slack=0, since=0, until=1, tail=bytes(10))
@example(id_time=2**48 - 1, stray=0, rest=0, slack=0, since=0, until=1, tail=b"\xff" * 10)
def test_a_decision_in_the_window_is_in_the_span(
    id_time: int, stray: int, rest: int, slack: int, since: int, until: int, tail: bytes
) -> None:
    """No decision whose id strays as far as the journal knows, or less, is skipped."""
    assume(id_time + stray >= 0)
    decided_at = (id_time + stray) * MILLISECOND + rest
    window = DecisionFilter(
        "default", decided_from=decided_at - since, decided_before=decided_at + until
    )
    low, high = id_span(window, abs(stray) + slack)
    assert low <= id_time.to_bytes(6, "big") + tail < high


def test_a_span_is_narrow_if_the_clocks_did_well() -> None:
    """Without drift, one millisecond's window spans that millisecond's ids alone."""
    window = DecisionFilter("default", decided_from=7 * MILLISECOND, decided_before=8 * MILLISECOND)
    assert id_span(window, 0) == ((7).to_bytes(6, "big"), (8).to_bytes(6, "big"))
