"""Everything that holds personal data is its owner's alone, whatever the umask."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealgate.assemble.sealing import kind_messages
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.sealed.master import new_master_key
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.signals.sqlite import SqliteState
from dealgate.journal.urls import open_journal
from dealgate.streams.addresses import addresses
from dealgate.streams.jsonl import JsonLines
from dealgate.streams.port import Outgoing
from tests.cli.saying import said
from tests.journal.test_sealed import about_ann


@pytest.fixture(params=[0, 0o022, 0o027, 0o077], ids=oct)
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """As a shell, a container or a service manager sets it."""
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask")
def test_nobody_else_may_read_any_of_it(tmp_path: Path) -> None:
    """A journal in use, its keys, what commands write of it, an outbox, the state of signals."""
    url = f"{tmp_path}/srv/data/j.db"
    asyncio.run(_used(url, tmp_path / "m.key", tmp_path))
    for command in (
        "backup {0}/b/copy.db",
        "archive {0}/b/old.db --before 2100-01-01",
        "retain {0}/archives/of/acme --keep verify=1d",
    ):
        (tmp_path / "b").mkdir(mode=0o700, exist_ok=True)
        said(f"journal {command.format(tmp_path)} --journal {url}")
    said(f"keys backup {tmp_path}/b/copy.keys --journal {url}")
    assert _open_to_others(tmp_path) == []


async def _used(url: str, master: Path, folder: Path) -> None:
    new_master_key(master)
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages, master))
    await journal.append(about_ann())
    assert _open_to_others(folder) == []
    said(f"export {folder}/exported/deep --kind verify --journal {url}")
    await journal.close()
    outbox = JsonLines(*addresses(f"box=jsonl://{folder}/out/box/events.jsonl"))
    await outbox.publish([Outgoing("1", "t", "verify", "L1", b"{}")])
    SqliteState(folder / "signals" / "of" / "state.db")
    assert (folder / "exported/deep/verify").is_dir()


def _open_to_others(folder: Path) -> list[str]:
    modes = {path: path.lstat().st_mode for path in folder.rglob("*") if not path.is_symlink()}
    return [
        f"{path} {mode & 0o777:o}" for path, mode in modes.items() if stat.S_IMODE(mode) & 0o077
    ]


def test_rights_that_somebody_gave_are_kept(tmp_path: Path) -> None:
    """Whoever lets a group read exports is not undone by the next one."""
    url, month = f"{tmp_path}/j.db", tmp_path / "out" / "verify"
    asyncio.run(_clear(url))
    for mode in (0o600, 0o640):
        said(f"export {tmp_path}/out --kind verify --journal {url}")
        (file,) = month.glob("*.parquet")
        assert stat.S_IMODE(file.stat().st_mode) == mode
        file.chmod(0o640)


async def _clear(url: str) -> None:
    journal = await open_journal(url)
    await journal.append(about_ann())
    await journal.close()
