"""What the expressions of one rule set may mention, and how they ask whether it is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dealgate.engine.reads import Reads
from dealgate.language.syntax import Node, Tree
from dealgate.language.values import Value

if TYPE_CHECKING:
    from dealgate.engine.statements import Element

HASHED = (str, int)


@dataclass
class Names:
    """What expressions may mention: named facts so far, constants, and the exact evaluators.

    `partial` are the variables of named facts that may be Unknown or a Failure. `sets` are
    constant lists, as sets. `leave` writes a call of the exact evaluator.
    """

    reads: Reads
    constants: Mapping[str, Value]
    leave: Callable[[Tree, "Element | None"], str]
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
