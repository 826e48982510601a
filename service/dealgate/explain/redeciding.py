"""A recorded decision taken again, by its own version and instant, and compared byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from dealgate.decide import Catalog
from dealgate.engine.native import NativeEngine
from dealgate.explain.verdicts import NO_ANSWER, WhatIfJudge, WhatIfVerdict
from dealgate.model.answer import Answers
from dealgate.model.decision import Conclusion, Decision
from dealgate.model.errors import SubjectErased
from dealgate.model.kind import AnyKind
from dealgate.model.replays import asked_then
from dealgate.model.widening import recorded as recorded_kind

DIGITS = 12  # of a digest, for people


@dataclass(frozen=True, slots=True)
class Redecided:
    """`verdict` is the result of `judge` on the recorded `facts`.

    `difference` says how that differs from what was recorded; empty: it is the same, byte for byte.
    """

    judge: WhatIfJudge
    facts: Message
    verdict: WhatIfVerdict
    difference: str


def redecide(
    decision: Decision, kinds: Mapping[str, AnyKind], catalog: Catalog, engine: NativeEngine
) -> Redecided:
    """Decide again what was recorded; raises UnknownRuleSet if its version is not here.

    Raises SubjectErased if some of its facts were erased.
    """
    if decision.erased:
        raise SubjectErased(decision.id, decision.erased)
    kind = recorded_kind(kinds[decision.kind])
    ruleset = catalog.recorded(decision.kind, decision.version, decision.digest)
    judge = WhatIfJudge(kind, engine.prepare(ruleset), decision.as_of)
    facts = kind.read(decision.facts)
    recorded: Any = kind.response.FromString(decision.answer)
    verdict = judge.decide(facts, explain=bool(recorded.header.evidence.explained))
    return Redecided(judge, facts, verdict, _difference(decision, judge, facts, verdict))


def _difference(
    decision: Decision, judge: WhatIfJudge, facts: Message, verdict: WhatIfVerdict
) -> str:
    ruleset = judge.program.ruleset
    if ruleset.digest != decision.digest:
        return (
            f"{ruleset.name} is not what decided then: its digest here is "
            f"{ruleset.digest[:DIGITS]}…, the decision's {decision.digest[:DIGITS]}…; "
            "what follows explains the rules as they are here"
        )
    if verdict.word != decision.outcome:
        return f"recorded was {decision.outcome}, but this Dealgate decides {verdict.word}"
    if verdict.outcome is None or verdict.word == NO_ANSWER:
        return f"recorded was {decision.outcome}, but this Dealgate refuses: {verdict.refusal}"
    conclusion = Conclusion(verdict.outcome, verdict.word)
    recorded: Any = judge.kind.response.FromString(decision.answer)
    question = asked_then(decision, facts, recorded.header)
    answers = Answers(judge.kind, ruleset, decision.engine)
    again = answers.answered(question, verdict.evidence, conclusion)
    if again.answer != decision.answer:
        return "the outcome has the same word, but the answer differs in its details"
    return ""
