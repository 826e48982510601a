"""Signatures of links: Ed25519 (RFC 8032), with keys in PEM files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dealgate.journal.chain import Sign
from dealgate.journal.errors import JournalUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# ruff: noqa: PLC0415 - only who signs or verifies needs the library
EXTRA = "signatures need cryptography: pip install 'dealgate[signing]'"


def signer(path: Path) -> Sign:
    """Return what signs with the private key in a file; raises JournalUnusable."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ModuleNotFoundError:
        raise JournalUnusable(EXTRA) from None
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise JournalUnusable(f"{path}: cannot be read as a private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        cure = f"make one with `openssl genpkey -algorithm ed25519 -out {path}`"
        raise JournalUnusable(f"{path}: is not an Ed25519 key; {cure}")
    return key.sign


class Verifier:
    """Verifies signatures by any of some public keys: keys are replaced now and then."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Raises JournalUnusable."""
        self._keys = [_public_key(path) for path in paths]

    def is_signed(self, digest: bytes, signature: bytes) -> bool:
        """Tell whether one of the keys signed this."""
        from cryptography.exceptions import InvalidSignature

        for key in self._keys:
            try:
                key.verify(signature, digest)
            except InvalidSignature:
                continue
            return True
        return False


def _public_key(path: Path) -> "Ed25519PublicKey":
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ModuleNotFoundError:
        raise JournalUnusable(EXTRA) from None
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise JournalUnusable(f"{path}: cannot be read as a public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        cure = "write it with `openssl pkey -in key.pem -pubout`"
        raise JournalUnusable(f"{path}: is not an Ed25519 public key; {cure}")
    return key
