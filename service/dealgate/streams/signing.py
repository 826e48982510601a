"""Signatures of webhooks, as Standard Webhooks says (standardwebhooks.com): made and verified."""

import base64
import binascii
import hashlib
import hmac
import time
from typing import Protocol

from dealgate.streams.port import SinkUnusable

PREFIX = "whsec_"
SECRET_BYTES = 24  # the least that Standard Webhooks allows
SKEW = 300  # seconds by which a signature's time may differ


class Headers(Protocol):
    """The headers of a request."""

    def get(self, name: str, failobj: str, /) -> str:
        """Return one, or else `failobj`."""


def key_of_secret(secret: str) -> bytes:
    """Return the key that requests are signed with; empty: they are not. Raises SinkUnusable."""
    if not secret:
        return b""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or len(key) < SECRET_BYTES:
        raise SinkUnusable(
            f"the secret of webhooks is written {PREFIX} and the base64 of {SECRET_BYTES} or more "
            "random bytes"
        )
    return key


def signature(key: bytes, id_: str, at: str, body: bytes) -> str:
    """Return the signature of a request, its id and its Unix time."""
    digest = hmac.digest(key, b".".join((id_.encode(), at.encode(), body)), hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def is_signed(key: bytes, headers: Headers, body: bytes) -> bool:
    """Tell whether a request is signed with this key, and just now."""
    id_, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (at.isdecimal() and at.isascii()) or abs(time.time() - int(at)) > SKEW:
        return False
    expected = signature(key, id_, at, body)
    shown = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(expected.encode(), text.encode()) for text in shown)
