"""Which facts cannot change, by their nature or by the rule set: no flip suggests that they do.

What cannot change by its nature is marked in the contracts (`fixed.proto`) or declared (`fixed:
true` of a property or a fact). A rule set's `fixed` adds facts, its `changeable` takes some out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from google.protobuf.descriptor import Descriptor

from dealgate.explain.reads import Fact
from dealgate.language.values import CONVERSIONS
from dealgate.model.fixed import fixity, has_fixed, is_event
from dealgate.v1.fixed_pb2 import FIXED_PAST, FIXED_UNSPECIFIED, FIXED_VALUE, Fixed


@dataclass(frozen=True, slots=True)
class Leeway:
    """What changes may make of facts.

    `fixed` and `changeable` are a rule set's paths, without the elements of lists. `new` tells that
    the facts are those of an element which is added: they may be anything, but none of its instants
    lies in the past. With `free` anything may change.
    """

    facts: Descriptor
    fixed: Sequence[str] = ()
    changeable: Sequence[str] = ()
    new: bool = False
    free: bool = False
    _known: dict[str, Fixed.ValueType] = field(default_factory=dict, init=False, compare=False)

    @property
    def of_new(self) -> "Leeway":
        """The same for the facts of an element that is added."""
        return replace(self, new=True)

    def fixity(self, fact: Fact) -> Fixed.ValueType:
        """Tell whether the fact is what it is, tells of the past, or can change."""
        path = _plain(fact)
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._fixity(path)
        return known

    def _fixity(self, path: str) -> Fixed.ValueType:
        if any(_within(path, fixed) or _within(fixed, path) for fixed in self.fixed):
            return FIXED_VALUE
        return FIXED_UNSPECIFIED if self._is_changeable(path) else fixity(self.facts, path)

    def admits(self, fact: Fact, before: int | None, after: int, today: int | None) -> bool:
        """Tell whether the fact may become `after`; both are on its scale.

        `today` is the instant judged at, if the fact is an instant or a date.
        """
        fixity = self.fixity(fact)
        if fixity == FIXED_UNSPECIFIED:
            return True
        if today is not None and (self.new or fixity == FIXED_PAST):
            return after >= today
        if self.new:
            return True
        return fixity == FIXED_PAST and (before is None or after > before)

    def may_go(self, fact: Fact) -> bool:
        """Tell whether the fact may be forgotten, or its element be taken out of a list."""
        if self.new:
            return True
        if self.fixity(fact) != FIXED_UNSPECIFIED:
            return False
        message = fact.field.message_type
        if message is None or message.full_name in CONVERSIONS or self._is_changeable(_plain(fact)):
            return True
        return not (is_event(message) if fact.element else has_fixed(message))

    def _is_changeable(self, path: str) -> bool:
        return self.free or any(_within(path, changeable) for changeable in self.changeable)


def _plain(fact: Fact) -> str:
    return fact.path.replace("[]", "")


def _within(path: str, other: str) -> bool:
    return f"{path}.".startswith(f"{other}.")
