"""Subjects exported and erased, from the command line and by servers."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from dealgate.aside.queues import WorkQueue
from dealgate.aside.threads import in_thread
from dealgate.assemble.sealing import kind_messages
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.locations import shown
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import keys_of, open_journal, reader
from dealgate.kinds import KINDS
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision, Entity
from dealgate.model.erasure import Erased, Erasure
from dealgate.model.errors import RecordDamaged, SwitchedOff
from dealgate.model.messages import recorded, result_message
from dealgate.model.results import Result
from dealgate.model.subject_records import kinds_in, record_of
from dealgate.rulebook.instants import written
from dealgate.settings import Settings
from dealgate.wire.subjects import SubjectPage, SubjectPorts

SCANNED = 20_000  # records that one page examines
Record: TypeAlias = tuple[Decision, Result | None, bool]


@runtime_checkable
class Erasing(Protocol):
    """A journal that can erase somebody."""

    @property
    def has_clear(self) -> bool:
        """Whether older records are not encrypted."""

    async def erase(self, erasure: Erasure) -> str | None:
        """Return what stands for the id from now on; None: there is nobody."""


def exported(url: str, tenant: str, subject: Entity) -> Iterator[dict[str, Any]]:
    """Yield what each record says of the subject, as JSON; raises JournalUnusable."""
    for _, record in _records(url, tenant, subject, None):
        if record is not None:
            theirs, result, is_about = record
            yield _told(theirs, result, is_about=is_about)


def export_page(
    url: str, tenant: str, subject: Entity, after: str | None, most: int
) -> SubjectPage:
    """Return a page of what records say of the subject; blocks, and its work is bounded."""
    records: list[Record] = []
    last = None
    for number, (decision_id, record) in enumerate(_records(url, tenant, subject, after), 1):
        last = decision_id
        records += [] if record is None else [record]
        if len(records) == most or number == SCANNED:
            return SubjectPage(records, last)
    return SubjectPage(records, None)


def subjects_port(settings: Settings, journal: object, queue: WorkQueue) -> SubjectPorts:
    """Return how a server exports and erases subjects."""

    async def export(tenant: str, subject: Entity, after: str | None, most: int) -> SubjectPage:
        return await queue.run(export_page, settings.journal, tenant, subject, after, most)

    async def erase(erasure: Erasure) -> Erased:
        return await erased(journal, erasure)

    return SubjectPorts(export, erase)


def _records(
    url: str, tenant: str, subject: Entity, after: str | None
) -> Iterator[tuple[str, Record | None]]:
    """Yield the id of each decision, and what it says of the subject, if anything."""
    with reader(url).evidence() as kept:
        kinds = kinds_in(kept.rulesets(), tuple(KINDS))
    for record in reader(url).of_tenant(tenant)(kinds, after=after):
        if isinstance(record, RecordDamaged):
            continue
        decision, result = record
        theirs = record_of(kind_messages(decision.kind), decision, subject)
        is_about = decision.entity == subject
        told = result if is_about else None
        yield decision.id, None if theirs is None else (theirs, told, is_about)


async def erase_subject(url: str, erasure: Erasure) -> Erased:
    """Erase a subject from a journal that no server writes; raises JournalUnusable."""
    _refuse_clear(url)
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages))
    try:
        return await erased(journal, erasure)
    finally:
        await journal.close()


async def erased(journal: object, erasure: Erasure) -> Erased:
    """Erase a subject from an open journal; raises SwitchedOff if it is not encrypted."""
    if not isinstance(journal, Erasing):
        raise SwitchedOff(
            "subjects can be erased only from an encrypted journal; set DEALGATE_JOURNAL_MASTER_KEY"
        )
    return Erased(await journal.erase(erasure) or "", journal.has_clear)


def erased_before(url: str) -> int:
    """Erase again whom the audit log tells of; return how many had a key.

    Raises JournalUnusable.
    """
    keys = _refuse_clear(url)
    from dealgate.journal.sealed.erasures import erased_again  # noqa: PLC0415 - an extra

    return erased_again(reader(url), keys)


async def erase_listed(url: str, entries: Sequence[Audited]) -> int:
    """Erase whom another audit log tells of, and note it in this one; return how many had a key.

    A journal that was restored together with its keys does not know who was erased since. Raises
    JournalUnusable.
    """
    keys = _refuse_clear(url)
    from dealgate.journal.sealed.erasures import still_known  # noqa: PLC0415 - an extra

    missing = await in_thread(still_known, entries, keys)
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages))
    try:
        for entry in missing:
            await journal.note(entry)
    finally:
        await journal.close()
    return await in_thread(erased_before, url)


def _refuse_clear(url: str) -> KeysAt:
    keys = keys_of(url)
    if keys is None:
        raise JournalUnusable(
            f"{shown(url)}: is not encrypted, so subjects cannot be erased from it; set "
            "DEALGATE_JOURNAL_MASTER_KEY, and archive and prune what was recorded before"
        )
    return keys


def _told(theirs: Decision, result: Result | None, *, is_about: bool) -> dict[str, Any]:
    record = recorded(theirs)
    told = {
        "decision_id": theirs.id,
        "kind": theirs.kind,
        "decided_at": written(theirs.decided_at),
        "is_about": is_about,
        "outcome": theirs.outcome,
        "question": _json(record.question),
        "answer": _json(record.answer),
    }
    if result is not None:
        told["result"] = _json(result_message(result))
    return told


def _json(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)
