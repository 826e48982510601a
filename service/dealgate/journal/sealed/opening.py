"""A journal opened with its keys, or without if it has none."""

from contextlib import closing
from pathlib import Path

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import Journal, Reader
from dealgate.journal.sealed.journal import SealedJournal
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.master import FileKms
from dealgate.journal.sealed.store import KeyStore
from dealgate.journal.sealed.terms import Sealing, is_sealed
from dealgate.model.feed import START

CLEAR = "clear"


def refuse_other_keys(kept: Reader, keys: Path) -> None:
    """Raise JournalUnusable if the key store has none for the tenant who is newest."""
    newest = kept.newest()
    if newest is None or not is_sealed(newest.facts):
        return
    with closing(KeyStore(keys)) as store:
        if not store.tenant(newest.tenant):
            raise JournalUnusable(
                f"{keys}: is another journal's key store, or a new one: it has no key for tenant "
                f"{newest.tenant}, whose records are encrypted; put the right one back"
            )


async def sealed_journal(within: Journal, sealing: Sealing, keys: Path) -> SealedJournal:
    """Return the journal around `within`, with the key store at `keys`; raises JournalUnusable."""
    kms = None if sealing.master is None else FileKms(sealing.master)
    ring = Keyring.open(keys, kms)
    try:
        if ring.store.meta(CLEAR) is None:
            is_new = await within.feed_end() <= START
            ring.store.keep_meta(CLEAR, "no" if is_new else "yes", first=True)
        has_clear = ring.store.meta(CLEAR) == "yes"
        return SealedJournal(within, ring, sealing.messages, has_clear=has_clear)
    except BaseException:
        ring.close()
        raise


def refused(keys: Path | None) -> JournalUnusable:
    """Return why the journal is not opened: its records would be written in the clear."""
    return JournalUnusable(f"{keys}: the journal is encrypted, and was opened without its keys")
