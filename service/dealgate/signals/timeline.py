"""One entity's events up to a watermark, in order of event time: what fires, and what is kept.

The order in which events arrived is gone here: they are sorted by instant and key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dealgate.signals.declared import Happening, Signal, Signals
from dealgate.signals.patterns import Firing, State, Step

States = Mapping[str, State]


@dataclass(slots=True)
class Advance:
    """What a stretch of time came to: new states, firings in order, and what was not known."""

    states: dict[str, State] = field(default_factory=dict)
    firings: list[tuple[Signal, Firing]] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)


def advance(
    signals: Signals, states: States, events: Sequence[Happening], watermark: int
) -> Advance:
    """Take events before the watermark, and let time pass up to it."""
    result = Advance()
    ordered = sorted(events, key=lambda event: (event.at, event.key))
    for signal in signals.values():
        state: State = states.get(signal.name, {})
        for step in _steps(signal, state, ordered, watermark):
            state = step.state
            if step.undecided:
                result.undecided.append(signal.name)
            if step.firing is not None:
                result.firings.append((signal, step.firing))
        result.states[signal.name] = state
    result.firings.sort(key=lambda fired: (fired[1].at, fired[0].name))
    return result


def _steps(
    signal: Signal, state: State, events: Sequence[Happening], watermark: int
) -> Iterator[Step]:
    pattern = signal.pattern
    for event in events:
        if event.feed == signal.feed:
            due = pattern.due(state, event.at)
            yield due
            taken = pattern.step(due.state, signal.occurrence(event))
            yield taken
            state = taken.state
    yield pattern.due(state, watermark)


def wake(signals: Signals, states: States) -> int | None:
    """Return from when on time alone changes something; None: never."""
    wakes = [signals[name].pattern.wake(state) for name, state in states.items() if name in signals]
    return min((wake for wake in wakes if wake is not None), default=None)
