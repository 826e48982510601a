"""`dealgate journal retain` on an encrypted journal: what is old moves, and stays readable."""

import asyncio
from pathlib import Path

import pytest

from dealgate.assemble.provenance import made_with
from dealgate.assemble.sealing import kind_messages
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.foresight.replaying import Replayer
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.retention import DAY
from dealgate.journal.sealed.master import new_master_key
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import open_journal
from dealgate.kinds import KINDS
from dealgate.model.replays import ReplayVerdict
from tests.cli.saying import said
from tests.foresight.recording import recorded
from tests.journal.decisions import JULY
from tests.journal.test_erasing import funnel, questions, records
from tests.journal.test_sealed import about_ann
from tests.shipped import catalog


async def _filled(url: str, master: Path) -> None:
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages, master))
    await recorded(journal, questions())
    await journal.append(about_ann(tenant="zeta"))
    await journal.close()


def test_an_encrypted_archive_is_read_by_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Insights, replay and impact of the archive are those of the journal before."""
    new_master_key(tmp_path / "master.key")
    url, folder = f"{tmp_path}/j.db", tmp_path / "archives"
    asyncio.run(_filled(url, tmp_path / "master.key"))
    whole, decided = funnel(url), records(url)
    monkeypatch.setattr("time.time_ns", lambda: JULY + 5000 * DAY)
    retain = f"journal retain {folder} --keep qualify=30d --journal {url}"
    assert said(f"{retain} --dry-run") == "default/qualify: 5 decisions are old\n"
    assert not folder.exists()
    assert said(retain).startswith("default/qualify: 5 decisions are old\n")
    assert said(retain) == ""
    (archive,) = map(str, folder.glob("*.db"))
    assert (records(url), records(archive)) == ([], decided)
    assert b"lead-0" not in Path(archive).read_bytes()
    assert funnel(archive) == whole != funnel(url)
    replay = Replayer(KINDS, catalog(), made_with).replay
    assert {replay(record).verdict for record in records(archive)} == {ReplayVerdict.EQUAL}
    old, new = [one for one in catalog().all() if one.kind == "qualify" and not one.scope][-2:]
    impacts = [
        Assessor(KINDS["qualify"], old, new, Clock(JULY, 1)).assess(
            [(record, None) for record in read]
        )
        for read in (decided, records(archive))
    ]
    assert impacts[0] == impacts[1]
    assert impacts[1].decisions == len(decided)
    assert said(f"journal verify --journal {archive}") == "5 records are sound, 0 faults\n"
    assert said(f"journal verify --journal {url}") == "1 records are sound, 0 faults\n"
    assert "is not a retention" in said(f"journal retain {folder} --keep qualify --journal {url}")
