"""A server without a temporary folder writes its scratch files beside its journal."""

import logging
import tempfile
from pathlib import Path

import pytest

from dealgate.assemble.scratch import find_scratch


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system on which no usual folder can be written to."""
    del tmp_path  # made before there is nowhere to make it

    def none() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", none)


@pytest.mark.usefixtures("read_only")
def test_scratch_is_beside_the_journal(tmp_path: Path) -> None:
    """As in a container whose root is read-only: the journal's folder is a mount of its own."""
    find_scratch(tmp_path / "journal.db")
    with tempfile.TemporaryDirectory() as scratch:
        assert Path(scratch).parent == tmp_path / "scratch"


@pytest.mark.usefixtures("read_only")
def test_without_a_journal_of_its_own_the_cure_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL's journal has no folder here."""
    with caplog.at_level(logging.WARNING):
        find_scratch(None)
    assert "set TMPDIR" in caplog.text


def test_elsewhere_nothing_changes(tmp_path: Path) -> None:
    """The system's own folder is used where there is one."""
    find_scratch(tmp_path / "journal.db")
    assert list(tmp_path.iterdir()) == []
