"""A tenant's keys: what is kept of them, and what each is for.

Kept by number, each encrypted by the master key: from 0 what records are encrypted with, the newest
by the highest number; with 0 comes what subjects and marks are found by, which never changes. What
encrypts subjects' keys is derived from 0 at first, and has a number of its own once it was
replaced: then 0 has forgotten it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dealgate.journal.sealed.ciphers import KEY_BYTES, derived, keyed
from dealgate.model.decision import Entity

WRAP = -1
# Whose data keys encrypt archives in Parquet. No tenant has this name.
ARCHIVES = ""


@dataclass(frozen=True, slots=True)
class TenantKeys:
    """A tenant's keys, each for one purpose; `data` by version, the newest is written with."""

    index: bytes
    wrap: bytes
    data: Sequence[bytes]
    wraps: str | None = None  # how often keys were replaced that encrypt others

    @property
    def version(self) -> int:
        """The version of the newest, from 0."""
        return len(self.data) - 1

    def name(self, of: Entity) -> bytes:
        """Return what a subject is found by."""
        return keyed(self.index, b"subject", of.type.encode(), of.id.encode())

    @property
    def first(self) -> bytes:
        """What number 0 is once the key that encrypts subjects' keys is another."""
        return self.index + self.data[0]


def tenant_keys(wraps: str | None, kept: Mapping[int, bytes]) -> TenantKeys:
    """Return the keys of what is kept, decrypted."""
    first = kept[0]
    later = [derived(kept[number], "data") for number in sorted(kept) if number > 0]
    if len(first) > KEY_BYTES:
        return TenantKeys(first[:KEY_BYTES], kept[WRAP], [first[KEY_BYTES:], *later], wraps)
    data = [derived(first, "data"), *later]
    return TenantKeys(
        derived(first, "index"), kept.get(WRAP) or derived(first, "wrap"), data, wraps
    )


def about_tenant(tenant: str, number: int) -> bytes:
    """Return what a tenant's key is encrypted with besides the key."""
    return f"tenant key {number} of {tenant}".encode("utf-8", "surrogatepass")
