"""An encrypted journal whose key store is not there: it is neither read nor written.

Written without its keys it would go on in the clear, and with new keys nobody could read what it
holds already. This needs no `cryptography`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.evidence import EvidenceSnapshot
from dealgate.journal.port import Reader, Recorded, TenantReader
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.stores import is_there
from dealgate.journal.sealed.terms import is_sealed
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged


def refuse_without_keys(within: Reader, keys: KeysAt | None, name: str) -> None:
    """Raise JournalUnusable if the journal is encrypted and the key store is not there.

    Once encrypted, it stays encrypted, so checking its newest decision is enough.
    """
    newest = within.newest()
    # The keys are checked last: another server may have made both in the meantime.
    if newest is None or not is_sealed(newest.facts) or (keys is not None and is_there(keys)):
        return
    missing = "no key store is named" if keys is None else f"its key store {keys} is not there"
    raise JournalUnusable(
        f"{name}: is encrypted, and {missing}; put the store back, or a copy of it (`dealgate keys "
        "backup`), or name where it is: ?keys=/srv/journal.keys"
    )


@dataclass(frozen=True, slots=True)
class KeylessReader:
    """Reads a journal that has no key store, if it needs none. `name` is the journal's."""

    within: Reader
    keys: KeysAt | None
    name: str

    def decision(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises JournalUnusable, UnknownDecision and RecordDamaged."""
        self.refuse()
        return self.within.decision(tenant, decision_id)

    def of_tenant(self, tenant: str) -> "KeylessTenantReader":
        """Return what reads the decisions of this tenant."""
        return KeylessTenantReader(self.within.of_tenant(tenant), self)

    @contextmanager
    def evidence(self) -> Iterator[EvidenceSnapshot]:
        """Within the block, read all evidence as of one instant; raises JournalUnusable."""
        self.refuse()
        with self.within.evidence() as kept:
            yield kept

    def newest(self) -> Decision | None:
        """Return the newest decision of all."""
        return self.within.newest()

    def refuse(self) -> None:
        """Raise JournalUnusable if the journal is encrypted."""
        refuse_without_keys(self.within, self.keys, self.name)


@dataclass(frozen=True, slots=True)
class KeylessTenantReader:
    """Reads one tenant's decisions, in any process."""

    within: TenantReader
    whole: KeylessReader

    def __call__(
        self, kinds: Sequence[str], since: int | None = None, after: str | None = None
    ) -> Iterator[Recorded | RecordDamaged]:
        """Yield decisions of these kinds as they were recorded; raise JournalUnusable."""
        self.whole.refuse()
        yield from self.within(kinds, since, after)
