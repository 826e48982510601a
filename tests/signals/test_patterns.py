"""Patterns against their plainest definition: events in any order, any stretches of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dealgate.signals.patterns import Absence, Count, Crossing, Occurrence, Pattern, State
from dealgate.signals.timeline import advance
from tests.signals.brute import fires

truths = st.sampled_from([True, True, False, None])
values = st.one_of(st.none(), st.integers(0, 5).map(Decimal))
streams = st.lists(
    st.builds(
        Occurrence,
        key=st.just(""),
        at=st.integers(0, 30),
        matches=truths,
        times=st.sampled_from([1, 1, 2]),
        answers=st.sampled_from([False, False, True, None]),
        value=values,
    ),
    max_size=12,
)
spans, pauses = st.integers(1, 9), st.integers(0, 9)
patterns: Any = st.one_of(
    st.builds(Count, st.integers(1, 4), spans, pauses),
    st.builds(Absence, spans, st.booleans(), pauses),
    st.builds(
        Crossing,
        st.just(Decimal(3)),
        st.sampled_from([Decimal(3), Decimal(2)]),
        st.sampled_from([True]),
        st.booleans(),
        pauses,
    ),
    st.builds(
        Crossing,
        st.just(Decimal(2)),
        st.sampled_from([Decimal(2), Decimal(4)]),
        st.sampled_from([False]),
        st.booleans(),
        pauses,
    ),
)


@dataclass(frozen=True)
class Scripted:
    """A signal whose events say themselves what they are to it."""

    pattern: Pattern
    name: str = "scripted"
    feed: str = "activity"

    def occurrence(self, event: Any) -> Occurrence:
        """Return what the event says."""
        told: Occurrence = event.told
        return told


def seen(pattern: Pattern, events: Sequence[Occurrence], watermarks: Sequence[int]) -> list[int]:
    """Return the instants at which it fires, from watermark to watermark."""
    signal: Any = Scripted(pattern)
    states: dict[str, State] = {}
    fired: list[int] = []
    before = -1
    for watermark in watermarks:
        now = [
            SimpleNamespace(at=e.at, key=e.key, feed="activity", told=e)
            for e in events
            if before <= e.at < watermark
        ]
        result = advance({signal.name: signal}, states, now, watermark)  # type: ignore[arg-type]
        states, before = result.states, watermark
        fired += [firing.at for _, firing in result.firings]
    return fired


@given(patterns, streams, st.lists(st.integers(0, 45), max_size=4), st.randoms())
def test_what_fires_is_what_the_definition_says(
    pattern: Pattern, stream: list[Occurrence], stops: list[int], chance: Any
) -> None:
    """In whatever order events come, and wherever time stops between, the same instants fire."""
    events = [
        Occurrence(f"e{n}", e.at, e.matches, e.times, e.answers, e.value)
        for n, e in enumerate(stream)
    ]
    watermarks = sorted({*stops, 50})
    shuffled = chance.sample(events, len(events))
    assert seen(pattern, shuffled, watermarks) == fires(pattern, events, 50)


def test_a_window_remembers_no_more_than_it_asks_for() -> None:
    """However often something happens while a signal is quiet, its state stays small."""
    pattern = Count(at_least=3, within=10**6, cool_down=10**5)
    state: State = {"quiet": 10**5}
    for at in range(1000):
        state = pattern.step(state, Occurrence(f"e{at}", at)).state
    assert len(state["window"]) == 3
    assert pattern.due(state, 10**7).state == {}


def test_what_was_not_known_is_counted() -> None:
    """Neither a match nor none: it is told, for every pattern."""
    unknown = Occurrence("e", 1, None)
    for pattern in (Count(1, 5), Absence(5), Crossing(Decimal(1), Decimal(1))):
        assert pattern.step({}, unknown).undecided
