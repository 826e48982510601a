"""What a kind says of values and facts under the same parameters, whatever the conditions are.

Its check and what it derives are pure, so an edit of a condition changes neither.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from google.protobuf.message import Message

from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.samples import Value

MOST = 20_000
KINDS_KEPT = 40  # each under its own parameters
Refusals: TypeAlias = dict[tuple[str, type, Value], str]


@dataclass(slots=True)
class Kept:
    """Why values are refused, and facts as rules see them."""

    kind: AnyKind
    refusals: Refusals = field(default_factory=dict)
    derived: dict[tuple[bytes, int], Message] = field(default_factory=dict)

    def refusal(self, path: str, value: Value, ask: Callable[[], str]) -> str:
        """Return why a value is refused; the kind is asked once."""
        key = path, type(value), value  # True is 1 to a dictionary
        if key not in self.refusals:
            _make_room(self.refusals)
            self.refusals[key] = ask()
        return self.refusals[key]

    def known(self, facts: Message, as_of: int, ask: Callable[[], Message]) -> Message:
        """Return facts with what is derived from them; nobody changes them."""
        key = facts.SerializeToString(deterministic=True), as_of
        if key not in self.derived:
            _make_room(self.derived)
            self.derived[key] = ask()
        return self.derived[key]


@dataclass(slots=True)
class Shelf:
    """What is kept of several kinds, or of one under several parameters."""

    kept: dict[tuple[int, bytes], Kept] = field(default_factory=dict)

    def of(self, kind: AnyKind, ruleset: AnyRuleSet) -> Kept:
        """Return what is kept of a kind under the parameters of a rule set."""
        given = repr(ruleset.parameters).encode("utf-8", "surrogatepass")
        # The kind is held on to, so that no other one can get its id.
        key = id(kind), hashlib.sha256(given).digest()
        if key not in self.kept:
            if len(self.kept) >= KINDS_KEPT:
                del self.kept[next(iter(self.kept))]
            self.kept[key] = Kept(kind)
        return self.kept[key]


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= MOST:
        del kept[next(iter(kept))]
