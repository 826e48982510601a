"""A challenger never changes a champion's answer, whatever it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.message import Message

from dealgate.challenge import challenged
from dealgate.decide import Decider, Judge
from dealgate.engine.native import NativeEngine
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.model.assignment import is_challenged
from dealgate.model.challengers import Challenger
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import Overloaded
from tests.foresight.recording import asked, cases
from tests.shipped import catalog

KIND, TRIED = "qualify", 1
SHARE = Decimal("0.5")


@dataclass(frozen=True)
class Trying:
    """The shipped rules, with version 1 as one kind's challenger."""

    share: Decimal | None

    def challenger(self, kind: str, as_of: int) -> Challenger | None:
        """Every instant is in the experiment."""
        del as_of
        if kind != KIND:
            return None
        return Challenger(TRIED, "", "q4", self.share, 5000, Decimal("0.01"), 90)


def decider(around: Callable[[Judge], Judge] = lambda judge: judge) -> Decider:
    """Return a decider with a journal in memory; the champion is what the catalog says."""
    return Decider(KINDS, catalog(), NativeEngine(), MemoryJournal(), around)


def trying(share: Decimal | None) -> Decider:
    """Return a decider that tries version 1 beside the one that decides."""
    return decider(lambda judge: challenged(judge, Trying(share)))


def questions(kind: str = KIND) -> Sequence[Question]:
    """Return the questions of some of the kind's cases; they leave the version to the catalog."""
    return [replace(asked(question), version=None) for question in cases(kind)[:120]]


async def decided(by: Decider, all_: Sequence[Question]) -> list[Decision]:
    """Return the decisions."""
    outcomes = await by.decide_all(all_)
    return [outcome for outcome in outcomes if isinstance(outcome, Decision)]


def bare(decision: Decision) -> Decision:
    """Return a decision without its part in an experiment."""
    return replace(decision, trial=None)


async def test_a_shadow_changes_no_answer() -> None:
    """With it and without it the same decisions; what it decided is beside them."""
    all_ = questions()
    alone = await decided(decider(), all_)
    beside = await decided(trying(None), all_)
    assert [bare(decision) for decision in beside] == alone
    others = [decision.trial.other for decision in beside if decision.trial]
    assert len(others) == len(beside)
    assert all(other is None or other.version == TRIED for other in others)
    assert any(
        other and other.outcome != d.outcome for other, d in zip(others, beside, strict=True)
    )
    assert all(d.trial and d.trial.is_challenged is False for d in beside)


async def test_only_those_assigned_meet_the_challenger() -> None:
    """By a hash of the entity; the others get the champion's answer, and both lie together."""
    all_ = [
        replace(question, facts=_named(question, f"00Q{n}"))
        for n, question in enumerate(questions())
    ]
    alone = await decided(decider(), all_)
    both = await decided(trying(SHARE), all_)
    named = await decided(decider(), [replace(question, version=TRIED) for question in all_])
    assert len(alone) == len(both) == len(named)
    challenged_ = 0
    for champion, decision, other in zip(alone, both, named, strict=True):
        assert decision.trial is not None
        assert decision.trial.other is not None
        is_assigned = is_challenged("default", KIND, "q4", str(decision.entity), SHARE)
        assert decision.trial.is_challenged == is_assigned
        answer, beside = (other, champion) if is_assigned else (champion, other)
        assert decision.answer == answer.answer
        assert decision.trial.other.answer == beside.answer
        assert decision.body_hash == champion.body_hash
        challenged_ += is_assigned
    assert len(both) // 4 < challenged_ < 3 * len(both) // 4


@pytest.mark.parametrize("share", [None, Decimal("0.999999")])
@pytest.mark.parametrize("error", [Overloaded("queue", 1.0), ZeroDivisionError()])
async def test_a_challenger_that_breaks_harms_nobody(
    share: Decimal | None, error: Exception
) -> None:
    """The champion answers, and why the challenger did not is on record."""

    def around(judge: Judge) -> Judge:
        async def breaking(question: Question) -> Decision:
            if question.version is not None:
                raise error
            return await judge(question)

        return challenged(breaking, Trying(share))

    all_ = questions()[:20]
    broken = await decided(decider(around), all_)
    assert [bare(decision) for decision in broken] == await decided(decider(), all_)
    reason = getattr(error, "reason", "ZeroDivisionError")
    assert {d.trial.refusal for d in broken if d.trial} == {reason}


async def test_who_names_a_version_or_nothing_is_in_no_experiment() -> None:
    """A named version, another kind, and facts about nobody are decided as ever."""
    by = trying(SHARE)
    named = [replace(question, version=TRIED) for question in questions()[:3]]
    nobody = [replace(question, facts=_named(question, "")) for question in questions()[:3]]
    others = questions("score")[:3]
    for all_ in (named, nobody, others):
        assert all(decision.trial is None for decision in await decided(by, all_))


async def test_a_repeated_key_gets_its_first_answer() -> None:
    """Though an assigned question was answered by a version that nobody named."""
    by = trying(Decimal("0.999999"))
    first, again = (replace(questions()[0], key="k") for _ in range(2))
    answer = await by.decide(first)
    assert await by.decide(again) == answer
    assert (answer.version, answer.is_challengers) == (TRIED, True)


def _named(question: Question, id_: str) -> Message:
    facts: Any = type(question.facts).FromString(question.facts.SerializeToString())
    facts.lead.id = id_
    named: Message = facts
    return named
