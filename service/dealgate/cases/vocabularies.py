"""Names of parameters, and values that rules distinguish, that are a fact in no case.

A stage that is put into a pipeline is a region of its own: whatever the rules say of deals in it, a
case has to show it. So is every name that parameters define and a kind takes as a fact, and every
value of a fact that the conditions of the rules tell apart from all others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate.cases.fact_values import path_of, texts_of, value_at, values_at, with_value
from dealgate.cases.parameter_names import DefinedNames, Place, defined_names
from dealgate.cases.regions import told_apart
from dealgate.language.literals import literal
from dealgate.model.codes import Code
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.model.sentences import joined
from dealgate.rulebook.acceptance import Identity
from dealgate.rulebook.cases import Case

TRIED = 60  # facts of cases that are tried with another value
Located = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class WantedValue:
    """Values of which a case should have one as `fact`; they are named at `path` of the rules.

    `held` yields the values of a case that count, by their locations; `shown` are these in CEL.
    """

    at: str
    path: Place
    fact: str
    values: Sequence[Any]
    shown: Sequence[str]
    held: Callable[[Case], Iterable[Located]]

    def shows(self, case: Case) -> bool:
        """Tell whether a case has one of them."""
        return any(
            value in self.values and path_of(location) == self.fact
            for location, value in self.held(case)
        )


@dataclass(frozen=True, slots=True)
class UnseenValue:
    """What no case has; `facts`, those of `case` with the value at `location`, would show it."""

    wanted: WantedValue
    case: Case
    location: str
    facts: Message

    @property
    def condition(self) -> str:
        """What is true of the facts of a case that has it, in CEL."""
        fact, shown = self.wanted.fact, self.wanted.shown
        return f"{fact} == {shown[0]}" if len(shown) == 1 else f"{fact} in [{', '.join(shown)}]"

    @property
    def identity(self) -> Identity:
        """What it is known by, whatever the message says."""
        return Identity(Code.VALUE_UNSEEN, self.wanted.at, (self.condition,))

    @property
    def claim(self) -> str:
        """What a case that fills it shows."""
        return f"{self.wanted.fact} is {joined(self.wanted.shown, last='or')}"

    @property
    def message(self) -> str:
        """What is missing, in words."""
        names, fact = joined(self.wanted.shown, last="or"), self.wanted.fact
        alike = ", which no rule tells apart" if len(self.wanted.shown) > 1 else ""
        return f"{self.wanted.at}: no case has {names} as {fact}{alike}"

    @property
    def hint(self) -> str:
        """Which case is missing."""
        value = f"{self.location} = {self.wanted.shown[0]}"
        return f'the case that is missing: {value}, else as in "{self.case.name}"'


class Vocabularies:
    """The values that the cases of one rule set should have; `demanded` counts them."""

    def __init__(self, kind: AnyKind, ruleset: AnyRuleSet, accepted: Sequence[Case]) -> None:
        """`accepted` are the cases whose facts the kind takes."""
        self._kind = kind
        self._ruleset = ruleset
        self._cases = accepted
        self.demanded = 0
        self.unseen = tuple(self._unseen())

    def _unseen(self) -> Iterator[UnseenValue]:
        texts = {text for case in self._cases for text in texts_of(case.facts)}
        for names in defined_names(self._ruleset.parameters):
            if not texts.isdisjoint(names.places):  # a check costs more than a comparison
                renamed = names.renamed(self._ruleset.parameters)
                yield from self._of_names(names, renamed)
        yield from self._of_regions()

    def _of_names(
        self, names: DefinedNames, renamed: Mapping[frozenset[str], BaseModel]
    ) -> Iterator[UnseenValue]:
        """Yield the names that no case has as a fact that is refused once they are others."""
        refused = partial(self._refused, renamed)
        carriers = dict[str, list[tuple[Case, str]]]()
        seen = set[tuple[str, str]]()
        for case in self._cases:
            for location, value in refused(case):
                carriers.setdefault(path_of(location), []).append((case, location))
                seen.add((path_of(location), value))
        changed = frozenset[str]().union(*renamed)
        for fact, having in carriers.items():
            for name, place in names.places.items():
                held = refused if name in changed else partial(_held, fact)
                path, shown = ("parameters", *place), [literal(name)]
                wanted = WantedValue(names.at, path, fact, [name], shown, held)
                if (fact, name) in seen or (name not in changed and self._is_shown(wanted)):
                    self.demanded += 1
                else:
                    yield from self._tried(wanted, having)

    def _refused(
        self, renamed: Mapping[frozenset[str], BaseModel], case: Case
    ) -> Iterator[Located]:
        """Yield the names of a case that are refused once they are others, by their locations."""
        for names, parameters in renamed.items():
            for violation in self._kind.check(case.facts, parameters, case.as_of):
                value = value_at(case.facts, violation.field)
                if value in names:
                    yield violation.field, value

    def _of_regions(self) -> Iterator[UnseenValue]:
        """Yield the values that rules tell apart, and no case has."""
        parameters = self._ruleset.parameters
        known = [self._kind.known(case.facts, parameters, case.as_of) for case in self._cases]
        for region in told_apart(self._ruleset):
            fact = region.fact
            if any(value in region.values for of in known for _, value in values_at(of, fact)):
                self.demanded += 1
                continue

            held = partial(_held, fact)
            carriers = [(case, location) for case in self._cases for location, _ in held(case)]
            wanted = WantedValue(region.at, region.path, fact, region.values, region.shown, held)
            yield from self._tried(wanted, carriers)

    def _is_shown(self, wanted: WantedValue) -> bool:
        return any(wanted.shows(case) for case in self._cases)

    def _tried(
        self, wanted: WantedValue, carriers: Sequence[tuple[Case, str]]
    ) -> Iterator[UnseenValue]:
        """Yield what is wanted if the kind takes it in the stead of what a case has."""
        for case, location in carriers[:TRIED]:
            facts = with_value(case.facts, location, wanted.values[0])
            if self._kind.check(facts, self._ruleset.parameters, case.as_of):
                continue
            if wanted.shows(replace(case, facts=facts)):
                self.demanded += 1
                yield UnseenValue(wanted, case, location, facts)
                return


def _held(fact: str, case: Case) -> Iterator[Located]:
    return values_at(case.facts, fact)
