"""What the expressions of one rule set may mention, and how they ask whether it is there."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from google.protobuf.descriptor import FieldDescriptor

from dealgate.engine.reads import Reads, attribute, present
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import Value

HASHED = (str, int)


@dataclass(slots=True)
class Element:
    """The element that a loop is at: `variable` in CEL, `code` in Python.

    `path` is what a fact that it lacks is reported under, where `i` is its index: "touches[{i}]".
    `reads` are what rules of the loop may share, by what it is, read once at its top: a variable
    and its code. `shared` are the paths that are mentioned more than once.
    """

    variable: str
    code: str
    path: str
    reads: dict[str, tuple[str, str]] = field(default_factory=dict)
    shared: AbstractSet[str] = frozenset()

    @property
    def path_code(self) -> str:
        """The path as Python text, which costs nothing until a fact is missing."""
        return f"f'{self.path}'"

    def message(self, below: str) -> str:
        """Write the message at a path below the element."""
        if not below:
            return self.code
        above, _, name = below.rpartition(".")
        code = attribute(self.message(above), name)
        return self._once(f"{below}.", code) if below in self.shared else code

    def present(self, path: str, field_: FieldDescriptor) -> str:
        """Write the test whether a field of the element, or below it, is known."""
        above, _, _ = path.rpartition(".")
        source, has = self.message(above), ""
        if field_.has_presence and not field_.enum_type and (not above or above in self.shared):
            # To look up a method of a message takes longer than to call it.
            has = self._once(f"has of {above}", f"{source}.HasField")
        code = present(source, field_, has)
        return self._once(f"has {path}", code) if path in self.shared else code

    def value(self, path: str, field_: FieldDescriptor) -> str:
        """Write the field of the element, or below it, as it is; absent, it is its default."""
        above, _, _ = path.rpartition(".")
        code = attribute(self.message(above), field_.name)
        is_held = path in self.shared and field_.message_type is None
        return self._once(f"value {path}", code) if is_held else code

    def _once(self, key: str, code: str) -> str:
        variable, _ = self.reads.setdefault(key, (f"e{len(self.reads)}", code))
        return variable


@dataclass
class Names:
    """What expressions may mention: named facts so far, constants, and the exact evaluators.

    `partial` are the variables of named facts that may be Unknown or a Failure. `sets` are
    constant lists, as sets. `leave` writes a call of the exact evaluator.
    """

    reads: Reads
    constants: Mapping[str, Value]
    leave: Callable[[Tree, Element | None], str]
    facts: dict[str, str] = field(default_factory=dict)
    partial: set[str] = field(default_factory=set)
    sets: dict[str, frozenset[Value]] = field(default_factory=dict)

    def absent(self, variable: str) -> str:
        """Write the test whether a variable holds no value."""
        unknown = self.reads.unknown_of(variable)
        return f"{variable} is {unknown}" if unknown else f"isinstance({variable}, NoValue)"

    def is_partial(self, variable: str) -> bool:
        """Tell whether a variable may hold no value: named facts mostly have one."""
        return variable not in self.facts.values() or variable in self.partial


def set_of(names: Names, node: Node) -> str:
    """Return the set of a constant list that is mentioned by its name; "": it is not one."""
    value = names.constants.get(node.ident_expr.name)
    if not isinstance(value, list) or not all(isinstance(item, HASHED) for item in value):
        return ""
    name = f"s_{node.ident_expr.name}"
    names.sets[name] = frozenset(value)
    return name
