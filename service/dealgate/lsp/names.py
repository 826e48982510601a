"""What an expression may mention at a place, and what each name is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from dealgate.language import reference, syntax
from dealgate.language.scope import AS_OF, enum_constants, field_type
from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.expression import ranged
from dealgate.lsp.outline import Entry, outline
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import ExpressionFaults
from dealgate.rulebook.document import Fields
from dealgate.rulebook.scope import Scope
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

LOOP = re.compile(r"\{\s*(\w+)\s*:\s*(.*?)\s*\}?\s*$")


@dataclass(frozen=True, slots=True)
class NamedItem:
    """What a name stands for.

    `type` is in CEL's notation, "" if it is not known; `field` the fact's descriptor, `enum` that
    of the enum whose values it takes or is one of; `full_name` is its name in the contracts, and
    `index` where in the file it is declared. `source` is what the author wrote for it.
    """

    sort: str
    type: str
    field: FieldDescriptor | None = None
    enum: EnumDescriptor | None = None
    full_name: str = ""
    index: int | None = None
    source: str = ""


class Types:
    """The types of constants and named facts: as they are, or as they were last known."""

    def __init__(self, checker: RememberingChecker) -> None:
        """`checker` types expressions."""
        self.checker = checker
        # What kind.yaml files declare, as they are or as they last could be read.
        self.declared: dict[Path, AnyKind] = {}
        self._known: dict[Path, Mapping[str, str]] = {}

    def of(self, path: Path, text: str, kind: AnyKind) -> Mapping[str, str]:
        """Return the types declared in `text`, which stands at `path`."""
        document = read_yaml(Source(path.name, text), [])
        if isinstance(document, Fields):
            faults: list[Fault] = []
            scope = Scope(self.checker, kind.facts.DESCRIPTOR, faults)
            scope.declare_constants(document.get("constants"))
            scope.declare_facts(document.get("facts"))
            declared = {**scope.constants, **scope.facts}
            types = {name: declaration.type for name, declaration in declared.items()}
            self._known[path] = {**self._known.get(path, {}), **types}
        return self._known.get(path, {})


class Names:
    """The names that may stand in an expression of one file."""

    def __init__(
        self,
        facts: Descriptor,
        text: str,
        types: Mapping[str, str],
        checker: RememberingChecker,
        *,
        clock: bool = True,
        inherited: Mapping[str, NamedItem] | None = None,
    ) -> None:
        """`types` are those of the constants and facts that `text` declares.

        Without `clock` there is no `as_of`. A scope's file has `inherited` names, too.
        """
        self._inherited = inherited or {}
        self._facts: Any = facts
        self._clock = clock
        self._text = text
        self._types = types
        self._checker = checker
        self._entries = outline(text)

    def declared(self) -> dict[str, NamedItem]:
        """Return the constants and named facts of the file, for another that inherits them."""
        constants = self._declared("constants", "constant")
        own = constants | self._declared("facts", "named fact")
        return {name: replace(thing, index=None) for name, thing in own.items()}

    def all(self, rule: int | None, *, facts: bool = True) -> dict[str, NamedItem]:
        """Return every name by what it stands for; `rule` is the number of the rule, if any."""
        if not facts:
            return {}
        fields = self._facts.fields_by_name.items()
        things: dict[str, NamedItem] = {name: of_field(field) for name, field in fields}
        if self._clock:
            things[AS_OF] = NamedItem("instant", "timestamp")
        things |= self._inherited
        things |= self._declared("constants", "constant")
        things |= self._declared("facts", "named fact")
        return things | self._element(rule)

    def enum_values(self) -> Mapping[str, NamedItem]:
        """Return every enum value that facts can take."""
        return {
            name: NamedItem("enum value", "int", enum=enum, full_name=f"{enum.full_name}.{name}")
            for name, (enum, _) in enum_constants(self._facts).items()
        }

    def resolve(self, steps: Sequence[str], before: str, rule: int | None) -> NamedItem | None:
        """Return what the steps of a chain lead to; `before` is the expression up to it."""
        if not steps:
            return None
        known = {**self.enum_values(), **self.all(rule)}
        below = known.get(steps[0])
        if below is None:
            items = ranged(before, steps[0])
            over = self.resolve(items, "", rule) if items and steps[0] not in items else None
            below = replace(of_type(_inner(over.type)), sort="element") if over else None
        for step in steps[1:]:
            below = _below(below, step) if below else None
        return below

    def _declared(self, section: str, sort: str) -> dict[str, NamedItem]:
        return {
            str(entry.path[1]): NamedItem(
                sort,
                self._types.get(str(entry.path[1]), ""),
                index=entry.start,
                source=self._written(entry),
            )
            for entry in self._entries
            if len(entry.path) == 2 and entry.path[0] == section
        }

    def _written(self, entry: Entry) -> str:
        text = self._text[entry.value : entry.close].strip()
        text = re.sub(r"^[|>][-+0-9]*[ \t]*\n", "", text)
        return "\n".join(line.strip() for line in text.splitlines() if line.strip()[:1] != "#")

    def _element(self, rule: int | None) -> dict[str, NamedItem]:
        """Return what `each` of the rule names, and what its elements are."""
        if rule is None:
            return {}
        for entry in self._entries:
            if entry.path[:3] != ("rules", rule, "each"):
                continue
            loop = LOOP.match(self._written(entry))
            if len(entry.path) == 4:
                return self._looped(str(entry.path[3]), self._written(entry), entry.start)
            if loop:
                return self._looped(loop[1], loop[2], self._text.index(loop[1], entry.value))
        return {}

    def _looped(self, name: str, source: str, index: int) -> dict[str, NamedItem]:
        try:
            checked = self._checker.check(
                source, facts=self._facts, variables=self._types, expected=None
            )
        except ExpressionFaults:
            return {name: NamedItem("element", "", index=index, source=source)}
        thing = of_type(_inner(checked.type))
        return {name: replace(thing, sort="element", index=index, source=source)}


def of_field(field: FieldDescriptor) -> NamedItem:
    """Return what a fact is."""
    return NamedItem("fact", field_type(field), field, field.enum_type, field.full_name)


def of_type(type_: str) -> NamedItem:
    """Return a value of which only the type is known."""
    return NamedItem("value", type_)


def fields_of(type_: str) -> Mapping[str, NamedItem]:
    """Return the fields of a message type, and what each is; empty for all other types."""
    if "." not in type_ or "(" in type_:
        return {}
    return {name: of_field(field) for name, field in syntax.message(type_).fields_by_name.items()}


def shown(thing: NamedItem) -> str:
    """Return the type as authors read it: an enum by its name."""
    if thing.enum is not None:
        name = thing.enum.name
        return f"list({name})" if thing.type.startswith("list(") else str(name)
    return reference.short(thing.type)


def _below(thing: NamedItem, step: str) -> NamedItem | None:
    if step == "[]":
        return replace(thing, type=_inner(thing.type), sort="element")
    if thing.type.startswith("map("):
        return of_type(_inner(thing.type))
    return fields_of(thing.type).get(step)


def _inner(type_: str) -> str:
    """Return the type of what a list or map holds."""
    inside = type_.partition("(")[2].removesuffix(")")
    return inside.rpartition(", ")[2]
