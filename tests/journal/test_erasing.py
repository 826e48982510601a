"""Somebody is erased: nobody can read what was theirs, and all else stays right."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dealgate.assemble.provenance import made_with
from dealgate.assemble.sealing import kind_messages
from dealgate.assemble.subjects import erased, exported
from dealgate.engine.native import NativeEngine
from dealgate.explain.redeciding import redecide
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.foresight.replaying import Replayer
from dealgate.insight.answering import answered
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.evidence import audit_log, evidence_faults
from dealgate.journal.feed import JournalFeed
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.locations import without_keys
from dealgate.journal.port import Journal
from dealgate.journal.postgres.connection import without_password
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import FileKms, new_master_key
from dealgate.journal.sealed.port import BOUND
from dealgate.journal.sealed.rotation import rotate_data, rotate_master
from dealgate.journal.sealed.stores import open_store
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import keys_of, open_journal, reader
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, DecisionFilter, Question
from dealgate.model.erasure import Erasure
from dealgate.model.errors import KeyReused, RecordDamaged, SubjectErased
from dealgate.model.feed import ALL, START, FeedEvent
from dealgate.model.replays import ReplayVerdict
from dealgate.v1.insight_pb2 import GetLeadFunnelRequest
from dealgate.v1.verify_pb2 import VerifyFacts, VerifyLeadResponse
from tests.foresight.recording import asked, cases, recorded
from tests.journal.conftest import NewUrl
from tests.journal.decisions import JULY
from tests.journal.test_sealed import ANN, BOB, SECRETS, about_ann, result_of
from tests.shipped import catalog

TENANT = "default"
WHY = "asked for by letter of ann@secret.example"
SAID = (*SECRETS, "anna-seller", "mark-of-ann", "eve@secret", "by letter")


COPY = "DROP TABLE IF EXISTS copied; CREATE TABLE copied AS TABLE dealgate_keys.subjects"
RESTORE = "DELETE FROM dealgate_keys.subjects; INSERT INTO dealgate_keys.subjects TABLE copied"

AWAY = "ALTER SCHEMA dealgate_keys RENAME TO elsewhere"
BACK = "DROP SCHEMA dealgate_keys CASCADE; ALTER SCHEMA elsewhere RENAME TO dealgate_keys"


@pytest.fixture(params=["sqlite", "postgres", "database"])
def url(request: pytest.FixtureRequest, new_url: NewUrl, tmp_path: Path) -> str:
    """A journal with a key store in a folder of its own, or in its own database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/journal.db"
    url = new_url("postgres")
    (tmp_path / "data").mkdir()
    keys = "database" if request.param == "database" else f"{tmp_path}/data/journal.keys"
    return f"{url}{'&' if '?' in url else '?'}keys={keys}"


@pytest.fixture
async def journal(url: str, tmp_path: Path) -> AsyncIterator[Journal]:
    """Encrypted, and closed at the end."""
    new_master_key(tmp_path / "master.key")
    opened = await open_journal(url, DEFAULTS, Sealing(kind_messages, tmp_path / "master.key"))
    yield opened
    await opened.close()


def erasure(subject: Any = ANN) -> Erasure:
    """Return what is asked for."""
    return Erasure(TENANT, subject, "user:eve@secret.example", WHY, JULY)


async def test_no_byte_of_the_subject_is_left(journal: Journal, url: str, tmp_path: Path) -> None:
    """Not in any file or table; nor is the key, so that no copy of the journal can be read."""
    first = await journal.append(about_ann(key=SECRETS[4]))
    await journal.attach(result_of(first))
    known = _wrapped_key(url)
    assert known in _bytes(tmp_path) + _tables(url)
    told = await erased(journal, erasure())
    assert known not in _bytes(tmp_path) + _tables(url)
    kept = _bytes(tmp_path) + _tables(url)
    assert [text for text in SAID if text.encode() in kept] == []
    left = await journal.get(TENANT, first.id)
    assert left.erased == (told.stand_in,) == (left.entity.id,)
    assert [text for text in SAID if text.encode() in left.facts + left.answer] == [
        "bob@secret.example",
        "L-bob-0815",
    ]
    (result,) = (await journal.results(TENANT, [first.id]))[first.id]
    assert (result.type, result.amount, result.reason) == ("LOST", 100, "")
    assert (await erased(journal, erasure())).stand_in == ""


async def test_no_role_and_no_rotation_keeps_them(url: str, tmp_path: Path) -> None:
    """As the one who is decided about, as another's candidate, and among decisions kept together.

    Before and after both kinds of rotation and a restart; Bob's data stays in all of them.
    """
    first, second = tmp_path / "master.key", tmp_path / "next.key"
    new_master_key(first)
    new_master_key(second)
    numbers = iter(range(6))

    async def keep(master: Path, *, together: bool) -> None:
        journal = await open_journal(url, DEFAULTS, Sealing(kind_messages, master))
        decisions = [about_ann(next(numbers)), _about_bob(next(numbers))]
        keeping = journal.append_together if together else journal.append_all
        await keeping(decisions)
        await journal.close()

    await keep(first, together=False)
    at = keys_of(url)
    assert at is not None
    with closing(Keyring.open(at)) as ring:
        rotate_data(ring)
    await keep(first, together=True)
    with closing(Keyring.open(at)) as ring:
        rotate_master(ring, FileKms(second), subjects=True)
    await keep(second, together=False)
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages, second))
    stand_in = (await erased(journal, erasure())).stand_in
    records = (await journal.find(DecisionFilter(TENANT, limit=100))).decisions
    assert [record.erased for record in records] == [(stand_in,)] * 6
    for record in records:
        data = record.facts + record.answer
        assert (b"ann" in data, b"bob@secret.example" in data) == (False, True)
    await journal.close()
    left = _bytes(tmp_path) + _tables(url)
    assert [text for text in SAID if text.encode() in left] == []


def _about_bob(number: int) -> Decision:
    facts, answer = VerifyFacts(), VerifyLeadResponse()
    facts.lead.id, facts.lead.email = BOB.id, SECRETS[1]
    facts.candidates.add(id=ANN.id, email=SECRETS[0])
    answer.outcome.duplicates.add(id=ANN.id)
    return about_ann(
        number,
        entity=BOB,
        facts=facts.SerializeToString(deterministic=True),
        answer=answer.SerializeToString(deterministic=True),
    )


async def test_the_audit_log_tells_of_it(journal: Journal, url: str) -> None:
    """Who did it, and why; the chain is sound, and the log is read with its words decrypted."""
    await journal.append(about_ann())
    await erased(journal, erasure())
    with reader(url).evidence() as kept:
        (entry,) = audit_log(kept)
        assert evidence_faults(kept) == []
    assert (entry.principal, entry.method) == ("user:eve@secret.example", "EraseSubject")
    assert entry.detail.startswith("lead/")
    assert entry.detail.endswith(WHY)


async def test_restored_keys_are_destroyed_again(url: str, tmp_path: Path) -> None:
    """A key store of before is put back, and the server that opens it destroys what was erased."""
    new_master_key(tmp_path / "master.key")
    sealing = Sealing(kind_messages, tmp_path / "master.key")
    journal = await open_journal(url, DEFAULTS, sealing)
    first = await journal.append(about_ann())
    await asyncio.to_thread(_copied, url, tmp_path / "copy.keys")
    await erased(journal, erasure())
    await journal.close()
    await asyncio.to_thread(_restored, url, tmp_path / "copy.keys")
    assert reader(url).decision(TENANT, first.id).erased == ()
    journal = await open_journal(url, DEFAULTS, sealing)
    assert (await journal.get(TENANT, first.id)).entity.id.startswith("erased-")
    await journal.close()


async def test_an_export_tells_of_nobody_else(journal: Journal, url: str) -> None:
    """Ann gets what is hers, and so does Bob, who is in her record; neither reads of the other."""
    await journal.append(about_ann())
    of_ann = json.dumps(await asyncio.to_thread(lambda: list(exported(url, TENANT, ANN))))
    of_bob = json.dumps(await asyncio.to_thread(lambda: list(exported(url, TENANT, BOB))))
    assert SECRETS[0] in of_ann
    assert ANN.id in of_ann
    assert SECRETS[1] not in of_ann
    assert BOB.id not in of_ann
    assert SECRETS[1] in of_bob
    assert BOB.id in of_bob
    assert SECRETS[0] not in of_bob
    assert ANN.id not in of_bob


async def test_what_reads_the_journal_says_so_by_name(journal: Journal, url: str) -> None:
    """Replay, explanation and impact of a decision whose lead was erased; others are as before."""
    first, *others = await recorded(journal, questions())
    before = funnel(url)
    await erased(journal, erasure(first.entity))
    kept = records(url)
    left, *same = kept
    assert same == others
    replay = Replayer(KINDS, catalog(), made_with).replay
    assert [replay(record).verdict for record in kept] == [
        ReplayVerdict.ERASED,
        *[ReplayVerdict.EQUAL] * len(others),
    ]
    assert left.entity.id in replay(left).because
    with pytest.raises(SubjectErased, match=left.entity.id):
        redecide(left, KINDS, catalog(), NativeEngine())
    old, new = [one for one in catalog().all() if one.kind == "qualify" and not one.scope][-2:]
    impact = Assessor(KINDS["qualify"], old, new, Clock(JULY, 1)).assess(
        [(record, None) for record in kept]
    )
    assert (impact.erased, impact.decisions) == (1, len(others))
    assert funnel(url) == before


def questions() -> Sequence[Question]:
    """Return questions about leads of different ids."""
    named = [asked(question) for question in cases("qualify")[:5]]
    for number, question in enumerate(named):
        facts: Any = type(question.facts)()
        facts.CopyFrom(question.facts)
        facts.lead.id = f"lead-{number}"
        named[number] = replace(question, facts=facts)
    return named


def funnel(url: str) -> bytes:
    """Return what an insight answers."""
    return answered(
        "GetLeadFunnel",
        GetLeadFunnelRequest().SerializeToString(),
        reader(url).of_tenant(TENANT),
        JULY,
    )


def records(url: str) -> Sequence[Decision]:
    """Return what bulk readers read."""
    read = reader(url).of_tenant(TENANT)(["qualify"])
    return [record[0] for record in read if not isinstance(record, RecordDamaged)]


def _keys(url: str) -> KeysAt:
    keys = keys_of(url)
    assert keys is not None
    return keys


def _wrapped_key(url: str) -> bytes:
    with closing(Keyring.open(_keys(url))) as ring:
        name = ring.tenant(TENANT).name(ANN)
        return ring.store.by_names(TENANT, [name])[name][1]


def _copied(url: str, to: Path) -> None:
    with closing(Keyring.open(_keys(url))) as ring:
        if _keys(url).is_database:
            _ask(url, COPY)
        else:
            ring.store.copy(to)


def _restored(url: str, copy: Path) -> None:
    keys = _keys(url)
    if keys.is_database:
        _ask(url, RESTORE)
        return
    for end in ("-wal", "-shm"):
        keys.path.with_name(keys.path.name + end).unlink(missing_ok=True)
    copy.rename(keys.path)


def _ask(url: str, statement: str) -> list[Any]:
    with psycopg.connect(without_password(without_keys(url))) as db:
        cursor = db.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def _tables(url: str) -> bytes:
    """Return all that is in a database's tables."""
    if not url.startswith("postgres"):
        return b""
    tables = """
        SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname LIKE 'dealgate%'
    """
    names = [name for (name,) in _ask(url, tables)]
    held = [_ask(url, f"SELECT * FROM {name}") for name in names]
    values = [value for table in held for row in table for value in row]
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for value in values
    )


async def test_no_feed_remembers_them(journal: Journal, url: str) -> None:
    """What was kept in memory for watches is read again, also if another process erased."""
    first = await journal.append(about_ann())
    feed = JournalFeed(journal, poll=0.001)
    assert await _first_event(feed) == first
    await erased(journal, erasure())
    left = await _first_event(feed)
    assert left == await journal.get(TENANT, first.id)
    assert left.entity.id in left.erased
    with closing(Keyring.open(_keys(url))) as ring:
        assert ring.erase(TENANT, BOB) is not None
    await asyncio.sleep(BOUND if _keys(url).is_database else 0)
    assert len((await _first_event(feed)).erased) == 2


async def test_an_erased_answer_is_not_repeated(journal: Journal) -> None:
    """Its key is refused by name, however it comes; another key is about somebody new."""
    first = await journal.append(about_ann(key="k"))
    again = about_ann(2, key="k", body_hash=first.body_hash)
    assert await journal.append(again) == first
    await erased(journal, erasure(BOB))
    with pytest.raises(SubjectErased, match=first.id):
        await journal.recall(TENANT, "k", first.body_hash)
    with pytest.raises(SubjectErased):
        await journal.append(again)
    with pytest.raises(SubjectErased):
        await journal.append_together([again, about_ann(3)])
    refused, recorded = await journal.append_all([again, about_ann(4, key="new")])
    assert isinstance(refused, SubjectErased)
    assert isinstance(recorded, Decision)
    with pytest.raises(KeyReused):
        await journal.recall(TENANT, "k", bytes(32))


async def _first_event(feed: JournalFeed) -> Decision:
    async with asyncio.timeout(60):
        while not (page := await feed.after(START, ALL)).items:
            await feed.wait(page.position)
    (event,) = page.items
    assert isinstance(event, FeedEvent)
    return event.decision


async def test_without_its_key_store_a_journal_is_refused(url: str, tmp_path: Path) -> None:
    """By servers, with and without a master key, and by readers; put back, all is as it was."""
    new_master_key(tmp_path / "master.key")
    sealing = Sealing(kind_messages, tmp_path / "master.key")
    journal = await open_journal(url, DEFAULTS, sealing)
    first = await journal.append(about_ann())
    await journal.close()
    keys = _keys(url)
    told = re.escape(f"is encrypted, and its key store {keys} is not there")
    await asyncio.to_thread(_moved, keys, url, "elsewhere")
    for served in (sealing, Sealing(kind_messages), None):
        with pytest.raises(JournalUnusable, match=told):
            await open_journal(url, DEFAULTS, served)
    for read in (_read_one, _read_all, _read_evidence):
        with pytest.raises(JournalUnusable, match=told):
            read(url, first)
    open_store(keys).close()
    with pytest.raises(JournalUnusable, match="is another journal's key store"):
        await open_journal(url, DEFAULTS, sealing)
    await asyncio.to_thread(_moved, keys, url, "back")
    journal = await open_journal(url, DEFAULTS, sealing)
    assert await journal.get(TENANT, first.id) == first
    assert reader(url).decision(TENANT, first.id) == first
    await journal.close()


def _moved(keys: KeysAt, url: str, where: str) -> None:
    """Put the keys elsewhere, or back in place of those that are there."""
    if keys.is_database:
        _ask(url, AWAY if where == "elsewhere" else BACK)
    elif where == "elsewhere":
        keys.path.rename(keys.path.with_name("elsewhere.keys"))
    else:
        keys.path.with_name("elsewhere.keys").rename(keys.path)


def _read_one(url: str, first: Decision) -> object:
    return reader(url).decision(TENANT, first.id)


def _read_all(url: str, _: Decision) -> object:
    return list(reader(url).of_tenant(TENANT)(["verify"]))


def _read_evidence(url: str, _: Decision) -> object:
    with reader(url).evidence() as kept:
        return list(audit_log(kept))
