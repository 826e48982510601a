"""What every key store promises, in a file and in a database of PostgreSQL."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from itertools import count
from pathlib import Path
from threading import Barrier, Event

import pytest

from dealgate.aside.threads import in_thread
from dealgate.assemble.sealing import kind_messages
from dealgate.assemble.subjects import erased
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts.urls import open_facts
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.locations import shown
from dealgate.journal.sealed import database
from dealgate.journal.sealed.ciphers import unwrapped
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.loading import Loader
from dealgate.journal.sealed.master import FileKms, new_master_key
from dealgate.journal.sealed.port import WRAPS, KeyStore, Row
from dealgate.journal.sealed.rotation import rotate_data, rotate_master
from dealgate.journal.sealed.stores import is_there, open_store, resolved
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import keys_of, open_journal, reader
from dealgate.model.decision import Entity
from dealgate.model.entity_state import Upsert, Wanted
from dealgate.model.erasure import Erasure
from dealgate.model.errors import Unavailable
from dealgate.v1.lead_pb2 import Lead
from tests.journal.conftest import NewUrl
from tests.journal.decisions import decision
from tests.journal.postgres import Postgres

ANN, BOB = Entity("lead", "L-ann"), Entity("lead", "L-bob")
STORES = ["file", "database"]


@pytest.fixture(params=STORES)
def at(request: pytest.FixtureRequest, new_url: NewUrl, tmp_path: Path) -> KeysAt:
    """The name of a key store that is not there yet."""
    if request.param == "file":
        return KeysAt.file(tmp_path / "data" / "journal.keys")
    url = new_url("postgres")
    return KeysAt(url, url, is_database=True)


@pytest.fixture
def new_kms(tmp_path: Path) -> Callable[[], FileKms]:
    """Makes a master key."""
    numbers = count()

    def make() -> FileKms:
        path = tmp_path / f"master-{next(numbers)}.key"
        new_master_key(path)
        return FileKms(path)

    return make


@pytest.fixture
def kms(new_kms: Callable[[], FileKms]) -> FileKms:
    """A master key."""
    return new_kms()


@pytest.fixture
def rings(at: KeysAt, kms: FileKms, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Keyring]]:
    """Two servers' keys in one store, who hear of each other at once."""
    monkeypatch.setattr(database, "BOUND", 0.0)
    with ExitStack() as opened:
        yield [opened.enter_context(closing(Keyring.open(at, kms))) for _ in range(2)]


def row(store: KeyStore, pseudonym: bytes, name: bytes) -> bool:
    """Keep a subject."""
    return store.keep([Row(pseudonym, "t", "lead", name, b"wrapped", 1)], store.meta(WRAPS))


def test_it_is_there_once_it_was_opened(at: KeysAt, kms: FileKms) -> None:
    """Whoever only looks creates nothing."""
    assert not is_there(at)
    Keyring.open(at, kms).close()
    assert is_there(at)
    assert is_there(resolved(at))


def test_two_servers_make_one_key(at: KeysAt, kms: FileKms) -> None:
    """Of a new tenant and of new subjects, at the same time and in another order."""
    together = Barrier(4)
    people = [Entity("lead", f"L{number}") for number in range(20)]

    def made(number: int) -> list[object]:
        with closing(Keyring.open(at, kms)) as ring:
            together.wait(60)
            ring.make([("t", of) for of in people[:: 1 if number % 2 else -1]])
            return [ring.known("t", of) for of in people]

    with ThreadPoolExecutor(4) as servers:
        first, *others = servers.map(made, range(4))
    assert None not in first
    assert others == [first] * 3


def test_an_erased_key_is_gone(rings: list[Keyring]) -> None:
    """By name and by pseudonym, for all, and it is not kept again; others have theirs."""
    here, there = rings
    here.make([("t", ANN), ("t", BOB)])
    ann, bob = there.known("t", ANN), there.known("t", BOB)
    assert ann is not None
    assert here.erase("t", ANN) == ann.pseudonym
    there.refresh()
    assert (there.known("t", ANN), there.of("t", ann.pseudonym)) == (None, None)
    assert there.known("t", BOB) == bob
    assert not here.store.erase("t", "lead", ann.pseudonym, 2)
    assert here.store.count() == (1, 1)
    here.make([("t", ANN)])
    again = there.known("t", ANN)
    assert again is not None
    assert again.pseudonym != ann.pseudonym


async def test_who_gives_up_keeps_their_turn_to_the_end(
    at: KeysAt, rings: list[Keyring], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancelled caller's keys are made all the same; until then nobody else uses the store."""
    store = open_store(at)
    inside, may_end, keep = Event(), Event(), store.keep
    within: list[int] = []

    def slow(rows: Sequence[Row], wraps: str | None) -> bool:
        within.append(1)
        inside.set()
        assert may_end.wait(60)
        assert len(within) == 1
        within.pop()
        return keep(rows, wraps)

    monkeypatch.setattr(store, "keep", slow)
    with closing(Loader(rings[0], store)) as loader:
        gives_up = asyncio.ensure_future(loader.make([("t", ANN)]))
        await in_thread(inside.wait)
        gives_up.cancel()
        inside.clear()
        waits = asyncio.ensure_future(loader.make([("t", BOB)]))
        await in_thread(partial(inside.wait, 0.05))
        may_end.set()
        await waits
    assert gives_up.cancelled()
    assert None not in [rings[0].known("t", of) for of in (ANN, BOB)]


def test_who_is_erased_before_they_are_known_is_never_kept(at: KeysAt) -> None:
    """A restored store learns from the audit log of pseudonyms that it has not seen."""
    with closing(open_store(at)) as store:
        store.erase("t", "lead", b"p" * 16, 1)
        with pytest.raises(Unavailable):
            row(store, b"p" * 16, b"name")
        assert store.by_names("t", [b"name"]) == {}


def test_what_is_on_its_way_while_keys_are_replaced_is_refused(
    rings: list[Keyring], new_kms: Callable[[], FileKms]
) -> None:
    """Encrypted by a key that is gone nobody could read it: it is made anew."""
    here, there = rings
    here.make([("t", ANN)])
    ann = there.known("t", ANN)
    before = here.store.meta(WRAPS)
    assert rotate_master(there, new_kms(), subjects=True) == (1, 1)
    assert not here.store.keep([], before)
    assert not here.store.keep_tenant("new", 0, b"", before)
    here.make([("t", BOB), ("new", BOB)])
    for ring in rings:
        ring.refresh()
    assert there.known("t", BOB) == here.known("t", BOB) is not None
    assert there.known("new", BOB) == here.known("new", BOB) is not None
    assert here.known("t", ANN) == ann


def test_a_copy_from_before_is_useless_without_the_old_master_key(
    at: KeysAt, rings: list[Keyring], new_kms: Callable[[], FileKms]
) -> None:
    """Neither what it has of a tenant nor of an erased subject can be read by any key there is."""
    here, there = rings
    here.make([("t", ANN), ("t", BOB)])
    ann, bob = here.known("t", ANN), here.known("t", BOB)
    assert ann is not None
    rotate_data(here)
    tenants, subjects = here.store.tenant("t"), here.store.by_pseudonyms("t", [ann.pseudonym])
    here.erase("t", ANN)
    new = new_kms()
    assert rotate_master(here, new, subjects=True) == (1, 1)
    for number, sealed in tenants:
        with pytest.raises(ValueError, match="under another key"):
            new.unwrap(sealed, f"tenant key {number} of t".encode())
    with pytest.raises(ValueError, match="under another key"):
        unwrapped(here.tenant("t").wrap, subjects[ann.pseudonym], ann.pseudonym)
    there.refresh()
    assert there.known("t", BOB) == bob
    assert there.tenant("t").version == 1
    with pytest.raises(JournalUnusable, match="are not under the master key"):
        Keyring.open(at, new_kms())
    Keyring.open(at).close()  # it remembers the new one


def test_a_running_server_needs_the_new_master_key(
    rings: list[Keyring], new_kms: Callable[[], FileKms]
) -> None:
    """It reads the file that the store names; without it it says so, and guesses nothing."""
    here, there = rings
    here.make([("t", ANN)])
    new = new_kms()
    rotate_master(here, new)
    file = Path(new.name.removeprefix("file:"))
    file.rename(file.with_suffix(".away"))
    there.refresh()
    with pytest.raises(Unavailable, match="rotated"):
        there.known("t", ANN)
    file.with_suffix(".away").rename(file)
    assert there.known("t", ANN) == here.known("t", ANN)


def test_a_replacement_that_fails_changes_nothing(rings: list[Keyring]) -> None:
    """All keys are under one master key or under the other."""
    here, there = rings
    here.make([("t", ANN)])

    class Broken:
        """Fails at the second key."""

        name = "broken"

        def __init__(self) -> None:
            self.left = 1

        def wrap(self, key: bytes, about: bytes) -> bytes:
            """Encrypt one."""
            self.left -= 1
            if self.left < 0:
                raise OSError(about)
            return key

        def unwrap(self, sealed: bytes, about: bytes) -> bytes:
            """Return nothing."""
            raise ValueError(sealed, about)

    with pytest.raises(OSError, match="tenant key"):
        rotate_master(here, Broken(), subjects=True)
    there.refresh()
    assert there.known("t", ANN) == here.known("t", ANN) is not None


@pytest.mark.parametrize("at", ["database"], indirect=True)
def test_a_lost_connection_is_opened_again(rings: list[Keyring], postgres: Postgres) -> None:
    """Nobody notices more than the time it takes."""
    here, there = rings
    here.make([("t", ANN)])
    postgres.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND application_name = 'dealgate-journal'"
    )
    there.refresh()
    assert there.known("t", ANN) == here.known("t", ANN) is not None
    there.make([("t", BOB)])
    assert here.known("t", BOB) is not None


@pytest.mark.parametrize("at", ["database"], indirect=True)
def test_the_files_of_a_database_forget_an_erased_key(
    rings: list[Keyring], postgres: Postgres, new_kms: Callable[[], FileKms]
) -> None:
    """After a rotation no data file has the bytes; the log has, until it is overwritten."""
    here, _ = rings
    here.make([("t", ANN)])
    ann = here.known("t", ANN)
    assert ann is not None
    sealed = here.store.by_pseudonyms("t", [ann.pseudonym])[ann.pseudonym]
    postgres.ask("CHECKPOINT")
    assert _holding(postgres, sealed)
    here.erase("t", ANN)
    rotate_master(here, new_kms(), subjects=True)
    postgres.ask("CHECKPOINT")
    assert [name for name in _holding(postgres, sealed) if "pg_wal" not in name] == []


def _holding(postgres: Postgres, data: bytes) -> list[str]:
    """Return the files of a server that hold these bytes."""
    return [str(path) for path in postgres.data.rglob("*") if data in _bytes(path)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:  # the server has removed it meanwhile
        return b""


def test_a_database_is_not_copied_as_a_file(at: KeysAt, kms: FileKms, tmp_path: Path) -> None:
    """Whoever wants a copy is told how; of a file they get one."""
    with closing(Keyring.open(at, kms)) as ring:
        ring.make([("t", ANN)])
        if at.is_database:
            with pytest.raises(JournalUnusable, match="pg_dump --schema=dealgate_keys"):
                ring.store.copy(tmp_path / "copy")
            return
        ring.store.copy(tmp_path / "copy")
        ann = ring.known("t", ANN)
    shutil.rmtree(at.path.parent)
    with closing(Keyring.open(KeysAt.file(tmp_path / "copy"))) as ring:
        assert ring.known("t", ANN) == ann


async def test_replicas_erase_for_each_other(
    new_url: NewUrl, kms: FileKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was read by both is erased by one: the other forgets the key, and entity state."""
    monkeypatch.setattr(database, "BOUND", 0.0)
    url = f"{new_url('postgres')}&keys=database"
    master = Path(kms.name.removeprefix("file:"))
    here, there = [
        await open_journal(url, DEFAULTS, Sealing(kind_messages, master)) for _ in range(2)
    ]
    state = await open_facts(url, keys=keys_of(url))
    ann = Entity("lead", "L1")
    await state.put("default", [Upsert(ann, Lead(id="L1"))])
    first = await here.append(decision(entity=ann))
    assert await there.get("default", first.id) == first
    assert (await state.known("default", [Wanted(ann, 2**62)]))[0].revision
    await erased(here, Erasure("default", ann, "dpo", "asked for", 1))
    assert (await there.get("default", first.id)).erased
    assert reader(url).decision("default", first.id).erased
    assert not (await state.known("default", [Wanted(ann, 2**62)]))[0].revision
    for opened in (here, there, state):
        await opened.close()


def test_a_password_travels_to_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that are started inherit it; what is pickled and what is shown has none."""
    monkeypatch.delenv(database.PASSWORD, raising=False)
    url = "postgresql://ann:s3cret@vault/keys"
    named = KeysAt(url, shown(url), is_database=True)
    assert "s3cret" not in str(named)
    assert "s3cret" not in resolved(named).name
    assert os.environ.pop(database.PASSWORD) == "s3cret"
