"""Facts beside an encrypted journal: under the same keys, so that they are erased with a subject.

Erasing a subject destroys its key: then nobody can read what is kept here under it, and the
pseudonym leads to nobody.
"""

from pathlib import Path
from threading import Lock

from dealgate.journal.laws import damaged
from dealgate.journal.sealed.ciphers import keyed, unwrapped, wrapped
from dealgate.journal.sealed.keyring import Keyring, Subject
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import FileKms
from dealgate.journal.sealed.sealer import sealed_key
from dealgate.model.decision import Entity

LENGTH = 2  # bytes before an id that say how long it is


class Sealed:
    """Keeps facts under the keys of a journal."""

    def __init__(self, keys: KeysAt, master: Path | None) -> None:
        """`keys` is the key store; `master` the master key's file, None: the one it remembers."""
        self._ring = Keyring.open(keys, None if master is None else FileKms(master))
        self._turn = Lock()

    def name(self, tenant: str, entity: Entity, *, new: bool = False) -> str:
        """Return the pseudonym; a new entity gets one, durably."""
        with self._turn:
            self._ring.refresh()
            subject = self._ring.known(tenant, entity)
            if subject is None and new:
                self._ring.make([(tenant, entity)])
                subject = self._ring.known(tenant, entity)
        return "" if subject is None else subject.pseudonym.hex()

    def entity_id(self, tenant: str, type_: str, name: str, data: bytes) -> str:
        """Read the id, which stands before all data; empty: it was erased."""
        with self._turn:
            subject = self._ring.of(tenant, bytes.fromhex(name))
        return "" if subject is None else _parted(_plain(tenant, type_, subject, data))[0]

    def sealed(self, tenant: str, entity: Entity, data: bytes) -> bytes:
        """Encrypt the id and the data under the subject's key."""
        subject, id_ = self._subject(tenant, entity), entity.id.encode()
        told = len(id_).to_bytes(LENGTH, "big") + id_ + data
        return wrapped(subject.key, told, _about(tenant, entity.type, subject))

    def opened(self, tenant: str, entity: Entity, data: bytes) -> bytes:
        """Decrypt data; raises RecordDamaged."""
        subject = self._subject(tenant, entity)
        return _parted(_plain(tenant, entity.type, subject, data))[1]

    def key(self, tenant: str, key: str) -> str:
        """Return a key that nobody can guess from."""
        with self._turn:
            return sealed_key(self._ring.tenant(tenant), key)

    def hash(self, tenant: str, hash_: bytes) -> bytes:
        """Return a hash that confirms no guess."""
        with self._turn:
            return keyed(self._ring.tenant(tenant).index, b"facts", hash_)

    def close(self) -> None:
        """Close the key store."""
        self._ring.close()

    def _subject(self, tenant: str, entity: Entity) -> Subject:
        with self._turn:
            subject = self._ring.known(tenant, entity)
        if subject is None:  # erased in this instant
            raise damaged(f"of {entity.type} that was erased")
        return subject


def _plain(tenant: str, type_: str, subject: Subject, data: bytes) -> bytes:
    try:
        return unwrapped(subject.key, data, _about(tenant, type_, subject))
    except ValueError as error:
        raise damaged(f"of {type_} {subject.pseudonym.hex()}") from error


def _parted(told: bytes) -> tuple[str, bytes]:
    end = LENGTH + int.from_bytes(told[:LENGTH], "big")
    return told[LENGTH:end].decode(), told[end:]


def _about(tenant: str, type_: str, subject: Subject) -> bytes:
    return f"facts of {type_} {subject.pseudonym.hex()} of {tenant}".encode()
