"""Replaces keys that encrypt others; records are not touched."""

from collections.abc import Sequence

from dealgate.journal.sealed.ciphers import new_key, unwrapped, wrapped
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.master import Kms
from dealgate.journal.sealed.port import EPOCH, WRAPS, Rewrapped
from dealgate.journal.sealed.tenants import (
    ARCHIVES,
    WRAP,
    TenantKeys,
    about_tenant,
    tenant_keys,
)


def rotate_data(ring: Keyring) -> int:
    """Give every tenant a new key for what is recorded from now on; return how many."""
    tenants = ring.store.tenants()
    for tenant in tenants:
        number = ring.tenant(tenant).version + 1
        sealed = ring.kms.wrap(new_key(), about_tenant(tenant, number))
        ring.store.keep_tenant(tenant, number, sealed, ring.store.meta(WRAPS))
    ring.forget()
    return _count(tenants)


def rotate_master(ring: Keyring, kms: Kms, *, subjects: bool = False) -> tuple[int, int]:
    """Encrypt the keys of tenants under another master key: all or none; return how many.

    `subjects`: and the keys of subjects under new ones of their tenants, and return how many, too.
    Then nobody who lacks the master key of before can read a copy of the store from before: who was
    erased since is erased from all copies, once that master key is destroyed.
    """
    with ring.store.replacing():
        tenants = ring.store.tenants()
        rewrapped = sum(_rotated(ring, kms, tenant, subjects=subjects) for tenant in tenants)
        ring.store.keep_meta("kms", kms.name)
        ring.store.count_up(EPOCH)
        ring.store.count_up(WRAPS)
    ring.use(kms)
    ring.store.scrub()
    return _count(tenants), rewrapped


def _count(tenants: Sequence[str]) -> int:
    return len(set(tenants) - {ARCHIVES})


def _rotated(ring: Keyring, kms: Kms, tenant: str, *, subjects: bool) -> int:
    store, many = ring.store, 0
    kept = {
        number: ring.kms.unwrap(sealed, about_tenant(tenant, number))
        for number, sealed in store.tenant(tenant)
    }
    if subjects:
        keys = tenant_keys(None, kept)
        kept |= {0: keys.first, WRAP: new_key()}
        for rows in store.subjects(tenant):
            store.replace_subjects(_rewrapped(keys, kept[WRAP], rows))
            many += len(rows)
    for number, key in kept.items():
        store.replace_tenant(tenant, number, kms.wrap(key, about_tenant(tenant, number)))
    return many


def _rewrapped(keys: TenantKeys, wrap: bytes, rows: Sequence[Rewrapped]) -> Sequence[Rewrapped]:
    return [
        Rewrapped(name, wrapped(wrap, unwrapped(keys.wrap, sealed, name), name))
        for name, sealed in rows
    ]
