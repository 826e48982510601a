"""Resume tokens: a position of one journal's feed, for any server of that journal."""

import base64
import binascii
import struct

from dealgate.model.errors import BadQuestion, PositionLost, Violation
from dealgate.model.feed import Position

PARTS = struct.Struct(">8sqq")


def token(feed_id: bytes, position: Position) -> str:
    """Return the token of a position."""
    return base64.urlsafe_b64encode(PARTS.pack(feed_id, *position)).decode()


def position_of(resume_token: str, feed_id: bytes, end: Position) -> Position:
    """Return the position; raise BadQuestion, or PositionLost if it leads nowhere here."""
    try:
        data = base64.b64decode(resume_token, altchars=b"-_", validate=True)
        given_id, *numbers = PARTS.unpack(data)
    except (binascii.Error, ValueError, struct.error):
        wrong = "is not a token of this RPC; send one as it was received, or none"
        raise BadQuestion([Violation("resume_token", wrong)]) from None
    if given_id != feed_id:
        raise PositionLost(
            "resume_token is from another journal; watch from now on, or from the beginning"
        )
    position = Position(*numbers)
    if position > end:
        raise PositionLost(
            "resume_token is after the end of this journal, which was restored to a time before; "
            "watch from now on, or from the beginning"
        )
    return position
