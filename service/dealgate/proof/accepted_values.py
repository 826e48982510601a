"""Asks a kind's own check which values it refuses: what never arrives need not be covered.

An invalid country, a negative head count, a currency that the rule set does not take: the
check names the field, so the value is tried alone and only its own violation counts. Bounds are
found by trying the two numbers beside them, and taken to hold beyond.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate.language.scope import AS_OF
from dealgate.model.fields import along, descriptor_of
from dealgate.model.kind import AnyKind
from dealgate.model.leads import COUNTRIES
from dealgate.model.properties import Property
from dealgate.model.property_values import NANOS
from dealgate.model.rules import AnyRuleSet
from dealgate.model.vocabulary import property_at
from dealgate.proof.dimensions import DECIMAL, MONEY, NOON, Dimension
from dealgate.proof.fact_paths import UnwritableFacts, write
from dealgate.proof.kept import Kept
from dealgate.proof.samples import Value, amount, number, word

BOUNDS = (
    (-1, 0, "low"),
    (0, 1, "low"),
    (101, 100, "high"),
    (11, 10, "high"),
    (4, 3, "high"),
    (2, 1, "high"),
)
NONE: frozenset[Value] = frozenset()
UNLIKELY = "a word that nobody uses"
WORDS = ("another", "Another Name", "x", "ann@example.com", "example.com", "1", "FR", "JP")


class Probe:
    """One kind's check under one rule set's parameters."""

    def __init__(self, kind: AnyKind, ruleset: AnyRuleSet, kept: Kept) -> None:
        self._kind = kind
        self._kept = kept
        self._taken: Mapping[str, frozenset[Value]] = {}
        self._parameters = ruleset.parameters
        words = list(_texts(ruleset.parameters))
        self.words = tuple(dict.fromkeys([*WORDS, *words, *sorted(COUNTRIES)]))
        self.currencies = [w for w in words if len(w) == 3 and w.isupper()] or ["EUR", "USD"]

    def violations(self, facts: Message, as_of: int) -> list[tuple[str, str]]:
        """Return what the kind's check says of these facts: fields and descriptions."""
        held = self._kind.check(facts, self._parameters, as_of)
        return [(violation.field, violation.description) for violation in held]

    def refuses(self, path: str, value: Value) -> str:
        """Return why facts with this value at `path` are refused; empty if they are not."""
        return self._kept.refusal(path, value, lambda: self._refusal(path, value))

    def _refusal(self, path: str, value: Value) -> str:
        facts = self._kind.facts()
        try:
            write(facts, path, value)
        except (UnwritableFacts, ValueError, TypeError, OverflowError):
            return ""
        location = path.replace("[]", "[0]")
        for field, description in self.violations(facts, NOON):
            if field == location:
                return description
        return ""

    def narrow(
        self, dimensions: Iterable[Dimension], vocabulary: Mapping[str, Iterable[str]]
    ) -> Iterator[tuple[Dimension, Value, str]]:
        """Take out of each dimension what is refused; yield named values with the reason.

        What is in the `vocabulary` of a fact is taken with some other facts, if not by itself: a
        stage of one pipeline, by deals that go through it.
        """
        self._taken = {path: frozenset(words) for path, words in vocabulary.items()}
        for dimension in dimensions:
            if dimension.is_path and dimension.type != "message":
                yield from self._named(dimension)
                self._bound(dimension)
            self._bound_age(dimension)
            yield from self._lowered(dimension)

    def _named(self, dimension: Dimension) -> Iterator[tuple[Dimension, Value, str]]:
        takes_some = any(not self.refuses(dimension.key, value) for value in dimension.named)
        if not takes_some and self._is_computed(dimension):
            return  # the fact is not the caller's to tell, so nothing is known of its values
        refused = set()
        for value in sorted(dimension.named - self._taken.get(dimension.key, NONE), key=number):
            why = self.refuses(dimension.key, value)
            if why:
                refused.add(value)
                yield dimension, value, why
        if dimension.type == "string":
            dimension.refused = frozenset(refused)
            dimension.is_closed = self._is_closed(dimension)

    def _is_computed(self, dimension: Dimension) -> bool:
        """Tell whether the check refuses whatever a caller says, a text or a value of any class."""
        if dimension.type == "string":
            return self.other_word(dimension) is None
        samples = [each.sample for each in dimension.classes()[1:] if each.sample is not None]
        return bool(samples) and all(self.refuses(dimension.key, value) for value in samples)

    def _lowered(self, dimension: Dimension) -> Iterator[tuple[Dimension, Value, str]]:
        """What lower(…) returns has no capitals."""
        if dimension.term is not None and dimension.term.function == "lower":
            words = map(word, dimension.named)
            spoilt = {text for text in words if text != text.lower()}
            dimension.refused = frozenset(spoilt)
            for text in sorted(spoilt):
                yield dimension, text, f'lower(…) has no capitals; write "{text.lower()}"'

    def _is_closed(self, dimension: Dimension) -> bool:
        """Whether every word that the check takes is named in some condition."""
        if not self.refuses(dimension.key, UNLIKELY):
            return False
        return self.other_word(dimension) is None

    def other_word(self, dimension: Dimension) -> str | None:
        """Return a word that no condition names and the check takes; None if none is known."""
        declared = self._declared(dimension.key)
        words = declared.values if declared is not None and declared.values else self.words
        unnamed = (word for word in words if word not in dimension.named)
        return next((word for word in unnamed if not self.refuses(dimension.key, word)), None)

    def any_word(self, path: str) -> str | None:
        """Return a text that the fact at a path may be; None: none is known."""
        declared = self._declared(path)
        words = declared.values if declared is not None and declared.values else self.words
        return next((word for word in words if not self.refuses(path, word)), None)

    def _declared(self, path: str) -> Property | None:
        """Return the declaration of the property at a path; None if it is not a property."""
        steps = path.replace("[]", "").split(".")
        fields = along(descriptor_of(self._kind.facts), steps)
        declared = property_at(fields[-1].full_name) if len(fields) == len(steps) else None
        return None if declared is None else declared[1]

    def _bound(self, dimension: Dimension) -> None:
        declared = self._declared(dimension.key)
        if declared is not None:
            for end, size in (("low", declared.low), ("high", declared.high)):
                if size is not None:
                    setattr(dimension, end, _end(declared.type, size))
        elif dimension.type == MONEY:
            self._bound_money(dimension)
        elif dimension.type in {"int", "uint", "double", DECIMAL} and dimension.enum is None:
            for outside, inside, end in BOUNDS:
                if self._is_end(dimension.key, outside, inside):
                    setattr(dimension, end, inside)

    def _bound_age(self, dimension: Dimension) -> None:
        """What has happened did so at `as_of` or before, if the check says so."""
        path, *others = dimension.reads or ("",)
        is_age = dimension.key == f"days_between({path}, {AS_OF})"
        is_span = dimension.key == f"{path} - {AS_OF}" and dimension.type == "duration"
        if not others and (is_age or is_span) and self._is_end(path, NOON + 1, NOON):
            setattr(dimension, *(("low", 0) if is_age else ("high", 0)))

    def _is_end(self, path: str, outside: Value, inside: Value) -> bool:
        return bool(self.refuses(path, outside)) and not self.refuses(path, inside)

    def _bound_money(self, dimension: Dimension) -> None:
        for currency in {code for code, _ in map(amount, dimension.named)}:
            if self._is_end(dimension.key, (currency, -(10**9)), (currency, 0)):
                dimension.low = 0
        strange = next(code for code in ("CHF", "NOK", "JPY") if code not in self.currencies)
        ours = self.currencies[0]
        dimension.is_closed = self._is_end(dimension.key, (strange, 0), (ours, 0))


def _end(type_: str, size: Any) -> Value:
    """Return a declared bound as the values of dimensions are written."""
    if type_ == "money":
        return int(size * NANOS)
    return dt.date(*size).toordinal() if type_ == "date" else cast("Value", size)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _texts(value.model_dump())
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
