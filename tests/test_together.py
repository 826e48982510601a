"""Questions of a batch that are judged together are answered as each alone is."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from itertools import chain, zip_longest

import pytest

from dealgate.aside.large import LargeAside
from dealgate.aside.queues import WorkQueue
from dealgate.decide import Begin, Decider, Outcomes
from dealgate.engine.native import NativeEngine
from dealgate.judge import Asked, judge_together
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, Question
from dealgate.v1 import score_pb2
from tests.foresight.recording import cases
from tests.shipped import catalog
from tests.unrecorded import NoJournal

OF_A_KIND = 12


@pytest.fixture
async def aside() -> AsyncIterator[LargeAside]:
    """A thread for large questions."""
    queue = WorkQueue("large question", where="thread", waiting=8)
    yield LargeAside(queue)
    await queue.close()


def at_once(begin: Begin) -> Begin:
    """Begin whatever comes."""
    return begin


def told(outcomes: Outcomes) -> list[object]:
    """Return what callers see: answers, or what is wrong."""
    return [
        (outcome.answer, outcome.body_hash, outcome.marks, outcome.turn)
        if isinstance(outcome, Decision)
        else (type(outcome), str(outcome), getattr(outcome, "violations", ""))
        for outcome in outcomes
    ]


def mixed() -> list[Question]:
    """Return questions of all kinds in turn; some explained, some wrong, some of no version."""
    each = [cases(kind)[:OF_A_KIND] for kind in sorted(KINDS)]
    asked = [one for one in chain.from_iterable(zip_longest(*each)) if one is not None]
    asked[5] = dataclasses.replace(asked[5], facts=score_pb2.ScoreFacts(), kind="score")
    asked[6] = dataclasses.replace(asked[6], version=99)
    asked[7] = dataclasses.replace(asked[7], kind="unheard of")
    asked[8] = dataclasses.replace(asked[8], explain=True)
    return asked


async def test_together_is_as_alone(aside: LargeAside) -> None:
    """All kinds in one batch, with what goes wrong among them, whoever keeps the turns."""
    walk = KINDS, catalog(), NativeEngine(), NoJournal()
    questions = mixed()
    alone = told([(await Decider(*walk).decide_all([one]))[0] for one in questions])
    assert told(await Decider(*walk, ahead=at_once).decide_all(questions)) == alone
    assert (
        told(await Decider(*walk, aside.around, ahead=aside.ahead).decide_all(questions)) == alone
    )


async def test_nothing_is_kept() -> None:
    """What was judged ahead is gone when the batch is answered, whatever became of it."""
    decider = Decider(KINDS, catalog(), NativeEngine(), NoJournal(), ahead=at_once)
    await decider.decide_all(mixed())
    assert not decider._ready


async def test_large_ones_are_not_begun(aside: LargeAside) -> None:
    """Only what fits into a few turns is judged before its own."""
    begun: list[Question] = []

    async def begin(questions: Sequence[Question]) -> None:
        begun.extend(questions)

    small = cases("score")[0]
    facts = score_pb2.ScoreFacts.FromString(small.facts.SerializeToString())
    for _ in range(900):
        facts.activities.add()
    large = dataclasses.replace(small, facts=facts)
    await aside.ahead(begin)([small, small, small, small, large, small])
    assert begun == [small] * 4
    begun.clear()
    await aside.ahead(begin)([large, small, small, small])
    assert begun == []


async def test_who_goes_wrong_spoils_nobody() -> None:
    """A verdict for each that is right, None for the others."""
    ruleset = catalog().version("score", 2)
    right = cases("score")[0]
    asked = [
        Asked(KINDS["score"], ruleset, facts, right.as_of, explain=False)
        for facts in (right.facts, score_pb2.ScoreFacts(), right.facts)
    ]
    verdicts = await judge_together(NativeEngine(), asked)
    assert [verdict is not None for verdict in verdicts] == [True, False, True]
