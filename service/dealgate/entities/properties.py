"""Which properties state may hold, and questions be given: those that the rules folder declares.

State outlives declarations. A property that was put when it was declared otherwise must not have a
question refused for what its caller never sent.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from dealgate.model.errors import Violation
from dealgate.model.kind import AnyKind
from dealgate.model.malformed import UNDECLARED
from dealgate.model.overlay import Allows
from dealgate.model.properties import ENTITY_OF, NOTHING, Arrival, Declared
from dealgate.model.shown import name_told


class Declares(Protocol):
    """A catalog: the kinds of its folder, and the names of those that have rules."""

    @property
    def kinds(self) -> Mapping[str, AnyKind]:
        """The kinds, with what is declared of their facts."""

    @property
    def served(self) -> Collection[str]:
        """Those that have rules."""


def allowed(catalog: Declares) -> Allows:
    """Return what tells of a property whether it may be filled in."""

    def allows(message: str, name: str, value: Any) -> bool:
        known = declared(catalog)[0].get(ENTITY_OF.get(message, ""), {}).get(name)
        if known is None:
            return False
        typed, violations = known.read(value)
        return typed is not None and not violations

    return allows


def property_violations(catalog: Declares, message: Any) -> list[Violation]:
    """Return what is wrong with the properties of one entity, at paths below it."""
    known, arrival = declared(catalog)
    of = known.get(ENTITY_OF[message.DESCRIPTOR.name], {})
    violations = []
    for name, value in sorted(message.properties.fields.items()):
        if name in of:
            wrong = of[name].read(value)[1]
            violations += [Violation(f"properties.{name}{at}", text) for at, text in wrong]
        elif arrival is not Arrival.IGNORE:
            violations.append(Violation(f"properties.{name_told(name)}", UNDECLARED))
    return violations


def declared(catalog: Declares) -> tuple[Declared, Arrival]:
    """Return what is declared of entities: one edition declares it for all kinds with code."""
    for name in catalog.served:
        kind = catalog.kinds[name]
        if kind.outcome is None and kind.widening is not None:
            return kind.widening.vocabulary.declared, kind.widening.arrival
    return NOTHING, Arrival.REFUSE
