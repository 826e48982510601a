"""Whole journals read for insights, in any process, while a writer goes on."""

import asyncio
import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import Recorded
from dealgate.journal.sqlite import traffic
from dealgate.journal.urls import open_journal, reader
from dealgate.model.errors import RecordDamaged, SwitchedOff, UnknownDecision
from tests.journal.decisions import decision
from tests.journal.test_results import result


def read(url: str, tenant: str, *kinds: str) -> list[Recorded | RecordDamaged]:
    """Read it as another process would: with a reader that has travelled."""
    return list(pickle.loads(pickle.dumps(reader(url).of_tenant(tenant)))(kinds))


async def test_a_tenants_decisions_come_with_their_newest_results(
    lasting_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the kinds asked for, in order, batch after batch; what is appended meanwhile is not."""
    monkeypatch.setattr(traffic, "BATCH", 2)
    journal = await open_journal(lasting_url)
    kept = [await journal.append(decision(n)) for n in range(5)]
    await journal.append(decision(5, tenant="acme"))
    await journal.append(decision(6, kind="score"))
    await journal.attach(result(kept[1]))
    newest = await journal.attach(result(kept[1], revision=2, type="LOST", because="Wrong."))
    recorded = reader(lasting_url).of_tenant("default")(["qualify", "advance"])
    first = next(recorded)
    await journal.append(decision(7))
    told = [None, newest, None, None, None]
    assert [first, *recorded] == list(zip(kept, told, strict=True))
    await journal.close()


@pytest.mark.parametrize("kinds", [(), ("qualify",), ("qualify", "score")])
async def test_a_reader_travels(lasting_url: str, kinds: Sequence[str]) -> None:
    """Pickled for another process it reads the same; of another tenant it reads nothing."""
    journal = await open_journal(lasting_url)
    kept = [await journal.append(decision(n, kind=kind)) for n, kind in enumerate(kinds)]
    found = await asyncio.to_thread(read, lasting_url, "default", *kinds)
    assert found == [(decided, None) for decided in kept]
    assert not await asyncio.to_thread(read, lasting_url, "acme", *kinds)
    await journal.close()


async def test_one_decision_is_read_beside_its_writer(lasting_url: str) -> None:
    """By tenant and id, exactly; another tenant's, or nobody's, is named as unknown."""
    journal = await open_journal(lasting_url)
    kept = await journal.append(decision())
    assert await asyncio.to_thread(reader(lasting_url).decision, "default", kept.id) == kept
    for tenant, unknown in (("acme", kept.id), ("default", decision(2).id), ("default", "L1")):
        with pytest.raises(UnknownDecision, match=f"no decision {unknown} of tenant {tenant}"):
            await asyncio.to_thread(reader(lasting_url).decision, tenant, unknown)
    await journal.close()


def test_what_is_no_journal_is_named(tmp_path: Path) -> None:
    """A file that cannot be read, or is not there, says so with its path."""
    path = tmp_path / "other.db"
    path.write_text("neither SQLite nor a journal " * 50)
    with pytest.raises(JournalUnusable, match=r"other\.db: cannot be read as a journal"):
        read(str(path), "default", "qualify")
    with pytest.raises(JournalUnusable, match=r"none\.db: there is no journal here"):
        read(str(tmp_path / "none.db"), "default", "qualify")


def test_a_journal_in_memory_is_its_servers_alone() -> None:
    """Nothing can be read of it from outside, and the refusal says what to do instead."""
    with pytest.raises(SwitchedOff, match="keep it in a file"):
        reader("memory:").of_tenant("default")
    with pytest.raises(UnknownDecision, match="read through its server alone"):
        reader("memory:").decision("default", decision().id)
