"""A kind whose rules read declared properties: its own code, and the journal, never see them.

Facts come in two forms. As they are sent, they are of the contracts, with `properties` as JSON:
that is what the journal keeps, and what the kind's own code reads. As rules read them, they are of
the edition's vocabulary, with each property in its declared type.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, wraps
from typing import Any

from google.protobuf.message import Message

from dealgate.model.entity_walk import leads_to, walk_of
from dealgate.model.errors import Violation
from dealgate.model.fields import descriptor_of
from dealgate.model.further_words import Words
from dealgate.model.kind import AnyKind
from dealgate.model.malformed import UNDECLARED
from dealgate.model.properties import ENTITY_OF, NOTHING, Arrival
from dealgate.model.property_reading import PropertyReader, fill
from dealgate.model.soundness import Hold, is_sound
from dealgate.model.texts import told
from dealgate.model.vocabulary import SENT, Vocabulary, vocabulary

KEPT = 4  # facts in both forms, for those who come back with one and want the other


class Widening:
    """Turns facts as they are sent into facts as rules read them, and back."""

    def __init__(self, base: AnyKind, vocabulary: Vocabulary, arrival: Arrival) -> None:
        """`base` is the kind as its code defines it."""
        self.base = base
        self.meaning = ""
        self.vocabulary = vocabulary
        self.arrival = arrival
        facts = descriptor_of(base.facts)
        self._of = {
            name: of
            for name, entity in ENTITY_OF.items()
            if (of := vocabulary.declared.get(entity)) and leads_to(facts, {name})
        }
        self.is_wide = bool(self._of)
        self.wide = vocabulary.message(facts) if self.is_wide else base.facts
        self._words = {
            name: words
            for name, of in self._of.items()
            if (words := Words(ENTITY_OF[name], of)).declared
        }
        self._worded = walk_of(facts, self._words)  # of those that are sent with properties
        self._readers = {name: self._reader(name) for name in ENTITY_OF}
        self._absent = {
            name: absent
            for name, of in self._of.items()
            if (absent := [known for known in of.values() if known.absent is not None])
        }
        self._asked = walk_of(facts, ENTITY_OF)
        # Of a fact in its typed form, words stand in a field, and not among the properties.
        self._filled = walk_of(facts, self._of, {*self._absent, *self._words})
        self._kept: dict[int, tuple[Message, Message]] = {}
        # Of the facts that were admitted last, what rules read of the one entity with properties.
        self._single: tuple[Any, bytes] = (None, b"")

    def _reader(self, name: str) -> PropertyReader:
        of, words = self._of.get(name, {}), self._words.get(name)
        own = len(of) - (len(words.declared) if words else 0)
        typed = self.vocabulary.holder(self.wide, name) if own else None
        return PropertyReader(of, typed, words.declared if words else ())

    def sent(self, facts: Any) -> Any:
        """Return facts as callers send them."""
        if not self.is_wide or not isinstance(facts, self.wide):
            return facts
        kept = self._kept.get(id(facts))
        return self._narrowed(facts) if kept is None or kept[0] is not facts else kept[1]

    def seen(self, facts: Any, admitted: Any = None) -> Any:
        """Return facts as rules read them; those that were `admitted` before are these, or less."""
        if not self.is_wide or isinstance(facts, self.wide):
            return facts
        wide = self.wide.FromString(self.plain(facts).SerializeToString())
        of, data = self._single
        for _, given, into in self._filled(facts, wide):
            self._fill(given, into, data if of is admitted is not None else None)
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[id(wide)] = (wide, facts)
        return wide

    def plain(self, facts: Any) -> Any:
        """Return facts as the kind's own code reads them: further words are in their fields."""
        sent = self.sent(facts)
        if not self._words:
            return sent
        unknown = [
            (index, each)
            for index, (_, given, _) in enumerate(self._worded(sent, sent))
            if (each := list(self._words[given.DESCRIPTOR.name].given(given)))
        ]
        if not unknown:
            return sent
        coded = type(sent)()
        coded.CopyFrom(sent)
        entities = [into for _, into, _ in self._worded(coded, coded)]
        for index, words in unknown:
            for name, number in words:
                setattr(entities[index], name, number)
        return coded

    def read(self, data: bytes) -> Any:
        """Return recorded facts as rules read them."""
        return self.seen(self.base.facts.FromString(data))

    def admitted(
        self, facts: Any, parameters: Any, as_of: int, hold: Hold
    ) -> tuple[Any, Sequence[Violation]]:
        """As `Kind.admitted`, for facts in either form; they come back as they are sent."""
        base, sent, entities = self.base, self.sent(facts), list[Any]()
        if not is_sound(sent, entities, hold):
            sent = told(sent)
            wrong = base.check(sent, parameters, as_of)
            return sent, [*_of_the_kind(wrong), *self.violations(sent)]
        wrong = (base.check_sound or base.check)(sent, parameters, as_of)
        if entities and not self._are_as_declared(sent, entities):
            return sent, [*_of_the_kind(wrong), *self.violations(sent)]
        return sent, _of_the_kind(wrong) if wrong else ()

    def _are_as_declared(self, sent: Any, entities: Sequence[Any]) -> bool:
        """Tell whether nothing is wrong with these entities' properties; where is asked later."""
        if self.arrival is Arrival.RECORDED:
            return True
        for entity in entities:
            name = entity.DESCRIPTOR.name
            words = self._words.get(name)
            data, wrong = self._readers[name].read(entity.properties)
            if wrong:
                return False
            if words is not None and any(words.twice(entity)):
                return False
        if len(entities) == 1:
            self._single = sent, data
        return True

    def violations(self, facts: Any) -> list[Violation]:
        """Return what is wrong with the properties in facts as they are sent."""
        if self.arrival is Arrival.RECORDED:
            return []
        return [
            Violation(f"{path}.{SENT}.{at}", text)
            for path, entity, _ in self._asked(facts, facts)
            for at, text in self._readers[entity.DESCRIPTOR.name].read(entity.properties)[1]
            if text != UNDECLARED or self.arrival is Arrival.REFUSE
        ] + [
            Violation(f"{path}.{name}", f"is set, and so is {SENT}.{name}; send one of them")
            for path, entity, _ in self._worded(facts, facts)
            for name in self._words[entity.DESCRIPTOR.name].twice(entity)
        ]

    def _fill(self, given: Any, into: Any, data: bytes | None) -> None:
        name = given.DESCRIPTOR.name
        if given.HasField(SENT):
            if data is None:
                data, _ = self._readers[name].read(given.properties)
            if data:
                into.properties.MergeFromString(data)
        for known in self._absent.get(name, ()):
            if not into.properties.HasField(known.name):
                fill(into.properties, known, known.absent)

    def _narrowed(self, facts: Any) -> Any:
        sent = self.base.facts.FromString(facts.SerializeToString())
        for _, given, into in self._filled(facts, sent):
            into.ClearField(SENT)
            into.DiscardUnknownFields()  # its typed properties: read again, they would be added
            words = self._words.get(given.DESCRIPTOR.name)
            if words is not None and (taken := words.taken(into)):
                into.properties.update(taken)
            if SENT in given.DESCRIPTOR.fields_by_name and given.HasField(SENT):
                into.properties.SetInParent()
                declared = self._of[given.DESCRIPTOR.name]
                for field, value in given.properties.ListFields():
                    into.properties[field.name] = declared[field.name].sent(value)
        return sent


def widened(kind: AnyKind, vocabulary: Vocabulary, arrival: Arrival = Arrival.REFUSE) -> AnyKind:
    """Return the kind as rules in a folder with these declarations see it."""
    if kind.outcome is not None:  # it declares all its facts itself
        return kind
    base = kind if kind.widening is None else kind.widening.base
    key = (base.name, arrival)
    made: AnyKind | None = vocabulary.made.get(key)
    if made is None or made.widening is None or made.widening.base is not base:
        made = vocabulary.made[key] = _made(base, Widening(base, vocabulary, arrival))
    return made


def recorded(kind: AnyKind) -> AnyKind:
    """Return the kind for facts that were taken before: their properties are read, not asked."""
    if kind.outcome is not None:
        return kind
    known = _of_nothing() if kind.widening is None else kind.widening.vocabulary
    return widened(kind, known, Arrival.RECORDED)


@cache
def _of_nothing() -> Vocabulary:
    return vocabulary(NOTHING)


def _made(base: AnyKind, way: Widening) -> AnyKind:
    @wraps(base.check)
    def check(facts: Any, parameters: Any, as_of: int) -> Sequence[Violation]:
        sent = way.sent(facts)
        wrong = base.check(sent, parameters, as_of)
        return [*_of_the_kind(wrong), *way.violations(sent)]

    @wraps(base.conclude)
    def conclude(facts: Any, *rest: Any) -> Any:
        return base.conclude(way.plain(facts), *rest)

    def derive(facts: Any, parameters: Any, as_of: int) -> Any:
        plain = way.plain(facts)
        known = plain if base.derive is None else base.derive(plain, parameters, as_of)
        return way.seen(known, facts)

    brief = base.brief

    def briefly(facts: Any, *rest: Any) -> Any:
        return brief(way.plain(facts), *rest) if brief is not None else None

    return replace(
        base,
        facts=way.wide,
        check=check,
        conclude=conclude,
        derive=derive if way.is_wide else base.derive,
        brief=briefly if brief is not None else None,
        widening=way,
    )


def _of_the_kind(wrong: Sequence[Violation]) -> list[Violation]:
    """Return violations but those that a kind without declarations has of any property."""
    return [violation for violation in wrong if violation.description != UNDECLARED]
