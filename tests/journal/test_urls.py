"""How journals are named, and what is never told of a name."""

import subprocess
import sys
from pathlib import Path

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.locations import shown
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.urls import open_journal, reader
from dealgate.settings import Settings
from tests.journal.decisions import decision

SECRET = "s3cret"


@pytest.mark.parametrize("name", ["{}/journal.db", "sqlite:///{}/journal.db"])
async def test_a_path_and_its_url_are_one_journal(tmp_path: Path, name: str) -> None:
    """Written under one name, read under the other."""
    journal = await open_journal(name.format(tmp_path))
    assert isinstance(journal, SqliteJournal)
    kept = await journal.append(decision())
    await journal.close()
    assert reader(f"{tmp_path}/journal.db").decision("default", kept.id) == kept
    assert reader(f"sqlite:///{tmp_path}/journal.db").decision("default", kept.id) == kept


async def test_a_relative_url_is_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three slashes and a name: as SQLAlchemy and its kin read it; %20 is a space."""
    monkeypatch.chdir(tmp_path)
    await (await open_journal("sqlite:///a%20b/journal.db")).close()
    assert (tmp_path / "a b" / "journal.db").is_file()


async def test_memory_keeps_nothing() -> None:
    """`memory:` is a journal of its own each time."""
    journal = await open_journal("memory:")
    assert isinstance(journal, MemoryJournal)
    await journal.append(decision())
    assert await (await open_journal("memory:")).recall("default", "k", b"") is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"mysql://ann:{SECRET}@db/sales", "mysql cannot keep a journal; write a path or sqlite"),
        (f"oracle://{SECRET}@db", "oracle cannot keep a journal"),
        ("sqlite://", "names no file; write sqlite:///data/journal.db"),
        ("sqlite:///", "names no file"),
        ("sqlite://journal.db", "names no file"),
    ],
)
async def test_an_unknown_name_is_refused_with_the_cure(url: str, told: str) -> None:
    """Whoever opens or reads it hears which part is unknown and what to write instead."""
    with pytest.raises(JournalUnusable, match=told):
        await open_journal(url)
    with pytest.raises(JournalUnusable, match=told):
        reader(url)


@pytest.mark.parametrize(
    ("url", "public"),
    [
        (f"postgresql://ann:{SECRET}@db:5432/sales", "postgresql://ann:***@db:5432/sales"),
        (f"postgresql://ann:a@{SECRET}@db/sales", "postgresql://ann:***@db/sales"),
        (f"postgresql://db/sales?password={SECRET}&sslmode=require", "postgresql://db/sales?***"),
        (f"postgresql://ann:{SECRET}/@db/sales", "postgresql://ann:***@db/sales"),
        (f"postgresql://db?password={SECRET}", "postgresql://db?***"),
        (f"postgresql://ann:?{SECRET}@db/sales", "postgresql://***"),
        (f"postgresql://db?password=a@{SECRET}", "postgresql://***"),
        (f"postgresql://[::1/sales?password={SECRET}", "postgresql://[::1/sales?***"),
        ("data/journal.db", "data/journal.db"),
        ("sqlite:///data/journal.db", "sqlite:///data/journal.db"),
        ("memory:", "memory:"),
    ],
)
async def test_a_password_is_never_shown(url: str, public: str) -> None:
    """Neither in what is logged, nor in the settings' repr, nor in a refusal."""
    assert shown(url) == public
    settings = Settings(journal=url)
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def test_memory_loads_no_driver() -> None:
    """Whoever keeps decisions in memory loads neither SQLite nor what migrates it."""
    code = (
        "import asyncio, sys; from dealgate.journal.urls import open_journal;"
        "asyncio.run(open_journal('memory:')); print(sorted({'apsw', 'alembic', 'sqlalchemy'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
