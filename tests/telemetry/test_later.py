"""What calls leave is told soon, all of it and once, and in nobody's trace."""

import asyncio
import logging
import threading

import pytest

from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.later import AT_ONCE, MOST, Later
from dealgate.telemetry.spans import CURRENT, Span, Tracer


async def test_it_is_told_soon_and_together() -> None:
    """Nothing is told before the call that left it goes on; one timer tells of all."""
    later, told = Later(0.001), list[str]()
    later(told.append, "first")
    later(told.append, "second")
    assert told == []
    await asyncio.sleep(0.05)
    assert told == ["first", "second"]
    later(told.append, "third")
    await asyncio.sleep(0.05)
    assert told[2:] == ["third"]


async def test_it_belongs_to_no_call() -> None:
    """What is told then is not below the span of whoever left it first."""
    later, seen = Later(0.001), list[Span | None]()
    with Tracer(lambda _: None).start("call"):
        later(lambda: seen.append(CURRENT.get()))
    await asyncio.sleep(0.05)
    assert seen == [None]


async def test_whoever_asks_gets_all() -> None:
    """A reader of metrics, in a thread of its own, misses no call that is over."""
    later = Later(60)
    meter = Meter(is_on=True, settle=later.settle)
    told = list[int]()
    later(told.append, 1)
    reader = threading.Thread(target=meter.read)
    reader.start()
    reader.join()
    assert told == [1]


def test_a_thread_leaves_things_too() -> None:
    """They wait for who comes next, but not in any number."""
    later, told = Later(), list[int]()
    for number in range(MOST):
        later.from_thread(told.append, number)
    assert told == []
    later.from_thread(told.append, MOST)
    assert told == list(range(MOST + 1))


async def test_callers_have_their_turn_meanwhile() -> None:
    """Not everything that was left in a busy moment is told in one go, but all of it soon."""
    later, told, turns = Later(0.001), list[int](), list[int]()
    for number in range(3 * AT_ONCE):
        later(told.append, number)
    async with asyncio.timeout(60):
        while len(told) < 3 * AT_ONCE:
            await asyncio.sleep(0)
            turns.append(len(told))
    assert {0, AT_ONCE, 2 * AT_ONCE, 3 * AT_ONCE} == set(turns)


def test_what_is_made_is_handed_on_together() -> None:
    """The spans and records of many calls take one lock each."""
    handed = list[list[bytes]]()
    later = Later(0, put_spans=lambda items: handed.append(list(items)))
    for _ in range(3):
        later.from_thread(later.spans.append, b"span")
        later.from_thread(later.records.append, b"nobody wants it")
    later.settle()
    later.settle()
    assert handed == [[b"span"] * 3]
    assert later.records == []


def test_a_fault_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged without its message; what was left after it is told."""
    later, told = Later(), list[int]()
    fact = "ann.lee@example.com"

    def fail() -> None:
        raise ValueError(fact)

    with caplog.at_level(logging.ERROR):
        later.from_thread(fail)
        later.from_thread(told.append, 1)
        later.settle()
    assert told == [1]
    assert "ValueError" in caplog.text
    assert fact not in caplog.text
