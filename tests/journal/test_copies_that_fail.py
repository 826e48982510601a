"""A copy that cannot be finished is no copy: no file is left, and the journal is not blamed."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.retention import Cutoff
from dealgate.journal.sealed.file import FileKeys
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import FileKms, new_master_key
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.sqlite.pruning import archive
from dealgate.journal.sqlite.upkeep import backup, verify
from tests.full_disk import files_of_at_most
from tests.journal.decisions import JULY, decision

SMALL = 20  # bytes: no page, and no key
ROOM = 40_000  # enough to read a journal by, not to copy one


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A journal of one decision."""
    journal = await SqliteJournal.open(tmp_path / "journal.db")
    await journal.append(decision(0))
    await journal.close()
    return tmp_path / "journal.db"


def _archive(path: Path, to: Path) -> None:
    archive(path, to, [Cutoff(JULY + 10**18)])


@pytest.mark.parametrize("copied", [backup, _archive])
def test_a_copy_on_a_full_disk_leaves_nothing(
    path: Path, tmp_path: Path, copied: Callable[[Path, Path], object]
) -> None:
    """The reason names both files; afterwards the same name is free, and the journal sound."""
    to = tmp_path / "copies" / "copy.db"
    to.parent.mkdir()
    with files_of_at_most(ROOM), pytest.raises(JournalUnusable, match="cannot be copied to"):
        copied(path, to)
    assert not [*to.parent.iterdir()]
    copied(path, to)
    assert verify(to).sound == verify(path).sound == 1


def test_keys_on_a_full_disk_leave_nothing(tmp_path: Path) -> None:
    """Neither a copy of the store nor a new master key stays, to be taken for a whole one."""
    to, key = tmp_path / "copy.keys", tmp_path / "master.key"
    with closing(FileKeys(KeysAt.file(tmp_path / "journal.keys"))) as keys:
        with files_of_at_most(SMALL):
            with pytest.raises(JournalUnusable, match="cannot be copied to"):
                keys.copy(to)
            with pytest.raises(JournalUnusable, match="cannot be written"):
                new_master_key(key)
        assert not to.exists()
        assert not key.exists()
        keys.copy(to)
    new_master_key(key)
    assert FileKms(key).name == f"file:{key}"
