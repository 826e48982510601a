"""Facts of a kind with code that come as JSON, in a Struct: read, or refused by their paths."""

from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.struct_pb2 import Struct

from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.json_faults import json_fault

NOT_JSON = "holds a number that is not finite; JSON has none"


def read_untyped(sent: Struct, facts: Any) -> None:
    """Fill typed facts with those that were sent; raises BadQuestion, which quotes no value."""
    try:
        ParseDict(MessageToDict(sent), facts)
    except ParseError as error:
        raise BadQuestion([json_fault(str(error), "facts")]) from None
    except (ValueError, OverflowError):  # of MessageToDict: NaN, Infinity
        raise BadQuestion([Violation("facts", NOT_JSON)]) from None
    facts.SetInParent()
