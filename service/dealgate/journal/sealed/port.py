"""What a key store is: everything the rest of Dealgate may ask of one, whatever keeps it.

1. What is kept, replaced or destroyed is so durably before the call returns.
2. A subject has one key, whoever makes it, and however many do so at once.
3. A destroyed key is never read again from the store, nor kept again under its pseudonym.
4. Keys are encrypted: a tenant's by the master key, a subject's by its tenant's.

`tests/journal/test_key_stores.py` holds every store to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from dealgate.journal.sealed.keys_at import KeysAt

# Counted in `meta`: what makes keys that were read before invalid, and what makes keys invalid that
# are on their way into the store, because those that encrypt them were replaced.
EPOCH, WRAPS = "epoch", "wraps"


class Row(NamedTuple):
    """A subject as it is kept: its pseudonym, type, HMAC, and its encrypted key."""

    pseudonym: bytes
    tenant: str
    type: str
    name: bytes
    wrapped: bytes
    made_at: int


class Rewrapped(NamedTuple):
    """A subject's key, encrypted under another key."""

    pseudonym: bytes
    wrapped: bytes


class KeyStore(Protocol):
    """Keeps keys. Used by one thread at a time; raises Unavailable if it is out of order."""

    at: KeysAt
    is_near: bool  # whether it answers within microseconds, so that an event loop may ask it

    def close(self) -> None:
        """Close it."""

    def is_due(self) -> bool:
        """Tell whether `was_changed` would look."""

    def was_changed(self) -> bool:
        """Tell whether a key was destroyed or replaced since this was asked last.

        A store that is not near looks if it has not looked for `port.BOUND` seconds.
        """

    def meta(self, name: str) -> str | None:
        """Return what is remembered of the store itself."""

    def keep_meta(self, name: str, value: str, *, first: bool = False) -> None:
        """Remember it; `first`: unless something is remembered already."""

    def tenant(self, tenant: str) -> Sequence[tuple[int, bytes]]:
        """Return number and encrypted key, in order; none: the tenant has none yet."""

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a key."""

    def keep_tenant(self, tenant: str, number: int, wrapped: bytes, wraps: str | None) -> bool:
        """Keep a tenant's key, unless there is one of this number; False: as for `keep`."""

    def by_names(self, tenant: str, names: Sequence[bytes]) -> Mapping[bytes, tuple[bytes, bytes]]:
        """Return pseudonym and encrypted key of the subjects with these HMACs."""

    def by_pseudonyms(self, tenant: str, pseudonyms: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the encrypted keys; subjects that are missing were erased."""

    def keep(self, rows: Sequence[Row], wraps: str | None) -> bool:
        """Keep new subjects; existing ones stay.

        False: nothing was, as keys that encrypt others were replaced since `WRAPS` was `wraps`.
        """

    def erase(self, tenant: str, type_: str, pseudonym: bytes, at: int) -> bool:
        """Destroy a subject's key; tell whether there was one."""

    def replacing(self) -> AbstractContextManager[object]:
        """Within the block, all is done or nothing, and nobody else writes."""

    def replace_tenant(self, tenant: str, number: int, wrapped: bytes) -> None:
        """Replace a tenant's key, or keep a new one."""

    def subjects(self, tenant: str) -> Iterable[Sequence[Rewrapped]]:
        """Return all of a tenant who have a key, some at a time."""

    def replace_subjects(self, rows: Sequence[Rewrapped]) -> None:
        """Replace the encrypted keys of subjects."""

    def count_up(self, name: str) -> None:
        """Count `EPOCH` or `WRAPS` up."""

    def scrub(self) -> None:
        """Have what was replaced or destroyed overwritten, as far as the store can."""

    def count(self) -> tuple[int, int]:
        """Return how many subjects have a key, and how many were erased."""

    def copy(self, to: Path) -> None:
        """Copy the store into a new file, as of one instant; raise JournalUnusable."""


# Seconds after which a process knows of keys that another destroyed, in a store that is not near;
# in a near one it knows at once.
BOUND = 0.5
