"""What to expect: how often leads like this one convert, and what a missing item is worth."""

from collections.abc import Sequence
from decimal import Decimal

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.convert.terms import ConvertParameters
from dealgate.model.points import plain
from dealgate.model.statistics import Interval, difference, wilson
from dealgate.v1 import convert_pb2 as pb


def expected(
    segments: Sequence[pb.FunnelSegment], parameters: ConvertParameters
) -> pb.ExpectedConversion:
    """Return the rate of the first segment with enough closed leads; no rate if there is none."""
    if not segments:
        return pb.ExpectedConversion(status=pb.FUNNEL_STATUS_NOT_GIVEN)
    enough = next((one for one in segments if closed(one) >= parameters.min_sample), None)
    if enough is None:
        return pb.ExpectedConversion(status=pb.FUNNEL_STATUS_SAMPLE_TOO_SMALL)
    rate = wilson(enough.converted, closed(enough), parameters.confidence)
    return pb.ExpectedConversion(
        status=pb.FUNNEL_STATUS_OBSERVED,
        segment=enough.name,
        rate=_decimal(rate.value),
        at_least=_decimal(rate.low),
        at_most=_decimal(rate.high),
        converted=enough.converted,
        closed=closed(enough),
        open=enough.open,
        confidence=DecimalMessage(value=parameters.confidence),
    )


def lift(
    field: str, evidence: Sequence[pb.ItemEvidence], parameters: ConvertParameters
) -> Interval | None:
    """Return how much more often leads with the item convert; None if too few were observed."""
    interval = next((one for one in evidence if one.field == field), None)
    if interval is None:
        return None
    groups = [(one.converted, closed(one)) for one in (getattr(interval, "with"), interval.without)]
    if min(trials for _, trials in groups) < parameters.min_sample:
        return None
    return difference(groups[0], groups[1], parameters.confidence)


def closed(segment: pb.FunnelSegment) -> int:
    """Return how many leads are closed: those still open are in no rate."""
    return segment.converted + segment.lost


def _decimal(number: Decimal) -> DecimalMessage:
    return DecimalMessage(value=plain(number))
