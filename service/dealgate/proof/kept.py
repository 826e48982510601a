"""What a kind says of values and facts under the same parameters, whatever the conditions are.

Its check and what it derives are pure, so an edit of a condition changes neither.
"""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from google.protobuf.message import Message

from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.syntax import Tree
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.dimensions import Dimension
from dealgate.proof.formulas import Formula
from dealgate.proof.samples import Value

MOST = 20_000
KINDS_KEPT = 40  # each under its own parameters
Refusals: TypeAlias = dict[tuple[str, type, Value], str]


class Reading(NamedTuple):
    """What a condition says, and the dimensions that it tells facts apart by; nobody changes it."""

    formula: Formula
    dimensions: Mapping[str, Dimension]


@dataclass(slots=True)
class Kept:
    """Why values are refused, and facts as rules see them."""

    kind: AnyKind
    refusals: Refusals = field(default_factory=dict)
    derived: dict[tuple[bytes, int], Message] = field(default_factory=dict)
    # As bytes: what an earlier process had derived of messages of the kind's own type.
    earlier: dict[tuple[bytes, int], bytes] = field(default_factory=dict)
    taken: dict[tuple[bytes, int], bool] = field(default_factory=dict)
    compiled: dict[bytes, Evaluator] = field(default_factory=dict)
    readings: dict[Hashable, Reading] = field(default_factory=dict)

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
            before = self.earlier.get(key) if type(facts) is self.kind.facts else None
            self.derived[key] = ask() if before is None else self.kind.facts.FromString(before)
        return self.derived[key]

    def evaluator(self, ast: bytes) -> Evaluator:
        """Return what evaluates an expression: one kind's contract gives it one meaning."""
        if ast not in self.compiled:
            _make_room(self.compiled)
            self.compiled[ast] = compile_exact(Tree(ast))
        return self.compiled[ast]

    def keep_reading(self, key: Hashable, reading: Reading) -> None:
        """Keep what a condition says."""
        _make_room(self.readings)
        self.readings[key] = reading

    def takes(self, facts: Message, as_of: int, ask: Callable[[], bool]) -> bool:
        """Tell whether the kind takes facts at an instant."""
        key = facts.SerializeToString(deterministic=True), as_of
        if key not in self.taken:
            _make_room(self.taken)
            self.taken[key] = ask()
        return self.taken[key]


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
