"""Nobody changes what a journal keeps unnoticed."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.journal.chain import GENESIS, digest_of, link_digest
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.evidence import audit_log, evidence_faults
from dealgate.journal.limits import Limits
from dealgate.journal.postgres.connection import connect_writing, without_password
from dealgate.journal.retention import Cutoff
from dealgate.journal.signing import Verifier, signer
from dealgate.journal.sqlite import upkeep
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.sqlite.pruning import archive, prune
from dealgate.journal.sqlite.upkeep import Verified, heads, verify
from dealgate.journal.urls import open_journal, reader
from dealgate.model.audit import Audited
from dealgate.model.decision import Turn
from tests.cli.saying import said
from tests.journal.appender import result
from tests.journal.decisions import JULY, MILLISECOND, decision
from tests.journal.postgres import Postgres
from tests.journal.several import SEVERAL

DAY = 24 * 60 * 60 * 1000


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A private key, and its public one, as PEM files."""
    return write_keys(tmp_path_factory.mktemp("keys"))


def write_keys(folder: Path) -> tuple[Path, Path]:
    """Make a pair of keys."""
    key = Ed25519PrivateKey.generate()
    private, public = folder / "key.pem", folder / "key.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


@pytest.fixture
async def path(tmp_path: Path, keys: tuple[Path, Path]) -> Path:
    """A signed journal: six commits of decisions, one batch of three, two results."""
    journal = await SqliteJournal.open(tmp_path / "journal.db", Limits(sign=signer(keys[0])))
    taken = [decision(day * DAY) for day in range(6)]
    for one in taken:
        await journal.append(one)
    await journal.append_all([decision((6 + day) * DAY) for day in range(3)])
    for one in taken[:2]:
        await journal.attach(result(one.id))
    await journal.close()
    return tmp_path / "journal.db"


TAMPERINGS = {
    "UPDATE decisions SET outcome = 'SQL' WHERE seq = 3": "was changed after it was recorded",
    "UPDATE decisions SET tenant = 'other' WHERE seq = 3": "was changed after it was recorded",
    "UPDATE decisions SET decided_at = decided_at - 86400000000000 WHERE seq = 9": "was changed",
    "UPDATE decisions SET entity = 'lead/other' WHERE seq = 1": "was changed",
    "UPDATE decisions SET version = version + 1 WHERE seq = 1": "was changed",
    "UPDATE decisions SET body = (SELECT body FROM decisions WHERE seq = 5) WHERE seq = 4": (
        "was changed after it was recorded"
    ),
    "DELETE FROM decisions WHERE seq = 5": "record 5: was taken away",
    "DELETE FROM decisions WHERE seq = 9": "record 9: was taken away",
    "DELETE FROM decisions": "record 1: was taken away",
    "UPDATE decisions SET seq = 100 WHERE seq = 5": "record 5: was taken away",
    "UPDATE decisions SET seq = -seq WHERE seq = 5": "record 5: was taken away",
    "INSERT INTO decisions SELECT 10, tenant, randomblob(16), decided_at, kind, version, entity,"
    " outcome, dictionary, body FROM decisions WHERE seq = 1": "added by somebody else",
    "UPDATE results SET amount = amount + 1": "was changed after it was recorded",
    "UPDATE results SET recorded_by = 'cfo'": "was changed after it was recorded",
    "DELETE FROM results": "was taken away",
    "INSERT INTO results SELECT tenant, decision, 2, type, happened_at, recorded_at, amount,"
    " currency, reason, recorded_by, 'forged' FROM results LIMIT 1": "added by somebody else",
    "UPDATE links SET sealed_at = sealed_at - 1 WHERE number = 3": "link 3: was changed",
    "DELETE FROM links WHERE number = 3": "link 3: is missing",
    "DELETE FROM links": "the chain: is missing",
    "UPDATE links SET signature = x'00' WHERE number = 2": "link 2: is not signed",
}


def tamper(path: Path, statement: str) -> None:
    """Change the file as somebody with a shell would."""
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()


def test_what_was_written_is_sound(path: Path, keys: tuple[Path, Path]) -> None:
    """A journal that nobody touched holds, signatures and a head that was kept included."""
    found = verify(path, verifier=Verifier([keys[1]]), heads=heads(path))
    assert (found.sound, found.faults) == (9, [])


@pytest.mark.parametrize("statement", TAMPERINGS)
def test_every_tampering_is_found(path: Path, keys: tuple[Path, Path], statement: str) -> None:
    """Forged, changed, moved, backdated and missing rows and links are named."""
    tamper(path, statement)
    found = verify(path, verifier=Verifier([keys[1]]))
    assert any(TAMPERINGS[statement] in fault for fault in found.faults), found.faults


async def led(url: str) -> None:
    """Write a journal with keys, marks, a round robin and results."""
    journal = await open_journal(url)
    for number in range(4):
        led_to = {"key": f"k{number}", "marks": ("m", f"m{number}"), "turn": Turn("s", number)}
        taken = decision(number, **led_to) if number else decision(0)
        await journal.append(taken)
        await journal.attach(result(taken.id))
    await journal.close()


LEADS = {
    "UPDATE keys SET seq = 1 WHERE key = 'k3'": "1 idempotency keys lead to decisions without",
    "UPDATE keys SET key = 'k9' WHERE key = 'k3'": "1 idempotency keys lead to",
    "UPDATE keys SET body_hash = x'00' WHERE key = 'k3'": "the idempotency key of decision",
    "INSERT INTO keys SELECT 1, tenant, 'forged', body_hash, decided_at FROM keys LIMIT 1": (
        "1 idempotency keys lead to"
    ),
    "DELETE FROM marks WHERE mark = 'm2'": "1 marks of decisions: were taken away",
    "DELETE FROM marks": "6 marks of decisions: were taken away",
    "UPDATE marks SET mark = 'x' WHERE mark = 'm2'": "1 marks lead to decisions without them",
    "UPDATE marks SET seq = 1 WHERE mark = 'm2'": "1 marks lead to decisions without them",
    "UPDATE turns SET number = 2": "the last turn of s of default: is not the one",
    "UPDATE turns SET seq = 2": "the last turn of s of default: is not the one",
    "UPDATE turns SET series = 't'": "the last turn of s of default: was taken away",
    "DELETE FROM turns": "the last turn of s of default: was taken away",
    "DELETE FROM rulesets": "but its own entry is gone",
    "UPDATE rulesets SET digest = 'forged'": "but its own entry is gone",
    "DELETE FROM result_positions WHERE number = 1": "results in the feed: have no place",
    "UPDATE result_positions SET revision = 2": "results in the feed: have no place",
    "INSERT INTO result_positions SELECT after, 99, tenant, decision, 2 FROM result_positions"
    " LIMIT 1": "results in the feed: are not there",
}


async def test_what_leads_to_records_is_held_to_them(tmp_path: Path) -> None:
    """Keys, marks, turns, places in the feed, and digests that have decided: none may lie."""
    whole = tmp_path / "led.db"
    await led(str(whole))
    assert verify(whole) == Verified(4, [])
    for statement, told in LEADS.items():
        copy = tmp_path / "copy.db"
        shutil.copy(whole, copy)
        tamper(copy, statement)
        found = verify(copy)
        assert any(told in fault for fault in found.faults), (statement, found.faults)


async def test_a_server_may_write_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes while a journal is verified is no fault: it is verified as of one instant."""
    path, later = tmp_path / "led.db", [decision(9, key="k9", marks=("m9",), turn=Turn("s", 4))]
    await led(str(path))
    monkeypatch.setattr(upkeep, "BATCH", 1)
    journal = await SqliteJournal.open(path)
    loop = asyncio.get_running_loop()

    def meanwhile(_: int) -> None:
        if later:
            taken = journal.append(later.pop())
            asyncio.run_coroutine_threadsafe(taken, loop).result(60)

    found = await asyncio.to_thread(verify, path, meanwhile)
    await journal.close()
    assert (found.sound, found.faults, later) == (4, [], [])
    assert verify(path) == Verified(5, [])


LEADS_IN_POSTGRES = {
    r"UPDATE keys SET body_hash = '\x00' WHERE key = 'k1'": "the idempotency key of decision",
    "UPDATE keys SET id = gen_random_uuid() WHERE key = 'k2'": "1 idempotency keys lead to",
    "UPDATE marks SET mark = 'x' WHERE mark = 'm3'": "1 marks lead to decisions without them",
    "DELETE FROM marks WHERE mark = 'm2'": "2 marks of decisions: were taken away",
    "UPDATE turns SET number = 1": "the last turn of s of default: is not the one",
    "DELETE FROM rulesets": "but its own entry is gone",
}


async def test_what_leads_to_records_in_a_database(postgres: Postgres) -> None:
    """In PostgreSQL, too, what leads to records is checked against them."""
    url = postgres.new_database()
    await led(url)
    assert said(f"journal verify --journal '{url}'") == "4 records are sound, 0 faults\n"
    with connect_writing(without_password(url)) as db:
        for statement in LEADS_IN_POSTGRES:
            db.execute(statement)
    found = said(f"journal verify --journal '{url}'")
    assert [told for told in LEADS_IN_POSTGRES.values() if told not in found] == []


def forge(path: Path) -> None:
    """Change a row, and write all links anew, as one who knows how they are made."""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE decisions SET outcome = 'SQL' WHERE seq = 1")
        (first, *_), previous = db.execute("SELECT * FROM decisions ORDER BY seq"), GENESIS
        columns = "number, sealed_at, rows, results, note"
        for number, sealed_at, rows, told, note in db.execute(
            f"SELECT {columns} FROM links ORDER BY number"
        ).fetchall():
            new = rows.replace(rows[8:40], digest_of(_in_order(db, first))) if number == 2 else rows
            digest = link_digest(number, previous, sealed_at, new, told, note)
            db.execute(
                "UPDATE links SET rows = ?, previous = ?, digest = ? WHERE number = ?",
                (new, previous, digest, number),
            )
            previous = digest
    db.close()


def _in_order(db: sqlite3.Connection, row: tuple[object, ...]) -> list[object]:
    names = [column[1] for column in db.execute("PRAGMA table_info(decisions)")]
    values = dict(zip(names, row, strict=True))
    order = "seq, id, tenant, decided_at, kind, version, entity, outcome, dictionary, body"
    return [values[name] for name in order.split(", ")]


def test_a_whole_new_chain_is_found(path: Path, keys: tuple[Path, Path]) -> None:
    """One who writes every link anew is given away by signatures, and by a head kept elsewhere."""
    kept = heads(path)
    forge(path)
    assert verify(path).faults == []  # nothing within the file can tell
    assert any(
        "is not signed" in told for told in verify(path, verifier=Verifier([keys[1]])).faults
    )
    (fault,) = verify(path, heads=kept).faults
    assert "is not the one that was known before" in fault


def test_a_chain_cut_short_is_found(path: Path) -> None:
    """The newest commits taken away together with their links are missed by a kept head."""
    kept = heads(path)
    tamper(path, "DELETE FROM decisions WHERE seq >= 6")
    tamper(path, "DELETE FROM links WHERE number >= 7")
    faults = verify(path, heads=kept).faults
    assert any("is missing, and was known before" in fault for fault in faults)


async def test_archives_and_pruned_journals_hold(path: Path, keys: tuple[Path, Path]) -> None:
    """What was archived and pruned is noted in both chains, and nothing else may be missing."""
    archived, before = path.with_name("old.db"), JULY + 4 * DAY * MILLISECOND
    archive(path, archived, [Cutoff(before)])
    assert prune(path, archived, [Cutoff(before)], signer(keys[0])) == 4
    for file, number in ((archived, 4), (path, 5)):
        found = verify(file)
        assert (found.sound, found.faults) == (number, [])
    assert verify(path, verifier=Verifier([keys[1]])).faults == []
    journal = await SqliteJournal.open(path)
    await journal.append(decision(20 * DAY))
    await journal.close()
    assert verify(path).faults == []
    tamper(path, "DELETE FROM decisions WHERE seq = 7")
    assert any("record 7: was taken away" in fault for fault in verify(path).faults)


async def test_what_is_older_than_the_chain(path: Path) -> None:
    """A journal that began without a chain gets one with its next commit; that much is held."""
    tamper(path, "DELETE FROM links")
    journal = await SqliteJournal.open(path)
    await journal.append(decision(20 * DAY))
    await journal.close()
    assert verify(path).faults == []
    assert verify(path).older == 9
    assert "9 records are older than the chain" in said(f"journal verify --journal {path}")
    tamper(path, "UPDATE decisions SET outcome = 'SQL' WHERE seq = 10")
    assert any("was changed" in fault for fault in verify(path).faults)


def test_keys_that_are_none(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    """A file that is not an Ed25519 key is refused with the way to make one."""
    (tmp_path / "x.pem").write_text("hello")
    for make in (signer, lambda path: Verifier([path])):
        refused: Callable[[Path], object] = make
        with pytest.raises(JournalUnusable, match=r"x\.pem"):
            refused(tmp_path / "x.pem")
    with pytest.raises(JournalUnusable):
        signer(keys[1])


IN_POSTGRES = {
    "UPDATE decisions SET outcome = 'SQL' WHERE seq = (SELECT min(seq) FROM decisions)": (
        "was changed after it was recorded"
    ),
    "UPDATE decisions SET decided_at = decided_at - 86400000000000": "was changed",
    "DELETE FROM decisions WHERE seq = (SELECT max(seq) FROM decisions)": "was taken away",
    "INSERT INTO decisions SELECT seq + 1000, gen_random_uuid(), tenant, decided_at, kind, version,"
    " entity, outcome, dictionary, body FROM decisions LIMIT 1": "added by somebody else",
    "UPDATE results SET recorded_by = 'cfo'": "was changed after it was recorded",
    "DELETE FROM results": "was taken away",
    "DELETE FROM links WHERE number = 2": "is missing",
    "DELETE FROM links WHERE note LIKE '%older%'": "the chain: is missing",
    "UPDATE links SET signature = '' WHERE number = 1": "is not signed",
}


async def in_postgres(url: str, keys: tuple[Path, Path]) -> None:
    """Let two servers write one journal in turns."""
    servers = [await open_journal(url, Limits(sign=signer(keys[0]))) for _ in range(2)]
    for day in range(6):
        taken = decision(day * DAY)
        await servers[day % 2].append(taken)
    await servers[0].attach(result(taken.id))
    for server in servers:
        await server.close()


async def test_chains_of_several_servers(postgres: Postgres, keys: tuple[Path, Path]) -> None:
    """Each server's chain holds, each kind of tampering is found, a whole chain missing too."""
    verifier = Verifier([keys[1]])
    for statement in ["", *IN_POSTGRES]:
        url = postgres.new_database()
        await in_postgres(url, keys)
        with reader(url).evidence() as kept:
            ends = kept.heads()
            assert (len(ends), kept.count_decisions()) == (2, 6)
            assert evidence_faults(kept, verifier, ends) == []
        if statement:
            name = url.partition("?")[0].rpartition("/")[2]
            postgres.ask(f"SET search_path = dealgate; {statement}", name)
            with reader(url).evidence() as kept:
                faults = evidence_faults(kept, verifier, ends)
            assert any(IN_POSTGRES[statement] in fault for fault in faults), (statement, faults)


async def test_the_audit_log_is_evidence(lasting_url: str) -> None:
    """Entries of the audit log are kept in order, and whoever changes one is found."""
    entries = [
        Audited(JULY, "ann", "acme", "DecisionService.GetDecision", "allowed", decision_id="d"),
        Audited(JULY + 1, "-", "acme", "LeadService.ScoreLead", "refused", unnoted=3),
    ]
    journal = await open_journal(lasting_url.removesuffix(SEVERAL))
    for entry in entries:
        await journal.note(entry)
    await journal.append(decision())
    await journal.close()
    with reader(lasting_url).evidence() as kept:
        assert list(audit_log(kept)) == entries
        assert evidence_faults(kept) == []


def test_a_changed_audit_log_is_found(path: Path) -> None:
    """An entry that is changed breaks its link."""
    tamper(path, "UPDATE links SET note = '{\"audit\":[]}' WHERE number = 4")
    assert "link 4: was changed" in verify(path).faults


values = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=5), st.binary(max_size=5)
)


@settings(max_examples=100)
@given(st.lists(values, max_size=4), st.lists(values, max_size=4))
def test_different_rows_have_different_digests(one: list[object], other: list[object]) -> None:
    """No two rows are written alike: values cannot run into each other, nor change their type."""
    alike = [(type(value), value) for value in one] == [(type(value), value) for value in other]
    assert (digest_of(one) == digest_of(other)) is alike


def test_notes_are_json(path: Path) -> None:
    """The first link says what it found."""
    with sqlite3.connect(path) as db:
        (note,) = db.execute("SELECT note FROM links WHERE number = 1").fetchone()
    db.close()
    assert json.loads(note) == {"older": {"last": 0, "results": 0}}
