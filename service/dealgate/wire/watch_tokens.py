"""Resume tokens: positions of one journal's feed, sealed, for any server of that journal.

A position counts what all tenants recorded, so one tenant could watch how much the others decide.
Sealed with a new nonce, no two tokens can be compared either. (ADR 126)
"""

import base64
import binascii
import os
import struct
from hashlib import blake2b
from hmac import compare_digest

from dealgate.model.errors import BadQuestion, PositionLost, Violation
from dealgate.model.feed import FeedSecret, Position

NUMBERS = struct.Struct(">qq")
OPEN = struct.Struct(">8sqq")  # a position as earlier versions gave it away, after the feed's id
MARK, NONCE, TAG = 4, 12, 16  # bytes: which key it is, what is used once, what no other can make
SEALED = MARK + NONCE + NUMBERS.size + TAG


class Tokens:
    """Those of one tenant."""

    def __init__(self, secret: FeedSecret, feed_id: bytes, tenant: str) -> None:
        """`feed_id` is what tokens of earlier versions begin with."""
        self._open_until = secret.open_until
        self._feed_id = feed_id
        self._tenant = tenant.encode()
        self._mark = _hash(secret.key, b"mark", b"", MARK)
        self._stream_key = _hash(secret.key, b"stream", b"", 32)
        self._tag_key = _hash(secret.key, b"tag", b"", 32)

    def token(self, position: Position) -> str:
        """Return the token of a position."""
        nonce = os.urandom(NONCE)
        sealed = self._mark + nonce + self._turned(nonce, NUMBERS.pack(*position))
        return base64.urlsafe_b64encode(sealed + self._tag(sealed)).decode()

    def position(self, resume_token: str, end: Position) -> Position:
        """Return the position; raise BadQuestion, or PositionLost if it leads nowhere here."""
        try:
            data = base64.b64decode(resume_token, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _not_a_token() from None
        position = self._open(data) if len(data) == OPEN.size else self._unsealed(data)
        if position > end:
            raise _after_the_end()
        return position

    def _unsealed(self, data: bytes) -> Position:
        if len(data) != SEALED:
            raise _not_a_token()
        if data[:MARK] != self._mark:
            raise _of_another_journal()
        sealed, tag = data[:-TAG], data[-TAG:]
        if not compare_digest(self._tag(sealed), tag):
            raise _not_a_token()
        nonce = sealed[MARK : MARK + NONCE]
        return Position(*NUMBERS.unpack(self._turned(nonce, sealed[MARK + NONCE :])))

    def _open(self, data: bytes) -> Position:
        """Return the position of an old token: those who can forge one must not find the end."""
        feed_id, *numbers = OPEN.unpack(data)
        if feed_id != self._feed_id:
            raise _of_another_journal()
        position = Position(*numbers)
        if position > self._open_until:
            raise _after_the_end()
        return position

    def _turned(self, nonce: bytes, data: bytes) -> bytes:
        """Encrypt or decrypt."""
        stream = _hash(self._stream_key, nonce, b"", len(data))
        return (int.from_bytes(data) ^ int.from_bytes(stream)).to_bytes(len(data))

    def _tag(self, sealed: bytes) -> bytes:
        return _hash(self._tag_key, sealed, self._tenant, TAG)


def _hash(key: bytes, data: bytes, more: bytes, size: int) -> bytes:
    return blake2b(data + more, key=key, digest_size=size).digest()


def _not_a_token() -> BadQuestion:
    wrong = "is not a token of this RPC; send one as it was received, or none"
    return BadQuestion([Violation("resume_token", wrong)])


def _of_another_journal() -> PositionLost:
    return PositionLost(
        "resume_token is from another journal; watch from now on, or from the beginning"
    )


def _after_the_end() -> PositionLost:
    return PositionLost(
        "resume_token is after the end of this journal, which was restored to a time before; "
        "watch from now on, or from the beginning"
    )
