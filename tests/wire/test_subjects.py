"""ExportSubject and EraseSubject as their callers see them, on a journal that is encrypted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from dealgate.aside.queues import WorkQueue
from dealgate.assemble.sealing import kind_messages
from dealgate.assemble.subjects import subjects_port
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.sealed.master import new_master_key
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import open_journal
from dealgate.model.errors import BadQuestion, SwitchedOff
from dealgate.settings import Settings
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.arrival import Arrival
from dealgate.wire.calls import Call
from dealgate.wire.subjects import Subjects
from tests.journal.test_sealed import about_ann
from tests.wire.conftest import House, refusal

BOB = "lead/L-bob-0815"


@asynccontextmanager
async def answering(folder: Path, *, sealed: bool = True) -> AsyncIterator[Subjects]:
    """Answer for a journal in which Bob is a candidate of three decisions."""
    master = folder / "master.key"
    new_master_key(master)
    url, queue = f"{folder}/j.db", WorkQueue("insight", where="thread", waiting=4)
    sealing = Sealing(kind_messages, master if sealed else None)
    journal = await open_journal(url, DEFAULTS, sealing)
    for number in range(3):
        await journal.append(about_ann(number))
    ports = subjects_port(Settings(journal=url), journal, queue)
    yield Subjects(ports, lambda: Arrival("019ca6b1-dc01-7000-b0dc-ed0871934737", 1))
    await journal.close()


async def test_a_subject_is_exported_page_by_page(tmp_path: Path) -> None:
    """Every record that names it, each once, and what it says of nobody else."""
    async with answering(tmp_path) as subjects:
        records: list[pb.SubjectRecord] = []
        pages, token = 0, ""
        while token or not pages:
            asked = pb.ExportSubjectRequest(subject=BOB, page_size=2, page_token=token)
            page = await subjects.export(asked, Call())
            records += page.records
            pages, token = pages + 1, page.next_page_token
    assert [record.is_about for record in records] == [False] * 3
    assert len({record.decision_id for record in records}) == 3
    assert pages == 2
    (candidate,) = records[0].record.question.verify.facts.candidates
    assert candidate.email == "bob@secret.example"
    assert "ann" not in str(records[0].record).casefold()


async def test_a_subject_is_erased(tmp_path: Path) -> None:
    """Its records then say so; a repeat finds nobody."""
    asked = pb.EraseSubjectRequest(subject=BOB, reason="request 4711", erased_by="dpo")
    async with answering(tmp_path) as subjects:
        told = await subjects.erase(asked, Call())
        again = await subjects.erase(asked, Call())
        gone = await subjects.export(pb.ExportSubjectRequest(subject=BOB), Call())
        about = pb.ExportSubjectRequest(subject="lead/L-ann-4711")
        left = await subjects.export(about, Call())
    assert told.stand_in.startswith("erased-")
    assert (again.stand_in, again.has_records_in_clear) == ("", False)
    assert list(gone.records) == []
    assert [list(record.record.erased) for record in left.records] == [[told.stand_in]] * 3


async def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    """All at once; and where nothing is encrypted nobody is erased."""
    async with answering(tmp_path, sealed=False) as subjects:
        with pytest.raises(BadQuestion) as refused:
            await subjects.erase(pb.EraseSubjectRequest(subject="ann"), Call())
        fields = [violation.field for violation in refused.value.violations]
        assert fields == ["subject", "reason", "erased_by"]
        with pytest.raises(BadQuestion):
            await subjects.export(pb.ExportSubjectRequest(subject="x/y", page_size=-1), Call())
        asked = pb.EraseSubjectRequest(subject=BOB, reason="r", erased_by="dpo")
        with pytest.raises(SwitchedOff, match="DEALGATE_JOURNAL_MASTER_KEY"):
            await subjects.erase(asked, Call())


async def test_callers_reach_it(house: House) -> None:
    """Callers export and erase subjects by RPC."""
    reply = await house.decisions.EraseSubject(
        pb.EraseSubjectRequest(subject="lead/L1", reason="r", erased_by="dpo")
    )
    assert reply.stand_in == "erased-L1"
    page = await house.decisions.ExportSubject(pb.ExportSubjectRequest(subject="lead/L1"))
    assert list(page.records) == []
    bad = await refusal(house.decisions.ExportSubject(pb.ExportSubjectRequest(subject="L1")))
    assert (bad.code, bad.fields) == (grpc.StatusCode.INVALID_ARGUMENT, ["subject"])
