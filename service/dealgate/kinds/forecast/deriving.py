"""What can be computed before rules judge deals: the day, the period, stages, amounts converted."""

from dealgate.kinds.forecast.amounts import CURRENCY, currency
from dealgate.kinds.forecast.period import zone_of
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.days import date_message
from dealgate.model.exchange import convert
from dealgate.model.zones import today_message
from dealgate.v1 import forecast_pb2 as pb

# What people said, and what an earlier answer said, stay as they were said.
AS_GIVEN = ("submitted", "previous")


def derive(facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int) -> pb.ForecastFacts:
    """Return the facts as rules read them."""
    known = pb.ForecastFacts()
    known.CopyFrom(facts)
    known.today.CopyFrom(today_message(zone_of(facts, parameters), as_of))
    named = parameters.fiscal.named(facts.fiscal_period) if facts.fiscal_period else None
    if named is not None:
        known.period_start.CopyFrom(date_message(named.first))
        known.period_end.CopyFrom(date_message(named.last))
    for deal in known.opportunities:
        pipeline = parameters.ways.of(deal)
        if pipeline.name:
            deal.pipeline = pipeline.name
        stage = pipeline.by_name.get(deal.stage_name)
        if stage is not None:
            deal.is_open = stage.closed is None
            deal.gates.extend(() if stage.closed else pipeline.reached(stage))
    code = currency(facts, parameters)
    leave = {rate.currency_code for rate in facts.rates}
    if code and _currencies(facts) - {"", code} - leave:
        _convert(known, facts, code, leave)
    return known


def _currencies(facts: pb.ForecastFacts) -> set[str]:
    """Return the currencies of what is added up, which may be thousands of deals."""
    totals = {facts.quota.currency_code, facts.booked.currency_code}
    totals.update(map(CURRENCY, facts.opportunities))
    totals.update(map(CURRENCY, facts.history))
    return totals


def _convert(known: pb.ForecastFacts, facts: pb.ForecastFacts, code: str, leave: set[str]) -> None:
    for name in AS_GIVEN:
        known.ClearField(name)  # type: ignore[arg-type]
    convert(known, code, to_minor=True, leave=leave)
    known.submitted.extend(facts.submitted)
    if facts.HasField("previous"):
        known.previous.CopyFrom(facts.previous)
