"""A description of one decision: what thousands have in common, and what only it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from dealgate.telemetry import names
from dealgate.telemetry.instruments import Labels
from dealgate.telemetry.otlp import (
    LOG_ATTRIBUTE,
    SPAN_ATTRIBUTE,
    Pair,
    attributes,
    before_text,
    named,
)
from dealgate.telemetry.spans import INTERNAL
from dealgate.telemetry.stencil import Hole, Stencil, of_record, of_span, words

INFO, WARN, ERROR = (9, "INFO"), (13, "WARN"), (17, "ERROR")


@dataclass
class Shared:
    """What many decisions have in common; `labels` are those of a duration, in their order.

    `keys` begin attributes whose values differ, each with the length of its value. `is_frequent`
    tells that it was seen before, so that a stencil is worth its making. `uncounted`: decisions
    that are not in the counters yet.
    """

    kind: str
    mode: str
    labels: Labels
    keys: tuple[tuple[bytes, int], ...]
    pairs: tuple[Pair, ...]
    is_error: bool = False
    is_defect: bool = False
    is_frequent: bool = False
    uncounted: int = 0

    @cached_property
    def span(self) -> Stencil:
        """What writes spans of such decisions."""
        pairs, holes = self._sample()
        name = named(f"decide {self.kind}", INTERNAL)
        return of_span(name, attributes(SPAN_ATTRIBUTE, pairs), *holes)

    @cached_property
    def record(self) -> Stencil:
        """What writes log records of such decisions."""
        pairs, holes = self._sample()
        told = attributes(LOG_ATTRIBUTE, pairs)
        return of_record(*self.severity, told, names.EVENT_DECISION_EVALUATED, *holes)

    @property
    def severity(self) -> tuple[int, str]:
        """How much an operator should care: of a business outcome, not at all."""
        return ERROR if self.is_error else INFO

    def _sample(self) -> tuple[Sequence[Pair], Sequence[Hole]]:
        holes = [words(length, index) for index, (_, length) in enumerate(self.keys)]
        own = (key + hole.sample for (key, _), hole in zip(self.keys, holes, strict=True))
        return (*own, *self.pairs), holes


class Described(NamedTuple):
    """A decision: its id, the values of attributes that only it has, and what it shares."""

    id: str
    own: tuple[bytes, ...]
    shared: Shared

    def pairs(self) -> tuple[Pair, ...]:
        """Return all attributes."""
        own = zip(self.shared.keys, self.own, strict=True)
        return (*(key + value for (key, _), value in own), *self.shared.pairs)


def keys_of(id_key: str, own: Sequence[bytes]) -> tuple[tuple[bytes, int], ...]:
    """Return what the attributes begin with that hold an id and, if it is known, the subject."""
    known = zip((id_key, names.SUBJECT_PSEUDONYM), own, strict=False)
    return tuple((before_text(key, len(value)), len(value)) for key, value in known)
