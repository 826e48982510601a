"""Tenants' and subjects' keys, as they are used: decrypted, and remembered for a while."""

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed.ciphers import derived, keyed, new_key, unwrapped, wrapped
from dealgate.journal.sealed.master import Kms, kms_named
from dealgate.journal.sealed.store import KeyStore, Row
from dealgate.model.decision import Entity

PSEUDONYM_BYTES = 16
REMEMBERED = 50_000  # subjects


class Subject(NamedTuple):
    """Somebody whose key is there."""

    pseudonym: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class TenantKeys:
    """A tenant's keys, each for one purpose; `data` by version, the newest is written with."""

    index: bytes
    wrap: bytes
    data: Sequence[bytes]

    @property
    def version(self) -> int:
        """The version of the newest, from 0."""
        return len(self.data) - 1

    def name(self, of: Entity) -> bytes:
        """Return what a subject is found by."""
        return keyed(self.index, b"subject", of.type.encode(), of.id.encode())


class Keyring:
    """The keys in a store. Used by one thread at a time."""

    @classmethod
    def open(cls, path: Path, kms: Kms | None = None) -> Self:
        """Open the store at `path`; None: with the master key that it remembers.

        Raises JournalUnusable.
        """
        store = KeyStore(path)
        try:
            return cls(store, _agreed(store, kms))
        except BaseException:
            store.close()
            raise

    def __init__(self, store: KeyStore, kms: Kms) -> None:
        self.store = store
        self._kms = kms
        self._tenants: dict[str, TenantKeys] = {}
        self._names: dict[tuple[str, Entity], Subject] = {}
        self._pseudonyms: dict[tuple[str, bytes], Subject] = {}
        self.forgotten = 0  # how often all was read again

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def refresh(self) -> None:
        """Forget what another process may have changed: a key that it destroyed is not used."""
        if self.store.was_changed():
            self.forget()

    def tenant(self, tenant: str) -> TenantKeys:
        """Return a tenant's keys, making them durably if there are none."""
        keys = self._tenants.get(tenant)
        if keys is None:
            rows = self.store.tenant(tenant)
            if not rows:
                made = self._kms.wrap(new_key(), _about(tenant, 0))
                self.store.keep_tenant(tenant, 0, made)
                rows = self.store.tenant(tenant)
            roots = [self._kms.unwrap(sealed, _about(tenant, number)) for number, sealed in rows]
            data = [derived(root, "data") for root in roots]
            keys = TenantKeys(derived(roots[0], "index"), derived(roots[0], "wrap"), data)
            self._tenants[tenant] = keys
        return keys

    def known(self, tenant: str, of: Entity) -> Subject | None:
        """Return the subject, if it has a key."""
        subject = self._names.get((tenant, of))
        if subject is None:
            keys = self.tenant(tenant)
            row = self.store.by_name(tenant, keys.name(of))
            if row is None:
                return None
            pseudonym, sealed = row
            subject = Subject(pseudonym, unwrapped(keys.wrap, sealed, pseudonym))
            self._remember()
            self._names[tenant, of] = self._pseudonyms[tenant, pseudonym] = subject
        return subject

    def of(self, tenant: str, pseudonym: bytes) -> Subject | None:
        """Return the subject with this pseudonym; None: it was erased."""
        subject = self._pseudonyms.get((tenant, pseudonym))
        if subject is None:
            sealed = self.store.by_pseudonym(tenant, pseudonym)
            if sealed is None:
                return None
            key = unwrapped(self.tenant(tenant).wrap, sealed, pseudonym)
            self._remember()
            subject = self._pseudonyms[tenant, pseudonym] = Subject(pseudonym, key)
        return subject

    def made(self, wanted: Iterable[tuple[str, Entity]]) -> Sequence[Row]:
        """Return new keys for subjects that have none: they are kept before they are used."""
        rows = []
        for tenant, of in wanted:
            keys, pseudonym = self.tenant(tenant), os.urandom(PSEUDONYM_BYTES)
            sealed = wrapped(keys.wrap, new_key(), pseudonym)
            rows.append(Row(pseudonym, tenant, of.type, keys.name(of), sealed, time.time_ns()))
        return rows

    def erase(self, tenant: str, of: Entity) -> bytes | None:
        """Destroy the subject's key, durably; return its pseudonym, None: it has none."""
        subject = self.known(tenant, of)
        if subject is None:
            return None
        self.store.erase(tenant, of.type, subject.pseudonym, time.time_ns())
        self.forget()
        return subject.pseudonym

    def rotate_master(self, kms: Kms) -> int:
        """Encrypt every tenant's key under another master key, all or none; return how many."""
        keys = [
            (tenant, number, kms.wrap(self._kms.unwrap(sealed, about), about))
            for tenant in self.store.tenants()
            for number, sealed in self.store.tenant(tenant)
            for about in (_about(tenant, number),)
        ]
        self.store.rewrap(kms.name, keys)
        self._kms = kms
        return len(keys)

    def rotate_data(self) -> int:
        """Give every tenant a new key for what is recorded from now on; return how many."""
        tenants = self.store.tenants()
        for tenant in tenants:
            number = len(self.store.tenant(tenant))
            self.store.keep_tenant(
                tenant, number, self._kms.wrap(new_key(), _about(tenant, number))
            )
        self.forget()
        return len(tenants)

    def _remember(self) -> None:
        if len(self._pseudonyms) >= REMEMBERED:
            self._names.clear()
            self._pseudonyms.clear()

    def forget(self) -> None:
        """Read all keys again when they are next used."""
        self._names.clear()
        self._pseudonyms.clear()
        self._tenants.clear()
        self.forgotten += 1


def _agreed(store: KeyStore, kms: Kms | None) -> Kms:
    """Return the master key that the store is under; the first one that is named is remembered."""
    known = store.meta("kms")
    if kms is None:
        if known is None:
            raise JournalUnusable(
                f"{store.path}: is a new key store, and needs a master key: "
                "DEALGATE_JOURNAL_MASTER_KEY"
            )
        kms = kms_named(known)
    for tenant in store.tenants():
        number, sealed = store.tenant(tenant)[0]
        try:
            kms.unwrap(sealed, _about(tenant, number))
        except ValueError:
            raise JournalUnusable(
                f"{store.path}: its keys are not under the master key {kms.name}; they are under "
                f"{known}"
            ) from None
        break
    if known != kms.name:
        store.keep_meta("kms", kms.name)
    return kms


def _about(tenant: str, number: int) -> bytes:
    return f"tenant key {number} of {tenant}".encode("utf-8", "surrogatepass")
