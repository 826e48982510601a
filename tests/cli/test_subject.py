"""`dealgate subject`: export and erasure from the command line."""

import asyncio
import json
from pathlib import Path

from dealgate.assemble.sealing import kind_messages
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.sealed.master import new_master_key
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import open_journal
from tests.cli.saying import said
from tests.journal.test_sealed import about_ann

BY = "--by dpo --reason 'request 4711'"


async def _recorded(url: str, master: Path | None = None) -> None:
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages, master))
    await journal.append(about_ann())
    await journal.close()


def test_somebody_is_exported_and_erased(tmp_path: Path) -> None:
    """From an encrypted journal; the record then says so, and a second time there is nobody."""
    new_master_key(tmp_path / "master.key")
    asyncio.run(_recorded(f"{tmp_path}/j.db", tmp_path / "master.key"))
    at = f"--journal {tmp_path}/j.db"
    (record,) = json.loads(said(f"subject export lead/L-bob-0815 {at}"))
    assert not record["is_about"]
    candidate = {"id": "L-bob-0815", "email": "bob@secret.example", "country": "FR"}
    assert record["question"]["verify"]["facts"]["candidates"] == [candidate]
    assert "ann" not in json.dumps(record).casefold()
    told = said(f"subject erase lead/L-bob-0815 {BY} {at}")
    assert told.startswith("lead/L-bob-0815 was erased; erased-")
    assert json.loads(said(f"subject export lead/L-bob-0815 {at}")) == []
    assert "no subject with this id" in said(f"subject erase lead/L-bob-0815 {BY} {at}")
    assert "request 4711" in said(f"journal audit {at}")
    assert said(f"subject reapply {at}") == "0 keys were destroyed again\n"
    assert "was erased (erased-" in said(f"explain {record['decision_id']} {at}")


def test_erasures_since_a_backup_are_made_again(tmp_path: Path) -> None:
    """A journal and its keys are both restored: whom a newer audit log lists is erased again.

    It is noted, so that keys which are restored once more are destroyed by themselves.
    """
    journal, keys, listed = (tmp_path / name for name in ("j.db", "j.db.keys", "erasures.json"))
    new_master_key(tmp_path / "master.key")
    asyncio.run(_recorded(str(journal), tmp_path / "master.key"))
    backups = [(file, file.read_bytes()) for file in (journal, keys)]
    at = f"--journal {journal}"
    said(f"subject erase lead/L-bob-0815 {BY} {at}")
    listed.write_text(said(f"journal audit --format json {at}"))
    for file, before in backups:
        file.write_bytes(before)
    assert said(f"subject reapply {at}") == "0 keys were destroyed again\n"
    assert len(json.loads(said(f"subject export lead/L-bob-0815 {at}"))) == 1
    for many in (1, 0):
        told = said(f"subject reapply --erasures {listed} {at}")
        assert told == f"{many} keys were destroyed again\n"
    assert json.loads(said(f"subject export lead/L-bob-0815 {at}")) == []
    assert said(f"journal audit {at}").count("request 4711") == 1
    assert said(f"journal verify {at}") == "1 records are sound, 0 faults\n"
    keys.write_bytes(backups[1][1])
    assert said(f"subject reapply {at}") == "1 keys were destroyed again\n"
    for wrong in ("[1]", "7", '[{"method": "EraseSubject"}]', "nothing"):
        listed.write_text(wrong)
        assert "is not output of" in said(f"subject reapply --erasures {listed} {at}")


def test_an_archive_is_read_with_the_journals_keys(tmp_path: Path) -> None:
    """It is encrypted, too, and whoever is erased afterwards is erased from it."""
    new_master_key(tmp_path / "master.key")
    asyncio.run(_recorded(f"{tmp_path}/j.db", tmp_path / "master.key"))
    at, archive = f"--journal {tmp_path}/j.db", tmp_path / "a.db"
    assert "1 decisions" in said(f"journal archive {archive} --before 2099-01-01 {at}")
    assert "1 decisions" in said(f"journal prune --archive {archive} --before 2099-01-01 {at}")
    assert b"secret.example" not in archive.read_bytes()
    in_it = f"--journal {archive}"
    assert len(json.loads(said(f"subject export lead/L-bob-0815 {in_it}"))) == 1
    said(f"subject erase lead/L-bob-0815 {BY} {at}")
    assert json.loads(said(f"subject export lead/L-bob-0815 {in_it}")) == []
    assert "was erased (erased-" in said(f"explain {about_ann().id} {in_it}")
    assert said(f"journal verify {in_it}") == "1 records are sound, 0 faults\n"


def test_a_journal_in_the_clear_erases_nobody(tmp_path: Path) -> None:
    """It says what to do, and exports all the same."""
    asyncio.run(_recorded(f"{tmp_path}/j.db"))
    at = f"--journal {tmp_path}/j.db"
    assert "DEALGATE_JOURNAL_MASTER_KEY" in said(f"subject erase lead/L-ann-4711 {BY} {at}")
    (record,) = json.loads(said(f"subject export lead/L-ann-4711 {at}"))
    assert record["is_about"]
    assert "is not a subject" in said(f"subject export ann {at}")
