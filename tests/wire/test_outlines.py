"""Counts before contents: a message of too many elements is refused before they are made."""

import pytest
from google.protobuf.message import Message

from dealgate.kinds import KINDS
from dealgate.model.errors import BadQuestion
from dealgate.v1 import attribute_pb2, decision_service_pb2, forecast_pb2
from dealgate.wire.calls import parsed
from dealgate.wire.outlines import (
    BEGINNING_BYTES,
    COUNTED_BYTES,
    ELEMENTS_MOST,
    LIST_MOST,
    refuse_crowds,
)

LISTS = [
    (kind.request, field.number, field.name)
    for kind in KINDS.values()
    for field in kind.facts.DESCRIPTOR.fields
    if field.is_repeated and field.message_type is not None
]


def length_delimited(number: int, data: bytes) -> bytes:
    """Return a field on the wire."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    digits = b""
    while value > 0x7F:
        digits += bytes([value & 0x7F | 0x80])
        value >>= 7
    return digits + bytes([value])


def refused(message: type[Message], data: bytes) -> str:
    """Return the field that is refused, if any."""
    try:
        refuse_crowds(message.DESCRIPTOR, data)
    except BadQuestion as error:
        return error.violations[0].field
    return ""


@pytest.mark.parametrize(("message", "number", "name"), LISTS)
def test_a_crowd_is_refused_by_its_name(message: type[Message], number: int, name: str) -> None:
    """Every list of every kind: hundreds of thousands of empty elements are not made."""
    data = length_delimited(1, length_delimited(number, b"") * 400_000)
    with pytest.raises(BadQuestion) as error:
        parsed(message, data)
    (violation,) = error.value.violations
    assert violation.field == f"facts.{name}"
    assert violation.description == f"has more than {LIST_MOST} entries"


def test_crowds_within_elements_count_together() -> None:
    """Many lists that are each short are counted as one."""
    deals = forecast_pb2.ForecastFacts.DESCRIPTOR.fields_by_name["opportunities"]
    assert deals.message_type is not None
    history = deals.message_type.fields_by_name["history"]
    deal = length_delimited(deals.number, length_delimited(history.number, b"") * 500)
    data = length_delimited(1, deal * (ELEMENTS_MOST // 500 + 10))
    assert refused(forecast_pb2.ForecastPipelineRequest, data) == "request"


def test_crowds_in_a_batch_are_found_where_they_stand() -> None:
    """The path leads through the question of the batch."""
    data = decision_service_pb2.BatchDecideRequest()
    data.questions.add().score.facts.lead.id = "L1"
    crowd = data.questions.add().forecast.facts
    for _ in range(LIST_MOST + 1):
        crowd.opportunities.add(id="some deal")
    field = refused(type(data), data.SerializeToString())
    assert field == "questions[1].forecast.facts.opportunities"


def test_the_largest_that_are_taken_pass() -> None:
    """Many journeys, one of many steps, a forecast with a long history."""
    many = [attribute_pb2.JourneyPath(channels=["a", "b"], conversions=1)] * 150_000
    journeys = attribute_pb2.FitAttributionModelRequest(id="m", paths=many)
    assert refused(type(journeys), journeys.SerializeToString()) == ""
    paths = [attribute_pb2.JourneyPath(channels=["a"] * 10_000) for _ in range(10)]
    fit = attribute_pb2.FitAttributionModelRequest(paths=paths)
    assert refused(type(fit), fit.SerializeToString()) == ""
    forecast = forecast_pb2.ForecastPipelineRequest()
    for _ in range(LIST_MOST):
        forecast.facts.history.add()
    data = forecast.SerializeToString() + length_delimited(15, b"x" * COUNTED_BYTES)
    assert refused(type(forecast), data) == ""
    assert parsed(type(forecast), data) is not None


def test_bytes_that_are_no_message_are_told_by_the_parser() -> None:
    """Garbage of any size is what it was."""
    with pytest.raises(BadQuestion) as error:
        parsed(forecast_pb2.ForecastPipelineRequest, b"\xff" * (COUNTED_BYTES + 1))
    assert error.value.violations[0].field == "request"


def test_a_crowd_behind_something_large_is_found() -> None:
    """What comes first does not hide it, however long: then more of the message is looked at."""
    message = forecast_pb2.ForecastPipelineRequest
    name = forecast_pb2.ForecastFacts.DESCRIPTOR.fields_by_name["opportunities"]
    title = length_delimited(200, b"x" * (BEGINNING_BYTES + 1))
    data = length_delimited(1, title + length_delimited(name.number, b"") * (LIST_MOST + 1))
    assert refused(message, data) == "facts.opportunities"
