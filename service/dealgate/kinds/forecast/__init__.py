"""The forecast kind: what will this period bring, by which method, and how sure is that?

`deals` says how each deal counts, `history` and `lifetable` what earlier ones teach, `lines` what
every method comes to, `interval` how far it may be off, `waterfall` what has changed since an
earlier one. Nothing here reads a clock: the recorded decision is the snapshot that accuracy is
measured against.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from dealgate.kinds.forecast.amounts import CURRENCY, Ledger, ledger
from dealgate.kinds.forecast.deals import (
    BOOKED,
    OTHER_CURRENCY,
    Deal,
    chances_by_age,
    claims,
    counted,
)
from dealgate.kinds.forecast.deriving import derive
from dealgate.kinds.forecast.history import ages, created_and_closed, earlier, life_table
from dealgate.kinds.forecast.interval import interval
from dealgate.kinds.forecast.lifetable import LifeTable
from dealgate.kinds.forecast.lines import (
    Known,
    Line,
    historical_rate,
    lines,
    method,
    open_component,
    total,
)
from dealgate.kinds.forecast.listing import listed
from dealgate.kinds.forecast.parts import parts, rollup
from dealgate.kinds.forecast.period import fiscal_name, period, zone_of
from dealgate.kinds.forecast.stakes import PROOFS
from dealgate.kinds.forecast.terms import ForecastEffect, ForecastParameters
from dealgate.kinds.forecast.violations import sound_violations, violations
from dealgate.kinds.forecast.waterfall import waterfall
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.folds import summed
from dealgate.model.kind import Kind
from dealgate.model.numbers import numbers_of
from dealgate.model.parts import rounded
from dealgate.model.ratio import Ratio
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import RuleSet
from dealgate.v1 import forecast_pb2 as pb

COVERAGE_DECIMALS = 4
INCOMPLETE = {
    "AMOUNT_UNKNOWN": ("DEALS_WITHOUT_AMOUNT", "These deals count for nothing: no amount."),
    "CLOSE_DATE_UNKNOWN": (
        "DEALS_WITHOUT_CLOSE_DATE",
        "Nobody says when these deals should close.",
    ),
    OTHER_CURRENCY: (
        "DEALS_IN_OTHER_CURRENCIES",
        "No rate converts these deals: they count in no sum but that of their part.",
    ),
}
# What of the question itself no rate converts.
UNCONVERTED = {
    "quota": ("QUOTA_NOT_CONVERTED", "No rate converts the quota, so nothing is held against it."),
    "booked": ("BOOKED_NOT_CONVERTED", "No rate converts what was booked, so it is not known."),
}


def conclude(
    facts: pb.ForecastFacts,
    ruleset: RuleSet[ForecastEffect, ForecastParameters],
    evidence: Evidence[ForecastEffect],
    as_of: int,
) -> Conclusion:
    """Return the ForecastOutcome; its word is on_track, at_risk, off_track or unknown.

    Raises RulesFailed if a rule went wrong: a sum over half the rules is a wrong number.
    """
    parameters, books = ruleset.parameters, ledger(facts, ruleset.parameters)
    known, table = _known(facts, ruleset, evidence, books, as_of)
    outcome = _foreseen(facts, known, table, parameters, books)
    _detail(outcome, facts, known, parameters)
    outcome.provisional = any(one.rule.then.about_deals for one in evidence.undecided)
    if facts.HasField("previous") and books.currency:
        outcome.waterfall.CopyFrom(waterfall(facts, outcome.deals, known.period, books.currency))
    outcome.warnings.extend(_warnings(evidence, facts, known, outcome, parameters, books))
    word = words.of(pb.ForecastVerdict, outcome.verdict)
    return Conclusion(outcome, word)


def brief(
    facts: pb.ForecastFacts,
    ruleset: RuleSet[ForecastEffect, ForecastParameters],
    evidence: Evidence[ForecastEffect],
    as_of: int,
) -> Brief | None:
    """Return the verdict and the sums as `conclude` does; None beside an earlier forecast.

    How that one became this one takes every deal as the answer shows it.
    """
    if facts.HasField("previous"):
        return None
    parameters, books = ruleset.parameters, ledger(facts, ruleset.parameters)
    known, table = _known(facts, ruleset, evidence, books, as_of)
    outcome = _foreseen(facts, known, table, parameters, books)
    return Brief(words.of(pb.ForecastVerdict, outcome.verdict), numbers_of(outcome))


def _known(
    facts: pb.ForecastFacts,
    ruleset: RuleSet[ForecastEffect, ForecastParameters],
    evidence: Evidence[ForecastEffect],
    books: Ledger,
    as_of: int,
) -> tuple[Known, LifeTable | None]:
    """Return how each deal counts, and what earlier ones teach."""
    refuse_failed(ruleset, evidence)
    parameters = ruleset.parameters
    seen, past = period(facts, parameters, as_of), earlier(facts.history)
    open_for = ages(facts.opportunities, parameters, seen)
    table = life_table(past, open_for, seen)
    chances = chances_by_age(open_for, table, seen)
    said = claims(ruleset, evidence)
    deals = counted(facts, parameters, said, chances, (seen, books))
    known = Known(
        deals=deals,
        booked=_booked(facts, deals, books),
        period=seen,
        rates=_rates(facts),
        created=created_and_closed(past, seen, books),
        past=past,
    )
    return known, table


def _booked(facts: pb.ForecastFacts, deals: Sequence[Deal], books: Ledger) -> Fraction | None:
    if facts.HasField("booked"):
        return books.read(facts.booked)
    won = [deal.amount for deal in deals if deal.left_out == BOOKED]
    if not won or any(amount is None for amount in won):
        return None
    return summed(amount for amount in won if amount is not None)


def _rates(facts: pb.ForecastFacts) -> dict[tuple[str, str], tuple[Fraction, int]]:
    return {
        (rate.pipeline, rate.stage_name): (Ratio(rate.won, rate.closed), rate.closed)
        for rate in facts.stage_rates
        if rate.closed
    }


def _foreseen(
    facts: pb.ForecastFacts,
    known: Known,
    table: LifeTable | None,
    parameters: ForecastParameters,
    books: Ledger,
) -> pb.ForecastOutcome:
    """Return an outcome with its verdict, its sums and the line of each method."""
    forecast_outcome = lines(known, parameters)
    headline = forecast_outcome[parameters.headline].amount
    quota = books.read(facts.quota) if facts.HasField("quota") else None
    outcome = pb.ForecastOutcome(
        verdict=_verdict(headline, quota, parameters),
        headline_method=method(parameters.headline),
        currency_code=books.currency,
        lines=[_line(method(name), line, books) for name, line in forecast_outcome.items()],
        interval=interval(known, parameters, books),
        business_days=known.period.business_days,
        business_days_left=known.period.business_days - known.period.business_days_gone,
        period_start=facts.period_start,
        period_end=facts.period_end,
    )
    if books.currency:
        outcome.categories.CopyFrom(rollup(known.counted, known.booked, books.currency))
    if headline is not None:
        outcome.headline.CopyFrom(books.write(headline))
        if quota is not None:
            outcome.gap.CopyFrom(books.write(quota - headline))
    if quota is not None and known.booked is not None:
        _add_pace(outcome, quota - known.booked, known, books)
    if table is not None:
        outcome.age_aware.CopyFrom(_age_aware(known, table, books))
    return outcome


def _detail(
    outcome: pb.ForecastOutcome,
    facts: pb.ForecastFacts,
    known: Known,
    parameters: ForecastParameters,
) -> None:
    """Add each deal and each part, and what the sums rest on."""
    outcome.MergeFromString(listed(known.deals))
    outcome.assumptions.extend(_assumptions(known, parameters))
    outcome.submitted.extend(facts.submitted)
    outcome.conversions.extend(facts.conversions)
    outcome.fiscal_period = fiscal_name(known.period, parameters.fiscal)
    outcome.time_zone = zone_of(facts, parameters)
    is_told = facts.HasField("booked")
    outcome.parts.extend(parts(known.deals, booked_is_told=is_told, has_history=known.has_history))


def _verdict(
    headline: Fraction | None, quota: Fraction | None, parameters: ForecastParameters
) -> pb.ForecastVerdict.ValueType:
    if headline is None or quota is None:
        return pb.FORECAST_VERDICT_UNKNOWN
    if headline >= quota:
        return pb.FORECAST_VERDICT_ON_TRACK
    least = quota * (1 - Ratio(parameters.tolerance) / 100)
    return pb.FORECAST_VERDICT_AT_RISK if headline >= least else pb.FORECAST_VERDICT_OFF_TRACK


def _line(name: pb.ForecastMethod.ValueType, line: Line, books: Ledger) -> pb.ForecastLine:
    return pb.ForecastLine(
        method=name,
        amount=None if line.amount is None else books.write(line.amount),
        definition=line.definition,
        unknown_because=line.unknown,
    )


def _age_aware(known: Known, table: LifeTable, books: Ledger) -> pb.AgeAwareForecast:
    worth, count = open_component(known.deals)
    answer = pb.AgeAwareForecast(
        open_component=books.write(worth) if books.currency else None,
        open_deals=count,
        deals_learnt_from=table.deals,
    )
    # Of deals in several currencies there is no one amount.
    if known.created and books.currency:
        answer.periods = len(known.created)
        mean = summed(known.created) / len(known.created)
        answer.created_and_closed.CopyFrom(books.write(mean))
    return answer


def _add_pace(outcome: pb.ForecastOutcome, left: Fraction, known: Known, books: Ledger) -> None:
    """Say what is left to reach, by day and beside the pipeline that is there for it."""
    if left <= 0:
        return
    pipeline = total(
        known.counted,
        "pipeline",
        "best_case",
        "most_likely",
        "commit",
    )
    outcome.coverage.value = rounded(pipeline / left, COVERAGE_DECIMALS)
    if outcome.business_days_left:
        outcome.required_per_day.CopyFrom(books.write(left / outcome.business_days_left))


def _assumptions(known: Known, parameters: ForecastParameters) -> list[str]:
    """Name the stages whose rate of winning nobody has counted often enough."""
    return sorted(
        {
            f"RATE_OF_RULE_SET: {'/'.join(filter(None, (deal.pipeline, deal.stage.name)))}"
            for deal in known.counted
            if deal.stage is not None and historical_rate(deal, known, parameters) is None
        }
    )


def _warnings(
    evidence: Evidence[ForecastEffect],
    facts: pb.ForecastFacts,
    known: Known,
    outcome: pb.ForecastOutcome,
    parameters: ForecastParameters,
    books: Ledger,
) -> Iterator[pb.ForecastWarning]:
    for fired in evidence.fired:
        if fired.rule.then.warn is not None:
            yield pb.ForecastWarning(
                code=fired.rule.then.warn,
                message=fired.rule.because,
                opportunity_ids=[facts.opportunities[index].id for index in fired.elements],
                rule_id=fired.rule.id,
            )
    for left_out, (code, message) in INCOMPLETE.items():
        ids = [deal.id for deal in known.deals if deal.left_out == left_out]
        if ids:
            yield pb.ForecastWarning(code=code, message=message, opportunity_ids=ids)
    for name, (code, message) in UNCONVERTED.items():
        if facts.HasField(name) and not books.converts(getattr(facts, name)):  # type: ignore[arg-type]
            yield pb.ForecastWarning(code=code, message=message)
    # Whatever deriving left in another currency that has no rate of its own, it told of.
    are_alike = books.currency and not facts.conversions
    if not (are_alike or books.knows({CURRENCY(deal) for _, _, deal in known.past})):
        message = "No rate converts some earlier deals, so what they brought is left out."
        yield pb.ForecastWarning(code="HISTORY_NOT_CONVERTED", message=message)
    if outcome.HasField("coverage") and _short(outcome, parameters):
        message = f"There is less than {parameters.coverage_target} times what is left to reach."
        yield pb.ForecastWarning(code="COVERAGE_LOW", message=message)


def _short(outcome: pb.ForecastOutcome, parameters: ForecastParameters) -> bool:
    return Ratio(outcome.coverage.value) < Ratio(parameters.coverage_target)


FORECAST = Kind(
    name="forecast",
    request=pb.ForecastPipelineRequest,
    response=pb.ForecastPipelineResponse,
    facts=pb.ForecastFacts,
    effect=ForecastEffect,
    parameters=ForecastParameters,
    entity="forecast/id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    derive=derive,
    derive_reads=("currency", "time_zone", "fiscal", "ways"),
    proofs=PROOFS,
)
