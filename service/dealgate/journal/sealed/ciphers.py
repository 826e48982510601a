"""Encryption, by a library that is kept: AES-GCM, AES-SIV and HKDF with SHA-256, 256-bit keys."""

import hmac
import os

from dealgate.journal.errors import JournalUnusable

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ModuleNotFoundError:
    raise JournalUnusable(
        "encryption needs cryptography: pip install 'dealgate[signing]'"
    ) from None

KEY_BYTES, NONCE_BYTES = 32, 12


def new_key() -> bytes:
    """Return a key that nobody can guess."""
    return os.urandom(KEY_BYTES)


def new_nonce() -> bytes:
    """Return what a key may encrypt one text with."""
    return os.urandom(NONCE_BYTES)


def derived(key: bytes, purpose: str, size: int = KEY_BYTES) -> bytes:
    """Return a key for one purpose, from which no other can be derived."""
    return HKDF(SHA256(), size, salt=None, info=b"dealgate " + purpose.encode()).derive(key)


def keyed(key: bytes, *parts: bytes) -> bytes:
    """Return the HMAC-SHA256 of some parts, each distinguishable."""
    digest = hmac.new(key, digestmod="sha256")
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def encrypted(key: bytes, nonce: bytes, text: bytes, about: bytes) -> bytes:
    """Return the ciphertext; `about` must be the same when it is decrypted."""
    return AESGCM(key).encrypt(nonce, text, about)


def decrypted(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    """Return the text; raise ValueError if anything was changed, or the key is another."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, about)
    except InvalidTag:
        raise ValueError("the ciphertext was changed, or is under another key") from None


def always_encrypted(key: bytes, text: bytes, about: bytes) -> bytes:
    """Return a ciphertext that is the same for the same text and `about`: it can be compared."""
    return AESSIV(derived(key, "siv", 2 * KEY_BYTES)).encrypt(text, [about])


def always_decrypted(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """Return the text; raise ValueError if anything was changed, or the key is another."""
    try:
        return AESSIV(derived(key, "siv", 2 * KEY_BYTES)).decrypt(sealed, [about])
    except InvalidTag:
        raise ValueError("the ciphertext was changed, or is under another key") from None


def wrapped(key: bytes, text: bytes, about: bytes) -> bytes:
    """Return a key encrypted under another, with the nonce before it."""
    nonce = new_nonce()
    return nonce + encrypted(key, nonce, text, about)


def unwrapped(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """Return what `wrapped` was given; raises ValueError."""
    return decrypted(key, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
