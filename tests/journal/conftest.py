"""Journals of every kind.

`KEEPERS` lists what may keep a journal: every promise is held against each of them. To add one,
add its name and how a new, empty journal of it is named.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from typing import Any, TypeAlias

import pytest

from dealgate.journal.limits import Limits
from dealgate.journal.port import Journal
from tests.journal.postgres import Postgres, running
from tests.journal.several import SEALED, SEVERAL, VAULT, open_kept

LASTING = ["sqlite", "shared", "postgres"]
KEEPERS = ["memory", *LASTING, "replicas", "sealed"]

Open: TypeAlias = Callable[..., Awaitable[Journal]]
# Returns the URL of a new, empty journal of this keeper.
NewUrl: TypeAlias = Callable[[str], str]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def new_url(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewUrl:
    """How a new journal is named, by its keeper."""
    folder, numbers = tmp_path_factory.mktemp("journals"), count()
    urls: dict[str, Callable[[], str]] = {
        "memory": lambda: "memory:",
        "sqlite": lambda: f"sqlite:///{folder}/journal-{next(numbers)}.db",
        # One file with three writers, whose calls go to each in turn.
        "shared": lambda: f"sqlite:///{folder}/journal-{next(numbers)}.db?shared",
    }
    # What is around any journal is held against the promises around one.
    urls["sealed"] = lambda: urls["sqlite"]() + SEALED
    urls["postgres"] = lambda: request.getfixturevalue("postgres").new_database()
    urls["replicas"] = lambda: urls["postgres"]() + SEVERAL
    # Replicas that encrypt, on several machines: what takes long is not asked of them, too.
    urls["vault"] = lambda: urls["postgres"]() + VAULT
    return lambda keeper: urls[keeper]()


@pytest.fixture(params=[*KEEPERS, "vault"])
async def open_journal_of_each(
    request: pytest.FixtureRequest, new_url: NewUrl, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Open]:
    """Open a new journal, with `Limits` if you like; all are closed at the end of the test."""
    opened: list[Journal] = []

    async def open_new(**limits: Any) -> Journal:
        keys = tmp_path_factory.mktemp("keys")
        opened.append(await open_kept(new_url(request.param), Limits(**limits), keys))
        return opened[-1]

    yield open_new
    for journal in opened:
        await journal.close()


@pytest.fixture
async def journal(open_journal_of_each: Open) -> Journal:
    """A journal of each kind with default limits."""
    return await open_journal_of_each()


@pytest.fixture(params=LASTING)
def lasting_url(request: pytest.FixtureRequest, new_url: NewUrl) -> str:
    """The URL of a new journal that outlives its process."""
    return new_url(request.param)
