"""What one version of the rules makes of recorded facts: the kernel of every comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from google.protobuf.message import Message

from dealgate.engine.native import Program
from dealgate.model.brief import Brief
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.numbers import Numbers, numbers_of
from dealgate.model.rules import AnyRuleSet

# What an outcome is called where there is none.
# FAILED: a fault of the kind's own code, which a caller would hear as INTERNAL.
REFUSED, NO_ANSWER, FAILED = "(refused)", "(no answer)", "(failed)"


@dataclass(frozen=True, slots=True)
class Version:
    """A compiled version; `ruleset` is what its kind concludes by.

    It `refuses` all questions if whether it is asked must not be left open.
    """

    kind: AnyKind
    program: Program
    ruleset: AnyRuleSet
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """What one version makes of some facts: its word, what led there, and its numbers."""

    word: str
    facts: Message
    known: Message
    evidence: AnyEvidence
    numbers: Numbers


class RecordedQuestion(NamedTuple):
    """Facts, and as rules of one version read them, None: it refuses them; and when (ns)."""

    facts: Message
    known: Message | None
    as_of: int


def version_of(kind: AnyKind, program: Program, *, refuses: bool = False) -> Version:
    """Return the version that a compiled rule set is."""
    return Version(kind, program, program.ruleset, refuses)


def sides_of(version: Version, asked: Sequence[RecordedQuestion]) -> list[Side]:
    """Return what the version makes of facts: all are judged before the first is concluded."""
    fire = version.program.fire
    evidence = [
        Evidence()
        if question.known is None
        else fire(question.known, question.as_of, explain=False)
        for question in asked
    ]
    return [_side_of(version, *pair) for pair in zip(asked, evidence, strict=True)]


def _side_of(version: Version, asked: RecordedQuestion, evidence: AnyEvidence) -> Side:
    facts, known, as_of = asked
    if known is None:
        return Side(REFUSED, facts, facts, evidence, {})
    try:
        told = _brief(version, known, evidence, as_of)
    except DealgateError:
        return Side(NO_ANSWER, facts, known, evidence, {})
    except Exception:  # noqa: BLE001 - one question must not hide what becomes of all others
        return Side(FAILED, facts, known, evidence, {})
    return Side(told.word, facts, known, evidence, told.numbers)


def word_of(version: Version, known: Message, evidence: AnyEvidence, as_of: int) -> str:
    """Return the word that the version's fold makes of evidence."""
    try:
        return _brief(version, known, evidence, as_of).word
    except DealgateError:
        return NO_ANSWER
    except Exception:  # noqa: BLE001 - as above
        return FAILED


def _brief(version: Version, known: Message, evidence: AnyEvidence, as_of: int) -> Brief:
    """Return the outcome in brief: without its message, if the kind can."""
    kind = version.kind
    told = kind.brief and kind.brief(known, version.ruleset, evidence, as_of)
    if told is not None:
        return told
    conclusion = kind.conclude(known, version.ruleset, evidence, as_of)
    return Brief(conclusion.word, numbers_of(conclusion.outcome))
