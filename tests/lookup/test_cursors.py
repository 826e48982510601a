"""Claims about round robins that the server keeps, and those that callers keep themselves."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from dealgate.decide import alone
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.lookup.around import Lookups
from dealgate.model.decision import Decision
from dealgate.model.errors import TurnTaken
from dealgate.v1 import route_pb2 as pb
from tests.kinds.routing import facts, rep
from tests.lookup.deciding import decider, question
from tests.shipped import catalog


class SlowJournal(MemoryJournal):
    """Lets everybody else run before it records, as a disk does."""

    async def append(self, decision: Decision) -> Decision:
        """Wait, then record."""
        for _ in range(5):
            await asyncio.sleep(0)
        return await super().append(decision)


def asking(**cursor: Any) -> pb.RouteFacts:
    """Return a lead for one of three equals."""
    given = facts(rep("a"), rep("b"), rep("c"))
    if cursor:
        given.cursor.CopyFrom(pb.RoundRobinCursor(**cursor))
    return given


def outcome(decision: Decision) -> pb.RouteOutcome:
    """Return the outcome of a decision."""
    return pb.RouteLeadResponse.FromString(decision.answer).outcome


@pytest.fixture
def journal() -> SlowJournal:
    """An empty journal."""
    return SlowJournal()


async def test_calls_at_once_take_turns(journal: SlowJournal) -> None:
    """Sixty at once for three equals: twenty each, and every version once."""
    decide = alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))
    asked = [question(asking(), kind="route") for _ in range(60)]
    found = [outcome(one) for one in await asyncio.gather(*map(decide, asked))]
    assert Counter(one.owner_id for one in found) == {"a": 20, "b": 20, "c": 20}
    assert sorted(one.cursor.version for one in found) == list(range(1, 61))


async def test_what_the_cursor_was_is_recorded(journal: SlowJournal) -> None:
    """So a replay comes to the same owner, without the journal."""
    walk = decider(journal)
    decide = alone(Lookups(KINDS, journal, None).around(walk.decide_all, catalog()))
    await decide(question(asking(), kind="route"))
    second = await decide(question(asking(), kind="route"))
    recorded = pb.RouteFacts.FromString(second.facts)
    assert recorded.cursor.version == 1
    again = await walk.decide(question(recorded, kind="route", dry_run=True, as_of=second.as_of))
    assert outcome(again) == outcome(second)


async def test_of_two_from_one_version_one_wins(journal: SlowJournal) -> None:
    """A caller who keeps the cursor is told that it has moved on, never answered in silence."""
    decide = alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))
    asked = [question(asking(version=0), kind="route") for _ in range(8)]
    answers = await asyncio.gather(*map(decide, asked), return_exceptions=True)
    assert sum(isinstance(one, Decision) for one in answers) == 1
    assert sum(isinstance(one, TurnTaken) for one in answers) == 7


async def test_a_caller_in_between_is_waited_out(journal: SlowJournal) -> None:
    """The server's own cursor takes up after a turn that a caller took with a version."""
    decide = alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))
    both = [question(asking(), kind="route"), question(asking(version=0), kind="route")]
    kept, own = await asyncio.gather(*map(decide, both), return_exceptions=True)
    assert isinstance(kept, Decision)
    if isinstance(own, Decision):
        assert {outcome(kept).cursor.version, outcome(own).cursor.version} == {1, 2}
    else:
        assert isinstance(own, TurnTaken)


async def test_round_robins_do_not_wait_for_each_other(journal: SlowJournal) -> None:
    """Each name, and each tenant, has turns of its own."""
    decide = alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))
    asked = [
        question(asking(name="emea"), kind="route"),
        question(asking(name="apac"), kind="route"),
        question(asking(name="emea"), kind="route", tenant="acme"),
    ]
    found = [outcome(one) for one in await asyncio.gather(*map(decide, asked))]
    assert [(one.cursor.name, one.cursor.version, one.owner_id) for one in found] == [
        ("emea", 1, "a"),
        ("apac", 1, "a"),
        ("emea", 1, "a"),
    ]


async def test_a_repeat_gets_its_first_answer_and_takes_no_turn(journal: SlowJournal) -> None:
    """Although the round robin has moved on meanwhile."""
    decide = alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))
    first = await decide(question(asking(), kind="route", key="k"))
    await decide(question(asking(), kind="route"))
    assert await decide(question(asking(), kind="route", key="k")) == first
    third = await decide(question(asking(), kind="route"))
    assert outcome(third).cursor.version == 3


async def test_a_dry_run_takes_no_turn(journal: SlowJournal) -> None:
    """It shows whose turn it is, and leaves it there."""
    decide = alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))
    shown = outcome(await decide(question(asking(), kind="route", dry_run=True)))
    taken = outcome(await decide(question(asking(), kind="route")))
    assert (shown.owner_id, shown.cursor) == (taken.owner_id, taken.cursor)
