"""Erasures as the audit log records them, repeated if an older key store was restored."""

from collections.abc import Iterable
from contextlib import closing

from dealgate.journal.evidence import entries_of
from dealgate.journal.port import Reader
from dealgate.journal.sealed.keyring import Subject
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.port import KeyStore
from dealgate.journal.sealed.stores import open_store
from dealgate.journal.sealed.texts import sealed_entry
from dealgate.model.audit import Audited
from dealgate.model.erasure import Erasure

METHOD, OUTCOME = "EraseSubject", "erased"


def erasure_entry(erasure: Erasure, subject: Subject, by: Subject) -> Audited:
    """Return the entry as it is kept: the pseudonym, and the reason encrypted."""
    entry = Audited(
        erasure.at,
        erasure.principal,
        erasure.tenant,
        METHOD,
        OUTCOME,
        detail=f"{erasure.subject.type}/{subject.pseudonym.hex()} {erasure.reason}",
    )
    return sealed_entry(entry, by)


def erased_again(within: Reader, keys: KeysAt) -> int:
    """Destroy the keys of all whom the audit log tells of; return how many there still were."""
    with within.evidence() as kept:
        # Most notes tell of something else, and need not be read.
        notes = [note for note in kept.notes() if METHOD in note]
    with closing(open_store(keys)) as store:
        return sum(_again(store, entries_of(notes)))


def still_known(entries: Iterable[Audited], keys: KeysAt) -> list[Audited]:
    """Return those of the entries that tell of an erasure whose key is there, or is there again."""
    with closing(open_store(keys)) as store:
        return [entry for entry, _ in _known(store, entries)]


def _again(store: KeyStore, entries: Iterable[Audited]) -> Iterable[bool]:
    for entry, pseudonym in _known(store, entries):
        type_ = entry.detail.partition("/")[0]
        yield store.erase(entry.tenant, type_, pseudonym, entry.at)


def _known(store: KeyStore, entries: Iterable[Audited]) -> Iterable[tuple[Audited, bytes]]:
    for entry in entries:
        _, slash, digits = entry.detail.partition(" ")[0].partition("/")
        if entry.method == METHOD and entry.outcome == OUTCOME and slash:
            pseudonym = bytes.fromhex(digits)
            if store.by_pseudonyms(entry.tenant, [pseudonym]):
                yield entry, pseudonym
