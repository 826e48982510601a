"""Writes the reads of facts in Python: each fact of a rule set once, at the top of its function."""

import keyword
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.language import values
from dealgate.language.values import Unknown

UNKNOWNS_KEPT = 65_536  # of one field of a list's elements


@dataclass(frozen=True, slots=True)
class Read:
    """A fact that a rule set reads, hoisted to the top of its function as `variable`."""

    path: str
    variable: str
    unknown: Unknown
    fallible: bool


@dataclass
class Reads:
    """The facts and messages that a rule set reads, each once, in the order of first use.

    `message_type` describes the facts; `lines` read them; `literals` are the values that literals
    such as money("EUR", "5") stand for.
    """

    message_type: Descriptor
    messages: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Read] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    literals: dict[str, Any] = field(default_factory=dict)
    _unknowns: dict[str, str] = field(default_factory=dict)
    _walks: dict[str, int] = field(default_factory=dict)
    _presences: dict[str, tuple[str, str]] = field(default_factory=dict)
    _lacked: dict[str, str] = field(default_factory=dict)
    _variables: int = 0

    def variable(self) -> str:
        """Return the name of a variable that nothing else uses."""
        self._variables += 1
        return f"t{self._variables}"

    def unknown_of(self, variable: str) -> str:
        """Return the one Unknown that a fact's variable may hold instead of a value, if so."""
        return self._unknowns.get(variable, "")

    def message(self, path: str) -> str:
        """Return the variable that holds the message at `path`, reading it first if need be."""
        if path not in self.messages:
            above, _, name = path.rpartition(".")
            source = self.message(above) if above else "facts"
            variable = self.messages[path] = f"m{len(self.messages)}"
            self.lines.append(f"{variable} = {attribute(source, name)}")
            if _is_list_of_messages(self.message_type, path):
                self._walks[variable] = 0
        return self.messages[path]

    def walk(self, variable: str) -> str:
        """Return the variable of a list that is walked through.

        A list that is walked through more than once is held: protobuf makes an object of each
        element whenever nobody holds the one that it made before.
        """
        if variable in self._walks:
            self._walks[variable] += 1
        return variable

    def column(self, variable: str, name: str) -> str:
        """Return the variable that holds the values of an enum in a list of facts; "": none."""
        if variable not in self._walks:
            return ""
        column = f"{variable}_{name}"
        line = f"{column} = frozenset([v.{name} for v in {self.walk(variable)}])"
        if line not in self.lines:
            self.lines.append(line)
        return column

    def items(self, path: str, field_: FieldDescriptor | None) -> str:
        """Return the variable that holds the list or map at `path`, its elements as values."""
        held = self.message(path)
        code = held if field_ is None else elements(held, field_)
        if code == held:
            return held
        if f"{path}[]" not in self.messages:
            variable = self.messages[f"{path}[]"] = f"m{len(self.messages)}"
            self.lines.append(f"{variable} = {code}")
        return self.messages[f"{path}[]"]

    def fact(self, path: str, field_: FieldDescriptor) -> Read:
        """Return the read of the field at `path`; absent, its variable is an Unknown."""
        if path not in self.facts:
            above, _, _ = path.rpartition(".")
            source = self.message(above) if above else "facts"
            variable = f"v{len(self.facts)}"
            message = field_.message_type
            fallible = message is not None and message.name == "Decimal"
            self.facts[path] = Read(path, variable, Unknown((path,)), fallible)
            if not fallible:
                self._unknowns[variable] = f"u_{variable}"
            self.lines.append(f"{variable} = {read(source, field_, f'u_{variable}')}")
        return self.facts[path]

    def written(self) -> list[str]:
        """Write everything that is read, for the top of the function."""
        return [*map(self._held, self.lines), *self._presence_lines()]

    def _held(self, line: str) -> str:
        variable, _, code = line.partition(" = ")
        return f"{variable} = [*{code}]" if self._walks.get(variable, 0) > 1 else line

    def unknown_in(self, element: str, name: str) -> str:
        """Write what a field that an element lacks comes to: Unknown("touches[3].at").

        `element` is the path of the element with the index `i`: "touches[{i}]".
        """
        key = f"{element}.{name}"
        if key not in self._lacked:
            self._lacked[key] = f"u{len(self._lacked)}_{name.replace('.', '_')}"
            self.literals[self._lacked[key]] = lru_cache(UNKNOWNS_KEPT)(
                lambda index: Unknown((f"{element.format(i=index)}.{name}",))
            )
        return f"{self._lacked[key]}(i)"

    def present(self, above: str, field_: FieldDescriptor) -> str:
        """Return the variable that tells whether a field of the message at `above` is known."""
        path = f"{above}.{field_.name}"
        if path not in self._presences:
            code = present(self.message(above), field_)
            self._presences[path] = f"h{len(self._presences)}", code
        return self._presences[path][0]

    def _presence_lines(self) -> list[str]:
        """Write what is known: what is read tells it by its value, without another look."""
        return [
            f"{variable} = {_known(self.facts[path]) if path in self.facts else code}"
            for path, (variable, code) in self._presences.items()
        ]


def _is_list_of_messages(message: Descriptor, path: str) -> bool:
    """Tell whether the field at a path is repeated and holds messages, and is not a map."""
    above, _, rest = path.partition(".")
    held = message.fields_by_name.get(above)
    if held is None or held.message_type is None:
        return False
    if rest:
        return not held.is_repeated and _is_list_of_messages(held.message_type, rest)
    return held.is_repeated and not held.message_type.GetOptions().map_entry


def attribute(source: str, name: str) -> str:
    """Write the access to a field, even if its name is a Python keyword."""
    return f"getattr({source}, {name!r})" if keyword.iskeyword(name) else f"{source}.{name}"


def read(source: str, field_: FieldDescriptor, otherwise: str, is_there: str = "") -> str:
    """Write the read of a field as a value, or `otherwise` if it is absent.

    `is_there` is the variable that tells whether it is, if there is one.
    """
    access = attribute(source, field_.name)
    if field_.is_repeated:
        return elements(access, field_)
    if field_.enum_type:
        return f"({access} or {otherwise})"
    access = valued(access, field_)
    if field_.has_presence:
        there = f"({access} if {is_there or present(source, field_)} else {otherwise})"
        # What is more than nothing is there; most flags are false.
        is_flag = field_.type == FieldDescriptor.TYPE_BOOL
        return there if field_.message_type or is_flag or is_there else f"({access} or {there})"
    return f"({access} or {otherwise})"


def valued(access: str, field_: FieldDescriptor) -> str:
    """Write the value of a field that is there: a date or an amount is a message there."""
    type_ = field_.message_type
    if type_ is None or type_.full_name not in values.CONVERSIONS:
        return access
    return f"as_{values.CONVERSIONS[type_.full_name].__name__}({access})"


def elements(access: str, field_: FieldDescriptor) -> str:
    """Write the read of a list, its elements as values: dates and amounts are messages there."""
    type_ = field_.message_type
    if type_ is None or type_.full_name not in values.CONVERSIONS:
        return access
    return f"[as_{values.CONVERSIONS[type_.full_name].__name__}(v) for v in {access}]"


def present(source: str, field_: FieldDescriptor, has: str = "") -> str:
    """Write the test whether a field is known; `has` is the variable of `HasField`, if any."""
    access = attribute(source, field_.name)
    if field_.is_repeated:
        return f"(len({access}) > 0)"
    if field_.enum_type or not field_.has_presence:
        return f"({access} != {field_.default_value!r})"
    return f"{has or f'{source}.HasField'}({field_.name!r})"


def _known(fact: Read) -> str:
    return f"{fact.variable} is not u_{fact.variable}"


def missing() -> Any:
    """Leave a compiled expression because a fact of a list's element is not there."""
    raise values.MissingFact


def decimal_or_failure(message: Any) -> Any:
    """Read a decimal where nothing may be raised."""
    try:
        return values.decimal(message)
    except values.CelError as error:
        return values.Failure(str(error))
