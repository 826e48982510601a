"""Large questions are judged aside: nobody else waits for them, and their answers are the same."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from dealgate.aside.large import LARGE_BYTES, MICROSECONDS, TURN_SECONDS, LargeAside, is_large
from dealgate.aside.queues import WorkQueue
from dealgate.decide import Decider
from dealgate.engine.native import NativeEngine
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.language.budget import HURRIED_STEPS, Budget
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import BadQuestion, KeyReused, Overloaded
from dealgate.v1 import inspect_pb2, recognize_pb2
from tests.kinds.build import AS_OF
from tests.shipped import catalog
from tests.unrecorded import NO_ID, NoJournal


@pytest.fixture
async def aside() -> AsyncIterator[LargeAside]:
    """A thread for large questions."""
    queue = WorkQueue("large question", where="thread", waiting=8)
    yield LargeAside(queue)
    await queue.close()


def question(deals: int, key: str | None = None, name: str = "emea") -> Question:
    """Return a question about a pipeline of so many deals."""
    facts = inspect_pb2.InspectFacts(id=name)
    for number in range(deals):
        deal = facts.deals.add().opportunity
        deal.id, deal.stage_name = f"deal-{number:04}", "Qualification"
    return Question(NO_ID, "inspect", facts, AS_OF, AS_OF, version=2, key=key, dry_run=key is None)


def decider(aside: LargeAside) -> Decider:
    """Return one that judges large questions aside."""
    journal = MemoryJournal()
    return Decider(KINDS, catalog(), NativeEngine(), journal, aside.around)


async def test_what_waits_is_bounded_in_bytes(
    aside: LargeAside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes with more than there is room for hears when to come again.

    One is always taken, however large.
    """
    judged: list[Question] = []

    async def judge(asked: Question) -> Any:
        judged.append(asked)

    monkeypatch.setattr("dealgate.aside.large.MOST_BYTES", 40_000)
    first, second, third = (question(deals) for deals in (1_000, 900, 600))
    calls = [aside.around(judge)(asked) for asked in (first, second, third)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[1:]] == [Overloaded, Overloaded]
    monkeypatch.setattr("dealgate.aside.large.MOST_BYTES", 1)
    await aside.around(judge)(second)
    assert judged == [first, second]


def test_costly_elements_make_a_question_large() -> None:
    """Of few bytes, but a second of others' time: some lists cost more than others."""
    facts = recognize_pb2.RecognizeFacts()
    for number in range(10):
        facts.modifications.add(id=f"m{number}")
    asked = replace(question(1), kind="recognize", facts=facts)
    assert facts.ByteSize() < LARGE_BYTES
    assert is_large(asked)
    del facts.modifications[3:]
    assert not is_large(asked)


@pytest.mark.parametrize("name", sorted(MICROSECONDS))
def test_every_cost_is_a_list_of_its_kind(name: str) -> None:
    """A list that is renamed takes its cost along."""
    kind, _, field = name.partition(".")
    assert KINDS[kind].facts.DESCRIPTOR.fields_by_name[field].is_repeated


async def test_small_questions_stay_and_large_ones_leave(aside: LargeAside) -> None:
    """Only what is large costs a change of threads."""
    threads = []

    async def judge(asked: Question) -> Decision:
        threads.append(threading.current_thread())
        return await Decider(KINDS, catalog(), NativeEngine(), NoJournal()).decide(asked)

    for deals in (1, LARGE_BYTES // 30):
        await aside.around(judge)(question(deals))
    assert threads[0] is threading.main_thread()
    assert threads[1] is not threading.main_thread()


async def test_what_turns_out_to_take_long_leaves_too(aside: LargeAside) -> None:
    """A small question whose rules loop for long begins anew where nobody waits for it."""
    threads = []

    async def judge(asked: Question) -> Decision:
        threads.append(threading.current_thread())
        Budget().loop(range(HURRIED_STEPS), 2)
        return await Decider(KINDS, catalog(), NativeEngine(), NoJournal()).decide(asked)

    await aside.around(judge)(question(1))
    assert [thread is threading.main_thread() for thread in threads] == [True, False]


async def test_the_event_loop_goes_on(aside: LargeAside) -> None:
    """While a large question is judged, others are answered; both get what they would anyway."""
    let_go = threading.Event()
    inside = Decider(KINDS, catalog(), NativeEngine(), NoJournal())

    async def slow(asked: Question) -> Decision:
        if len(asked.facts.deals) > 1:  # type: ignore[attr-defined]  # those of `question`
            assert let_go.wait(60)
        return await inside.decide(asked)

    judge = aside.around(slow)
    large = asyncio.ensure_future(judge(question(900)))
    small = await judge(question(1))
    let_go.set()
    assert small.answer == (await inside.decide(question(1))).answer
    assert (await large).answer == (await inside.decide(question(900))).answer


async def test_keys_mean_the_same(aside: LargeAside) -> None:
    """A repeat that is large gets its first answer, also of one under way; another body fails."""
    deciding = decider(aside)
    answers = await asyncio.gather(*(deciding.decide(question(900, "k")) for _ in range(3)))
    assert len({answer.answer for answer in answers}) == 1
    with pytest.raises(KeyReused):
        await deciding.decide(question(900, "k", "apac"))


async def test_what_is_wrong_is_told_all_the_same(aside: LargeAside) -> None:
    """Errors come back from the thread as they are."""
    with pytest.raises(BadQuestion) as caught:
        await decider(aside).decide(question(1_001))
    assert [one.field for one in caught.value.violations] == ["deals"]


async def test_who_stops_waiting_is_not_judged(aside: LargeAside) -> None:
    """A caller who left before their turn costs nothing."""
    let_go, judged = threading.Event(), list[str | None]()

    async def judge(asked: Question) -> Decision:
        judged.append(asked.key)
        assert let_go.wait(60)
        inside = Decider(KINDS, catalog(), NativeEngine(), NoJournal())
        return await inside.decide(replace(asked, dry_run=True))

    first = asyncio.ensure_future(aside.around(judge)(question(900, "first")))
    second = asyncio.ensure_future(aside.around(judge)(question(900, "second")))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    let_go.set()
    assert (await first).key == "first"
    assert judged == ["first"]


async def test_a_long_batch_leaves_turns_to_others(aside: LargeAside) -> None:
    """Once its questions have taken a turn's time, everybody else goes on before the next."""
    judged = 0

    async def judge(asked: Question) -> Decision:
        nonlocal judged
        judged += 1
        time.sleep(TURN_SECONDS)  # noqa: ASYNC251  # it stands for judging, which waits for nothing
        return await Decider(KINDS, catalog(), NativeEngine(), NoJournal()).decide(asked)

    deciding = Decider(KINDS, catalog(), NativeEngine(), NoJournal(), lambda _: aside.around(judge))
    batch = asyncio.create_task(deciding.decide_all([question(1)] * 8))
    seen = [0]
    while not batch.done():
        await asyncio.sleep(0)
        seen.append(judged)
    assert len(await batch) == judged == 8
    assert max(later - earlier for earlier, later in pairwise(seen)) == 1
