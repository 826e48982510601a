"""What the patterns mean, said in the plainest way: by looking at all events, again and again."""

from collections.abc import Sequence
from decimal import Decimal

from dealgate.signals.patterns import Absence, Count, Crossing, Occurrence

Events = Sequence[Occurrence]


def fires(pattern: object, events: Events, watermark: int) -> list[int]:
    """Return the instants at which a pattern fires, of all that happened before the watermark."""
    known = sorted((e for e in events if e.at < watermark), key=lambda e: (e.at, e.key))
    if isinstance(pattern, Count):
        return _count(pattern, known)
    if isinstance(pattern, Crossing):
        return _crossing(pattern, known)
    assert isinstance(pattern, Absence)
    silences = _waits(pattern, known) if pattern.answered else _silences(pattern, known)
    return _apart([at for at in silences if at <= watermark], pattern.cool_down)


def _count(pattern: Count, events: Events) -> list[int]:
    matching = [event for event in events if event.matches]
    fired: list[int] = []
    used = 0
    for index, event in enumerate(matching):
        window = [e for e in matching[used : index + 1] if event.at - pattern.within < e.at]
        enough = sum(e.times for e in window) >= pattern.at_least
        if enough and (not fired or event.at >= fired[-1] + pattern.cool_down):
            fired.append(event.at)
            used = index + 1
    return fired


def _silences(pattern: Absence, events: Events) -> list[int]:
    """Return the end of each silence that surely was one: after a touch, or what may have been."""
    touches = [event for event in events if event.matches is not False]
    ends = []
    for index, touch in enumerate(touches):
        end = touch.at + pattern.duration
        is_last = index + 1 == len(touches)
        if _begins(pattern, touches[: index + 1]) and (is_last or touches[index + 1].at >= end):
            ends.append(end)
    return ends


def _begins(pattern: Absence, touches: Events) -> bool:
    """Tell whether the last of these is surely waited after: something is known to have been."""
    *before, last = touches
    if last.matches:
        return True
    return bool(before) and last.at < before[-1].at + pattern.duration and _begins(pattern, before)


def _waits(pattern: Absence, events: Events) -> list[int]:
    ends: list[int] = []
    index = 0
    while index < len(events):
        begun = events[index]
        if not begun.matches:
            index += 1
            continue
        end = begun.at + pattern.duration
        rest = range(index + 1, len(events))
        answer = next((i for i in rest if events[i].answers is not False), None)
        if answer is not None and events[answer].at < end:
            index = answer
            continue
        ends.append(end)
        index = next((i for i in rest if events[i].at >= end), len(events))
    return ends


def _apart(instants: Sequence[int], cool_down: int) -> list[int]:
    kept: list[int] = []
    for instant in instants:
        if not kept or instant >= kept[-1] + cool_down:
            kept.append(instant)
    return kept


def _crossing(pattern: Crossing, events: Events) -> list[int]:
    known = [(e.at, e.value) for e in events if e.matches and e.value is not None]
    crossings = [
        at
        for index, (at, value) in enumerate(known)
        if _is_beyond(pattern, value) and _is_armed(pattern, [v for _, v in known[:index]])
    ]
    return _apart(crossings, pattern.cool_down)


def _is_beyond(pattern: Crossing, value: Decimal) -> bool:
    return value >= pattern.threshold if pattern.upwards else value <= pattern.threshold


def _is_armed(pattern: Crossing, before: Sequence[Decimal]) -> bool:
    """Look back for the last value that was beyond the threshold, or back at the other side."""
    for value in reversed(before):
        if _is_beyond(pattern, value):
            return False
        if value < pattern.rearm if pattern.upwards else value > pattern.rearm:
            return True
    return bool(before) or pattern.first
