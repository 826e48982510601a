"""A sample question of each kind: what a caller of that kind usually asks.

Score's is the demo's lead with four activities; attribute's has ten touches and twelve models,
forecast's 50 open deals beside 200 earlier ones, recognize's five lines over twelve months; of
every other kind it is the shipped case with the most facts.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from bench.local_server import RULES
from bench.question import FACTS
from dealgate.kinds import KINDS
from dealgate.model.instants import DAY, SECOND
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.v1 import attribute_pb2, forecast_pb2, recognize_pb2

MODELS = 12
FIRST_DAY, LAST_DAY = dt.date(2026, 7, 1), dt.date(2026, 9, 30)
NOW = dt.datetime(2026, 7, 31, 12, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """Facts of a kind, and the instant (ns) to judge them at."""

    kind: str
    facts: Message
    as_of: int


def samples(catalog: Catalog, kinds: tuple[str, ...] = ()) -> Iterator[Sample]:
    """Yield the question of each kind, or of the kinds named."""
    now = int(NOW.timestamp()) * SECOND
    own: dict[str, Callable[[], Message]] = {
        "attribute": attribute,
        "forecast": forecast,
        "recognize": recognize,
    }
    for kind in kinds or tuple(KINDS):
        if kind == "score":
            facts = type(FACTS)()
            facts.CopyFrom(FACTS)
            yield Sample(kind, facts, max(a.at.ToNanoseconds() for a in FACTS.activities) + DAY)
        elif kind in own:
            yield Sample(kind, own[kind](), now)
        else:
            yield _largest(catalog, kind)


def _largest(catalog: Catalog, kind: str) -> Sample:
    ruleset = catalog.version(kind, 2)
    files = load_cases(Path(RULES), KINDS, [ruleset])
    cases = [case for file in files for case in file.cases if case.error is None]
    case = max(cases, key=lambda case: (case.facts.ByteSize(), case.name))
    return Sample(kind, case.facts, case.as_of)


def attribute(touches: int = 10) -> Message:
    """Return a deal that was won after so many touches."""
    facts = attribute_pb2.AttributeFacts(lookback_days=90)
    facts.opportunity.id = "006"
    facts.opportunity.amount.CopyFrom(_usd(24_000))
    facts.opportunity.created_at.FromDatetime(NOW - dt.timedelta(days=40))
    facts.opportunity.closed_at.FromDatetime(NOW - dt.timedelta(hours=12))
    facts.milestones.lead_created_at.FromDatetime(NOW - dt.timedelta(days=60))
    for number in range(touches):
        touch = facts.touches.add(id=f"t{number}", channel=f"channel-{number % 4}", internal=False)
        touch.at.FromDatetime(NOW - dt.timedelta(days=80 * (touches - number) / touches))
        touch.type = attribute_pb2.TOUCH_TYPE_CLICK
    for model in range(1, MODELS):
        facts.models.add(model=model)
    custom = facts.models.add(model=attribute_pb2.ATTRIBUTION_MODEL_CUSTOM)
    custom.weights.first.value = custom.weights.last.value = "0.5"
    return facts


def forecast(deals: int = 50, past: int = 200) -> Message:
    """Return a quarter with so many open deals, beside earlier ones."""
    facts = forecast_pb2.ForecastFacts(
        id="q3", period_start=_day(FIRST_DAY), period_end=_day(LAST_DAY), booked=_usd(1)
    )
    for number in range(deals):
        deal = facts.opportunities.add(
            id=f"d{number}", stage_name="Proposal/Price Quote", amount=_usd(number)
        )
        deal.created_at.FromDatetime(NOW - dt.timedelta(days=number % 300))
        deal.close_date.CopyFrom(_day(LAST_DAY))
    for number in range(past):
        opened = NOW.date() - dt.timedelta(days=200 + number % 900)
        closed = opened + dt.timedelta(days=number % 180)
        earlier = facts.history.add(opened_on=_day(opened), closed_on=_day(closed), amount=_usd(9))
        earlier.won = number % 4 == 0
    return facts


def recognize(lines: int = 5, months: int = 12) -> Message:
    """Return a contract of so many lines over so many months."""
    facts = recognize_pb2.RecognizeFacts()
    contract = facts.contract
    contract.id, contract.approved, contract.collectible = "K-1", True, True
    contract.terminable_without_penalty, contract.financing_months = False, 0
    contract.signed_on.CopyFrom(_day(dt.date(2026, 1, 1)))
    for number in range(months):
        first = _month(number)
        last = _month(number + 1) - dt.timedelta(days=1)
        facts.periods.add(id=f"{first:%Y-%m}", start=_day(first), end=_day(last))
    for number in range(lines):
        line = facts.lines.add(id=f"l{number}", price=_usd(1_200 + number))
        line.pattern = recognize_pb2.RECOGNITION_PATTERN_RATABLE
        line.start.CopyFrom(_day(_month(0)))
        line.end.CopyFrom(_day(_month(months) - dt.timedelta(days=1)))
    return facts


def _month(number: int) -> dt.date:
    years, month = divmod(number, 12)
    return dt.date(2026 + years, month + 1, 1)


def _day(of: dt.date) -> Date:
    return Date(year=of.year, month=of.month, day=of.day)


def _usd(units: int) -> Money:
    return Money(currency_code="USD", units=units)
