"""Recorded decisions decided under two versions: facts are read once, and every flip explained."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import TypeAlias

from google.protobuf.message import Message

from dealgate.engine.native import compile_ruleset
from dealgate.foresight.causes import Cause, Causes
from dealgate.foresight.conditions import Conditions
from dealgate.foresight.impact import CauseKey, Example, Happened, Impact, Transition, Weight
from dealgate.foresight.segments import segments_of
from dealgate.foresight.sketch import Shift
from dealgate.foresight.versions import REFUSED, Side, Version, side_of, version_of
from dealgate.foresight.weights import Money, weigher
from dealgate.journal.port import Recorded
from dealgate.model.decision import AnyEvidence, Decision, Evidence
from dealgate.model.errors import RecordDamaged
from dealgate.model.kind import AnyKind
from dealgate.model.results import SUCCESS, Result
from dealgate.model.rules import AnyRuleSet
from dealgate.model.soundness import is_sound
from dealgate.model.texts import told
from dealgate.model.widening import recorded as recorded_kind

# A number's name, and what it was and is; how often each was seen since they were last counted.
Move: TypeAlias = tuple[str, float | None, float | None]
Moved = Counter[Move]
MOVES_KEPT = 4096
# What the kinds call a parameter that they do not read.
UNREAD = "_"


@dataclass(frozen=True, slots=True)
class Clock:
    """When it is asked (ns), and how long after a decision what happened still counts (ns)."""

    now: int
    window: int


class Assessor:
    """Compares two versions of a kind on recorded decisions."""

    def __init__(self, kind: AnyKind, old: AnyRuleSet, new: AnyRuleSet, clock: Clock) -> None:
        """Compile both."""
        self._kind = kind = recorded_kind(kind)
        self._old = version_of(kind, compile_ruleset(old))
        self._new = version_of(kind, compile_ruleset(new))
        self._same_parameters = old.parameters == new.parameters
        # Then any version refuses what any other does, and nothing that was recorded.
        self._check_is_blind = UNREAD in signature(kind.check_sound or kind.check).parameters
        self._checks_alike = self._same_parameters or self._check_is_blind
        self._derives_alike = self._same_parameters or _derives_alike(kind, old, new)
        self._causes = Causes(self._old, self._new)
        self._conditions = Conditions(self._old.program, self._new.program)
        self._weigh = weigher(kind)
        self._clock = clock

    def assess(self, records: Iterable[Recorded | RecordDamaged]) -> Impact:
        """Return the impact on these; no record is kept."""
        impact, moved = Impact(), Moved()
        for record in records:
            if isinstance(record, RecordDamaged):
                impact.damaged += 1
            else:
                self._count(impact, moved, *record)
            if len(moved) > MOVES_KEPT:
                _shift(impact, moved)
        _shift(impact, moved)
        impact.thin()
        return impact

    def _count(
        self, impact: Impact, moved: Moved, decision: Decision, result: Result | None
    ) -> None:
        facts = self._kind.read(decision.facts)
        if not is_sound(facts):
            facts = told(facts)
        old, new = self._sides(decision, facts)
        transition = Transition(old.word, new.word)
        money = self._weigh(facts, result)
        impact.decisions += 1
        impact.see(decision.decided_at)
        impact.not_as_recorded += old.word != decision.outcome
        impact.matrix.setdefault(transition, Weight()).add(money)
        self._happened(impact.happened.setdefault(transition, Happened()), decision, result)
        impact.belong(segments_of(facts, decision.as_of), flips=transition.is_flip)
        _exercised(impact, new)
        moved.update(_moves(old, new))
        if transition.is_flip:
            self._explain(impact, transition, decision, (old, new), money)
        elif old.evidence.rule_ids != new.evidence.rule_ids:
            impact.same_word += 1

    def _sides(self, decision: Decision, facts: Message) -> tuple[Side, Side]:
        """Return what both versions make of the facts.

        Those that were recorded passed the check of the version that decided; another's is asked
        only where it may say something else.
        """
        passed = self._passed(self._old, decision, facts)
        old = self._side(self._old, facts, decision.as_of, passed=passed)
        if not self._checks_alike:
            passed = self._passed(self._new, decision, facts)
        known = old.known if passed and old.word != REFUSED and self._derives_alike else None
        return old, self._side(self._new, facts, decision.as_of, passed=passed, known=known)

    def _passed(self, version: Version, decision: Decision, facts: Message) -> bool:
        if version.ruleset.digest == decision.digest or self._check_is_blind:
            return True
        return not self._kind.admitted(facts, version.ruleset.parameters, decision.as_of)[1]

    def _side(
        self,
        version: Version,
        facts: Message,
        as_of: int,
        *,
        passed: bool,
        known: Message | None = None,
    ) -> Side:
        if not passed:
            return Side(REFUSED, facts, facts, Evidence(), {})
        if known is None:
            parameters, derive = version.ruleset.parameters, self._kind.derive
            known = facts if derive is None else derive(facts, parameters, as_of)
        return side_of(version, facts, known, as_of)

    def _happened(self, happened: Happened, decision: Decision, result: Result | None) -> None:
        closes = decision.as_of + self._clock.window
        if closes > self._clock.now:
            happened.open += 1
            return
        happened.mature += 1
        if result is None or not decision.as_of <= result.happened_at <= closes:
            return
        success = SUCCESS.get(result.type)
        happened.successes += success is True
        happened.failures += success is False
        if success and result.amount is not None:
            happened.won[result.currency] += result.amount

    def _explain(
        self,
        impact: Impact,
        transition: Transition,
        decision: Decision,
        sides: tuple[Side, Side],
        money: Money,
    ) -> None:
        key = CauseKey(transition, *self._cause(*sides, decision.as_of))
        impact.causes.setdefault(key, Weight()).add(money)
        known = impact.examples.get(key)
        if known is None or decision.id < known.decision_id:
            impact.examples[key] = _example(decision, sides[1].evidence)

    def _cause(self, old: Side, new: Side, as_of: int) -> tuple[Cause, str]:
        if REFUSED in {old.word, new.word}:
            return Cause(REFUSED, ""), ""
        cause = self._causes.first(old, new, as_of)
        if cause.unit.startswith("#"):
            return cause, ""
        condition = self._conditions.parting(cause.unit, old.known, new.known, as_of)
        return cause, condition


def _derives_alike(kind: AnyKind, old: AnyRuleSet, new: AnyRuleSet) -> bool:
    """Tell whether both versions derive the same of any facts."""
    names = kind.derive_reads
    return names is not None and all(
        getattr(old.parameters, name) == getattr(new.parameters, name) for name in names
    )


def _example(decision: Decision, evidence: AnyEvidence) -> Example:
    fired = tuple(dict.fromkeys(id_ for hit in evidence.fired for id_ in hit.ids))
    undecided = tuple(open_.rule.id for open_ in evidence.undecided)
    entity = str(decision.entity)
    return Example(decision.id, entity, decision.as_of, decision.facts, fired, undecided)


def _exercised(impact: Impact, new: Side) -> None:
    impact.fired.update(new.evidence.fired_ids)
    impact.undecided.update({open_.rule.id for open_ in new.evidence.undecided})


def _moves(old: Side, new: Side) -> Iterator[Move]:
    """Yield from what to what each number moves; None: that version does not say it."""
    before, after = old.numbers, new.numbers
    for name, number in after.items():
        yield name, before.get(name), number
    for name in before.keys() - after.keys():
        yield name, before[name], None


def _shift(impact: Impact, moved: Moved) -> None:
    """Count moves into the distributions, equal ones at once, and forget them."""
    for (name, before, after), times in moved.items():
        impact.shifts.setdefault(name, Shift()).add(before, after, times)
    moved.clear()


def idle_rules(impact: Impact, new: AnyRuleSet) -> Sequence[str]:
    """Return the rules and rows of the version that fired on none of the decisions."""
    return [rule.id for rule in new.rules if not impact.fired[rule.id]]
