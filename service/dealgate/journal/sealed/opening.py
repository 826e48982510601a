"""A journal opened with its keys, or without if it has none."""

from contextlib import closing

from dealgate.aside.threads import in_thread
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import Journal, Reader
from dealgate.journal.sealed.journal import SealedJournal
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.loading import Loader
from dealgate.journal.sealed.master import FileKms
from dealgate.journal.sealed.stores import open_store
from dealgate.journal.sealed.terms import Sealing, is_sealed
from dealgate.model.feed import START

CLEAR = "clear"


def refuse_other_keys(kept: Reader, keys: KeysAt) -> None:
    """Raise JournalUnusable if the key store has no keys for the tenant of the newest record."""
    newest = kept.newest()
    if newest is None or not is_sealed(newest.facts):
        return
    with closing(open_store(keys)) as store:
        if not store.tenant(newest.tenant):
            raise JournalUnusable(
                f"{keys}: is another journal's key store, or a new one: it has no key for tenant "
                f"{newest.tenant}, whose records are encrypted; put the right one back"
            )


async def sealed_journal(within: Journal, sealing: Sealing, keys: KeysAt) -> SealedJournal:
    """Return the journal around `within`, with the key store at `keys`; raises JournalUnusable."""
    kms = None if sealing.master is None else FileKms(sealing.master)
    is_new = await within.feed_end() <= START
    ring = await in_thread(Keyring.open, keys, kms)
    try:
        has_clear = await in_thread(_has_clear, ring, is_new)
        loader = Loader(ring, await in_thread(open_store, keys))
        return SealedJournal(within, ring, loader, sealing.messages, has_clear=has_clear)
    except BaseException:
        ring.close()
        raise


def _has_clear(ring: Keyring, is_new: bool) -> bool:  # noqa: FBT001
    ring.store.keep_meta(CLEAR, "no" if is_new else "yes", first=True)
    return ring.store.meta(CLEAR) == "yes"


def refused(keys: KeysAt | None) -> JournalUnusable:
    """Return why the journal is not opened: its records would be written in the clear."""
    return JournalUnusable(f"{keys}: the journal is encrypted, and was opened without its keys")
