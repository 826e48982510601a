"""The three patterns of signals, as pure steps over one entity's events in order of event time.

A state is plain data, ready for JSON. `due` comes before `step` at the same instant: a silence that
ends with an event had lasted until then. Nothing here reads a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

State: TypeAlias = dict[str, Any]  # {} is that of an unknown entity
ENTRY_AT, ENTRY_TIMES, ENTRY_KEY = range(3)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event as a signal sees it; None of a condition or a value: it is not known.

    `key` is unique within the stream, `at` in nanoseconds since the epoch. It stands for `times`
    events.
    """

    key: str
    at: int
    matches: bool | None = True
    times: int = 1
    answers: bool | None = False
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """A pattern that was seen at an instant, and the keys of the events that made it."""

    at: int
    causes: Sequence[str]
    count: int = 0
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What an event, or the passing of time, comes to; `undecided`: something was not known."""

    state: State
    firing: Firing | None = None
    undecided: bool = False


class Pattern(Protocol):
    """What is looked for in one entity's events."""

    def step(self, state: State, event: Occurrence) -> Step:
        """Take the next event."""

    def due(self, state: State, until: int) -> Step:
        """Let time pass: everything before `until` is known."""

    def wake(self, state: State) -> int | None:
        """Return from when on time alone changes the state; None: never."""


@dataclass(frozen=True, slots=True)
class Count:
    """At least so many matching events within a duration; each counts for one firing at most."""

    at_least: int
    within: int
    cool_down: int = 0

    def step(self, state: State, event: Occurrence) -> Step:
        """Add the event to the window that ends with it."""
        if not event.matches:
            return Step(state, undecided=event.matches is None)
        held = [
            entry for entry in state.get("window", ()) if entry[ENTRY_AT] + self.within > event.at
        ]
        held.append([event.at, event.times, event.key])
        count = sum(entry[ENTRY_TIMES] for entry in held)
        quiet = state.get("quiet", event.at)
        if count >= self.at_least and event.at >= quiet:
            firing = Firing(event.at, [entry[ENTRY_KEY] for entry in held], count)
            return Step({"quiet": event.at + self.cool_down}, firing)
        while count - held[0][ENTRY_TIMES] >= self.at_least:  # the newer ones are enough
            count -= held.pop(0)[ENTRY_TIMES]
        return Step({**state, "window": held})

    def due(self, state: State, until: int) -> Step:
        """Forget what no window can reach any more."""
        wake = self.wake(state)
        return Step({} if wake is not None and wake <= until else state)

    def wake(self, state: State) -> int | None:
        """Return when nothing of it matters any more."""
        window = state.get("window", ())
        ends = [window[-1][ENTRY_AT] + self.within] if window else []
        return max([*ends, *([state["quiet"]] if "quiet" in state else [])], default=None)


@dataclass(frozen=True, slots=True)
class Absence:
    """After a matching event, no answer for a duration; without `answered`, no other such event."""

    duration: int
    answered: bool = False
    cool_down: int = 0

    def step(self, state: State, event: Occurrence) -> Step:
        """End the silence, or begin one."""
        if self.answered:
            return self._after_answer(state, event)
        if event.matches or (event.matches is None and "since" in state):
            # What may have been one begins the silence anew: after it, it is certain.
            begun = {**state, "since": event.at, "key": event.key}
            return Step(begun, undecided=event.matches is None)
        return Step(state, undecided=event.matches is None)

    def _after_answer(self, state: State, event: Occurrence) -> Step:
        waits = "since" in state
        undecided = event.matches is None or (event.answers is None and waits)
        if event.answers is not False and waits:
            # What may have been the answer ends the wait: that there was none is not known.
            state = _without(state, "since", "key")
            waits = False
        if event.matches and not waits:
            state = {**state, "since": event.at, "key": event.key}
        return Step(state, undecided=undecided)

    def due(self, state: State, until: int) -> Step:
        """Fire when the silence has lasted long enough."""
        quiet = state.get("quiet")
        if quiet is not None and quiet <= until and "since" not in state:
            return Step(_without(state, "quiet"))
        if "since" not in state or state["since"] + self.duration > until:
            return Step(state)
        at = state["since"] + self.duration
        rest = _without(state, "since", "key")
        if quiet is not None and at < quiet:
            return Step(rest)
        firing = Firing(at, [state["key"]])
        return Step({"quiet": at + self.cool_down} if at + self.cool_down > until else {}, firing)

    def wake(self, state: State) -> int | None:
        """Return the end of the silence, or of the cool-down."""
        return state["since"] + self.duration if "since" in state else state.get("quiet")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A value that comes to a threshold from the other side, and again after it was at `rearm`."""

    threshold: Decimal
    rearm: Decimal
    upwards: bool = True
    first: bool = False
    cool_down: int = 0

    def step(self, state: State, event: Occurrence) -> Step:
        """Compare with what the value was before."""
        if event.matches is False:
            return Step(state)
        if event.matches is None or event.value is None:
            return Step(state, undecided=True)
        if not self._is_beyond(event.value):
            known = "is_armed" in state
            armed = not known or state["is_armed"] or self._is_rearmed(event.value)
            return Step({**state, "is_armed": armed})
        crossed = state.get("is_armed", self.first)
        state = {**state, "is_armed": False}
        if not crossed or event.at < state.get("quiet", event.at):
            return Step(state)
        firing = Firing(event.at, [event.key], value=event.value)
        return Step({**state, "quiet": event.at + self.cool_down}, firing)

    def _is_beyond(self, value: Decimal) -> bool:
        return value >= self.threshold if self.upwards else value <= self.threshold

    def _is_rearmed(self, value: Decimal) -> bool:
        return value < self.rearm if self.upwards else value > self.rearm

    def due(self, state: State, until: int) -> Step:
        """Drop a cool-down that is over; which side the value is on is never forgotten."""
        over = state.get("quiet", until + 1) <= until
        return Step(_without(state, "quiet") if over else state)

    def wake(self, state: State) -> int | None:
        """Return the end of the cool-down."""
        return state.get("quiet")


def _without(state: State, *keys: str) -> State:
    return {key: value for key, value in state.items() if key not in keys}
