"""What each of two versions answers on the same facts, judged as callers' questions are."""

from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.engine.native import compile_ruleset
from dealgate.judge import judged
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet


@dataclass(frozen=True, slots=True)
class WordedOutcome:
    """An outcome in one word, and the message; None, and the refusal as the word, if refused."""

    word: str
    outcome: Message | None = None

    def details(self, other: "WordedOutcome") -> list[str]:
        """Return the fields of the outcome that are not as in the other."""
        if self.outcome is None or other.outcome is None:
            return []
        return [
            field.name
            for field in self.outcome.DESCRIPTOR.fields
            if getattr(self.outcome, field.name) != getattr(other.outcome, field.name)
        ]


class Outcomes:
    """Answers questions by one version."""

    def __init__(self, ruleset: AnyRuleSet, kind: AnyKind) -> None:
        """Compile the version; nothing is recorded."""
        self._kind = kind
        self._program = compile_ruleset(ruleset)

    def of(self, facts: Message, as_of: int) -> WordedOutcome:
        """Return the answer, or what the service would refuse with."""
        try:
            answer = judged(self._kind, self._program, facts, as_of).answer
        except DealgateError as error:
            return WordedOutcome(f"no answer ({type(error).__name__})")
        return WordedOutcome(answer.word, answer.outcome)
