"""What every store of entity state promises, whatever holds it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from dealgate.aside.threads import in_thread
from dealgate.journal.facts import bounds
from dealgate.journal.facts.store import Store
from dealgate.journal.facts.urls import base_of, beside, facts_url, open_facts
from dealgate.model.decision import Entity
from dealgate.model.entity_state import Known, NewActivity, Upsert, Wanted
from dealgate.model.errors import ActivityChanged, EntityFull, KeyReused, Stale, Unavailable
from dealgate.model.fact_store import FactStore
from dealgate.v1.activity_pb2 import Activity
from dealgate.v1.lead_pb2 import Company, Lead
from tests.journal.conftest import NewUrl
from tests.journal.processes import process_of

LEAD = Entity("lead", "00Q1")
T = 1_783_000_000_000_000_000
DAY = 86_400 * 10**9


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = T

    def __call__(self) -> int:
        """Tell the time."""
        return self.now


EMPTY = """
    TRUNCATE dealgate.fact_clock, dealgate.fact_revisions, dealgate.fact_activities,
    dealgate.fact_keys
"""


@pytest.fixture
def clock() -> Clock:
    """When the store believes it is."""
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def store(
    request: pytest.FixtureRequest, new_url: NewUrl, clock: Clock
) -> AsyncIterator[FactStore]:
    """An empty store of each kind."""
    url = new_url(request.param)
    opened = Store(base_of(url), DAY, clock)
    if request.param == "postgres":  # databases are used again
        database = url.partition("?")[0].rpartition("/")[2]
        request.getfixturevalue("postgres").ask(EMPTY, database)
    yield opened
    await opened.close()


def lead(**facts: Any) -> Lead:
    """A lead of which this is told."""
    return Lead(id="00Q1", **facts)


async def put(store: FactStore, facts: Lead, **how: Any) -> Any:
    """Put one lead."""
    (kept,) = await store.put("t", [Upsert(Entity("lead", facts.id), facts, **how)])
    return kept


async def known(store: FactStore, as_of: int, *, activities: int = 100) -> Known:
    """What was known of the lead at an instant."""
    (told,) = await store.known("t", [Wanted(LEAD, as_of, activities)])
    return told


def visit(id_: str, at: int, data: bytes = b"visit") -> NewActivity:
    """Something the lead did."""
    return NewActivity(LEAD, id_, at, data)


async def test_nothing_is_known_before_it_became_known(store: FactStore, clock: Clock) -> None:
    """A question at an earlier instant sees the revision of then, or none."""
    clock.now = T + 10
    await put(store, lead(title="VP"))
    clock.now = T + 20
    await put(store, lead(title="CEO", email="ann@example.com"))
    assert (await known(store, T + 9)).revision == 0
    assert Lead.FromString((await known(store, T + 19)).facts) == lead(title="VP")
    newest = await known(store, T + 20)
    assert Lead.FromString(newest.facts) == lead(title="CEO", email="ann@example.com")
    assert (newest.revision, newest.known_at) == (2, T + 20)
    assert newest.instants == {"id": T + 10, "title": T + 20, "email": T + 20}


@pytest.mark.parametrize("far", [-62_135_596_800 * 10**9, 253_402_300_799 * 10**9])
async def test_any_instant_that_a_question_may_have_is_asked(store: FactStore, far: int) -> None:
    """64 bits of nanoseconds reach from 1677 to 2262; questions, from the year 1 to 9999."""
    await put(store, lead(title="VP"))
    await store.append("t", [visit("a", min(far, T))])
    told = await known(store, far)
    assert (told.revision, [each.id for each in told.activities]) == (
        (1, ["a"]) if far > 0 else (0, [])
    )
    page = await store.page("t", Wanted(LEAD, far, 1), (T, "z"))
    assert page.revision == told.revision


async def test_what_is_told_replaces_what_is_known_and_the_rest_stays(store: FactStore) -> None:
    """Fields that are not sent stay, null forgets a property, lists are replaced as a whole."""
    tier = Struct()
    tier.update({"tier": "gold", "score": 7})
    await put(
        store,
        lead(phone="+491", company=Company(employees=5, technologies=["a", "b"]), properties=tier),
    )
    none = Struct()
    none.update({"tier": None})
    await put(store, lead(company=Company(technologies=["c"]), properties=none))
    told = Lead.FromString((await known(store, T + DAY)).facts)
    assert (told.phone, told.company.employees) == ("+491", 5)
    assert list(told.company.technologies) == ["c"]
    assert dict(told.properties) == {"score": 7}


async def test_another_company_is_not_mixed_with_the_one_before(store: FactStore) -> None:
    """Facts of a company end with it: another id or domain is another company."""
    await put(store, lead(company=Company(id="A", employees=5)))
    await put(store, lead(company=Company(id="B", name="B Ltd")))
    told = Lead.FromString((await known(store, T + DAY)).facts)
    assert told.company == Company(id="B", name="B Ltd")


async def test_facts_are_forgotten_by_name_or_by_being_left_out(store: FactStore) -> None:
    """`cleared` forgets paths, `replaces` all that is not sent; from then on, not before."""
    tier = Struct()
    tier.update({"tier": "gold"})
    await put(store, lead(phone="+491", title="VP", company=Company(employees=5), properties=tier))
    await put(store, lead(), cleared=("phone", "company.employees", "properties.tier"))
    assert Lead.FromString((await known(store, T + 1)).facts).title == "VP"
    assert dict(await instants_of(store)) == {"id": T, "title": T}
    await put(store, lead(email="a@b.example"), replaces=True)
    assert Lead.FromString((await known(store, T + 2)).facts) == lead(email="a@b.example")
    assert Lead.FromString((await known(store, T)).facts).phone == "+491"


async def instants_of(store: FactStore) -> Any:
    """Since when facts are known."""
    return (await known(store, T + DAY)).instants


async def test_a_repeat_changes_nothing(store: FactStore) -> None:
    """The same facts make no revision, and keep their instant."""
    first = await put(store, lead(title="VP"))
    again = await put(store, lead(title="VP"))
    assert (first.changed, again.changed) == (True, False)
    assert (again.revision, again.known_at) == (first.revision, first.known_at)


async def test_a_repeat_under_its_key_does_not_undo_what_others_put(store: FactStore) -> None:
    """A retry that arrives after another writer gets its first answer; another body is refused."""
    first = await put(store, lead(title="VP"), key="a")
    await put(store, lead(title="CEO"))
    again = await put(store, lead(title="VP"), key="a")
    assert (again.revision, again.known_at, again.changed) == (1, first.known_at, False)
    assert Lead.FromString((await known(store, T + DAY)).facts).title == "CEO"
    with pytest.raises(KeyReused):
        await put(store, lead(title="CTO"), key="a")


async def test_a_key_is_forgotten_after_its_lifetime(store: FactStore, clock: Clock) -> None:
    """Then the same facts are put anew."""
    await put(store, lead(title="VP"), key="a")
    clock.now = T + DAY + 10
    await put(store, lead(title="CEO"), key="b")
    assert (await put(store, lead(title="VP"), key="a")).revision == 3


async def test_of_two_writers_one_is_told_that_it_lost(store: FactStore) -> None:
    """No update is lost: who has seen an older revision is refused, and nothing is kept."""
    await put(store, lead(title="VP"), expected=0)
    racing = [put(store, lead(phone=str(number)), expected=1) for number in range(5)]
    told = await asyncio.gather(*racing, return_exceptions=True)
    assert sum(isinstance(outcome, Stale) for outcome in told) == 4
    assert (await known(store, T + DAY)).revision == 2


@pytest.mark.parametrize("keeper", ["sqlite", "postgres"])
async def test_of_two_servers_one_is_told_that_it_lost(
    keeper: str, new_url: NewUrl, request: pytest.FixtureRequest
) -> None:
    """Stores of one database race like writers of one store: one wins, and nothing else is lost."""
    url = new_url(keeper)
    stores = [await open_facts(url), await open_facts(url)]
    if keeper == "postgres":
        database = url.partition("?")[0].rpartition("/")[2]
        request.getfixturevalue("postgres").ask(EMPTY, database)
    try:
        for revision in range(6):
            racing = [put(store, lead(title=f"{revision}"), expected=revision) for store in stores]
            told = await asyncio.gather(*racing, return_exceptions=True)
            assert sum(isinstance(outcome, Stale) for outcome in told) == 1
        names = ("phone", "email", "city", "state")
        writing = [put(stores[at % 2], lead(**{name: name})) for at, name in enumerate(names)]
        await asyncio.gather(*writing)
        for store in stores:
            told_last = await known(store, 2**62)
            facts = Lead.FromString(told_last.facts)
            assert facts == lead(title="5", **{name: name for name in names})
            assert told_last.revision == 6 + len(names)
    finally:
        for store in stores:
            await store.close()


async def test_writers_of_different_facts_lose_nothing(store: FactStore) -> None:
    """Without an expected revision, each of many writers' fields is known in the end."""
    names = ["title", "phone", "email", "city", "state"]
    await asyncio.gather(*(put(store, lead(**{name: name})) for name in names))
    told = await known(store, T + DAY)
    assert Lead.FromString(told.facts) == lead(**{name: name for name in names})
    assert told.revision == len(names)


async def test_a_call_is_kept_as_a_whole_or_not_at_all(store: FactStore) -> None:
    """One upsert that is refused takes the others with it."""
    upserts = [
        Upsert(LEAD, lead(title="VP")),
        Upsert(Entity("lead", "2"), Lead(id="2"), expected=7),
    ]
    with pytest.raises(Stale):
        await store.put("t", upserts)
    assert (await known(store, T + DAY)).revision == 0


async def test_late_activities_land_where_they_happened(store: FactStore, clock: Clock) -> None:
    """They are sorted by when they happened, and seen from when they became known."""
    await store.append("t", [visit("c", T + 30), visit("a", T + 10)])
    clock.now = T + 100
    await store.append("t", [visit("b", T + 20)])
    early, late = await known(store, T + 99), await known(store, T + 100)
    assert [held.id for held in early.activities] == ["a", "c"]
    assert [held.id for held in late.activities] == ["a", "b", "c"]
    assert late.activities[1].known_at == T + 100
    assert early.revision == 0


async def test_an_activity_is_not_seen_before_it_happens(store: FactStore) -> None:
    """Whatever clock told of it, nothing that is judged at an instant has happened later."""
    await store.append("t", [visit("a", T + 50)])
    assert not (await known(store, T + 49)).activities
    assert (await known(store, T + 50)).activities


async def test_an_activity_counts_once(store: FactStore) -> None:
    """By its id: a repeat is known already, other contents are refused, and nothing is kept."""
    await store.append("t", [visit("a", T)])
    (again,) = await store.append("t", [visit("a", T)])
    assert (again.changed, again.known_at) == (False, T)
    with pytest.raises(ActivityChanged):
        await store.append("t", [visit("b", T), visit("a", T, b"other")])
    assert [held.id for held in (await known(store, T + DAY)).activities] == ["a"]


async def test_the_newest_activities_are_used_and_the_rest_counted(store: FactStore) -> None:
    """A question has room for so many."""
    await store.append("t", [visit(str(number), T + number) for number in range(5)])
    told = await known(store, T + DAY, activities=2)
    assert ([held.id for held in told.activities], told.left_out) == (["3", "4"], 3)


async def test_pages_of_activities_go_back_in_time(store: FactStore) -> None:
    """Each begins after the last that was seen, also among activities of one instant."""
    await store.append("t", [visit(id_, T) for id_ in "abcde"])
    seen, before = list[str](), None
    while page := (await store.page("t", Wanted(LEAD, T + DAY, 2), before)).activities:
        seen += [held.id for held in page]
        before = (page[-1].at, page[-1].id)
    assert seen == ["e", "d", "c", "b", "a"]


async def test_an_entity_is_bounded(store: FactStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """More activities or bytes than may be kept are refused, and what is known stays."""
    monkeypatch.setattr("dealgate.journal.facts.ledger.MOST_ACTIVITIES", 2)
    await store.append("t", [visit("a", T), visit("b", T)])
    with pytest.raises(EntityFull):
        await store.append("t", [visit("c", T)])
    with pytest.raises(EntityFull):
        await put(store, lead(title="x" * bounds.MOST_BYTES))
    assert (await known(store, T + DAY)).revision == 0


async def test_old_revisions_are_forgotten_and_never_replaced_by_newer_ones(
    store: FactStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for an instant before those that are kept learns nothing."""
    monkeypatch.setattr("dealgate.journal.facts.ledger.MOST_REVISIONS", 2)
    for number in range(4):
        clock.now = T + number
        await put(store, lead(title=str(number)))
    assert [(await known(store, T + number)).revision for number in range(4)] == [0, 0, 3, 4]


async def test_tenants_know_nothing_of_each_other(store: FactStore) -> None:
    """The same id is another entity, and forgetting one leaves the other."""
    await put(store, lead(title="VP"), key="a")
    await store.append("t", [visit("a", T)])
    (nothing,) = await store.known("other", [Wanted(LEAD, T + DAY, 10)])
    assert nothing == Known()
    await store.put("other", [Upsert(LEAD, lead(title="CEO"), key="a")])
    await store.forget("other", LEAD)
    assert (await known(store, T + DAY)).revision == 1


async def test_what_is_forgotten_is_known_at_no_instant(store: FactStore) -> None:
    """Facts, history, activities and keys go, and the entity may begin anew."""
    await put(store, lead(title="VP"), key="a")
    await put(store, lead(title="CEO"))
    await store.append("t", [visit("a", T)])
    gone = await store.forget("t", LEAD)
    assert (gone.revisions, gone.activities) == (2, 1)
    assert await known(store, T + DAY) == Known()
    assert await store.entities("t", "lead", "", 10) == []
    assert (await put(store, lead(title="VP"), key="a")).revision == 1


async def test_entities_are_listed_in_order(store: FactStore) -> None:
    """Those of which facts or activities are known, each once."""
    await store.put("t", [Upsert(Entity("lead", id_), Lead(id=id_)) for id_ in ("b", "Z", "a")])
    await store.append("t", [visit("a", T)])
    assert await store.entities("t", "lead", "", 2) == ["00Q1", "Z"]
    assert await store.entities("t", "lead", "Z", 10) == ["a", "b"]
    assert await store.entities("t", "company", "", 10) == []


async def test_instants_grow_though_the_clock_does_not(store: FactStore, clock: Clock) -> None:
    """Each commit of a tenant becomes known later than the one before it."""
    known_at = [(await put(store, lead(title=str(number)))).known_at for number in range(3)]
    clock.now = T - DAY
    known_at.append((await put(store, lead(title="back"))).known_at)
    assert known_at == [T, T + 1, T + 2, T + 3]


async def test_a_closed_store_says_so(store: FactStore) -> None:
    """Later calls are told to ask elsewhere."""
    await put(store, lead())
    await store.close()
    with pytest.raises(Unavailable):
        await known(store, T)
    await store.close()


async def test_an_activity_fits_its_message(store: FactStore) -> None:
    """Its bytes come back as they went in."""
    data = Activity(id="a", url="/pricing").SerializeToString()
    await store.append("t", [visit("a", T, data)])
    (held,) = (await known(store, T)).activities
    assert Activity.FromString(held.data).url == "/pricing"


def killed(url: str) -> list[int]:
    """Kill a process that writes; return the numbers that it was told are durable."""
    with process_of("tests.journal.facts_writer", url) as (writer, output):
        acknowledged = [int(output.readline()) for _ in range(40)]
        writer.kill()
        return acknowledged + [int(line) for line in output if line.endswith(b"\n")]


@pytest.mark.parametrize("keeper", ["sqlite", "postgres"])
async def test_kill_9_loses_nothing_that_was_acknowledged(keeper: str, new_url: NewUrl) -> None:
    """Killed in the middle of upserts, a process leaves all it acknowledged, none by half."""
    url = new_url(keeper)
    acknowledged = await in_thread(killed, url)
    store = await open_facts(url)
    try:
        wanted = [Wanted(Entity("lead", str(number)), 2**62, 5) for number in acknowledged]
        for number, told in zip(acknowledged, await store.known("t", wanted), strict=True):
            assert Lead.FromString(told.facts).title == f"{number}-b"
            assert told.revision == 2
            assert len(told.activities) == 1
        following = Entity("lead", str(acknowledged[-1] + 1))
        (last,) = await store.known("t", [Wanted(following, 2**62)])
        assert last.revision in {0, 2}
    finally:
        await store.close()


def test_the_setting_says_where_facts_are_kept() -> None:
    """`1` is beside the journal; anything else is a place of its own."""
    assert beside(Path("/srv/journal.db")) == Path("/srv/journal.facts.db")
    assert facts_url("1", "sqlite:////srv/journal.db?shared") == "/srv/journal.facts.db"
    assert facts_url("1", "postgresql://db/sales") == "postgresql://db/sales"
    assert facts_url("1", "memory:") == "memory:"
    assert facts_url("other.db", "memory:") == "other.db"
