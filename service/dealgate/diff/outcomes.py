"""What each of two versions answers on the same facts, by the walk that answers callers."""

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from dealgate.decide import Decider
from dealgate.desk.trials import NO_ID, NoJournal, OneRuleSet
from dealgate.engine.native import NativeEngine
from dealgate.model.decision import Question
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet


@dataclass(frozen=True, slots=True)
class Answered:
    """An outcome in one word, and the message; None, and the refusal as the word, if refused."""

    word: str
    outcome: Message | None = None

    def details(self, other: "Answered") -> list[str]:
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
        """Nothing is recorded."""
        self._ruleset = ruleset
        self._kind = kind
        catalog = OneRuleSet(ruleset)
        self._decider = Decider({kind.name: kind}, catalog, NativeEngine(), NoJournal())

    async def of(self, facts: Message, as_of: int) -> Answered:
        """Return the answer, or what the service would refuse with."""
        question = Question(
            id=NO_ID,
            kind=self._ruleset.kind,
            facts=facts,
            as_of=as_of,
            asked_at=as_of,
            as_of_given=True,
            version=self._ruleset.version,
            dry_run=True,
        )
        try:
            decision = await self._decider.decide(question)
        except DealgateError as error:
            return Answered(f"no answer ({type(error).__name__})")
        response: Any = self._kind.response.FromString(decision.answer)
        return Answered(decision.outcome, response.outcome)
