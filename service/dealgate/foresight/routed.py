"""Recorded decisions under another version of a scope: whom it decides for may change, too.

Each side is what a server would do: all scopes that a tenant may meet are asked whether they apply,
and the rules that are chosen decide. Only one scope differs between both sides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from google.protobuf.message import Message

from dealgate.engine.native import Program, compile_ruleset
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.foresight.impact import Impact
from dealgate.journal.port import Recorded
from dealgate.model.errors import RecordDamaged, ScopesOverlap
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.model.scoping import choosing, chosen
from dealgate.model.texts import told
from dealgate.model.widening import recorded as recorded_kind

# The scope whose rules decide; "": the kind's own; None: the question is refused.
Way: TypeAlias = str | None


class Rules:
    """The rules of one side, by scope; "" are the kind's own."""

    def __init__(self, own: AnyRuleSet, scopes: Sequence[AnyRuleSet]) -> None:
        """Compile what tells which scope applies."""
        self.by_scope: Mapping[str, AnyRuleSet] = {"": own} | {
            scope.scope: scope for scope in scopes
        }
        self._scopes = scopes
        self._choosing: Program | None = compile_ruleset(choosing(scopes)) if scopes else None

    def way(self, facts: Message, as_of: int) -> Way:
        """Return which rules decide a question."""
        if self._choosing is None:
            return ""
        evidence = self._choosing.fire(facts, as_of, explain=False)
        try:
            choice = chosen(self._scopes, evidence)
        except ScopesOverlap:
            return None
        return None if choice.violations else choice.scope


@dataclass(frozen=True, slots=True)
class Sides:
    """What decides now, and what would; `scope` is what differs."""

    scope: str
    old: Rules
    new: Rules


class Routed:
    """Compares both sides on recorded decisions that the scope decides on one of them."""

    def __init__(self, kind: AnyKind, sides: Sides, clock: Clock) -> None:
        """Rules are compiled when a decision needs them."""
        self._kind = recorded_kind(kind)
        self._sides = sides
        self._assessor = cache(lambda old, new: self._made(kind, old, new, clock))

    def assess(self, records: Iterable[Recorded | RecordDamaged]) -> Impact:
        """Return the impact on these."""
        impact, groups = Impact(), dict[tuple[Way, Way], list[Recorded]]()
        for record in records:
            if isinstance(record, RecordDamaged):
                impact.damaged += 1
            elif record[0].erased:
                impact.erased += 1
            else:
                groups.setdefault(self._ways(record), []).append(record)
        for (old, new), group in groups.items():
            if old == new != self._sides.scope:
                continue
            part = self._assessor(old, new).assess(group)
            if new != self._sides.scope:
                part.fired.clear()  # other rules than those of the version may have their ids
            impact.merge(part)
        return impact

    def _ways(self, record: Recorded) -> tuple[Way, Way]:
        decision = record[0]
        facts = told(self._kind.read(decision.facts))
        old, new = (side.way(facts, decision.as_of) for side in (self._sides.old, self._sides.new))
        return old, new

    def _made(self, kind: AnyKind, old: Way, new: Way, clock: Clock) -> Assessor:
        before, after = self._sides.old.by_scope, self._sides.new.by_scope
        refuses = old is None, new is None
        return Assessor(kind, before[old or ""], after[new or ""], clock, refuses)
