"""`dealgate release`: the impact in one line, and what is not released without it."""

import asyncio
import dataclasses
import time
from pathlib import Path

import pytest

from dealgate.journal.urls import open_journal
from dealgate.wire.arrival import uuid7
from tests.cli.saying import said
from tests.foresight.recording import asked, cases, recorded
from tests.small import copied

RELEASE = 'release qualify 1 --from 2999-01-01 --by ann@example.com --because "Back" --dry-run'


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with decisions of today."""
    path = tmp_path_factory.mktemp("foreseen") / "journal.db"

    async def fill() -> None:
        kept, now = await open_journal(str(path)), time.time_ns()
        questions = [
            dataclasses.replace(asked(question), asked_at=now, id=uuid7(now))
            for question in cases("qualify")[:20]
        ]
        await recorded(kept, questions)
        await kept.close()

    asyncio.run(fill())
    return path


def test_a_release_shows_its_impact(journal: Path, tmp_path: Path) -> None:
    """In one line, before the line that is appended."""
    text = said(RELEASE, "--rules", str(copied(tmp_path)), "--journal", str(journal))
    first, second, *_ = text.splitlines()
    assert first.startswith("impact: qualify@1 against qualify@2: ")
    assert " of 20 decisions flip" in first
    assert second.startswith("qualify@1 would decide from 2999-01-01")


def test_beyond_a_bound_nothing_is_released(journal: Path, tmp_path: Path) -> None:
    """Nor where an impact is required and none is known."""
    rules = copied(tmp_path)
    where = ("--rules", str(rules), "--journal", str(journal))
    over = said(RELEASE, *where, "--fail-over", "0%")
    assert "nothing was released\n[exit status 1]" in over
    assert "would decide" not in over
    assert "would decide" in said(RELEASE, *where, "--fail-over", "100%")
    nowhere = ("--rules", str(rules), "--journal", str(tmp_path / "none.db"))
    unknown = said(RELEASE, *nowhere, "--require-impact")
    assert "impact: not known" in unknown
    assert "--require-impact: nothing was released" in unknown
    assert "would decide" in said(RELEASE, *nowhere)
