"""A challenger decides beside the champion: never instead of it, unless the entity is assigned.

The champion decides first and alone; nothing that a challenger does, refuses or gets wrong reaches
its answer. Both are recorded as one decision, whose trial holds what the other version decided.
"""

from dataclasses import replace
from typing import Protocol

from dealgate.decide import Judge
from dealgate.model.assignment import is_challenged
from dealgate.model.challengers import Challenger
from dealgate.model.decision import Decision, Question, Trial
from dealgate.model.errors import DealgateError


class Challengers(Protocol):
    """Knows which challengers are running."""

    def challenger(self, kind: str, as_of: int) -> Challenger | None:
        """Return what is tried beside the version of `kind` that decides at `as_of` (ns)."""


def challenged(judge: Judge, challengers: Challengers) -> Judge:
    """Return `judge` with challengers beside it, for questions that name no version."""

    async def judged(question: Question) -> Decision:
        champion = await judge(question)
        tried = None
        if question.version is None and not champion.scope:
            tried = challengers.challenger(question.kind, question.as_of)
        if tried is None or not champion.entity.id:
            return champion
        is_assigned = _is_assigned(champion, tried)
        try:
            asked = replace(question, version=tried.version, scope=None)
            challenger = await judge(asked)
        except Exception as error:  # noqa: BLE001 - whatever it is, the champion's answer stands
            refusal = _reason(error)
            trial = Trial(tried, champion.version, is_assigned, None, refusal)
            return replace(champion, trial=trial)
        # A retry asks what the caller asked: no version.
        challenger = replace(challenger, body_hash=champion.body_hash)
        answer, other = (challenger, champion) if is_assigned else (champion, challenger)
        other = replace(other, marks=(), turn=None)
        return replace(answer, trial=Trial(tried, champion.version, is_assigned, other))

    return judged


def _is_assigned(decision: Decision, tried: Challenger) -> bool:
    if tried.share is None:
        return False
    unit = str(decision.entity)
    return is_challenged(decision.tenant, decision.kind, tried.seed, unit, tried.share)


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, DealgateError) else type(error).__name__
