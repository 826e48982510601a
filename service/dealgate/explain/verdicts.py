"""What is decided on facts that nobody sent: the engine and the kind's fold, and no journal."""

from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from dealgate.engine.native import Program
from dealgate.model.decision import (
    AnyEvidence,
    AnyFailed,
    AnyFired,
    AnyUndecided,
)
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
    evidence: AnyEvidence
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides by one rule set at one instant (nanoseconds since the epoch)."""

    kind: AnyKind
    program: Program
    as_of: int

    def judge(self, facts: Message) -> Verdict | None:
        """Return the verdict; None if no caller could send these facts: the kind refuses them."""
        return None if self._refuses(facts) else self._decide(self._derived(facts), explain=False)

    def decide(self, facts: Message, *, explain: bool) -> Verdict:
        """Return the verdict on facts known to be taken: they are not refused here."""
        return self._decide(self.known(facts), explain=explain)

    def known(self, facts: Message) -> Message:
        """Return the facts as rules see them: with what the kind derives from them.

        From facts that it refuses, such as a list with an empty element, it derives nothing.
        """
        if self.kind.derive is None or self._refuses(facts):
            return facts
        return self._derived(facts)

    def decided(
        self, facts: Message, verdict: Verdict
    ) -> list[AnyFired | AnyUndecided | AnyFailed]:
        """Return the entries of the evidence without which the outcome would say something else."""
        known = self.known(facts)
        found: list[AnyFired | AnyUndecided | AnyFailed] = []
        for name in ("fired", "undecided", "failed"):
            entries = getattr(verdict.evidence, name)
            for entry in entries:
                rest: Any = {name: [other for other in entries if other is not entry]}
                other = self._conclude(known, replace(verdict.evidence, **rest))
                if (other.word, other.outcome) != (verdict.word, verdict.outcome):
                    found.append(entry)
        return found

    def _refuses(self, facts: Message) -> bool:
        return bool(self.kind.check(facts, self.program.ruleset.parameters, self.as_of))

    def _derived(self, facts: Message) -> Message:
        known: Message = self.kind.known(facts, self.program.ruleset.parameters, self.as_of)
        return known

    def _decide(self, known: Message, *, explain: bool) -> Verdict:
        return self._conclude(known, self.program.fire(known, self.as_of, explain=explain))

    def _conclude(self, known: Message, evidence: AnyEvidence) -> Verdict:
        try:
            found = self.kind.conclude(known, self.program.ruleset, evidence, self.as_of)
        except DealgateError as refusal:
            return Verdict(NO_ANSWER, None, evidence, str(refusal))
        return Verdict(found.word, found.outcome, evidence)
