"""Page tokens: where a list continues, bound to the conditions of its first request."""

import base64
import binascii
import hashlib
from dataclasses import replace

from dealgate.model.decision import DecisionFilter
from dealgate.model.errors import BadQuestion, Violation

SEAL_BYTES = 12


def token(wanted: DecisionFilter, before: str) -> str:
    """Return the token of the page that starts below the decision `before`."""
    return base64.urlsafe_b64encode(_seal(wanted, before) + before.encode()).decode()


def continued(wanted: DecisionFilter, page_token: str) -> DecisionFilter:
    """Return `wanted` from where `page_token` says; refuse a token of another list."""
    try:
        raw = base64.b64decode(page_token, altchars=b"-_", validate=True)
        seal, before = raw[:SEAL_BYTES], raw[SEAL_BYTES:].decode()
    except (binascii.Error, ValueError):
        seal, before = b"", ""
    if seal != _seal(wanted, before):
        cure = "is not from a page of this list; repeat the conditions it came with, or unset it"
        raise BadQuestion([Violation("page_token", cure)])
    return replace(wanted, before=before)


def _seal(wanted: DecisionFilter, before: str) -> bytes:
    """A checksum against mistakes, not a signature: a token grants nothing.

    The page's size is left out, so that a caller may change it from page to page.
    """
    conditions = repr(replace(wanted, before=before, limit=0))
    return hashlib.sha256(conditions.encode()).digest()[:SEAL_BYTES]
