"""Entity state that is old is forgotten, and what a question may still need is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dealgate.aside.threads import in_thread
from dealgate.journal.facts.retiring import Retired, retire
from dealgate.journal.facts.store import Base, Store
from dealgate.journal.facts.urls import base_of
from dealgate.journal.retention import retained
from dealgate.model.decision import Entity
from dealgate.model.entity_state import Known, NewActivity, Upsert, Wanted
from dealgate.v1.lead_pb2 import Company, Lead
from tests.cli.saying import said
from tests.journal.conftest import NewUrl
from tests.journal.test_facts import DAY, Clock, T

ANN, BOB, ACME = Entity("lead", "ann"), Entity("lead", "bob"), Entity("company", "acme")


@pytest.fixture(params=["sqlite", "postgres"])
def base(request: pytest.FixtureRequest, new_url: NewUrl) -> Base:
    """A database that keeps state."""
    return base_of(new_url(request.param))


@pytest.fixture
def clock() -> Clock:
    """When the store believes it is."""
    return Clock()


@pytest.fixture
async def store(base: Base, clock: Clock) -> AsyncIterator[Store]:
    """What two leads and a company have told over a hundred days."""
    opened = Store(base, DAY, clock)
    for day, title in enumerate(("VP", "SVP", "CEO")):
        clock.now = T + 40 * day * DAY
        await opened.put("t", [Upsert(ANN, Lead(id="ann", title=title), key=f"k{day}")])
        await opened.append("t", [NewActivity(ANN, f"a{day}", clock.now, b"visit")])
    clock.now = T
    await opened.put("t", [Upsert(BOB, Lead(id="bob")), Upsert(ACME, Company(id="acme"))])
    await opened.append("t", [NewActivity(BOB, "late", T + 95 * DAY, b"invited")])
    clock.now = T + 100 * DAY
    yield opened
    await opened.close()


async def known(store: Store, entity: Entity, day: int) -> Known:
    """Return what was known after so many days."""
    (told,) = await store.known("t", [Wanted(entity, T + day * DAY, 10)])
    return told


async def test_what_is_old_is_forgotten_by_type(store: Store, base: Base, clock: Clock) -> None:
    """Within the period each question finds what it found before, and outside nothing else.

    Bob has been quiet, but is expected; nothing is said of companies.
    """
    within = [await known(store, ANN, day) for day in (50, 79, 80, 100)]
    old = retained(["lead=50d"], clock.now)
    told = [Retired("t", "lead", 1, 2)]
    assert await in_thread(retire, base, old, dry_run=True) == told
    assert (await known(store, ANN, 0)).revision == 1
    assert await in_thread(retire, base, old) == told
    assert await in_thread(retire, base, old) == []
    assert (await known(store, ANN, 39)).revision == 0
    after = [await known(store, ANN, day) for day in (50, 79, 80, 100)]
    assert [(each.revision, each.facts) for each in after] == [
        (each.revision, each.facts) for each in within
    ]
    assert [done.id for done in after[-1].activities] == ["a2"]
    assert (await known(store, BOB, 100)).revision == 1
    assert (await known(store, ACME, 100)).revision == 1


async def test_who_has_told_nothing_since_goes_as_a_whole(
    store: Store, base: Base, clock: Clock
) -> None:
    """The most specific period holds, and the entity may begin anew."""
    clock.now = T + 200 * DAY
    old = retained(["*=110d", "t/lead=101d", "other/*=1d"], clock.now)
    assert await in_thread(retire, base, old) == [
        Retired("t", "company", 1, 0),
        Retired("t", "lead", 4, 4),
    ]
    assert await store.entities("t", "lead", "", 10) == []
    (kept,) = await store.put("t", [Upsert(BOB, Lead(id="bob"))])
    assert kept.revision == 1


async def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    """Beside a journal's file, found as the server finds it."""
    url = f"{tmp_path}/j.db"
    store = Store(base_of(f"{tmp_path}/j.facts.db"), DAY, lambda: T)
    await store.put("t", [Upsert(ANN, Lead(id="ann"))])
    await store.close()
    retain = f"journal retain-facts --keep lead=1d --journal {url}"
    assert (
        said(f"{retain} --dry-run") == "t/lead: 1 revisions and 0 activities are past retention\n"
    )
    assert said(retain) == "t/lead: 1 revisions and 0 activities were forgotten\n"
    assert said(retain) == ""
