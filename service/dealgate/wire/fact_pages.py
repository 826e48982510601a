"""Page tokens of FactService: where a list continues, for the same conditions."""

import base64
import binascii
import hashlib
import json
from typing import Any, NamedTuple

from dealgate.model.errors import BadQuestion, Violation
from dealgate.v1 import fact_service_pb2 as pb

SEAL_BYTES = 12


class PastActivity(NamedTuple):
    """The last activity that was seen, and the instant that all pages are of."""

    last: tuple[int, str]
    as_of: int


def activity_token(request: pb.GetFactsRequest, as_of: int, last: tuple[int, str]) -> str:
    """Return the token of the page that begins after this activity."""
    return _written(_conditions(request), [as_of, *last])


def past_activity(request: pb.GetFactsRequest, as_of: int | None) -> PastActivity:
    """Return where the request's token leads; raises BadQuestion on a token of another list."""
    told = _read(_conditions(request), request.page_token)
    match told:
        case [int(at), int(last), str(id_)] if as_of is None or at == as_of:
            return PastActivity((last, id_), at)
    raise _wrong()


def entity_token(request: pb.ListEntitiesRequest, last: str) -> str:
    """Return the token of the page that begins after this entity."""
    return _written(request.type, [last])


def past_entity(request: pb.ListEntitiesRequest) -> str:
    """Return where the request's token leads; raises BadQuestion on a token of another list."""
    match _read(request.type, request.page_token):
        case [str(last)]:
            return last
    raise _wrong()


def _conditions(request: pb.GetFactsRequest) -> str:
    return request.entity + (request.as_of.ToJsonString() if request.HasField("as_of") else "")


def _written(conditions: str, told: list[Any]) -> str:
    data = json.dumps(told).encode()
    return base64.urlsafe_b64encode(_seal(conditions, data) + data).decode()


def _read(conditions: str, token: str) -> Any:
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _wrong() from None
    seal, data = raw[:SEAL_BYTES], raw[SEAL_BYTES:]
    if seal != _seal(conditions, data):
        raise _wrong()
    return json.loads(data)


def _seal(conditions: str, data: bytes) -> bytes:
    """A checksum against mistakes, not a signature: a token grants nothing."""
    return hashlib.sha256(conditions.encode() + b"\0" + data).digest()[:SEAL_BYTES]


def _wrong() -> BadQuestion:
    cure = "is not from a page of this list; repeat the conditions it came with, or unset it"
    return BadQuestion([Violation("page_token", cure)])
