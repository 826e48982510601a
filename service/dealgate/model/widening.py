"""A kind whose rules read declared properties: its own code, and the journal, never see them.

Facts come in two forms. As they are sent, they are of the contracts, with `properties` as JSON:
that is what the journal keeps, and what the kind's own code reads. As rules read them, they are of
the edition's vocabulary, with each property in its declared type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, wraps
from typing import Any

from google.protobuf.message import Message

from dealgate.model.errors import Violation
from dealgate.model.fields import put
from dealgate.model.kind import AnyKind
from dealgate.model.malformed import UNDECLARED
from dealgate.model.properties import (
    ENTITY_OF,
    NOTHING,
    Arrival,
    Property,
    Way,
    entities,
    way_to,
)
from dealgate.model.soundness import is_sound
from dealgate.model.texts import told
from dealgate.model.vocabulary import MESSAGES, SENT, Vocabulary, vocabulary

KEPT = 64  # facts in both forms, for those who come back with one and want the other
LEAF: Way = (False, ())


class Widening:
    """Turns facts as they are sent into facts as rules read them, and back."""

    def __init__(self, base: AnyKind, vocabulary: Vocabulary, arrival: Arrival) -> None:
        """`base` is the kind as its code defines it."""
        self.base = base
        self.vocabulary = vocabulary
        self.declared = vocabulary.declared
        self.arrival = arrival
        facts: Any = base.facts.DESCRIPTOR
        held = {ENTITY_OF[name] for name in _entities_in(facts)}
        self.is_wide = any(self.declared.get(entity) for entity in held)
        self.wide = vocabulary.message(facts) if self.is_wide else base.facts
        self._way = way_to(facts, ENTITY_OF.__contains__) or LEAF
        self._absent = {
            message: [
                one for one in self.declared.get(entity, {}).values() if one.absent is not None
            ]
            for message, entity in ENTITY_OF.items()
        }
        self._of: Mapping[str, Mapping[str, Property]] = {
            message: self.declared.get(entity, {}) for message, entity in ENTITY_OF.items()
        }
        self._kept: dict[int, tuple[Message, Message]] = {}

    def sent(self, facts: Any) -> Any:
        """Return facts as callers send them."""
        if not self.is_wide or not isinstance(facts, self.wide):
            return facts
        kept = self._kept.get(id(facts))
        return self._narrowed(facts) if kept is None or kept[0] is not facts else kept[1]

    def seen(self, facts: Any) -> Any:
        """Return facts as rules read them."""
        if not self.is_wide or isinstance(facts, self.wide):
            return facts
        wide: Any = self.wide.FromString(facts.SerializeToString())
        pairs = zip(entities(facts, self._way), entities(wide, self._way), strict=True)
        for (_, given), (_, into) in pairs:
            self._fill(given, into)
        self._keep(wide, facts)
        return wide

    def read(self, data: bytes) -> Any:
        """Return recorded facts as rules read them."""
        return self.seen(self.base.facts.FromString(data))

    def admitted(self, facts: Any, parameters: Any, as_of: int) -> tuple[Any, Sequence[Violation]]:
        """As `Kind.admitted`, for facts in either form; they come back as they are sent."""
        base, sent = self.base, self.sent(facts)
        if is_sound(sent, but_properties=True):
            wrong = (base.check_sound or base.check)(sent, parameters, as_of)
        else:
            sent = told(sent)
            wrong = base.check(sent, parameters, as_of)
        return sent, [*_of_the_kind(wrong), *self.violations(sent)]

    def violations(self, facts: Any) -> list[Violation]:
        """Return what is wrong with the properties in facts as they are sent."""
        if self.arrival is Arrival.RECORDED:
            return []
        found: list[Violation] = []
        for path, entity in entities(facts, self._way):
            if entity.HasField(SENT):
                self._ask(entity, f"{path}.{SENT}" if path else SENT, found)
        return found

    def _ask(self, entity: Any, place: str, wrong: list[Violation]) -> None:
        declared = self._of[entity.DESCRIPTOR.name]
        fields = entity.properties.fields
        for name in sorted(fields) if len(fields) > 1 else fields:
            known: Property | None = declared.get(name)
            if known is None:
                if self.arrival is Arrival.REFUSE:
                    wrong.append(Violation(f"{place}.{name}", UNDECLARED))
                continue
            _, faults = known.read(fields[name])
            wrong += [Violation(f"{place}.{name}{at}", text) for at, text in faults]

    def _fill(self, given: Any, into: Any) -> None:
        name = given.DESCRIPTOR.name
        declared, absent = self._of[name], self._absent[name]
        if given.HasField(SENT):
            for key, value in given.properties.fields.items():
                known = declared.get(key)
                typed = known.read(value)[0] if known is not None else None
                if typed is not None:
                    _set(into.properties, known, typed)
        for known in absent:
            holder = into.properties
            if not holder.HasField(known.name):
                _set(holder, known, known.absent)

    def _keep(self, wide: Message, facts: Message) -> None:
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[id(wide)] = (wide, facts)

    def _narrowed(self, facts: Any) -> Any:
        facts_sent: Any = self.base.facts.FromString(facts.SerializeToString())
        pairs = zip(entities(facts, self._way), entities(facts_sent, self._way), strict=True)
        for (_, given), (_, into) in pairs:
            into.DiscardUnknownFields()
            into.ClearField(SENT)
            declared = self._of[given.DESCRIPTOR.name]
            if not declared or not given.HasField(SENT):
                continue
            into.properties.SetInParent()
            for field, value in given.properties.ListFields():
                into.properties[field.name] = declared[field.name].sent(value)
        return facts_sent


def _set(holder: Any, known: Any, typed: Any) -> None:
    if known.many:
        listed = getattr(holder, known.name)
        if known.type in MESSAGES:
            for item in typed:
                put(listed.add(), item)
        else:
            listed.extend(typed)
    elif known.type in MESSAGES:
        put(getattr(holder, known.name), typed)
    else:
        setattr(holder, known.name, typed)


def _entities_in(message: Any) -> set[str]:
    """Return the messages in facts that may have properties."""
    found: set[str] = set()

    def look(way: Way | None, of: Any) -> None:
        if way is None:
            return
        own, inner = way
        if own:
            found.add(of.name)
        for name, _, below in inner:
            look(below, of.fields_by_name[name].message_type)

    look(way_to(message, ENTITY_OF.__contains__), message)
    return found


def widened(kind: AnyKind, vocabulary: Vocabulary, arrival: Arrival = Arrival.REFUSE) -> AnyKind:
    """Return the kind as rules in a folder with these declarations see it."""
    base = kind if kind.widening is None else kind.widening.base
    key = (base.name, arrival)
    made: AnyKind | None = vocabulary.made.get(key)
    if made is None or made.widening is None or made.widening.base is not base:
        made = vocabulary.made[key] = _made(base, Widening(base, vocabulary, arrival))
    return made


def recorded(kind: AnyKind) -> AnyKind:
    """Return the kind for facts that were taken before: their properties are read, not asked."""
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
        return base.conclude(way.sent(facts), *rest)

    def derive(facts: Any, parameters: Any, as_of: int) -> Any:
        sent = way.sent(facts)
        return way.seen(sent if base.derive is None else base.derive(sent, parameters, as_of))

    brief = base.brief

    def briefly(facts: Any, *rest: Any) -> Any:
        return brief(way.sent(facts), *rest) if brief is not None else None

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
