"""Facts beside an encrypted journal: nothing personal on disk, and erased with their subject."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.urls import open_facts
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import FileKms, new_master_key
from dealgate.model.decision import Entity
from dealgate.model.entity_state import Known, NewActivity, Upsert, Wanted
from dealgate.model.errors import ActivityChanged, KeyReused
from dealgate.model.fact_store import FactStore
from dealgate.v1.lead_pb2 import Lead

EVER = 2**62
ANN, BOB = Entity("lead", "L-ann-4711"), Entity("lead", "L-bob-0815")
SECRETS = (b"ann@secret.example", b"L-ann-4711", b"L-bob-0815", b"/secret-page", b"key-of-ann")


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A master key, and a key store under it."""
    master = tmp_path / "master.key"
    new_master_key(master)
    Keyring.open(KeysAt.file(tmp_path / "keys"), FileKms(master)).close()
    return master


@pytest.fixture
async def store(tmp_path: Path, master: Path) -> AsyncIterator[FactStore]:
    """A store under these keys, which knows something of Ann and what Bob did."""
    opened = await open_facts(
        str(tmp_path / "f.db"), keys=KeysAt.file(tmp_path / "keys"), master=master
    )
    ann = Lead(id=ANN.id, email="ann@secret.example")
    await opened.put("t", [Upsert(ANN, ann, key="key-of-ann")])
    await opened.append("t", [NewActivity(BOB, "a", 5, b"/secret-page")])
    yield opened
    await opened.close()


def contents(folder: Path) -> list[bytes]:
    """Return what is in the store's files."""
    return [path.read_bytes() for path in folder.glob("f.db*")]


async def test_nothing_personal_is_on_disk(store: FactStore, tmp_path: Path) -> None:
    """Neither in the file nor in its log; who has the keys reads all of it."""
    files = contents(tmp_path)
    assert files
    assert not [secret for secret in SECRETS for data in files if secret in data]
    ann, bob = await store.known("t", [Wanted(ANN, EVER), Wanted(BOB, EVER, 5)])
    assert Lead.FromString(ann.facts).email == "ann@secret.example"
    assert [done.data for done in bob.activities] == [b"/secret-page"]
    assert set(await store.entities("t", "lead", "", 10)) == {ANN.id, BOB.id}
    first = (await store.entities("t", "lead", "", 1))[0]
    assert set(await store.entities("t", "lead", first, 10)) == {ANN.id, BOB.id} - {first}


async def test_repeats_are_known_as_such(store: FactStore) -> None:
    """By keys, by contents and by ids, though none of them is there to be read."""
    ann = Lead(id=ANN.id, email="ann@secret.example")
    (again,) = await store.put("t", [Upsert(ANN, ann, key="key-of-ann")])
    (same,) = await store.put("t", [Upsert(ANN, ann)])
    assert (again.revision, same.revision, same.changed) == (1, 1, False)
    with pytest.raises(KeyReused):
        await store.put("t", [Upsert(ANN, Lead(id=ANN.id), key="key-of-ann")])
    with pytest.raises(ActivityChanged):
        await store.append("t", [NewActivity(BOB, "a", 5, b"/other")])


async def test_who_is_erased_is_known_no_more(
    store: FactStore, tmp_path: Path, master: Path
) -> None:
    """A key that is destroyed takes the facts with it, and the entity may begin anew."""
    ring = Keyring.open(KeysAt.file(tmp_path / "keys"), FileKms(master))
    ring.erase("t", ANN)
    ring.close()
    assert await store.known("t", [Wanted(ANN, EVER, 5)]) == [Known()]
    assert await store.entities("t", "lead", "", 10) == [BOB.id]
    (kept,) = await store.put("t", [Upsert(ANN, Lead(id=ANN.id, title="VP"))])
    assert kept.revision == 1
    await store.forget("t", ANN)
    assert await store.known("t", [Wanted(ANN, EVER, 5)]) == [Known()]


@pytest.mark.usefixtures("store")
async def test_clear_and_encrypted_facts_are_not_mixed(tmp_path: Path, master: Path) -> None:
    """A store is opened as it was begun, or not at all."""
    with pytest.raises(JournalUnusable, match="holds encrypted facts"):
        await open_facts(str(tmp_path / "f.db"))
    await (await open_facts(str(tmp_path / "clear.db"))).close()
    with pytest.raises(JournalUnusable, match="holds facts in the clear"):
        await open_facts(
            str(tmp_path / "clear.db"), keys=KeysAt.file(tmp_path / "keys"), master=master
        )
