"""What can be wrong with the facts of a forecast."""

from collections.abc import Iterable, Sequence

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from dealgate.kinds.forecast.amounts import currency, ledger
from dealgate.kinds.forecast.deal_violations import (
    deal_violations,
    previous_violations,
    stage_violations,
)
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model import money
from dealgate.model.amounts import AMOUNT_MAX, bounded, currency_code
from dealgate.model.bounds import out_of_bounds
from dealgate.model.business_time import ordinal
from dealgate.model.checks import (
    at_most,
    non_negative_money,
    not_after,
    required,
    required_id,
    same_currency,
    unique_ids,
)
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.instants import timestamp
from dealgate.model.malformed import malformed, plain_decimal
from dealgate.v1 import forecast_pb2 as pb

# Each deal is judged by every rule and thrown for in every trial, and all other callers wait.
DEALS_MAX = 3_000
HISTORY_MAX = 20_000
LISTED_MAX = 1_000
DAYS_MAX = 1_100
# Each period that history reaches back over is counted, and a period may have one day.
HISTORY_DAYS = 36_525
SUM_MAX = 10**15


def violations(
    facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    wrong = malformed(facts)
    if wrong:
        return wrong
    found = [*out_of_bounds(facts), *_beyond(facts, parameters, as_of)]
    return found or _too_large(facts)


def sound_violations(
    facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    return _beyond(facts, parameters, as_of) or _too_large(facts)


def _beyond(facts: pb.ForecastFacts, parameters: ForecastParameters, as_of: int) -> list[Violation]:
    return [
        *required_id("id", facts.id),
        *_period(facts),
        *_sizes(facts),
        *_totals(facts),
        *deal_violations(facts.opportunities, parameters, as_of),
        *_history(facts.history, ordinal(as_of)),
        *_stage_rates(facts.stage_rates, parameters),
        *_submitted(facts.submitted, as_of),
        *_rates(facts),
        *_booked_twice(facts, parameters),
        *previous_violations(facts),
    ]


def _period(facts: pb.ForecastFacts) -> list[Violation]:
    violations = required("period_start", facts.HasField("period_start"))
    violations += required("period_end", facts.HasField("period_end"))
    if violations:
        return violations
    days = day_number(facts.period_end) - day_number(facts.period_start) + 1
    if days < 1:
        return [Violation("period_end", "is before period_start")]
    wrong = days > DAYS_MAX
    return [Violation("period_end", f"makes more than {DAYS_MAX} days")] if wrong else []


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
    for index, deal in enumerate(history):
        if _is_usual(deal, today):
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


def _is_usual(deal: pb.PastDeal, today: int) -> bool:
    """Tell that nothing is wrong with a deal that ended, as is nearly always so."""
    if not (deal.HasField("opened_on") and deal.HasField("closed_on") and deal.HasField("won")):
        return False
    opened, closed = day_number(deal.opened_on), day_number(deal.closed_on)
    if not today - HISTORY_DAYS <= opened <= closed <= today:
        return False
    amount = deal.amount
    return 0 <= amount.units <= AMOUNT_MAX and bool(amount.nanos >= 0)


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
    violations = unique_ids("stage_rates", (rate.stage_name for rate in rates), "stage_name")
    for index, rate in enumerate(rates):
        path = f"stage_rates[{index}]"
        violations += required(f"{path}.stage_name", rate.stage_name)
        violations += stage_violations(f"{path}.stage_name", rate.stage_name, parameters)
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
        violations += not_after(f"{path}.submitted_at", one.submitted_at, "as_of", timestamp(as_of))
        both = [(f"{path}.amount", one.amount), (f"{path}.adjustment", one.adjustment)]
        violations += same_currency(both)
    return violations


def _rates(facts: pb.ForecastFacts) -> list[Violation]:
    code = currency(facts)
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
    known = {code, *(rate.currency_code for rate in facts.rates)}
    cure = "is in another currency than the forecast, and rates has none for it"
    return violations + [
        Violation(path, cure)
        for path, amount in _amounts(facts)
        if amount.currency_code and amount.currency_code not in known
    ]


def _amounts(facts: pb.ForecastFacts) -> Iterable[tuple[str, Money]]:
    yield "quota", facts.quota
    yield "booked", facts.booked
    for index, deal in enumerate(facts.opportunities):
        yield f"opportunities[{index}].amount", deal.amount
    for index, past in enumerate(facts.history):
        yield f"history[{index}].amount", past.amount


def _booked_twice(facts: pb.ForecastFacts, parameters: ForecastParameters) -> list[Violation]:
    won = {stage.name for stage in parameters.stages if stage.closed == "won"}
    twice = facts.HasField("booked") and any(d.stage_name in won for d in facts.opportunities)
    cure = "is given, and so are deals that were won; leave one of them out"
    return [Violation("booked", cure)] if twice else []


def _too_large(facts: pb.ForecastFacts) -> list[Violation]:
    """Look at sums in the forecast's currency, which exist only if everything else is right."""
    if not (code := currency(facts)):
        return []
    books, most = ledger(facts), SUM_MAX * money.minor_per_unit(code)
    lists = {
        "opportunities": [
            facts.quota,
            facts.booked,
            *(opportunity.amount for opportunity in facts.opportunities),
        ],
        "history": [one.amount for one in facts.history],
    }
    return [
        Violation(name, f"are more than {SUM_MAX} units together, in the forecast's currency")
        for name, given in lists.items()
        if sum(books.read(amount) for amount in given if amount.currency_code) > most
    ]
