"""The waterfall: what became of each deal between two forecasts of a period, to the minor unit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dealgate.kinds.forecast.period import Period
from dealgate.model.days import day_number
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity

ENTERED = pb.FORECAST_MOVEMENT_KIND_ENTERED
PULLED_IN = pb.FORECAST_MOVEMENT_KIND_PULLED_IN
REOPENED = pb.FORECAST_MOVEMENT_KIND_REOPENED
GREW = pb.FORECAST_MOVEMENT_KIND_GREW
SHRANK = pb.FORECAST_MOVEMENT_KIND_SHRANK
WON = pb.FORECAST_MOVEMENT_KIND_WON
LOST = pb.FORECAST_MOVEMENT_KIND_LOST
SLIPPED = pb.FORECAST_MOVEMENT_KIND_SLIPPED
LEFT = pb.FORECAST_MOVEMENT_KIND_LEFT
EXCLUDED = pb.FORECAST_MOVEMENT_KIND_EXCLUDED

# How a deal came that did not count before, by why it did not.
CAME = {"OUTSIDE_PERIOD": PULLED_IN, "BOOKED": REOPENED, "CLOSED": REOPENED}


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of one deal, in minor units."""

    deal_id: str
    kind: pb.ForecastMovementKind.ValueType
    amount: int


def waterfall(
    facts: pb.ForecastFacts, deals: Sequence[pb.ForecastDeal], period: Period, currency: str
) -> pb.ForecastWaterfall:
    """Return how the open pipeline became what `deals`, as the answer shows them, come to."""
    before = facts.previous.deals
    forecast_waterfall = [*_movements(facts, deals, before, period)]
    opening, closing = sum(map(_open, before)), sum(map(_open, deals))
    return pb.ForecastWaterfall(
        opening=from_minor(opening, currency),
        sums=[*_sums(forecast_waterfall, currency)],
        closing=from_minor(closing, currency),
        balanced=opening + sum(one.amount for one in forecast_waterfall) == closing,
        movements=[
            pb.ForecastMovement(
                opportunity_id=one.deal_id,
                kind=one.kind,
                amount=from_minor(one.amount, currency),
            )
            for one in forecast_waterfall
        ],
    )


def _movements(
    facts: pb.ForecastFacts,
    deals: Sequence[pb.ForecastDeal],
    before: Sequence[pb.ForecastDeal],
    period: Period,
) -> Iterator[Movement]:
    known = {deal.opportunity_id: deal for deal in before}
    for opportunity, now in zip(facts.opportunities, deals, strict=True):
        then = known.pop(now.opportunity_id, None)
        for kind, amount in _changes(then, now, opportunity, period):
            yield Movement(now.opportunity_id, kind, amount)
    for gone in known.values():
        if _counts(gone):
            yield Movement(gone.opportunity_id, LEFT, -_open(gone))


def _changes(
    then: pb.ForecastDeal | None, now: pb.ForecastDeal, deal: Opportunity, period: Period
) -> Iterator[tuple[pb.ForecastMovementKind.ValueType, int]]:
    counted, amount = then is not None and _counts(then), _minor(now)
    is_new_win = now.left_out == "BOOKED" and (then is None or then.left_out != "BOOKED")
    if not (_counts(now) or is_new_win):
        if then is not None and counted:
            yield _gone(now, deal, period), -_open(then)
        return
    if then is None or not counted:
        yield ENTERED if then is None else CAME.get(then.left_out, ENTERED), amount
    elif amount != _open(then):
        yield GREW if amount > _open(then) else SHRANK, amount - _open(then)
    if is_new_win:
        yield WON, -amount


def _gone(
    now: pb.ForecastDeal, deal: Opportunity, period: Period
) -> pb.ForecastMovementKind.ValueType:
    """Return why a deal that is still there does not count any more."""
    if now.left_out == "CLOSED":
        return LOST
    late = now.left_out == "OUTSIDE_PERIOD" and day_number(deal.close_date) > period.end
    return SLIPPED if late else EXCLUDED


def _sums(movements: Sequence[Movement], currency: str) -> Iterator[pb.ForecastMovementSum]:
    by_kind: Mapping[pb.ForecastMovementKind.ValueType, list[int]] = {
        kind: [movement.amount for movement in movements if movement.kind == kind]
        for kind in pb.ForecastMovementKind.values()
    }
    for kind, amounts in by_kind.items():
        if amounts:
            yield pb.ForecastMovementSum(
                kind=kind, amount=from_minor(sum(amounts), currency), deals=len(amounts)
            )


def _counts(deal: pb.ForecastDeal) -> bool:
    return not deal.left_out


def _open(deal: pb.ForecastDeal) -> int:
    """Return what a deal adds to the open pipeline of the period."""
    return _minor(deal) if _counts(deal) else 0


def _minor(deal: pb.ForecastDeal) -> int:
    return to_minor(deal.amount) if deal.HasField("amount") else 0
