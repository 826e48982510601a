"""Whole journals read for insights, while a writer goes on."""

from pathlib import Path

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sqlite import traffic
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.sqlite.traffic import TenantReader
from tests.journal.conftest import decision
from tests.journal.test_results import result


async def test_a_tenants_decisions_come_with_their_newest_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the kinds asked for, in order, batch after batch; what is appended meanwhile is not."""
    monkeypatch.setattr(traffic, "BATCH", 2)
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    kept = [await journal.append(decision(n)) for n in range(5)]
    await journal.append(decision(5, tenant="acme"))
    await journal.append(decision(6, kind="score"))
    await journal.attach(result(kept[1]))
    newest = await journal.attach(result(kept[1], revision=2, type="LOST", because="Wrong."))
    rows = TenantReader(path, "default")(["qualify", "advance"])
    first = next(rows)
    await journal.append(decision(7))
    found = [first, *rows]
    assert [one for one, _ in found] == kept
    assert [told for _, told in found] == [None, newest, None, None, None]
    await journal.close()


async def test_another_tenants_journal_is_empty(tmp_path: Path) -> None:
    """Nothing of one tenant is read for another."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    await journal.append(decision())
    assert not list(TenantReader(path, "acme")(["qualify"]))
    await journal.close()


def test_what_is_no_journal_is_named(tmp_path: Path) -> None:
    """A file that cannot be read says so with its path."""
    path = tmp_path / "other.db"
    path.write_text("neither SQLite nor a journal " * 50)
    with pytest.raises(JournalUnusable, match=r"other\.db: cannot be read as a journal"):
        list(TenantReader(path, "default")(["qualify"]))
