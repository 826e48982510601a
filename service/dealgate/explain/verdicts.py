"""What is decided on facts that nobody sent: the engine and the kind's fold, and no journal."""

from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from dealgate import judge as judging
from dealgate.engine.native import Program
from dealgate.judge import admitted, concluded, judged
from dealgate.model.decision import AnyEvidence, AnyFailed, AnyFired, AnyUndecided
from dealgate.model.errors import BadQuestion
from dealgate.model.kind import AnyKind

# What the outcome is called where a kind refuses to answer, as score does if a rule failed.
NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class WhatIfVerdict:
    """What follows from some facts. `word` is the outcome in one word, `outcome` the message.

    Without an answer `word` is NO_ANSWER, `outcome` None, and `refusal` says why.
    """

    word: str
    outcome: Message | None
    evidence: AnyEvidence
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class WhatIfJudge:
    """Decides by one rule set at one instant (nanoseconds since the epoch)."""

    kind: AnyKind
    program: Program
    as_of: int

    def judge(self, facts: Message) -> WhatIfVerdict | None:
        """Return the verdict; None if no caller could send these facts: the kind refuses them."""
        try:
            return _told(judged(self.kind, self.program, facts, self.as_of))
        except BadQuestion:
            return None

    def decide(self, facts: Message, *, explain: bool) -> WhatIfVerdict:
        """Return the verdict on facts known to be taken: they are not refused here."""
        known = self.known(facts)
        return self._conclude(known, self.program.fire(known, self.as_of, explain=explain))

    def known(self, facts: Message) -> Message:
        """Return the facts as rules see them: with what the kind derives from them.

        From facts that it refuses, such as a list with an empty element, it derives nothing.
        """
        if self.kind.derive is None:
            return facts
        try:
            return admitted(self.kind, self.program.ruleset, facts, self.as_of)
        except BadQuestion:
            return facts

    def decided(
        self, facts: Message, verdict: WhatIfVerdict
    ) -> list[AnyFired | AnyUndecided | AnyFailed]:
        """Return the entries of the evidence without which the outcome would say something else."""
        known = self.known(facts)
        deciding: list[AnyFired | AnyUndecided | AnyFailed] = []
        for name in ("fired", "undecided", "failed"):
            entries = getattr(verdict.evidence, name)
            for entry in entries:
                rest: Any = {name: [other for other in entries if other is not entry]}
                other = self._conclude(known, replace(verdict.evidence, **rest))
                if (other.word, other.outcome) != (verdict.word, verdict.outcome):
                    deciding.append(entry)
        return deciding

    def _conclude(self, known: Message, evidence: AnyEvidence) -> WhatIfVerdict:
        return _told(concluded(self.kind, self.program.ruleset, known, evidence, self.as_of))


def _told(verdict: judging.Verdict) -> WhatIfVerdict:
    if verdict.conclusion is None:
        return WhatIfVerdict(NO_ANSWER, None, verdict.evidence, str(verdict.refusal))
    return WhatIfVerdict(verdict.conclusion.word, verdict.conclusion.outcome, verdict.evidence)
