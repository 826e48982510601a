"""Whether and when a call is begun: bounded, fair, and never too late to matter."""

import asyncio

import pytest

from dealgate.model.errors import Expired, Overloaded, Unavailable
from dealgate.wire.admission import Admission, Bounds, Origin

ANNE, BOB = Origin("anne", "c1"), Origin("bob", "c2")


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


def blocked(clock: Clock, **bounds: float) -> Admission:
    """Return an admission where one call is begun, and no other may be before it is done."""
    made = Admission(Bounds(in_flight=1, **bounds), clock)  # type: ignore[arg-type]
    made._in_flight = 1
    made._ended_at = clock.now
    return made


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_lone_call_waits_for_nothing(clock: Clock) -> None:
    """When nothing is going on, a call is begun without a turn of the loop."""
    admission = Admission(clock=clock)
    admission.arrive(ANNE, None)
    turn = admission.turn(ANNE, None, 10)
    with pytest.raises(StopIteration):
        turn.send(None)
    assert (admission.in_flight, admission.waiting) == (1, 0)


async def test_calls_are_begun_in_order_as_others_end(clock: Clock) -> None:
    """One that ends lets the next begin."""
    admission, begun = blocked(clock), list[int]()

    async def call(number: int) -> None:
        await admission.turn(ANNE, None, 10)
        begun.append(number)

    calls = [asyncio.create_task(call(number)) for number in range(3)]
    await settle()
    assert (begun, admission.waiting) == ([], 3)
    for number in range(3):
        admission.done()
        await settle()
        assert begun == list(range(number + 1))
    await asyncio.gather(*calls)


async def test_the_line_is_bounded(clock: Clock) -> None:
    """Beyond it callers are told when to come back, each a little later than the one before."""
    admission = blocked(clock, least=4, seconds=0.000001)
    calls = [asyncio.create_task(admission.turn(ANNE, None, 10)) for _ in range(4)]
    await settle()
    delays = []
    for _ in range(200):
        refusal = admission.knock("anne", "c1")
        assert isinstance(refusal, Overloaded)
        delays.append(refusal.retry_after)
    assert delays == sorted(delays)
    assert delays[-1] > delays[0]
    with pytest.raises(Overloaded):
        admission.arrive(ANNE, None)
    assert admission.rejected["full"] == 201
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert admission.waiting == 0
    assert admission.knock("anne", "c1") is None


async def test_a_tenant_crowds_out_itself_alone(clock: Clock) -> None:
    """When the line is full of one tenant, another's call takes the place of its newest."""
    admission = blocked(clock, least=4, seconds=0.000001)
    calls = [asyncio.create_task(admission.turn(ANNE, None, 10)) for _ in range(4)]
    await settle()
    assert admission.knock("bob", "c2") is None
    admission.arrive(BOB, None)
    bob = asyncio.create_task(admission.turn(BOB, None, 10))
    await settle()
    assert [call.done() for call in calls] == [False, False, False, True]
    with pytest.raises(Overloaded):
        calls[3].result()
    admission.done()
    admission.done()
    await settle()
    admission.done()
    await settle()
    assert bob.done()
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_who_was_taken_up_counts_before_standing_in_line(clock: Clock) -> None:
    """A flood is sent away at the door, not when each call has come as far as the line.

    A tenant of its own still has a claim; who stands in line, or never comes, no longer counts.
    """
    admission = blocked(clock, least=8, seconds=0.001)
    assert [admission.knock("anne", "c1") for _ in range(8)] == [None] * 8
    assert isinstance(admission.knock("anne", "c1"), Overloaded)
    assert admission.knock("bob", "c2") is None
    waiting = [asyncio.create_task(admission.turn(ANNE, None, 10)) for _ in range(8)]
    await settle()
    assert isinstance(admission.knock("anne", "c1"), Overloaded)
    for task in waiting:
        task.cancel()
    await settle()
    assert [admission.knock("anne", "c1") for _ in range(7)] == [None] * 7
    assert isinstance(admission.knock("anne", "c1"), Overloaded)
    clock.now += 1
    assert admission.knock("anne", "c1") is None


async def test_a_connection_that_floods_keeps_out_no_other(clock: Clock) -> None:
    """Calls that were taken up and never stand in line are their own connection's alone."""
    admission = blocked(clock, least=8, seconds=0.001)
    for _ in range(8):
        assert admission.knock("anne", "flood") is None
    assert isinstance(admission.knock("anne", "flood"), Overloaded)
    assert admission.knock("anne", "other") is None
    assert isinstance(admission.knock("anne", "other"), Overloaded)


async def test_many_connections_get_in_no_further_than_one(clock: Clock) -> None:
    """A flood by connections of a call each is sent away at the door like any other."""
    admission = blocked(clock, least=8, seconds=0.001)
    taken_up = [admission.knock("anne", f"c{number}") is None for number in range(20)]
    assert taken_up == [True] * 8 + [False] * 12


def stands(admission: Admission, connection: str) -> asyncio.Task[None]:
    """Let a call that was taken up stand in line."""
    return asyncio.create_task(admission.turn(Origin("anne", connection), None, 10))


async def test_a_line_that_was_full_is_kept_short_until_it_is_nearly_empty(clock: Clock) -> None:
    """In a flood half as many wait, and half as long; afterwards as many as before."""
    admission = blocked(clock, least=4, seconds=0.04)  # 20 at the first pace
    calls = []
    while admission.knock("anne", "c1") is None:
        calls.append(stands(admission, "c1"))
        await settle()
    assert len(calls) == 20
    room = []
    for waiting in range(19, 3, -1):
        calls.pop().cancel()
        await settle()
        assert admission.waiting == waiting
        room.append(admission.knock("anne", "c1") is None)
        clock.now += 1  # what was taken up is forgotten
    assert room == [False] * 10 + [True] * 6
    calls += [stands(admission, "c1") for _ in range(15)]
    await settle()
    assert admission.waiting == 19
    assert admission.knock("anne", "c1") is None
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_in_a_flood_no_connection_waits_longer_than_others(clock: Clock) -> None:
    """Served in turns, calls of one that got in with many would wait for several times as long."""
    admission = blocked(clock, least=8, seconds=0.001)
    calls = [stands(admission, name) for name in ("c1",) * 6 + ("c2",) * 2]
    await settle()
    assert isinstance(admission.knock("anne", "c1"), Overloaded)
    calls.pop(0).cancel()
    await settle()
    assert isinstance(admission.knock("anne", "c1"), Overloaded)
    assert admission.knock("anne", "c2") is None
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_what_cannot_be_answered_in_time_is_not_begun(clock: Clock) -> None:
    """A deadline that the line would outlast is refused at once; one that passes in line, then."""
    admission = blocked(clock)
    calls = [asyncio.create_task(admission.turn(ANNE, 5.0, 10)) for _ in range(10)]
    await settle()
    with pytest.raises(Overloaded, match="deadline"):
        admission.arrive(ANNE, 0.001)
    admission.arrive(ANNE, 1.0)
    clock.now += 6
    admission.done()
    await settle()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Expired}
    assert (admission.in_flight, admission.waiting) == (0, 0)


async def test_large_messages_in_line_are_bounded(clock: Clock) -> None:
    """All that waits together has a bound in bytes."""
    admission = blocked(clock, bytes_waiting=100)
    first = asyncio.create_task(admission.turn(ANNE, None, 80))
    await settle()
    with pytest.raises(Overloaded, match="large messages"):
        await admission.turn(ANNE, None, 80)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_who_leaves_the_line_frees_their_place(clock: Clock) -> None:
    """A caller who hangs up in line, or as its turn comes, keeps nothing."""
    admission = blocked(clock)
    calls = [asyncio.create_task(admission.turn(ANNE, None, 10)) for _ in range(2)]
    await settle()
    calls[0].cancel()
    await asyncio.gather(calls[0], return_exceptions=True)
    assert admission.waiting == 1
    admission.done()
    for _ in range(50):
        await asyncio.sleep(0)
        if admission.in_flight and not calls[1].done():
            calls[1].cancel()
    await settle()
    assert admission.waiting == 0
    assert admission.in_flight == (0 if calls[1].cancelled() else 1)


async def test_nothing_is_begun_when_the_server_leaves(clock: Clock) -> None:
    """New calls are sent to another server; those in line are still answered."""
    admission = blocked(clock)
    inside = asyncio.create_task(admission.turn(ANNE, None, 10))
    await settle()
    admission.leave()
    assert isinstance(admission.knock("bob", "c2"), Unavailable)
    admission.done()
    await inside
