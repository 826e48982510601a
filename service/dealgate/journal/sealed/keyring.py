"""Tenants' and subjects' keys in use: decrypted, and cached for a while."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple, Self, TypeVar

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed.ciphers import new_key, unwrapped, wrapped
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import Kms, kms_named
from dealgate.journal.sealed.port import WRAPS, KeyStore, Row
from dealgate.journal.sealed.stores import open_store
from dealgate.journal.sealed.tenants import TenantKeys, about_tenant, tenant_keys
from dealgate.model.decision import Entity
from dealgate.model.errors import Unavailable

PSEUDONYM_BYTES = 16
REMEMBERED = 50_000  # subjects
RETRY_AFTER = 1.0

Name = TypeVar("Name")
Held = TypeVar("Held")


class Subject(NamedTuple):
    """Somebody whose key is there."""

    pseudonym: bytes
    key: bytes


class Keyring:
    """The keys in a store. Used by one thread at a time, but for what is given a store (`by`).

    With a store of its own another thread has keys remembered before they are used: then the one
    that uses them waits for no database.
    """

    @classmethod
    def open(cls, at: KeysAt, kms: Kms | None = None) -> Self:
        """Open the store; None: with the master key that it remembers. Raises JournalUnusable."""
        store = open_store(at)
        try:
            return cls(store, _agreed(store, kms))
        except BaseException:
            store.close()
            raise

    def __init__(self, store: KeyStore, kms: Kms) -> None:
        self.store = store
        self._kms = kms
        self._lock = Lock()
        self._tenants: dict[str, TenantKeys] = {}
        self._names: dict[tuple[str, Entity], Subject] = {}
        self._pseudonyms: dict[tuple[str, bytes], Subject] = {}
        self.forgotten = 0  # how often all was read again

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def refresh(self) -> None:
        """Forget what another process may have changed: a key that it destroyed is not used."""
        if self.store.was_changed():
            self.forget()

    def tenant(self, tenant: str, by: KeyStore | None = None) -> TenantKeys:
        """Return a tenant's keys, making them durably if there are none."""
        keys = self._tenants.get(tenant)
        if keys is None:
            seen = self.forgotten
            keys = self._read(tenant, by or self.store)
            self._remember(seen, self._tenants, {tenant: keys})
        return keys

    def known(self, tenant: str, of: Entity) -> Subject | None:
        """Return the subject, if it has a key."""
        return self._names.get((tenant, of)) or self.load_names(tenant, [of]).get((tenant, of))

    def of(self, tenant: str, pseudonym: bytes) -> Subject | None:
        """Return the subject with this pseudonym; None: it was erased."""
        name = (tenant, pseudonym)
        return self._pseudonyms.get(name) or self.load(tenant, [pseudonym]).get(name)

    def lacks_tenant(self, tenant: str) -> bool:
        """Tell whether `tenant` would ask the store."""
        return tenant not in self._tenants

    def lacks_name(self, tenant: str, of: Entity) -> bool:
        """Tell whether `known` would ask the store."""
        return (tenant, of) not in self._names

    def lacks(self, tenant: str, pseudonym: bytes) -> bool:
        """Tell whether `of` would ask the store."""
        return (tenant, pseudonym) not in self._pseudonyms

    def load_names(
        self, tenant: str, names: Sequence[Entity], by: KeyStore | None = None
    ) -> Mapping[tuple[str, Entity], Subject]:
        """Return, and remember, those of these subjects who have a key."""
        keys, seen = self.tenant(tenant, by), self.forgotten
        sought = {keys.name(of): (tenant, of) for of in names}
        rows = (by or self.store).by_names(tenant, list(sought))
        subjects = {
            sought[name]: Subject(row[0], self._opened(tenant, row[0], row[1], by))
            for name, row in rows.items()
        }
        self._remember(seen, self._names, subjects)
        also = {(tenant, subject.pseudonym): subject for subject in subjects.values()}
        self._remember(seen, self._pseudonyms, also)
        return subjects

    def load(
        self, tenant: str, pseudonyms: Sequence[bytes], by: KeyStore | None = None
    ) -> Mapping[tuple[str, bytes], Subject]:
        """Return, and remember, those with these pseudonyms who were not erased."""
        seen = self.forgotten
        rows = (by or self.store).by_pseudonyms(tenant, pseudonyms)
        subjects = {
            (tenant, pseudonym): Subject(pseudonym, self._opened(tenant, pseudonym, sealed, by))
            for pseudonym, sealed in rows.items()
        }
        self._remember(seen, self._pseudonyms, subjects)
        return subjects

    def make(self, wanted: Iterable[tuple[str, Entity]], by: KeyStore | None = None) -> None:
        """Make keys, durably, for subjects that have none."""
        missing = list(wanted)
        while not self._made(missing, by):
            self.forget()  # tenants' keys were replaced in this instant

    def erase(self, tenant: str, of: Entity) -> bytes | None:
        """Destroy the subject's key, durably; return its pseudonym, None: it has none."""
        subject = self.known(tenant, of)
        if subject is None:
            return None
        self.store.erase(tenant, of.type, subject.pseudonym, time.time_ns())
        self.forget()
        return subject.pseudonym

    def forget(self) -> None:
        """Read all keys again when they are next used."""
        with self._lock:
            self._names.clear()
            self._pseudonyms.clear()
            self._tenants.clear()
            self.forgotten += 1

    @property
    def kms(self) -> Kms:
        """The master key that tenants' keys are under, as far as is known."""
        return self._kms

    def use(self, kms: Kms) -> None:
        """Use another master key from now on."""
        self._kms = kms
        self.forget()

    def _made(self, missing: Sequence[tuple[str, Entity]], by: KeyStore | None) -> bool:
        rows, wraps = [], set()
        for tenant, of in missing:
            keys, pseudonym = self.tenant(tenant, by), os.urandom(PSEUDONYM_BYTES)
            wraps.add(keys.wraps)
            sealed = wrapped(keys.wrap, new_key(), pseudonym)
            rows.append(Row(pseudonym, tenant, of.type, keys.name(of), sealed, time.time_ns()))
        if len(wraps) > 1:
            return False
        return not rows or (by or self.store).keep(rows, *wraps)

    def _read(self, tenant: str, store: KeyStore) -> TenantKeys:
        while True:
            wraps = store.meta(WRAPS)
            rows = store.tenant(tenant)
            if rows:
                return tenant_keys(wraps, self._unwrapped(tenant, rows, store))
            self._settle_master(store)
            sealed = self._kms.wrap(new_key(), about_tenant(tenant, 0))
            store.keep_tenant(tenant, 0, sealed, wraps)

    def _unwrapped(
        self, tenant: str, rows: Sequence[tuple[int, bytes]], store: KeyStore
    ) -> Mapping[int, bytes]:
        try:
            return _roots(self._kms, tenant, rows)
        except ValueError:
            self._kms = _renewed(store)
            return _roots(self._kms, tenant, store.tenant(tenant))

    def _settle_master(self, store: KeyStore) -> None:
        """Use the master key that others are under now, if it was rotated."""
        for tenant in store.tenants()[:1]:
            self._unwrapped(tenant, store.tenant(tenant), store)

    def _opened(self, tenant: str, pseudonym: bytes, sealed: bytes, by: KeyStore | None) -> bytes:
        try:
            return unwrapped(self.tenant(tenant, by).wrap, sealed, pseudonym)
        except ValueError:  # tenants' keys were replaced, which is not known here yet
            self.forget()
            again = (by or self.store).by_pseudonyms(tenant, [pseudonym])
            return unwrapped(self.tenant(tenant, by).wrap, again.get(pseudonym, b""), pseudonym)

    def _remember(self, seen: int, held: dict[Name, Held], more: Mapping[Name, Held]) -> None:
        """Remember what was read, unless all was forgotten since."""
        with self._lock:
            if seen != self.forgotten:
                return
            if len(held) >= REMEMBERED:
                self._names.clear()
                self._pseudonyms.clear()
            held.update(more)


def _roots(kms: Kms, tenant: str, rows: Iterable[tuple[int, bytes]]) -> Mapping[int, bytes]:
    return {number: kms.unwrap(sealed, about_tenant(tenant, number)) for number, sealed in rows}


def _renewed(store: KeyStore) -> Kms:
    """Return the master key that the store is under now: another process rotated it."""
    try:
        return kms_named(store.meta("kms") or "")
    except JournalUnusable as error:
        raise Unavailable(
            f"the master key was rotated, and the new one cannot be used: {error}", RETRY_AFTER
        ) from error


def _agreed(store: KeyStore, kms: Kms | None) -> Kms:
    """Return the master key that the store is under; the first one that is named is remembered."""
    known = store.meta("kms")
    if kms is None:
        if known is None:
            raise JournalUnusable(
                f"{store.at}: is a new key store, and needs a master key: "
                "DEALGATE_JOURNAL_MASTER_KEY"
            )
        kms = kms_named(known)
    for tenant in store.tenants()[:1]:
        try:
            _roots(kms, tenant, store.tenant(tenant))
        except ValueError:
            raise JournalUnusable(
                f"{store.at}: its keys are not under the master key {kms.name}; they are under "
                f"{known}"
            ) from None
    if known != kms.name:
        store.keep_meta("kms", kms.name)
    return kms
