"""The keys of archives in Parquet, as Parquet's modular encryption needs them.

Each file is encrypted with a key of its own, which the file holds encrypted by a key of the store:
the newest data key of `ARCHIVES`, as records are encrypted with the newest one of their tenant. So
the master key can be rotated, and archives remain readable.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet.encryption as pe

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sealed.ciphers import unwrapped, wrapped
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.tenants import ARCHIVES

ABOUT = b"key of an archive"
NAMED = "dealgate archives"
CONNECTION = pe.KmsConnectionConfig(kms_instance_id="dealgate", kms_instance_url="dealgate")
UNIFORM = pe.EncryptionConfiguration(
    NAMED,
    uniform_encryption=True,
    encryption_algorithm="AES_GCM_V1",
    plaintext_footer=False,
    double_wrapping=False,
    internal_key_material=True,
    data_key_length_bits=256,
)


class StoreKms(pe.KmsClient):  # type: ignore[misc]
    """What Parquet calls a KMS: encrypts a file's key by the newest of these keys."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Without keys it can only refuse."""
        super().__init__()
        self._keys = keys

    def wrap_key(self, key_bytes: bytes, _: str) -> str:
        """Return a file's key encrypted, with the number of the key that encrypts it."""
        number = len(self._keys) - 1
        sealed = wrapped(self._keys[number], key_bytes, ABOUT)
        return f"{number}:{base64.b64encode(sealed).decode()}"

    def unwrap_key(self, wrapped_key: str, _: str) -> bytes:
        """Return a file's key; raise JournalUnusable if it is not under one of ours."""
        number, _, sealed = wrapped_key.partition(":")
        try:
            key = self._keys[int(number)]
            return unwrapped(key, base64.b64decode(sealed, validate=True), ABOUT)
        except (LookupError, ValueError, binascii.Error) as error:
            raise JournalUnusable(
                "is encrypted with keys of another store, or the key in it was changed"
            ) from error


def encryption(keys: KeysAt) -> Any:
    """Return how a new file is encrypted with the keys of this store; raises JournalUnusable."""
    with closing(Keyring.open(keys)) as ring:
        known = ring.tenant(ARCHIVES).data
    return _factory(known).file_encryption_properties(CONNECTION, UNIFORM)


@contextmanager
def decryption(path: Path, keys: KeysAt) -> Iterator[Any]:
    """Within the block, have how the file is decrypted; raise JournalUnusable if it is not ours."""
    with closing(Keyring.open(keys)) as ring:
        known = ring.tenant(ARCHIVES).data if ring.store.tenant(ARCHIVES) else ()
    try:
        yield _factory(known).file_decryption_properties(CONNECTION, pe.DecryptionConfiguration())
    except JournalUnusable as error:
        raise JournalUnusable(f"{path}: {error}") from error


def _factory(known: Sequence[bytes]) -> pe.CryptoFactory:
    return pe.CryptoFactory(lambda _: StoreKms(known))
