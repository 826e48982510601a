"""`dealgate journal retain` on an encrypted journal: what is old moves, and stays readable."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dealgate.assemble.provenance import made_with
from dealgate.assemble.sealing import kind_messages
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.foresight.replaying import Replayer
from dealgate.journal.archiving import upkeep_of
from dealgate.journal.bookmarks import BookmarkMove
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.evidence import evidence_faults
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.postgres import upkeep
from dealgate.journal.retention import DAY, Cutoff
from dealgate.journal.sealed.master import new_master_key
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import open_journal, reader
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, DecisionFilter, Turn
from dealgate.model.feed import Position
from dealgate.model.replays import ReplayVerdict
from dealgate.model.results import Result
from tests.cli.saying import said
from tests.foresight.recording import recorded
from tests.journal.conftest import NewUrl
from tests.journal.decisions import JULY, decision
from tests.journal.test_erasing import funnel, questions, records
from tests.journal.test_sealed import about_ann
from tests.shipped import catalog


async def _filled(url: str, master: Path) -> None:
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages, master))
    await recorded(journal, questions())
    await journal.append(about_ann(tenant="zeta"))
    await journal.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, new_url: NewUrl, tmp_path: Path) -> str:
    """A new journal, with its keys beside it."""
    if request.param == "sqlite":
        return f"{tmp_path}/j.db"
    return f"{new_url('postgres')}&keys=database"


@pytest.fixture(params=["db", "parquet"])
def suffix(request: pytest.FixtureRequest) -> str:
    """In both forms of an archive."""
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
    return str(request.param)


def test_an_encrypted_archive_is_read_by_all(
    url: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Insights, replay and impact of the archive are those of the journal before."""
    new_master_key(tmp_path / "master.key")
    folder = tmp_path / "archives"
    asyncio.run(_filled(url, tmp_path / "master.key"))
    whole, decided = funnel(url), records(url)
    monkeypatch.setattr("time.time_ns", lambda: JULY + 5000 * DAY)
    retain = f"journal retain {folder} --keep qualify=30d --journal '{url}'"
    retain += " --format parquet" if suffix == "parquet" else ""
    assert said(f"{retain} --dry-run") == "default/qualify: 5 decisions are past retention\n"
    assert not folder.exists()
    first = said(retain)
    assert first.startswith("default/qualify: 5 decisions are past retention\n")
    again = said(retain)
    assert again == "", (first, again)
    (archive,) = map(str, folder.glob(f"*.{suffix}"))
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
    assert said(f"journal verify --journal '{url}'") == "1 records are sound, 0 faults\n"
    assert "is not a retention" in said(f"journal retain {folder} --keep qualify --journal '{url}'")


async def test_a_database_is_pruned_while_servers_write(new_url: NewUrl, tmp_path: Path) -> None:
    """What came since stays, and so do last turns, live keys and what an outbox has not read."""
    url = new_url("postgres")
    journal, kept_up = await open_journal(url), upkeep_of(url)
    old = [await journal.append(decision(n, marks=("m",))) for n in range(3)]
    turn = await journal.append(decision(10, turn=Turn("s", 1)))
    keyed = await journal.append(decision(11, key="k"))
    corrected = await journal.attach(result(old[0]))
    young = await journal.append(decision(12, kind="score", decided_at=JULY + DAY))
    await journal.move_bookmark(BookmarkMove("crm", None, Position(0, 0)))
    cutoffs, archive = [Cutoff(JULY + DAY)], tmp_path / "a.db"
    many = await asyncio.to_thread(kept_up.archive, archive, cutoffs)
    assert many == 5
    told = await journal.attach(result(old[1]))
    with pytest.raises(JournalUnusable, match="lacks 1 records"):
        await asyncio.to_thread(kept_up.prune, archive, cutoffs)
    archive.unlink()
    await asyncio.to_thread(kept_up.archive, archive, cutoffs)
    with pytest.raises(JournalUnusable, match="crm: has not read"):
        await asyncio.to_thread(kept_up.prune, archive, cutoffs)
    gone = await asyncio.to_thread(partial(kept_up.prune, archive, cutoffs, unread=True))
    assert gone == 3
    page = await journal.find(DecisionFilter("default"))
    assert set(map(id_of, page.decisions)) == set(map(id_of, (turn, keyed, young)))
    assert await journal.marked("default", "m", 5) == []
    assert await journal.results("default", [old[0].id]) == {}
    later = await journal.append(decision(20))
    await journal.close()
    with reader(url).evidence() as kept:
        assert evidence_faults(kept) == []
    archived = list(reader(str(archive)).of_tenant("default")(["qualify"]))
    assert archived == [
        (old[0], corrected),
        (old[1], told),
        (old[2], None),
        (turn, None),
        (keyed, None),
    ]
    assert reader(url).decision("default", later.id) == later
    assert said(f"journal verify --journal {archive}") == "5 records are sound, 0 faults\n"


@pytest.mark.parametrize("moment", ["_refuse_missing", "_marks"])
async def test_a_result_that_comes_while_it_is_pruned_is_kept(
    moment: str, new_url: NewUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the look at the archive, or just before the deletion: the decision stays, with it."""
    url = new_url("postgres")
    journal, kept_up = await open_journal(url), upkeep_of(url)
    first, second = [await journal.append(decision(n)) for n in range(2)]
    cutoffs, archive = [Cutoff(JULY + DAY)], tmp_path / "a.db"
    await asyncio.to_thread(kept_up.archive, archive, cutoffs)
    loop, then = asyncio.get_running_loop(), getattr(upkeep, moment)

    def meanwhile(*asked: Any) -> Any:
        asyncio.run_coroutine_threadsafe(journal.attach(result(second)), loop).result(60)
        return then(*asked)

    def afterwards(*asked: Any) -> None:
        then(*asked)
        asyncio.run_coroutine_threadsafe(journal.attach(result(second)), loop).result(60)

    monkeypatch.setattr(upkeep, moment, meanwhile if moment == "_marks" else afterwards)
    assert await asyncio.to_thread(kept_up.prune, archive, cutoffs) == 1
    assert (await journal.find(DecisionFilter("default"))).decisions == [second]
    assert await journal.results("default", [first.id, second.id]) == {second.id: [result(second)]}
    await journal.close()
    with reader(url).evidence() as kept:
        assert evidence_faults(kept) == []


def result(of: Decision) -> Result:
    """Return what became of a decision."""
    return Result("default", of.id, 1, "WON", JULY, JULY, 100, "EUR", "", "crm", "")


def id_of(recorded: Decision) -> str:
    """Return its id."""
    return recorded.id
