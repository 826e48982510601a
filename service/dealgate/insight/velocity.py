"""Pipeline velocity: what opportunities bring a day."""

from fractions import Fraction
from typing import NamedTuple

from dealgate.insight.deals import Sighting, sightings
from dealgate.insight.numbers import LeftOut, basis, measure, money, one_currency, share
from dealgate.insight.tables import AMOUNT, Tables
from dealgate.insight.traffic import Traffic
from dealgate.insight.window import Window, bounded, window_of
from dealgate.model.instants import DAY
from dealgate.model.money import minor_per_unit
from dealgate.v1 import insight_pb2 as pb

ENDED = {"WON", "LOST"}
COLUMNS = {
    "subject": "VARCHAR",
    "created": "BIGINT",
    "seen": "BIGINT",
    "told": "VARCHAR",
    "ended": "BIGINT",
    "amount": AMOUNT,
    "currency": "VARCHAR",
}
# One row an opportunity: its first sighting, and the result of the decision judged last.
DEALS = """
    CREATE TEMP TABLE deals AS
    WITH grouped AS (
        SELECT subject, coalesce(min(created), min(seen)) AS born, min(created) AS created,
            arg_max(
                {'told': told, 'ended': ended, 'amount': amount, 'currency': currency},
                (seen, ended)
            ) FILTER (ended IS NOT NULL) AS result
        FROM sightings WHERE seen <= $as_of AND (ended IS NULL OR ended <= $as_of)
        GROUP BY subject
    )
    SELECT subject, born, created, result.told, result.ended, result.amount, result.currency
    FROM grouped
"""
IN_PLAY = """
    SELECT count(*) FROM deals
    WHERE born < $before AND born <= $as_of AND (ended IS NULL OR ended >= $first)
"""
CLOSED = """
    CREATE TEMP TABLE closed AS SELECT * FROM deals
    WHERE ended >= $first AND ended < $before
"""
CURRENCIES = "SELECT DISTINCT currency FROM closed WHERE told = 'WON' AND amount IS NOT NULL"
TOTALS = """
    SELECT count(*) FILTER (told = 'WON'), count(*),
        count(*) FILTER (told = 'WON' AND amount IS NOT NULL AND currency = $currency),
        sum(amount) FILTER (told = 'WON' AND currency = $currency),
        count(*) FILTER (ended >= created), sum(ended - created) FILTER (ended >= created)
    FROM closed
"""
FORMULAS = (
    "per day = opportunities x average won amount x win rate / cycle days",
    "opportunities: open at some time in the window; born when created, or first decided about",
    "win rate = won / (won + lost), by recorded results with an instant in the window",
    "cycle: from created to won or lost, of those whose creation is known",
)
LEFT_OUT = {
    "WON_WITHOUT_AMOUNT": "won, but without an amount in this currency",
    "CYCLE_UNKNOWN": "won or lost, but created at an unknown time, or later",
}


def velocity(request: pb.GetVelocityRequest, traffic: Traffic, now: int) -> pb.GetVelocityResponse:
    """Return what the pipeline brings a day."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    shown = _computed(request.currency_code, traffic, window, left_out)
    shown.basis.CopyFrom(basis(window, traffic, FORMULAS, left_out))
    return shown


class Totals(NamedTuple):
    """What happened in the window, in one currency: amounts in minor units, spans in ns."""

    won: int
    closed: int
    paid: int
    amount: int
    cycles: int
    span: int


def _computed(
    asked: str, traffic: Traffic, window: Window, left_out: LeftOut
) -> pb.GetVelocityResponse:
    in_play, totals, currency, unknown = _asked(asked, traffic, window)
    left_out.add("WON_WITHOUT_AMOUNT", totals.won - totals.paid)
    left_out.add("CYCLE_UNKNOWN", totals.closed - totals.cycles)
    average = Fraction(totals.amount, totals.paid) if totals.paid else None
    cycle = Fraction(totals.span, totals.cycles * DAY) if totals.cycles else None
    shown = pb.GetVelocityResponse(
        opportunities=in_play,
        win_rate=share(totals.won, totals.closed, "nothing was won or lost in the window"),
        won_amount=money(totals.amount, currency) if totals.paid else None,
        won_with_amount=totals.paid,
        cycle_days=measure(cycle, "no closed deal has a known creation date"),
        cycles=totals.cycles,
    )
    if average is None:
        shown.average_won.unknown_because = unknown or "no won deal has a known amount"
    else:
        shown.average_won.CopyFrom(measure(average / minor_per_unit(currency)))
    for part in (shown.win_rate, shown.average_won, shown.cycle_days):
        shown.unknown_because = shown.unknown_because or part.unknown_because
    if totals.closed and average is not None and cycle is not None:
        brought = per_day(in_play, average, Fraction(totals.won, totals.closed), cycle)
        if brought is None:
            shown.unknown_because = "cycles take no time at all"
        else:
            _show_per_day(shown, round(brought), currency)
    return shown


def _asked(asked: str, traffic: Traffic, window: Window) -> tuple[int, Totals, str, str]:
    """Return how many deals are in play, totals, their currency, and why it is unknown."""
    with Tables() as tables:
        tables.fill("sightings", COLUMNS, map(_row, sightings(traffic)))
        tables.ask(DEALS, {"as_of": window.as_of})
        ((in_play,),) = tables.ask(IN_PLAY, window.bindings)
        tables.ask(CLOSED, {"first": window.first, "before": window.before})
        known = [currency for (currency,) in tables.ask(CURRENCIES)]
        currency, unknown = one_currency(known, asked)
        (totals,) = tables.ask(TOTALS, {"currency": currency})
    return in_play, Totals(*(int(total or 0) for total in totals)), currency, unknown


def _show_per_day(shown: pb.GetVelocityResponse, minor: int, currency: str) -> None:
    """Write what it brings a day, unless cycles are so short that no amount can hold it."""
    amount = money(minor, currency)
    if amount is None:
        shown.unknown_because = "it is more than an amount can hold"
    else:
        shown.per_day.CopyFrom(amount)


def per_day(
    opportunities: int, average_won: Fraction, win_rate: Fraction, cycle_days: Fraction
) -> Fraction | None:
    """Return what the pipeline brings a day, in the unit of `average_won`; None: cycles are 0.

    Source: the velocity formula of marketingskills' revops (domain reference, section 8).
    """
    return opportunities * average_won * win_rate / cycle_days if cycle_days else None


def _row(sighting: Sighting) -> tuple[object, ...]:
    result = (
        sighting.result if sighting.result is not None and sighting.result.type in ENDED else None
    )
    created = None if sighting.created is None else bounded(sighting.created)
    seen = bounded(sighting.decision.as_of)
    if result is None:
        return (sighting.subject, created, seen, None, None, None, None)
    ended = bounded(result.happened_at)
    return (sighting.subject, created, seen, result.type, ended, result.amount, result.currency)
