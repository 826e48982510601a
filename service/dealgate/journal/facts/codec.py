"""How facts of entities are written: as they are, or so that nobody reads them without keys."""

from typing import Protocol

from dealgate.model.decision import Entity


class Codec(Protocol):
    """Writes and reads what is kept. Used by several threads."""

    def name(self, tenant: str, entity: Entity, *, new: bool = False) -> str:
        """Return what stands for an entity's id; empty: nothing is known of it.

        `new`: something is about to be.
        """

    def entity_id(self, tenant: str, type_: str, name: str, data: bytes) -> str:
        """Return the id that a name stands for, by any data of it; empty: it was erased."""

    def sealed(self, tenant: str, entity: Entity, data: bytes) -> bytes:
        """Return data of an entity as they are kept."""

    def opened(self, tenant: str, entity: Entity, data: bytes) -> bytes:
        """Return data as they were."""

    def key(self, tenant: str, key: str) -> str:
        """Return what is kept of an idempotency key."""

    def hash(self, tenant: str, hash_: bytes) -> bytes:
        """Return what is kept of a hash."""

    def close(self) -> None:
        """Release what is open."""


class Clear:
    """Keeps everything as it is."""

    def name(self, tenant: str, entity: Entity, *, new: bool = False) -> str:
        """Return the id."""
        del tenant, new
        return entity.id

    def entity_id(self, tenant: str, type_: str, name: str, data: bytes) -> str:
        """Return the name."""
        del tenant, type_, data
        return name

    def sealed(self, tenant: str, entity: Entity, data: bytes) -> bytes:
        """Return the data."""
        del tenant, entity
        return data

    def opened(self, tenant: str, entity: Entity, data: bytes) -> bytes:
        """Return the data."""
        del tenant, entity
        return data

    def key(self, tenant: str, key: str) -> str:
        """Return the key."""
        del tenant
        return key

    def hash(self, tenant: str, hash_: bytes) -> bytes:
        """Return the hash."""
        del tenant
        return hash_

    def close(self) -> None:
        """There is nothing to release."""
