"""WatchDecisions, as its callers see it."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import grpc
import pytest

from dealgate.journal.feed import JournalFeed
from dealgate.journal.feed_secret import feed_secret
from dealgate.journal.memory import MemoryJournal
from dealgate.model.decision import Decision
from dealgate.model.errors import BadQuestion, Forbidden, PositionLost
from dealgate.model.feed import START
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.v1.lead_pb2 import Lead
from dealgate.v1.score_pb2 import ScoreFacts, ScoreLeadRequest
from dealgate.wire.calls import Call
from dealgate.wire.watch_tokens import NUMBERS, OPEN, Tokens
from dealgate.wire.watching import Watches
from tests.journal.test_results import result
from tests.wire.conftest import MOST_WATCHES, NOW, House, opened, refusal, refused_by
from tests.wire.samples import KINDS
from tests.wire.test_flowing import Only

PATIENCE = 30
ACME = (("dealgate-tenant", "acme"),)


async def recorded(house: House, *leads: str, tenant: str = "default") -> list[Decision]:
    """Have decisions about these leads recorded."""
    metadata = (("dealgate-tenant", tenant),)
    for lead in leads:
        asked = ScoreLeadRequest(facts=ScoreFacts(lead=Lead(id=lead)))
        await house.leads.ScoreLead(asked, metadata=metadata)
    taken = house.records.kept[-len(leads) :]
    for decision in taken:
        await house.journal.append(decision)
    return taken


def watch(house: House, **asked: Any) -> Any:
    """Begin to watch."""
    return house.decisions.WatchDecisions(pb.WatchDecisionsRequest(**asked))


async def heard(stream: Any, number: int) -> list[pb.WatchedEvent]:
    """Read until so many events came."""
    events: list[pb.WatchedEvent] = []
    async with asyncio.timeout(PATIENCE):
        while len(events) < number:
            events += (await stream.read()).events
    return events


def leads(events: Iterable[pb.WatchedEvent]) -> list[str]:
    """Return what the events are about."""
    return [event.decision.entity.removeprefix("lead/") for event in events]


async def test_what_is_recorded_is_told(house: House) -> None:
    """The first message comes at once; then decisions and results, of the caller's tenant alone."""
    await recorded(house, "before")
    stream: Any = house.decisions.WatchDecisions(pb.WatchDecisionsRequest(), metadata=ACME)
    first = await stream.read()
    assert (len(first.events), bool(first.resume_token)) == (0, True)
    await recorded(house, "theirs")
    (mine,) = await recorded(house, "mine", tenant="acme")
    await house.journal.attach(result(mine))
    new, told = await heard(stream, 2)
    assert (new.decision.decision_id, new.decision.entity) == (mine.id, "lead/mine")
    assert (new.HasField("result"), new.HasField("record")) == (False, False)
    assert (told.decision.decision_id, told.result.amount.units) == (mine.id, 120)


async def test_a_token_goes_on(house: House) -> None:
    """Any event's token, or a message's, goes on right after it: on any stream, by any filter."""
    await recorded(house, "a", "b", "c", "d")
    events = await heard(watch(house, from_beginning=True, include_records=True), 4)
    assert leads(events) == ["a", "b", "c", "d"]
    assert events[0].record.question.score.facts.lead.id == "a"
    for n, event in enumerate(events[:-1]):
        again = watch(house, resume_token=event.resume_token)
        assert leads(await heard(again, 3 - n)) == [*"bcd"][n:]
    only = watch(house, resume_token=events[0].resume_token, entities=["lead/d"])
    assert leads(await heard(only, 1)) == ["d"]


async def test_a_slow_reader_loses_nothing(house: House) -> None:
    """Whoever does not read falls behind, holds no turn and no memory, and catches up in order."""
    stream = watch(house, include_records=True)
    await stream.read()
    names = [f"{n}" for n in range(1500)]
    (template,) = await recorded(house, "0")
    for n, name in enumerate(names):
        other = "1" if template.id[-5] == "0" else "0"  # so that none is the template's
        known = template.id[:-5] + other + f"{n:04x}"
        await house.journal.append(
            replace(template, id=known, entity=replace(template.entity, id=name))
        )
    assert house.server.admission.in_flight == 0
    assert leads(await heard(stream, 1501)) == ["0", *names]


async def test_a_watch_is_ended_when_the_server_leaves() -> None:
    """It holds up nobody, and its caller is told to go on elsewhere."""
    async with opened(replace(NOW, grace=3600)) as house:
        stream = watch(house)
        await stream.read()
        await asyncio.wait_for(house.server.drain(), PATIENCE)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
        refused = refused_by(caught.value)
        assert (refused.code, len(refused.status.details)) == (grpc.StatusCode.UNAVAILABLE, 2)


async def test_watches_are_bounded(house: House) -> None:
    """One more is told to ask another server, until somebody leaves."""
    streams = [watch(house) for _ in range(MOST_WATCHES)]
    for stream in streams:
        await stream.read()
    more = await refusal(watch(house).read())
    assert more.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    streams[0].cancel()
    async with asyncio.timeout(PATIENCE):
        while True:
            again = watch(house)
            try:
                await again.read()
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.01)
            else:
                return


async def test_a_token_of_another_journal_is_refused(house: House) -> None:
    """Nobody goes on in silence where what lies between cannot be told; nor after the end."""
    async with opened() as other:
        await recorded(other, "a")
        foreign = await watch(other).read()
    refused = await refusal(watch(house, resume_token=foreign.resume_token).read())
    assert refused.code is grpc.StatusCode.OUT_OF_RANGE
    await recorded(house, "a")
    late = await watch(house).read()
    with pytest.raises(PositionLost):
        (await tokens(house)).position(late.resume_token, START)


async def tokens(house: House, tenant: str = "default") -> Tokens:
    """Return a tenant's tokens, as another server of the same journal has them."""
    return Tokens(await feed_secret(house.journal), house.journal.feed_id, tenant)


async def test_a_token_tells_nothing_of_what_others_record(house: House) -> None:
    """Neither how much nor whether: two tokens of one position differ, and no byte is to guess."""
    given = [(await watch(house).read()).resume_token for _ in range(2)]
    await recorded(house, "a")
    given.append((await watch(house).read()).resume_token)
    bare = [base64.urlsafe_b64decode(token)[4:] for token in given]
    assert len(set(bare)) == len(bare)
    end = await house.journal.feed_end()
    assert not any(NUMBERS.pack(*end)[:8] in data for data in bare)
    assert (await tokens(house)).position(given[2], end) == end


async def test_a_token_of_another_tenant_or_a_forged_one_is_none(house: House) -> None:
    """Every byte counts, and so does whose it is."""
    end = await house.journal.feed_end()
    mine = (await tokens(house)).token(end)
    with pytest.raises(BadQuestion):
        (await tokens(house, "acme")).position(mine, end)
    data = base64.urlsafe_b64decode(mine)
    for index in range(len(data)):
        forged = bytearray(data)
        forged[index] ^= 1
        for text in (bytes(forged), data[:index]):
            with pytest.raises((BadQuestion, PositionLost)):
                (await tokens(house)).position(base64.urlsafe_b64encode(text).decode(), end)


async def test_a_token_of_an_earlier_version_goes_on(house: House) -> None:
    """Up to where tokens were given away as they were: beyond it nobody may look for the end."""
    await recorded(house, "a")
    known = await house.journal.feed_end()
    secret = await feed_secret(house.journal)
    await recorded(house, "b")
    for position, is_taken in (
        (START, True),
        (known, True),
        (await house.journal.feed_end(), False),
    ):
        old = base64.urlsafe_b64encode(OPEN.pack(house.journal.feed_id, *position)).decode()
        with nullcontext() if is_taken else pytest.raises(PositionLost):
            assert (await tokens(house)).position(old, await house.journal.feed_end()) == position
    assert await feed_secret(house.journal) == secret


async def test_everything_wrong_is_told_at_once(house: House) -> None:
    """A token that is none, unknown kinds, entities without a type: each by its field."""
    stream = watch(
        house,
        resume_token="soon",
        from_beginning=True,
        kinds=["score", "astrology"],
        entities=["00Q1"],
        outcomes=[""],
        rule_ids=["r"] * 101,
    )
    refused = await refusal(stream.read())
    assert refused.fields == [
        "kinds[1]",
        "outcomes[0]",
        "entities[0]",
        "rule_ids",
        "from_beginning",
    ]
    refused = await refusal(watch(house, resume_token="soon").read())
    assert refused.fields == ["resume_token"]


async def test_silence_is_told() -> None:
    """While nothing is recorded, empty messages keep the stream alive."""
    feed = JournalFeed(MemoryJournal(), poll=0.001)
    watches = Watches(KINDS, feed, limit=1, heartbeat=0.002)

    async def asked() -> AsyncIterator[bytes]:
        yield b""

    beats = 0
    async for data in watches.watch(asked(), Call()):
        assert not pb.WatchDecisionsResponse.FromString(data).events
        beats += 1
        if beats > 2:
            break


async def test_nobody_watches_what_they_may_not_read() -> None:
    """Whoever may see only some kinds has to name them."""
    watches = Watches(KINDS, JournalFeed(MemoryJournal()), limit=1)

    async def asked(*kinds: str) -> AsyncIterator[bytes]:
        yield pb.WatchDecisionsRequest(kinds=kinds).SerializeToString()

    for kinds in ((), ("score", "qualify")):
        with pytest.raises(Forbidden, match="these kinds: score;"):
            await anext(aiter(watches.watch(asked(*kinds), Call(held=Only("score")))))
    assert await anext(aiter(watches.watch(asked("score"), Call(held=Only("score")))))
