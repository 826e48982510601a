"""What is decided on facts that nobody sent: the engine and the kind's fold, and no journal."""

from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from dealgate.engine.native import Program
from dealgate.model.decision import Evidence, Failed, Fired, Undecided
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind

# What the outcome is called where a kind refuses to answer, as score does if a rule failed.
NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from some facts. `word` is the outcome in one word, `outcome` the message.

    Without an answer `word` is NO_ANSWER, `outcome` None, and `refusal` says why.
    """

    word: str
    outcome: Message | None
    evidence: Evidence
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides by one rule set at one instant (nanoseconds since the epoch)."""

    kind: AnyKind
    program: Program
    as_of: int

    def judge(self, facts: Message) -> Verdict | None:
        """Return the verdict; None if no caller could send these facts: the kind refuses them."""
        if self.kind.check(facts, self.program.ruleset.parameters, self.as_of):
            return None
        return self.conclude(facts, self.fire(facts, explain=False))

    def known(self, facts: Message) -> Message:
        """Return the facts as rules see them: with what the kind derives from them.

        From facts that it refuses, such as a list with an empty element, it derives nothing.
        """
        parameters = self.program.ruleset.parameters
        if self.kind.derive is None or self.kind.check(facts, parameters, self.as_of):
            return facts
        known: Message = self.kind.derive(facts, parameters, self.as_of)
        return known

    def fire(self, facts: Message, *, explain: bool) -> Evidence:
        """Return which rules fire on these facts."""
        return self.program.fire(self.known(facts), self.as_of, explain=explain)

    def conclude(self, facts: Message, evidence: Evidence) -> Verdict:
        """Return what the kind makes of this evidence."""
        try:
            found = self.kind.conclude(
                self.known(facts), self.program.ruleset, evidence, self.as_of
            )
        except DealgateError as refusal:
            return Verdict(NO_ANSWER, None, evidence, str(refusal))
        return Verdict(found.word, found.outcome, evidence)

    def decided(self, facts: Message, verdict: Verdict) -> list[Fired | Undecided | Failed]:
        """Return the entries of the evidence without which the outcome would say something else."""
        found: list[Fired | Undecided | Failed] = []
        for name in ("fired", "undecided", "failed"):
            entries = getattr(verdict.evidence, name)
            for entry in entries:
                rest: Any = {name: [other for other in entries if other is not entry]}
                other = self.conclude(facts, replace(verdict.evidence, **rest))
                if (other.word, other.outcome) != (verdict.word, verdict.outcome):
                    found.append(entry)
        return found
