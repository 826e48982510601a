"""What can be wrong with the facts of a forecast."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from dealgate.kinds.forecast.amounts import Ledger, currency, ledger
from dealgate.kinds.forecast.deal_violations import deal_violations, previous_violations
from dealgate.kinds.forecast.period import zone_of
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model import money
from dealgate.model.amounts import AMOUNT_MAX, bounded, currency_code
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    at_most,
    computed,
    has_happened,
    non_negative_money,
    required,
    required_id,
    same_currency,
    stage,
    unique_ids,
)
from dealgate.model.days import date_message, day_number, in_order
from dealgate.model.errors import Violation
from dealgate.model.exchange import exchange_violations
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.model.zones import day_in, zone_violations
from dealgate.v1 import forecast_pb2 as pb

# Each deal is judged by every rule and thrown for in every trial, and all other callers wait.
DEALS_MAX = 3_000
HISTORY_MAX = 20_000
LISTED_MAX = 1_000
DAYS_MAX = 1_100
# Each period that history reaches back over is counted, and a period may have one day.
HISTORY_DAYS = 36_525
SUM_MAX = 10**15
AMOUNT, UNITS, CODE = attrgetter("amount"), attrgetter("units"), attrgetter("currency_code")


def violations(
    facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    wrong = [*malformed(facts), *zone_violations("time_zone", facts.time_zone)]
    if wrong:
        return wrong
    found = [*out_of_bounds(facts), *_beyond(facts, parameters, as_of)]
    return found or _too_large(facts, parameters)


def sound_violations(
    facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    wrong = zone_violations("time_zone", facts.time_zone)
    wrong = wrong or _beyond(facts, parameters, as_of)
    return wrong or _too_large(facts, parameters)


def _beyond(facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int) -> list[Violation]:
    today = day_in(zone_of(facts, parameters), as_of)
    return [
        *required_id("id", facts.id),
        *_period(facts, parameters),
        *computed("today", facts.HasField("today")),
        *exchange_violations(facts, as_of),
        *_sizes(facts),
        *_totals(facts),
        *deal_violations(facts.opportunities, parameters, as_of, today),
        *_history(facts.history, today),
        *_stage_rates(facts.stage_rates, parameters),
        *_submitted(facts.submitted, as_of),
        *_rates(facts, parameters),
        *_booked_twice(facts, parameters),
        *previous_violations(facts, parameters),
    ]


def _period(facts: pb.ForecastFacts, parameters: ForecastParameters) -> list[Violation]:
    if facts.fiscal_period:
        return _fiscal(facts, parameters)
    violations = required("period_start", facts.HasField("period_start"))
    violations += required("period_end", facts.HasField("period_end"))
    if violations:
        return violations
    days = day_number(facts.period_end) - day_number(facts.period_start) + 1
    if days < 1:
        return [Violation("period_end", "is before period_start")]
    wrong = days > DAYS_MAX
    return [Violation("period_end", f"makes more than {DAYS_MAX} days")] if wrong else []


def _fiscal(facts: pb.ForecastFacts, parameters: ForecastParameters) -> list[Violation]:
    violations = [
        Violation(name, "is given by fiscal_period; leave one of them out")
        for name in ("period_start", "period_end")
        if facts.HasField(name)
    ]
    if parameters.fiscal.named(facts.fiscal_period) is None:
        cure = "is not a period of the rule set's fiscal calendar; write FY2026-Q3 or FY2026-P07"
        violations.append(Violation("fiscal_period", cure))
    return violations


def _sizes(facts: pb.ForecastFacts) -> list[Violation]:
    cure = "forecast a part at a time"
    return [
        *at_most("opportunities", facts.opportunities, DEALS_MAX, cure),
        *at_most("history", facts.history, HISTORY_MAX, cure),
        *at_most("stage_rates", facts.stage_rates, LISTED_MAX),
        *at_most("submitted", facts.submitted, LISTED_MAX),
        *at_most("rates", facts.rates, LISTED_MAX),
        *at_most("previous.deals", facts.previous.deals, DEALS_MAX, cure),
    ]


def _totals(facts: pb.ForecastFacts) -> list[Violation]:
    violations = bounded("quota", facts.quota)
    violations += bounded("booked", facts.booked)
    if facts.HasField("quota") and (facts.quota.units, facts.quota.nanos) <= (0, 0):
        violations.append(Violation("quota", "must be more than 0; leave it out if there is none"))
    if facts.HasField("currency_code"):
        violations += currency_code("currency_code", facts.currency_code)
    return violations


def _history(history: Iterable[pb.PastDeal], today: int) -> list[Violation]:
    violations: list[Violation] = []
    earliest = in_order(date_message(max(today - HISTORY_DAYS, 1)))
    latest = in_order(date_message(today))
    for index, deal in enumerate(history):
        if _is_usual(deal, earliest, latest):
            continue
        path = f"history[{index}]"
        violations += required(f"{path}.opened_on", deal.HasField("opened_on"))
        violations += _not_future(f"{path}.opened_on", deal.opened_on, today)
        violations += _not_ancient(f"{path}.opened_on", deal.opened_on, today)
        violations += _not_future(f"{path}.closed_on", deal.closed_on, today)
        violations += non_negative_money(f"{path}.amount", deal.amount)
        violations += bounded(f"{path}.amount", deal.amount)
        violations += _ending(path, deal)
    return violations


def _is_usual(deal: pb.PastDeal, earliest: int, today: int) -> bool:
    """Tell that nothing is wrong with a deal that ended, as is nearly always so.

    Days are those of `in_order`: one that is absent comes before all.
    """
    opened, closed, amount = deal.opened_on, deal.closed_on, deal.amount
    began = opened.year << 9 | opened.month << 5 | opened.day
    ended = closed.year << 9 | closed.month << 5 | closed.day
    return (
        earliest <= began <= ended <= today
        and deal.HasField("won")
        and 0 <= amount.units <= AMOUNT_MAX
        and bool(amount.nanos >= 0)
    )


def _ending(path: str, deal: pb.PastDeal) -> list[Violation]:
    if deal.HasField("closed_on") != deal.HasField("won"):
        missing = "won" if deal.HasField("closed_on") else "closed_on"
        return [Violation(f"{path}.{missing}", "is required of a deal that closed")]
    if not (deal.HasField("closed_on") and deal.HasField("opened_on")):
        return []
    wrong = day_number(deal.closed_on) < day_number(deal.opened_on)
    return [Violation(f"{path}.closed_on", "is before opened_on")] if wrong else []


def _not_future(path: str, day: Date, today: int) -> list[Violation]:
    wrong = day.year and day_number(day) > today
    return [Violation(path, "is after as_of")] if wrong else []


def _not_ancient(path: str, day: Date, today: int) -> list[Violation]:
    wrong = day.year and day_number(day) < today - HISTORY_DAYS
    return [Violation(path, "is more than 100 years before as_of")] if wrong else []


def _stage_rates(rates: Sequence[pb.StageRate], parameters: ForecastParameters) -> list[Violation]:
    names = (f"{rate.pipeline}/{rate.stage_name}".strip("/") for rate in rates)
    violations = unique_ids("stage_rates", names, "stage_name")
    ways = parameters.ways
    for index, rate in enumerate(rates):
        path = f"stage_rates[{index}]"
        violations += required(f"{path}.stage_name", rate.stage_name)
        if rate.pipeline and rate.pipeline not in ways.all:
            cure = f"is not a pipeline; the pipelines are: {', '.join(filter(None, ways.all))}"
            violations.append(Violation(f"{path}.pipeline", cure))
        elif rate.stage_name:
            stages = ways.all[rate.pipeline].by_name if rate.pipeline else ways.names
            violations += stage(f"{path}.stage_name", rate.stage_name, stages)
        violations += required(f"{path}.closed", rate.HasField("closed"))
        violations += required(f"{path}.won", rate.HasField("won"))
        if rate.won > rate.closed:
            violations.append(Violation(f"{path}.won", "must be from 0 to closed"))
    return violations


def _submitted(submitted: Sequence[pb.SubmittedForecast], as_of: int) -> list[Violation]:
    violations: list[Violation] = []
    for index, one in enumerate(submitted):
        path = f"submitted[{index}]"
        violations += required_id(f"{path}.submitted_by", one.submitted_by)
        violations += required(f"{path}.amount", one.HasField("amount"))
        violations += has_happened(f"{path}.submitted_at", one.submitted_at, as_of)
        both = [(f"{path}.amount", one.amount), (f"{path}.adjustment", one.adjustment)]
        violations += same_currency(both)
    return violations


def _rates(facts: pb.ForecastFacts, parameters: ForecastParameters) -> list[Violation]:
    code = currency(facts, parameters)
    violations = unique_ids("rates", (rate.currency_code for rate in facts.rates), "currency_code")
    for index, rate in enumerate(facts.rates):
        path = f"rates[{index}]"
        number = plain_decimal(rate.rate)
        violations += currency_code(f"{path}.currency_code", rate.currency_code)
        violations += required(f"{path}.rate", number is not None)
        if number not in {None, 1} and rate.currency_code == code:
            violations.append(
                Violation(f"{path}.rate", "must be 1: it is the forecast's own currency")
            )
    return violations


def _booked_twice(facts: pb.ForecastFacts, parameters: ForecastParameters) -> list[Violation]:
    if not facts.HasField("booked"):
        return []
    ways = parameters.ways
    stages = (
        ways.of(deal).by_name.get(deal.stage_name)
        for deal in facts.opportunities
        if deal.stage_name in ways.won and not ways.violations("", deal)
    )
    twice = any(one is not None and one.closed == "won" for one in stages)
    cure = "is given, and so are deals that were won; leave one of them out"
    return [Violation("booked", cure)] if twice else []


def _too_large(facts: pb.ForecastFacts, parameters: ForecastParameters) -> list[Violation]:
    """Look at sums in the forecast's currency, which exist only if everything else is right."""
    if not (code := currency(facts, parameters)):
        return []
    books, most = ledger(facts, parameters), SUM_MAX * money.minor_per_unit(code)
    lists: dict[str, Sequence[Money]] = {
        "opportunities": [
            amount
            for amount in (facts.quota, facts.booked, *map(AMOUNT, facts.opportunities))
            if amount.currency_code
        ],
        "history": [*map(AMOUNT, facts.history)],
    }
    return [
        Violation(name, f"are more than {SUM_MAX} units together, in the forecast's currency")
        for name, given in lists.items()
        if not _are_few(given, books) and books.total(filter(CODE, given)) > most
    ]


def _are_few(amounts: Sequence[Money], books: Ledger) -> bool:
    """Tell at one look, where nothing is converted, that a sum is far below its bound."""
    return not books.rates and sum(map(abs, map(UNITS, amounts))) + len(amounts) <= SUM_MAX
