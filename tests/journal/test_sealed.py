"""A sealed journal: exact to whoever has the keys, and nothing personal on disk."""

import pickle
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dealgate.assemble.sealing import kind_messages
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.evidence import audit_log, evidence_faults
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.port import Journal
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import FileKms, new_master_key
from dealgate.journal.sealed.rotation import rotate_data, rotate_master
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.urls import keys_of, open_journal, reader
from dealgate.kinds import KINDS
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision, DecisionFilter, Entity
from dealgate.model.errors import KeyReused
from dealgate.model.feed import START, FeedEvent, FeedFilter
from dealgate.model.results import Result
from dealgate.v1.verify_pb2 import VerifyFacts, VerifyLeadResponse
from tests.journal.decisions import JULY, decision
from tests.model.filled import filled

TENANT = "default"
PLAIN = Sealing(kind_messages)
ANN, BOB = Entity("lead", "L-ann-4711"), Entity("lead", "L-bob-0815")
SECRETS = ("ann@secret.example", "bob@secret.example", "L-ann-4711", "L-bob-0815", "key-of-ann")
Opens = Callable[[Sealing], Awaitable[Journal]]


@pytest.fixture
def sealing(tmp_path: Path) -> Sealing:
    """With a master key of its own."""
    new_master_key(tmp_path / "master.key")
    return Sealing(kind_messages, tmp_path / "master.key")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A journal in a folder of its own."""
    return f"sqlite:///{tmp_path}/data/journal.db"


@pytest.fixture
async def opens(url: str) -> AsyncIterator[Opens]:
    """Open the journal; it is closed at the end of the test."""
    opened: list[Journal] = []

    async def open_it(sealing: Sealing) -> Journal:
        opened.append(await open_journal(url, DEFAULTS, sealing))
        return opened[-1]

    yield open_it
    for journal in opened:
        await journal.close()


def about_ann(number: int = 1, **changes: object) -> Decision:
    """Return a decision about Ann, for which Bob was a candidate."""
    facts, answer = VerifyFacts(), VerifyLeadResponse()
    facts.lead.id, facts.lead.email, facts.lead.country = ANN.id, SECRETS[0], "DE"
    facts.candidates.add(id=BOB.id, email=SECRETS[1], country="FR")
    answer.outcome.duplicates.add(id=BOB.id).rule_ids.append("same-email")
    values: Mapping[str, object] = {
        "kind": "verify",
        "entity": ANN,
        "facts": facts.SerializeToString(deterministic=True),
        "answer": answer.SerializeToString(deterministic=True),
        "marks": ("mark-of-ann",),
        **changes,
    }
    return decision(number, **values)


def result_of(recorded: Decision, **changes: object) -> Result:
    """Return what became of it, in words that name Ann."""
    result = Result(
        TENANT, recorded.id, 1, "LOST", JULY, JULY, 100, "EUR", SECRETS[0], "anna-seller", ""
    )
    return replace(result, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", KINDS)
async def test_every_record_comes_back_exactly(
    name: str, opens: Opens, sealing: Sealing, url: str
) -> None:
    """Facts and answers of each kind with every field set: from the journal, and by readers."""
    journal = await opens(sealing)
    kind = KINDS[name]
    facts, answer = filled(kind.sent_facts, "f")[0], filled(kind.response, "a")[0]
    recorded = decision(
        kind=name,
        facts=facts.SerializeToString(deterministic=True),
        answer=answer.SerializeToString(deterministic=True),
    )
    assert await journal.append(recorded) == recorded
    assert await journal.get(TENANT, recorded.id) == recorded
    assert reader(url).decision(TENANT, recorded.id) == recorded


async def test_nothing_personal_is_on_disk(
    opens: Opens, sealing: Sealing, url: str, tmp_path: Path
) -> None:
    """Neither values nor ids of anybody, nor keys, marks or words of results, in any file."""
    journal = await opens(sealing)
    recorded = await journal.append(about_ann(key=SECRETS[4]))
    await journal.attach(result_of(recorded))
    await journal.note(Audited(JULY, "user:eve@secret.example", TENANT, "GetDecision", "allowed"))
    found = _files_with(tmp_path, *SECRETS, "eve@secret", "anna-seller", "mark-of-ann")
    await journal.close()
    found += _files_with(tmp_path, *SECRETS, "eve@secret", "anna-seller", "mark-of-ann")
    assert found == []
    assert _readable_by_others(tmp_path / "data") == []
    with reader(url).evidence() as kept:
        assert [entry.principal for entry in audit_log(kept)] == ["user:eve@secret.example"]
        assert evidence_faults(kept) == []


async def test_all_reads_see_it_in_the_clear(opens: Opens, sealing: Sealing, url: str) -> None:
    """Search by entity, repeats, marks, the feed and its filter, results, and bulk readers."""
    journal = await opens(sealing)
    recorded = await journal.append(about_ann(key=SECRETS[4]))
    other = await journal.append(about_ann(2, entity=BOB, marks=()))
    told = await journal.attach(result_of(recorded))
    assert await journal.attach(result_of(recorded)) == told
    page = await journal.find(DecisionFilter(TENANT, entity=str(ANN)))
    assert page.decisions == [recorded]
    assert (await journal.find(DecisionFilter(TENANT, entity="lead/nobody"))).decisions == []
    assert await journal.recall(TENANT, SECRETS[4], recorded.body_hash) == recorded
    with pytest.raises(KeyReused):
        await journal.recall(TENANT, SECRETS[4], bytes(32))
    assert await journal.marked(TENANT, "mark-of-ann", 5) == [recorded]
    wanted = FeedFilter(TENANT, entities=frozenset({str(ANN)}))
    items = (await journal.feed(START, wanted)).items
    events = [(item.decision, item.result) for item in items if isinstance(item, FeedEvent)]
    assert events == [(recorded, None), (recorded, told)]
    read = pickle.loads(pickle.dumps(reader(url).of_tenant(TENANT)))
    assert list(read(["verify"])) == [(recorded, told), (other, None)]


async def test_an_erased_subject_is_gone_and_others_are_not(
    opens: Opens, sealing: Sealing, url: str
) -> None:
    """Bob's values are left out of Ann's record, and his id is replaced; what is Ann's stays."""
    journal = await opens(sealing)
    recorded = await journal.append(about_ann())
    with closing(Keyring.open(_keys(url))) as ring:
        assert ring.erase(TENANT, BOB) is not None
    left = await journal.get(TENANT, recorded.id)
    facts, answer = VerifyFacts.FromString(left.facts), VerifyLeadResponse.FromString(left.answer)
    (gone,) = left.erased
    assert (facts.lead.email, facts.lead.id) == (SECRETS[0], ANN.id)
    (candidate,) = facts.candidates
    assert (candidate.id, candidate.email, candidate.country) == (gone, "", "FR")
    assert [match.id for match in answer.outcome.duplicates] == [gone]
    assert reader(url).decision(TENANT, recorded.id) == left
    assert left.entity == ANN


async def test_the_same_id_later_is_somebody_new(opens: Opens, sealing: Sealing, url: str) -> None:
    """After erasing Ann nothing is found by her; what is recorded then is found, and it alone."""
    journal = await opens(sealing)
    before = await journal.append(about_ann())
    with closing(Keyring.open(_keys(url))) as ring:
        ring.erase(TENANT, ANN)
    assert (await journal.find(DecisionFilter(TENANT, entity=str(ANN)))).decisions == []
    assert await journal.marked(TENANT, "mark-of-ann", 5) == []
    after = await journal.append(about_ann(2))
    page = await journal.find(DecisionFilter(TENANT, entity=str(ANN)))
    assert page.decisions == [after]
    left = await journal.get(TENANT, before.id)
    assert left.entity.id in left.erased
    assert (left.key, left.marks, left.body_hash) == (None, (), b"")


async def test_master_keys_are_rotated(
    opens: Opens, sealing: Sealing, url: str, tmp_path: Path
) -> None:
    """Under the new one everything is read, also what was recorded before; the old one fails."""
    journal = await opens(sealing)
    recorded = await journal.append(about_ann())
    await journal.close()
    new_master_key(tmp_path / "next.key")
    with closing(Keyring.open(_keys(url))) as ring:
        assert rotate_master(ring, FileKms(tmp_path / "next.key")) == (1, 0)
        assert rotate_data(ring) == 1
    with pytest.raises(JournalUnusable, match=r"under .*next\.key"):
        await opens(sealing)
    journal = await opens(sealing._replace(master=tmp_path / "next.key"))
    assert await journal.get(TENANT, recorded.id) == recorded
    later = await journal.append(about_ann(2))
    assert reader(url).decision(TENANT, later.id) == later


async def test_what_was_recorded_in_the_clear_is_still_found(
    opens: Opens, sealing: Sealing
) -> None:
    """A journal that is sealed later: keys, marks, entities and the feed reach back."""
    journal = await opens(PLAIN)
    assert isinstance(journal, SqliteJournal)
    older = await journal.append(about_ann(key="k"))
    await journal.close()
    journal = await opens(sealing)
    newer = await journal.append(about_ann(2))
    assert await journal.append(about_ann(3, key="k", body_hash=older.body_hash)) == older
    page = await journal.find(DecisionFilter(TENANT, entity=str(ANN), limit=1))
    assert (page.decisions, page.next_before) == ([newer], newer.id)
    page = await journal.find(DecisionFilter(TENANT, entity=str(ANN), before=page.next_before))
    assert page.decisions == [older]
    assert await journal.marked(TENANT, "mark-of-ann", 5) == [newer, older]


async def test_once_sealed_stays_sealed(opens: Opens, sealing: Sealing, url: str) -> None:
    """A server that forgot the setting still encrypts, and who has no keys does not write."""
    journal = await opens(sealing)
    await journal.append(about_ann())
    await journal.close()
    journal = await opens(PLAIN)
    recorded = await journal.append(about_ann(2))
    assert (await journal.get(TENANT, recorded.id)) == recorded
    await journal.close()
    with pytest.raises(JournalUnusable, match="encrypted"):
        await open_journal(url)


def test_a_master_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """So is what is no key."""
    new_master_key(tmp_path / "master.key")
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(JournalUnusable, match="chmod 600"):
        FileKms(tmp_path / "master.key")
    (tmp_path / "other.key").write_text("dealgate-master-key-1:c2hvcnQ=")
    (tmp_path / "other.key").chmod(0o600)
    with pytest.raises(JournalUnusable, match="is not a master key"):
        FileKms(tmp_path / "other.key")


def _keys(url: str) -> KeysAt:
    keys = keys_of(url)
    assert keys is not None
    return keys


def _files_with(folder: Path, *texts: str) -> list[str]:
    """Return which files hold any of these texts."""
    return [
        f"{file.name}: {text}"
        for file in folder.rglob("*")
        if file.is_file()
        for text in texts
        if text.encode() in file.read_bytes()
    ]


def _readable_by_others(folder: Path) -> list[str]:
    return [file.name for file in (folder, *folder.iterdir()) if file.stat().st_mode & 0o077]
