"""Serialized messages of callers, parsed."""

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from dealgate.model.errors import BadQuestion, Violation

Request = TypeVar("Request", bound=Message)


def parsed(message: type[Request], data: bytes) -> Request:
    """Parse a request; bytes that are not one raise BadQuestion."""
    try:
        return message.FromString(data)
    except DecodeError:
        name = message.DESCRIPTOR.full_name
        wrong = f"cannot be parsed as {name}; regenerate your client from the current .proto files"
        raise BadQuestion([Violation("request", wrong)]) from None
