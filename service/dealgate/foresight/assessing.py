"""Recorded decisions decided under two versions: facts are read once, and every flip explained."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from inspect import signature

from google.protobuf.message import Message

from dealgate.engine.native import compile_ruleset
from dealgate.foresight.causes import Cause, Causes
from dealgate.foresight.conditions import Conditions
from dealgate.foresight.impact import (
    CauseKey,
    Example,
    Impact,
    Transition,
    TransitionResults,
    Weight,
)
from dealgate.foresight.pending import Pending
from dealgate.foresight.segments import segments_of
from dealgate.foresight.versions import (
    REFUSED,
    RecordedQuestion,
    Side,
    Version,
    sides_of,
    version_of,
)
from dealgate.foresight.weights import Money, weigher
from dealgate.journal.port import Recorded
from dealgate.model.decision import AnyEvidence, Decision
from dealgate.model.errors import RecordDamaged
from dealgate.model.kind import AnyKind
from dealgate.model.results import SUCCESS, Result
from dealgate.model.rules import AnyRuleSet
from dealgate.model.soundness import is_sound
from dealgate.model.texts import told
from dealgate.model.widening import recorded as recorded_kind

# Decisions, and bytes of their facts, that go from step to step together.
MANY, MUCH = 64, 1_000_000
# What the kinds call a parameter that they do not read.
UNREAD = "_"


@dataclass(frozen=True, slots=True)
class Clock:
    """When it is asked (ns), and how long after a decision what happened still counts (ns)."""

    now: int
    window: int


class Assessor:
    """Compares two versions of a kind on recorded decisions."""

    def __init__(
        self,
        kind: AnyKind,
        old: AnyRuleSet,
        new: AnyRuleSet,
        clock: Clock,
        refuses: tuple[bool, bool] = (False, False),
    ) -> None:
        """Compile both; `refuses`: which of them refuses whatever it is asked."""
        self._kind = kind = recorded_kind(kind)
        self._old = version_of(kind, compile_ruleset(old), refuses=refuses[0])
        self._new = version_of(kind, compile_ruleset(new), refuses=refuses[1])
        self._same_parameters = old.parameters == new.parameters
        # Then any version refuses what any other does, and nothing that was recorded.
        self._check_is_blind = UNREAD in signature(kind.check_sound or kind.check).parameters
        self._checks_alike = not any(refuses) and (self._same_parameters or self._check_is_blind)
        self._derives_alike = self._same_parameters or kind.derives_alike(
            old.parameters, new.parameters
        )
        # Facts in two forms are known by each other for a moment only.
        self._many = MANY if kind.facts is kind.sent_facts else 1
        self._causes = Causes(self._old, self._new)
        self._conditions = Conditions(self._old.program, self._new.program)
        self._weigh = weigher(kind)
        self._clock = clock

    def assess(self, records: Iterable[Recorded | RecordDamaged]) -> Impact:
        """Return the impact on these; few records are kept, and not for long.

        Each step is taken for many decisions before the next one: beside each other the steps'
        code would keep throwing one another out of the processor's caches.
        """
        impact, pending = Impact(), Pending()
        for chunk in _chunks(records, self._many):
            sound = [record for record in chunk if not isinstance(record, RecordDamaged)]
            # Of those about somebody who was erased, facts are missing.
            taken = [record for record in sound if not record[0].erased]
            impact.damaged += len(chunk) - len(sound)
            impact.erased += len(sound) - len(taken)
            for record, *sides in self._decided(taken):
                self._count(impact, pending, record, *sides)
            if pending.is_full:
                pending.counted(impact)
        pending.counted(impact)
        impact.thin()
        return impact

    def _decided(self, records: Sequence[Recorded]) -> Iterator[tuple[Recorded, Side, Side]]:
        """Yield records with what both versions make of their facts.

        Those that were recorded passed the check of the version that decided; another's is asked
        only where it may say something else.
        """
        facts = [self._read(decision) for decision, _ in records]
        olds = [
            self._asked(self._old, decision, read)
            for (decision, _), read in zip(records, facts, strict=True)
        ]
        news = olds
        if not (self._checks_alike and self._derives_alike):
            news = [
                self._asked(self._new, decision, asked.facts, beside=asked)
                for (decision, _), asked in zip(records, olds, strict=True)
            ]
        sides = sides_of(self._old, olds), sides_of(self._new, news)
        return zip(records, *sides, strict=True)

    def _read(self, decision: Decision) -> Message:
        facts: Message = self._kind.read(decision.facts)
        return facts if is_sound(facts) else told(facts)

    def _asked(
        self,
        version: Version,
        decision: Decision,
        facts: Message,
        beside: RecordedQuestion | None = None,
    ) -> RecordedQuestion:
        """Return facts as the version reads them; `beside`: as another has derived the same."""
        if not self._passed(version, decision, facts):
            return RecordedQuestion(facts, None, decision.as_of)
        if beside is not None and beside.known is not None and self._derives_alike:
            return beside
        known = self._kind.derived(facts, version.ruleset.parameters, decision.as_of)
        return RecordedQuestion(facts, known, decision.as_of)

    def _count(
        self, impact: Impact, pending: Pending, record: Recorded, old: Side, new: Side
    ) -> None:
        (decision, result), facts = record, old.facts
        transition = Transition(old.word, new.word)
        money = self._weigh(facts, result)
        impact.decisions += 1
        impact.see(decision.decided_at)
        impact.not_as_recorded += old.word != decision.outcome
        impact.matrix.setdefault(transition, Weight()).add(money)
        self._happened(
            impact.happened.setdefault(transition, TransitionResults()), decision, result
        )
        pending.belong(segments_of(facts, decision.as_of), flips=transition.is_flip)
        pending.exercised(new)
        if new.evidence.undecided:
            impact.undecided.update({open_.rule.id for open_ in new.evidence.undecided})
        pending.moved(old, new)
        if transition.is_flip:
            self._explain(impact, transition, decision, (old, new), money)
        elif old.evidence.rule_ids != new.evidence.rule_ids:
            impact.same_word += 1

    def _passed(self, version: Version, decision: Decision, facts: Message) -> bool:
        if version.refuses:
            return False
        if version.ruleset.digest == decision.digest or self._check_is_blind:
            return True
        return not self._kind.admitted(facts, version.ruleset.parameters, decision.as_of)[1]

    def _happened(
        self, happened: TransitionResults, decision: Decision, result: Result | None
    ) -> None:
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


def _chunks(
    records: Iterable[Recorded | RecordDamaged], many: int
) -> Iterator[list[Recorded | RecordDamaged]]:
    """Yield records in lists that are short, and hold little."""
    chunk, size = list[Recorded | RecordDamaged](), 0
    for record in records:
        chunk.append(record)
        size += 0 if isinstance(record, RecordDamaged) else len(record[0].facts)
        if len(chunk) >= many or size >= MUCH:
            yield chunk
            chunk, size = [], 0
    yield chunk


def _example(decision: Decision, evidence: AnyEvidence) -> Example:
    fired = tuple(dict.fromkeys(id_ for hit in evidence.fired for id_ in hit.ids))
    undecided = tuple(open_.rule.id for open_ in evidence.undecided)
    entity = str(decision.entity)
    return Example(decision.id, entity, decision.as_of, decision.facts, fired, undecided)


def idle_rules(impact: Impact, new: AnyRuleSet) -> Sequence[str]:
    """Return the rules and rows of the version that fired on none of the decisions."""
    return [rule.id for rule in new.rules if not impact.fired[rule.id]]
