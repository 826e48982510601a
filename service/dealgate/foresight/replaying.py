"""A recorded decision decided again, by its own rule set and instant, and compared to the byte."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from dealgate.decide import Catalog, MadeWith
from dealgate.engine.native import NativeEngine, Program
from dealgate.judge import Verdict, judged
from dealgate.model.answer import Answers
from dealgate.model.decision import Decision
from dealgate.model.errors import BadQuestion, DealgateError, SubjectErased, UnknownRuleSet
from dealgate.model.kind import AnyKind
from dealgate.model.provenance import Change
from dealgate.model.replays import Replayed, ReplayVerdict, asked_then
from dealgate.model.rules import AnyRuleSet
from dealgate.model.widening import recorded

DIGITS = 12  # of a digest, for people
LISTS = "outcome.reference_data"
UNRECORDED = "what it was made with was not recorded then"


@dataclass(frozen=True, slots=True)
class Again:
    """The result of a question here: its answer, or why there is none."""

    word: str
    answer: bytes
    refusal: str = ""


class Replayer:
    """Decides recorded questions again; one engine for all of them."""

    def __init__(self, kinds: Mapping[str, AnyKind], catalog: Catalog, made_with: MadeWith) -> None:
        """`made_with` says what decisions are made with here."""
        self._kinds = kinds
        self._catalog = catalog
        self._made_with = made_with
        self._engine = NativeEngine()

    def replay(self, decision: Decision) -> Replayed:
        """Return how the answer compares with the recorded one; raises nothing."""
        name = f"{decision.kind}@{decision.version}"
        blank = Replayed(decision.id, name, ReplayVerdict.NOT_REPLAYED, decision.outcome)
        if decision.erased:
            because = str(SubjectErased(decision.id, decision.erased))
            return replace(blank, verdict=ReplayVerdict.ERASED, because=because)
        kind = self._kinds.get(decision.kind)
        if kind is None:
            return replace(blank, because=f"there is no kind {decision.kind} here")
        kind = recorded(kind)
        try:
            ruleset = self._catalog.recorded(decision.kind, decision.version, decision.digest)
            program = self._engine.prepare(ruleset)
        except UnknownRuleSet as error:
            return replace(blank, because=str(error))
        again = _again(kind, program, decision)
        if again.answer == decision.answer:
            return replace(blank, verdict=ReplayVerdict.EQUAL, outcome=again.word)
        changes = self._changes(kind, program.ruleset, decision)
        return _compared(kind, decision, again, changes, blank)

    def _changes(self, kind: AnyKind, ruleset: AnyRuleSet, decision: Decision) -> list[Change]:
        changes = []
        if ruleset.digest != decision.digest:
            digests = (decision.digest[:DIGITS], ruleset.digest[:DIGITS])
            changes.append(Change(f"rules of {ruleset.name}", *digests))
        if self._engine.name != decision.engine:
            changes.append(Change("engine", decision.engine, self._engine.name))
        here = self._made_with(kind, ruleset)
        if decision.provenance is not None and here is not None:
            changes += decision.provenance.changes(here)
        return changes


def _again(kind: AnyKind, program: Program, decision: Decision) -> Again:
    """Decide the question again; whether it was explained, its answer tells."""
    facts = kind.read(decision.facts)
    recorded: Any = kind.response.FromString(decision.answer)
    explain = bool(recorded.header.evidence.explained)
    try:
        verdict = judged(kind, program, facts, decision.as_of, explain=explain)
        answer = _answered(kind, program.ruleset, decision, facts, verdict)
    except BadQuestion as refusal:
        fields = ", ".join(violation.field for violation in refusal.violations)
        return Again("", b"", f"the facts are refused here: {fields}")
    except DealgateError as refusal:
        return Again("", b"", f"this is refused here: {refusal}")
    except Exception as fault:  # noqa: BLE001 - the rest of the journal is replayed all the same
        return Again("", b"", f"this fails here: {type(fault).__name__}")
    return Again(verdict.answer.word, answer)


def _answered(
    kind: AnyKind, ruleset: AnyRuleSet, decision: Decision, facts: Message, verdict: Verdict
) -> bytes:
    """Write the answer as then: with the recorded id, instants, trace and engine."""
    recorded_: Any = kind.response.FromString(decision.answer)
    question = asked_then(decision, facts, recorded_.header)
    answers = Answers(kind, ruleset, decision.engine)
    return answers.answered(question, verdict.evidence, verdict.answer).answer


def _compared(
    kind: AnyKind, decision: Decision, again: Again, changes: list[Change], blank: Replayed
) -> Replayed:
    fields = [] if again.refusal else list(_differing(kind, decision.answer, again.answer))
    because = again.refusal
    if not because and decision.provenance is None:
        because = UNRECORDED
    if again.refusal:
        verdict = ReplayVerdict.CHANGED if changes else ReplayVerdict.DIFFERS
    elif not fields:
        verdict = ReplayVerdict.EQUAL_MESSAGE
    elif fields == [LISTS]:
        verdict = ReplayVerdict.REFERENCE_DATA
    else:
        verdict = ReplayVerdict.CHANGED if changes else ReplayVerdict.DIFFERS
    return replace(
        blank,
        verdict=verdict,
        outcome=again.word,
        fields=tuple(fields),
        changes=tuple(changes),
        because=because,
    )


def _differing(kind: AnyKind, recorded: bytes, again: bytes) -> Iterator[str]:
    """Yield the parts of header and outcome in which two answers differ, in their order."""
    before: Any = kind.response.FromString(recorded)
    after: Any = kind.response.FromString(again)
    for part in ("header", "outcome"):
        old, new = getattr(before, part), getattr(after, part)
        for field in old.DESCRIPTOR.fields:
            if getattr(old, field.name) != getattr(new, field.name):
                yield f"{part}.{field.name}"
