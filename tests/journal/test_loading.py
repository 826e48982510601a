"""Keys are loaded for many callers at once; one that gives up takes nothing from the others."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Semaphore
from typing import TypeVar

import pytest

from dealgate.aside.threads import in_thread
from dealgate.journal.sealed.file import FileKeys
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.loading import Loader
from dealgate.journal.sealed.master import FileKms, new_master_key
from dealgate.journal.sealed.port import Row
from dealgate.model.decision import Entity
from dealgate.model.errors import Unavailable

PATIENCE = 30
ANN, BOB, EVE = [("default", Entity("lead", name)) for name in ("L-ann", "L-bob", "L-eve")]

Answer = TypeVar("Answer")


class FarKeys(FileKeys):
    """A key store as if on another machine: it keeps and looks when the test lets it."""

    is_near = False
    due = False
    broken = False

    def __init__(self, at: KeysAt) -> None:
        """See the class."""
        super().__init__(at)
        self.asked, self.answers = Semaphore(0), Semaphore(0)

    def is_due(self) -> bool:
        """Tell whether the test wants a look."""
        return self.due

    def was_changed(self) -> bool:
        """Look when the test lets it."""
        return self._later(super().was_changed)

    def keep(self, rows: Sequence[Row], wraps: str | None) -> bool:
        """Keep when the test lets it, or fail."""
        return self._later(lambda: FileKeys.keep(self, rows, wraps))

    def _later(self, answer: Callable[[], Answer]) -> Answer:
        self.asked.release()
        assert self.answers.acquire(timeout=PATIENCE)
        if self.broken:
            self.broken = False
            raise Unavailable("the key store is away", 1.0)
        return answer()


@pytest.fixture
def at(tmp_path: Path) -> KeysAt:
    """The name of a key store."""
    return KeysAt.file(tmp_path / "journal.keys")


@pytest.fixture
def ring(at: KeysAt, tmp_path: Path) -> Iterator[Keyring]:
    """The keys of a server."""
    new_master_key(tmp_path / "master.key")
    with closing(Keyring.open(at, FileKms(tmp_path / "master.key"))) as ring:
        yield ring


@pytest.fixture
def store(at: KeysAt) -> Iterator[FarKeys]:
    """The store, over a connection of its own."""
    with closing(FarKeys(at)) as store:
        yield store


@pytest.fixture
def loader(ring: Keyring, store: FarKeys) -> Loader:
    """What fills the ring from the store."""
    return Loader(ring, store)


async def asked(store: FarKeys) -> bool:
    """Wait until somebody asks the store."""
    return await in_thread(store.asked.acquire, timeout=PATIENCE)


async def two_together(loader: Loader, store: FarKeys) -> list[asyncio.Task[None]]:
    """Return two callers who came while a key was made: the first of them has both made."""
    first = asyncio.create_task(loader.make([ANN]))
    assert await asked(store)
    others = [asyncio.create_task(loader.make([named])) for named in (BOB, EVE)]
    await asyncio.sleep(0)
    store.answers.release()
    await first
    assert await asked(store)
    return others


async def test_who_gives_up_carries_the_others_on(
    loader: Loader, store: FarKeys, ring: Keyring
) -> None:
    """A caller that makes keys for others makes them, even if it gives up itself."""
    second, third = await two_together(loader, store)
    second.cancel()
    store.answers.release()
    await third
    assert not ring.lacks_name(*EVE)


async def test_a_failure_is_nobody_elses(loader: Loader, store: FarKeys, ring: Keyring) -> None:
    """Whose keys were to be made by a caller that failed asks for them again."""
    second, third = await two_together(loader, store)
    store.broken = True
    store.answers.release(2)
    with pytest.raises(Unavailable):
        await second
    await third
    assert not ring.lacks_name(*EVE)


async def test_a_look_is_heeded(loader: Loader, store: FarKeys, ring: Keyring, at: KeysAt) -> None:
    """A destroyed key is forgotten, even if the caller whose look told of it gave up."""
    store.answers.release()
    await loader.make([ANN])
    assert await asked(store)
    subject = ring.known(*ANN)
    assert subject is not None
    with closing(FileKeys(at)) as elsewhere:
        elsewhere.erase("default", "lead", subject.pseudonym, 1)
    store.due = True
    look = asyncio.create_task(loader.fresh())
    assert await asked(store)
    look.cancel()
    store.due = False
    store.answers.release()
    await loader.tenant("another")  # after the look, in turn
    assert ring.lacks_name(*ANN)
