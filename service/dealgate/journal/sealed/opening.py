"""A journal opened with its keys, or without if it has none."""

from pathlib import Path

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import Journal
from dealgate.journal.sealed.journal import SealedJournal
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.master import FileKms
from dealgate.journal.sealed.terms import Sealing
from dealgate.model.feed import START

CLEAR = "clear"


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


def refused(keys: Path) -> JournalUnusable:
    """Return why the journal is not opened: its records would be written in the clear."""
    return JournalUnusable(f"{keys}: the journal is encrypted, and was opened without its keys")
