"""What one fact could be instead: a value on each side of every boundary, and nothing at all.

Values that no condition tells apart stand for each other: one is tried, the nearest to what the
fact is now.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.explain.boundaries import find_boundary, seeds_near, type_name
from dealgate.explain.fact_positions import Spot, changed, read, spots
from dealgate.explain.fixed_facts import Leeway
from dealgate.explain.probes import Probe, Probes
from dealgate.explain.scales import Scale, scale_of
from dealgate.language.values import CONVERSIONS, NANOS
from dealgate.model.fields import Held, message_of
from dealgate.model.instants import DAY
from dealgate.model.properties import Property
from dealgate.model.vocabulary import property_at

# Stands for every text that no condition names.
OTHER = "something else"
PRESENCE, WORD, DETAIL, ABSENCE = 1.0, 0.5, 0.1, 2.0
UNIX_DAY = dt.date(1970, 1, 1).toordinal()
# The most facts that a new element is given.
DETAILS = 2
Signature = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change of one fact. `after` is None if the fact is then not known, or its element gone.

    `alike` are other values that no condition tells from `after`. `step` says how large the
    change is: a number's by how far it moves, up to a half; a word's a half; 1 to learn a fact or
    gain an element, 2 to lose one, which nobody does to get something.
    `direction` is -1 or 1 for a number that falls or rises, else 0.
    """

    spot: Spot
    before: Held
    after: Held
    alike: tuple[Held, ...] = ()
    step: float = PRESENCE
    direction: int = 0


class Candidates:
    """Finds what each fact of one message could be instead."""

    def __init__(self, probes: Probes, facts: Message, as_of: int, leeway: Leeway) -> None:
        """Nothing is found before it is asked for."""
        self._probes = probes
        self._facts = facts
        self._leeway = leeway
        self._as_of = as_of
        self._now = probes.frame(facts)

    def of(self, spot: Spot) -> Iterator[Candidate]:
        """Yield the changes of one fact, the smallest first."""
        reading = self._probes.reading(spot.fact.path)
        before = read(spot, self._facts)
        candidates = [] if _is_message(spot) else [*self._valued(spot, before, reading)]
        if before is not None:
            if self._leeway.may_go(spot.fact):
                candidates.append(Candidate(spot, before, None, (), ABSENCE))
        elif _is_message(spot):
            made = GetMessageClass(message_of(spot.fact.field))()
            candidates.append(Candidate(spot, None, made))
        yield from sorted(candidates, key=lambda candidate: candidate.step)

    def new(self, spot: Spot, blank: Held) -> Iterator[Candidate]:
        """Yield new elements of a list, those with fewer facts first.

        `blank` is an element without any facts but those it must have.
        """
        facts = changed(self._facts, [(spot, blank)])
        inside = Candidates(self._probes, facts, self._as_of, self._leeway.of_new)
        choices = [list(inside.of(detail)) for detail in self._details(spot, facts)]
        if not isinstance(blank, Message) or not _is_message(spot):
            yield from (Candidate(spot, None, c.after, c.alike) for c in choices[0] if c.after)
            return
        for size in range(min(len(choices), DETAILS) + 1):
            for chosen in combinations(choices, size):
                for details in product(*chosen):
                    yield _new(spot, facts, details)

    def _details(self, spot: Spot, facts: Message) -> Iterator[Spot]:
        """Yield the facts of the last element of a list."""
        last = len(_list_at(spot, facts)) - 1
        element = (*spot.steps[:-1], last)
        for fact in self._probes.facts.values():
            for position in spots(fact, facts):
                is_itself = position.steps == element and not _is_message(position)
                if is_itself or (
                    len(position.steps) > len(element) and position.within_steps(element)
                ):
                    yield position

    def _valued(self, spot: Spot, before: Held, reading: Sequence[Probe]) -> Iterator[Candidate]:
        scale = scale_of(spot.fact.field, self._currency(before, reading))
        if scale is not None:
            yield from self._ordered(spot, before, reading, scale)
        elif spot.fact.field.type != FieldDescriptor.TYPE_BYTES:
            yield from self._words(spot, before, reading)

    def _words(self, spot: Spot, before: Held, reading: Sequence[Probe]) -> Iterator[Candidate]:
        alike: dict[Signature, list[Held]] = {}
        admits, now = self._leeway.admits, None if before is None else int(before is True)
        declared = _declared(spot)
        for value in self._choices(spot, reading, declared):
            is_other = value != before and _is_as_declared(declared, value)
            if is_other and admits(spot.fact, now, int(value is True), None):
                alike.setdefault(self._signature(spot, value, reading), []).append(value)
        alike.pop(self._signature(spot, before, reading), None)
        step = PRESENCE if before is None else WORD
        for first, *others in alike.values():
            yield Candidate(spot, before, first, tuple(others), step)

    def _choices(
        self, spot: Spot, reading: Sequence[Probe], declared: Property | None
    ) -> Sequence[Held]:
        field = spot.fact.field
        if field.enum_type is not None:
            return [value.number for value in field.enum_type.values if value.number]
        if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            return [True, False]
        named = [value for probe in reading for type_, value in probe.literals if type_ == "string"]
        if declared is not None and declared.values:
            return declared.values
        others = (read(other, self._facts) for other in self._siblings(reading, "string"))
        return list(dict.fromkeys([*named, *(value for value in others if value), OTHER, ""]))

    def _ordered(
        self, spot: Spot, before: Held, reading: Sequence[Probe], scale: Scale
    ) -> Iterator[Candidate]:
        """Yield, for each way the conditions can come out, the nearest value that does it."""
        now = None if before is None else scale.number(before)
        known: dict[int, Signature] = {}

        def ask(number: int) -> Signature:
            if number not in known:
                known[number] = self._signature(spot, scale.value(number), reading)
            return known[number]

        ends = (scale.low, scale.high)
        seeds = sorted({*self._seeds(spot, reading, scale), *ends, *([] if now is None else [now])})
        for left, right in pairwise(seeds):
            find_boundary(left, right, ask)
        near = self._today(spot) if now is None else now
        best: dict[Signature, int] = {}
        today, admits = self._today(spot), self._leeway.admits
        declared = _declared(spot)
        admitted = (
            number
            for number in known
            if admits(spot.fact, now, number, today)
            and _is_as_declared(declared, scale.value(number))
        )
        for number in sorted(admitted, key=lambda item: (item in ends, _away(item, near), item)):
            best.setdefault(known[number], number)
        best.pop(self._signature(spot, before, reading), None)
        for number in best.values():
            direction = 0 if now is None else (1 if number > now else -1)
            step = PRESENCE if now is None else _share(number, now)
            yield Candidate(spot, before, scale.value(number), (), step, direction)

    def _seeds(self, spot: Spot, reading: Sequence[Probe], scale: Scale) -> Iterator[int]:
        """Yield numbers to look between; a boundary between two of them is found exactly."""
        for probe in reading:
            for type_, value in probe.literals:
                yield from seeds_near(spot, type_, value, self._as_of)
        name = type_name(spot)
        for other in self._siblings(reading, name):
            value = read(other, self._facts)
            if value is not None:
                yield scale.number(value)
        today = self._today(spot)
        if today is not None:
            yield today

    def _today(self, spot: Spot) -> int | None:
        """Return the instant judged at, on the scale of an instant or a date."""
        name = type_name(spot)
        if name == "google.protobuf.Timestamp":
            return self._as_of // NANOS
        return UNIX_DAY + self._as_of // DAY if name == "google.type.Date" else None

    def _siblings(self, reading: Sequence[Probe], type_: str) -> Iterator[Spot]:
        """Yield the other facts of that type which the same conditions read."""
        paths = {path: fact for probe in reading for path, fact in probe.facts.items()}
        for fact in paths.values():
            for spot in spots(fact, self._facts):
                if type_name(spot) == type_:
                    yield spot

    def _currency(self, before: Held, reading: Sequence[Probe]) -> str:
        if isinstance(before, Message) and before.DESCRIPTOR.full_name == "google.type.Money":
            return str(getattr(before, "currency_code", ""))
        currencies = (v[0] for p in reading for t, v in p.literals if t == "google.type.Money")
        return next(currencies, "EUR")

    def _signature(self, spot: Spot, value: Held, reading: Sequence[Probe]) -> Signature:
        frame = self._now
        if value is not None or read(spot, self._facts) is not None:
            frame = self._probes.frame(changed(self._facts, [(spot, value)]))
        return tuple(probe.ask(frame, spot) for probe in reading)


def _declared(spot: Spot) -> Property | None:
    """Return what a rules folder declares of the fact; None: it is of the contracts."""
    declared = property_at(spot.fact.field.full_name)
    return None if declared is None else declared[1]


def _is_as_declared(declared: Property | None, value: Held) -> bool:
    """Tell whether callers may send the value, as far as a declaration says."""
    return declared is None or not declared.wrong(value)


def _new(spot: Spot, facts: Message, details: Sequence[Candidate]) -> Candidate:
    """Return the candidate that adds the last element of the list in `facts` with `details`."""
    element = changed(facts, [(detail.spot, detail.after) for detail in details])
    made = _list_at(spot, element)[-1]
    return Candidate(spot, None, made, (), PRESENCE + DETAIL * len(details))


def _list_at(spot: Spot, facts: Message) -> Any:
    """Return the list that a new element would be added to."""
    holder: Any = facts
    for step in spot.steps[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, step)
    return holder


def _is_message(spot: Spot) -> bool:
    message = spot.fact.field.message_type
    return message is not None and message.full_name not in CONVERSIONS


def _away(number: int, now: int | None) -> int:
    return 0 if now is None else abs(number - now)


def _share(number: int, now: int) -> float:
    return abs(number - now) / max(abs(number), abs(now), 1) / 2
