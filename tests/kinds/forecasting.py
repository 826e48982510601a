"""A quarter to forecast, by hand: July to September 2026, seen on Friday 31 July."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import text_format
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from dealgate.kinds.forecast import FORECAST
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.money import from_minor
from dealgate.model.rules import AnyRule
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.kinds import build

TODAY = dt.date(2026, 7, 31)
AS_OF = int(dt.datetime(2026, 7, 31, 12, tzinfo=dt.UTC).timestamp()) * 10**9
PARAMETERS: Mapping[str, Any] = {
    "headline": "stage_weighted",
    "stages": [
        {"name": "New", "probability": 10, "forecast_category": "pipeline"},
        {"name": "Trial", "probability": 50, "forecast_category": "best_case"},
        {"name": "Likely", "probability": 60, "forecast_category": "most_likely"},
        {"name": "Offer", "probability": 75, "forecast_category": "commit"},
        {"name": "Won", "probability": 100, "forecast_category": "closed", "closed": "won"},
        {"name": "Lost", "probability": 0, "forecast_category": "omitted", "closed": "lost"},
    ],
}


def day(of: dt.date) -> Date:
    """Return the day as a message."""
    return Date(year=of.year, month=of.month, day=of.day)


def eur(units: int) -> Money:
    """Return whole euros."""
    return from_minor(units * 100, "EUR")


def deal(name: str, stage: str, units: int, opened: int = 10, closes: int = 30) -> Opportunity:
    """Return a deal opened so many days ago that should close in so many days."""
    found = Opportunity(
        id=name,
        stage_name=stage,
        amount=eur(units),
        close_date=day(TODAY + dt.timedelta(days=closes)),
    )
    found.created_at.FromNanoseconds(AS_OF - opened * build.DAY)
    return found


def past(opened: int, age: int | None, *, won: bool = False, units: int = 0) -> pb.PastDeal:
    """Return an earlier deal opened so many days ago, closed at that age, or open (None)."""
    began = TODAY - dt.timedelta(days=opened)
    found = pb.PastDeal(opened_on=day(began), amount=eur(units) if units else None)
    if age is not None:
        found.closed_on.CopyFrom(day(began + dt.timedelta(days=age)))
        found.won = won
    return found


def quarter(deals: Sequence[Opportunity] = (), more: str = "", **fields: Any) -> pb.ForecastFacts:
    """Return the facts; `more` in protobuf's text format."""
    facts = pb.ForecastFacts(
        id="q3",
        period_start=Date(year=2026, month=7, day=1),
        period_end=Date(year=2026, month=9, day=30),
        opportunities=deals,
        **fields,
    )
    return text_format.Merge(more, facts)


def rule(name: str, over: str = "opportunities", **effect: Any) -> AnyRule:
    """Return a rule that makes this claim about each deal, or over "" about all."""
    return build.rule(FORECAST, name, effect, over)


def forecast(
    facts: pb.ForecastFacts, evidence: AnyEvidence | None = None, **parameters: Any
) -> pb.ForecastOutcome:
    """Check the facts, conclude, and return the outcome."""
    ruleset = build.ruleset(FORECAST, [], {**PARAMETERS, **parameters})
    assert FORECAST.check(facts, ruleset.parameters, AS_OF) == []
    outcome = FORECAST.conclude(facts, ruleset, evidence or Evidence(), AS_OF).outcome
    assert isinstance(outcome, pb.ForecastOutcome)
    return outcome


def line(outcome: pb.ForecastOutcome, name: str) -> pb.ForecastLine:
    """Return the line of that method."""
    number = pb.ForecastMethod.Value(f"FORECAST_METHOD_{name.upper()}")
    return next(each for each in outcome.lines if each.method == number)
