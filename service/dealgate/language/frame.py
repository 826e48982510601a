"""What an expression is evaluated on, and how facts are read from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.language.budget import Budget
from dealgate.language.scope import AS_OF
from dealgate.language.values import CONVERSIONS, Unknown, Value, elements, value_of


@dataclass(slots=True)
class Frame:
    """What an expression is evaluated on.

    `names` holds the facts' top-level fields, constants, named facts and `as_of`; `bound` the
    variables of `each` and of macros, with the path that a missing fact in them is reported under.
    `seen` receives every node's value when an explanation is wanted. `budget` is what evaluating
    may take; None: the first loop makes one.
    """

    facts: Message
    names: Mapping[str, Value]
    bound: dict[str, Value] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    seen: dict[int, Value] | None = None
    budget: Budget | None = None

    def paid(self) -> Budget:
        """Return the budget that loops are paid from."""
        if self.budget is None:
            self.budget = Budget()
        return self.budget


Named: TypeAlias = Mapping[str, Callable[[Frame], Value]]


def named_frame(facts: Message, constants: Mapping[str, Value], as_of: int, named: Named) -> Frame:
    """Return what rules are evaluated on: constants, `as_of`, and named facts, each evaluated.

    `named` stand in the order of the file, in which each may mention those before it.
    """
    names: dict[str, Value] = {**constants, AS_OF: as_of}
    frame = Frame(facts, names)
    for name, evaluate in named.items():
        names[name] = evaluate(frame)
    return frame


class AskedNames(dict[str, Value]):
    """Names of which a named fact is evaluated once it is asked for: a proof asks for few."""

    def __init__(self, given: Mapping[str, Value], named: Named) -> None:
        super().__init__(given)
        self._named = named
        self.frame: Frame

    def __contains__(self, name: object) -> bool:
        """Tell whether a name has a value, or will have one."""
        return name in self._named or super().__contains__(name)

    def __missing__(self, name: str) -> Value:
        """Evaluate a named fact."""
        value = self[name] = self._named[name](self.frame)
        return value


def asked_frame(facts: Message, constants: Mapping[str, Value], as_of: int, named: Named) -> Frame:
    """As `named_frame`, but each named fact is evaluated when it is first asked for."""
    names = AskedNames({**constants, AS_OF: as_of}, named)
    names.frame = Frame(facts, names)
    return names.frame


def read_field(message: Message, field_: FieldDescriptor, path: str) -> Value:
    """Read a field as a value; absent, it is Unknown(path)."""
    if field_.is_repeated:
        repeated: Value = getattr(message, field_.name)
        type_ = field_.message_type
        if type_ is not None and type_.full_name in CONVERSIONS:
            return [
                value_of(element) for element in elements(repeated) if isinstance(element, Message)
            ]
        return repeated
    if not is_present(message, field_):
        return Unknown((path,))
    value: Value = getattr(message, field_.name)
    return value_of(value) if isinstance(value, Message) else value


def is_present(message: Message, field_: FieldDescriptor) -> bool:
    """Tell whether a fact is known. An enum's zero value means that it is not."""
    if field_.is_repeated:
        return len(getattr(message, field_.name)) > 0
    if field_.enum_type:
        return bool(getattr(message, field_.name) != 0)
    if field_.has_presence:
        return bool(message.HasField(field_.name))
    return bool(getattr(message, field_.name) != field_.default_value)
