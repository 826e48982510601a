"""Subjects exported and erased, from the command line."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from dealgate.assemble.sealing import kind_messages
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import keys_of, open_journal, reader, shown
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, Entity
from dealgate.model.erasure import Erased, Erasure
from dealgate.model.errors import RecordDamaged
from dealgate.model.messages import recorded, result_message
from dealgate.model.results import Result
from dealgate.model.subject_records import kinds_in, record_of
from dealgate.rulebook.instants import written


def exported(url: str, tenant: str, subject: Entity) -> Iterator[dict[str, Any]]:
    """Yield what each record says of the subject, as JSON; raises JournalUnusable."""
    with reader(url).evidence() as kept:
        kinds = kinds_in(kept.rulesets(), tuple(KINDS))
    for record in reader(url).of_tenant(tenant)(kinds):
        if isinstance(record, RecordDamaged):
            continue
        decision, result = record
        theirs = record_of(kind_messages(decision.kind), decision, subject)
        if theirs is not None:
            yield _told(theirs, result, is_about=decision.entity == subject)


async def erase_subject(url: str, erasure: Erasure) -> Erased:
    """Erase a subject from a journal that no server writes; raises JournalUnusable."""
    _refuse_clear(url)
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages))
    try:
        return await erased(journal, erasure)
    finally:
        await journal.close()


async def erased(journal: object, erasure: Erasure) -> Erased:
    """Erase a subject from an open journal; raises JournalUnusable if it is not encrypted."""
    from dealgate.journal.sealed.journal import SealedJournal  # noqa: PLC0415 - an extra

    if not isinstance(journal, SealedJournal):
        raise JournalUnusable("nobody can be erased from a journal that is not encrypted")
    return Erased(await journal.erase(erasure) or "", journal.has_clear)


def erased_before(url: str) -> int:
    """Erase again whom the audit log tells of; return how many had a key.

    Raises JournalUnusable.
    """
    keys = _refuse_clear(url)
    from dealgate.journal.sealed.erasures import erased_again  # noqa: PLC0415 - an extra

    return erased_again(reader(url), keys)


def _refuse_clear(url: str) -> Any:
    keys = keys_of(url)
    if keys is None:
        raise JournalUnusable(
            f"{shown(url)}: is not encrypted, so nobody can be erased from it; set "
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
    if is_about and result is not None:
        told["result"] = _json(result_message(result))
    return told


def _json(message: Message) -> Any:
    return MessageToDict(message, preserving_proto_field_name=True)
