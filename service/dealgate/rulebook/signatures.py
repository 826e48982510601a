"""What people sign when they release or approve a version, and whether a signature is theirs.

Ed25519 (RFC 8032). A public key is written as the one line of base64 that its PEM file holds
between its two marks: `openssl pkey -in ann.pem -pubout`.
"""

import base64
import binascii
import json
from collections.abc import Callable
from typing import TypeAlias

from dealgate.model.rules import Release
from dealgate.rulebook.instants import written

# ruff: noqa: PLC0415 - only who signs or verifies needs the library
EXTRA = "pip install 'dealgate[signing]'"
# Signatures are of nothing else than releases, whatever else a key may sign.
PURPOSE = b"dealgate release v1\n"

# Tells whether a signature of these bytes was made with the key.
IsSigned: TypeAlias = Callable[[bytes, bytes], bool]


def statement(kind: str, release: Release, by: str) -> bytes:
    """Return what `by` signs: all that the line says, however it is laid out."""
    challenger = release.challenger
    terms = {
        "kind": kind,
        "version": release.version,
        "from": written(release.effective_from),
        "sha256": release.sha256,
        "by": release.by,
        "because": " ".join(release.because.split()),
        "challenger": None if challenger is None else challenger.written(),
        "signed_by": by,
    }
    return PURPOSE + json.dumps(terms, sort_keys=True, separators=(",", ":")).encode()


def text_of(signature: bytes) -> str:
    """Return a signature as releases.yaml has it."""
    return base64.b64encode(signature).decode()


def verifier(key: str) -> IsSigned:
    """Return what verifies signatures by `key`; raises ValueError, worded for its author."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_der_public_key
    except ModuleNotFoundError:
        message = f"keys cannot be read without the package cryptography: {EXTRA}"
        raise ValueError(message) from None
    try:
        public = load_der_public_key(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error):
        public = None
    if not isinstance(public, Ed25519PublicKey):
        raise ValueError("it is not the base64 of an Ed25519 public key")  # noqa: TRY004 - a value
    known = public

    def is_signed(signature: bytes, data: bytes) -> bool:
        try:
            known.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    return is_signed


def raw(text: str) -> bytes:
    """Return a signature's bytes; empty if the text is none, which no key has signed."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
