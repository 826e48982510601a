"""`dealgate keys`: master keys and key stores, from the command line."""

from pathlib import Path

from dealgate.assemble.sealing import kind_messages
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import open_journal
from tests.cli.saying import said
from tests.journal.decisions import decision


async def test_a_key_is_made_rotated_counted_and_copied(tmp_path: Path) -> None:
    """Each command says what it did, and whoever has no keys is told how to get them."""
    master, at = tmp_path / "master.key", f"--journal {tmp_path}/j.db"
    assert "has no key store" in said(f"keys count {at}")
    assert "keep a copy" in said(f"keys new {master}")
    assert "exists already" in said(f"keys new {master}")
    journal = await open_journal(f"{tmp_path}/j.db", DEFAULTS, Sealing(kind_messages, master))
    recorded = decision(1, tenant="default")
    await journal.append(recorded)
    await journal.close()
    assert said(f"keys count {at}") == "1 subjects have a key, 0 were erased\n"
    assert "name a new master key" in said(f"keys rotate {at}")
    said(f"keys new {tmp_path}/next.key")
    rotated = said(f"keys rotate --data --master {tmp_path}/next.key {at}")
    assert rotated.startswith("1 tenants: new keys")
    assert "keys of 1 tenants are encrypted by file:" in rotated
    assert "bytes" in said(f"keys backup {tmp_path}/copy.keys {at}")
    assert said(f"journal verify {at}") == "1 records are sound, 0 faults\n"
