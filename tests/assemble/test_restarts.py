"""How long a worker that crashes again and again is waited for."""

from dealgate.assemble.workers import FIRST_WAIT, LONGEST_WAIT, wait_after


def test_waits_double_up_to_the_longest_however_often_it_crashes() -> None:
    """A worker that crashes for hours, its disk full perhaps, ends none of the others."""
    waits = [wait_after(crashes) for crashes in (1, 2, 3, 7, 1_100, 10**6)]
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, *[LONGEST_WAIT] * 3]
