"""How quotas are reached across sellers, from the newest decision about each."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.insight.numbers import (
    LeftOut,
    basis,
    decimal,
    measure,
    money,
    one_currency,
    quotient,
    share,
)
from dealgate.insight.tables import AMOUNT, Row, Tables
from dealgate.insight.traffic import Traffic
from dealgate.insight.window import Window, bounded, window_of
from dealgate.model.money import to_minor
from dealgate.v1 import insight_pb2 as pb
from dealgate.v1.quota_pb2 import TrackQuotaResponse

FEWEST_RANKED = 10
COLUMNS = {
    "seller": "VARCHAR",
    "taken": "BIGINT",
    "decision": "VARCHAR",
    "credited": AMOUNT,
    "quota": AMOUNT,
    "currency": "VARCHAR",
}
NEWEST = """
    CREATE TEMP TABLE newest AS SELECT seller, credited, quota, currency, credited / quota AS share
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY seller ORDER BY taken DESC, decision DESC
        ) AS place FROM judged
    ) WHERE place = 1
"""
CURRENCIES = "SELECT DISTINCT currency FROM newest WHERE quota > 0"
CHOSEN = """
    CREATE TEMP TABLE chosen AS SELECT * FROM newest WHERE quota > 0 AND currency = $currency
"""
UNCOUNTED = """
    SELECT count(*) FILTER (quota IS NULL), count(*) FILTER (quota <= 0),
        count(*) FILTER (quota > 0 AND currency <> $currency)
    FROM newest
"""
SPREAD = """
    SELECT count(*), count(*) FILTER (credited >= quota), quantile_cont(share, [0.25, 0.5, 0.75]),
        sum(credited), sum(quota), max(credited), min(credited)
    FROM chosen
"""
# Gini = sum of (2 i - n - 1) x_i / (n * sum of x), with x ascending and i from 1.
GINI = """
    SELECT sum((2 * place - all_ - 1) * share) / (max(all_) * sum(share)) FROM (
        SELECT share, row_number() OVER (ORDER BY share) AS place, count(*) OVER () AS all_
        FROM chosen
    ) HAVING sum(share) > 0
"""
RANKING = "SELECT seller, credited, quota FROM chosen ORDER BY share DESC, credited DESC, seller"
FORMULAS = (
    (
        "attainment = credited / the quota that holds after ramp and absence, by each seller's "
        "newest decision in the window"
    ),
    "team attainment = sum of credited / sum of quotas",
    "quartiles are linear; Gini = sum of (2 i - n - 1) x / (n sum of x), x ascending",
    "top dependence = the highest credited / the sum of credited",
)
LEFT_OUT = {
    "MANAGER": "decisions about managers, whose team would count twice",
    "NO_QUOTA": "sellers who have no quota, so no attainment",
    "QUOTA_ZERO": "sellers whose quota is 0, so that attainment is not defined",
    "OTHER_CURRENCY": "sellers whose quota is in a currency not chosen",
}
NONE = "no seller has a quota"


def quota_distribution(
    request: pb.GetQuotaDistributionRequest, traffic: Traffic, now: int
) -> pb.GetQuotaDistributionResponse:
    """Return how quotas are reached across sellers."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    with Tables() as tables:
        tables.fill("judged", COLUMNS, _rows(traffic, window, left_out))
        tables.ask(NEWEST)
        known = [currency for (currency,) in tables.ask(CURRENCIES)]
        currency, unknown = one_currency(known, request.currency_code)
        tables.ask(CHOSEN, {"currency": currency})
        counts = tables.ask(UNCOUNTED, {"currency": currency})[0]
        (spread,), gini, ranking = tables.ask(SPREAD), tables.ask(GINI), tables.ask(RANKING)
    for code, count in zip(("NO_QUOTA", "QUOTA_ZERO", "OTHER_CURRENCY"), counts, strict=True):
        left_out.add(code, count)
    nothing = unknown if known else NONE
    shown = _spread(spread, gini, currency, nothing or NONE)
    _rank(shown, ranking, currency)
    shown.basis.CopyFrom(basis(window, traffic, FORMULAS, left_out))
    return shown


def _spread(
    spread: Row, gini: Sequence[Row], currency: str, nothing: str
) -> pb.GetQuotaDistributionResponse:
    sellers, reached, quartiles, credited, quota, top, lowest = spread
    p25, p50, p75 = quartiles or (None, None, None)
    shown = pb.GetQuotaDistributionResponse(
        sellers=sellers,
        reached=share(reached, sellers, nothing),
        p25=measure(p25, nothing),
        p50=measure(p50, nothing),
        p75=measure(p75, nothing),
        credited=money(credited, currency),
        quota=money(quota, currency),
    )
    shown.team_attainment.CopyFrom(quotient(int(credited or 0), int(quota or 0), nothing))
    whole = sellers and lowest >= 0 and credited > 0
    why = nothing if not sellers else "a credit was negative, or there were no credits"
    shown.gini.CopyFrom(measure(gini[0][0] if whole and gini else None, why))
    shown.top_dependence.CopyFrom(measure(Fraction(top, int(credited)) if whole else None, why))
    return shown


def _rank(shown: pb.GetQuotaDistributionResponse, rows: Sequence[Row], currency: str) -> None:
    if len(rows) < FEWEST_RANKED:
        shown.ranking_hidden_because = (
            f"{len(rows)} sellers: below {FEWEST_RANKED} a ranking shows chance and people"
        )
        return
    for seller, credited, quota in rows:
        shown.ranking.add(
            seller_id=seller,
            attainment=decimal(Fraction(credited, quota)),
            credited=money(credited, currency),
            quota=money(quota, currency),
        )


def _rows(traffic: Traffic, window: Window, left_out: LeftOut) -> Iterator[Row]:
    for decision, _ in traffic.of("quota"):
        if not window.holds(decision.as_of):
            continue
        outcome = TrackQuotaResponse.FromString(decision.answer).outcome
        if outcome.HasField("team"):
            left_out.add("MANAGER")
            continue
        owner = outcome.owner
        quota = _minor(owner.effective_quota) if owner.HasField("effective_quota") else None
        yield (
            decision.entity.id,
            bounded(decision.as_of),
            decision.id,
            _minor(owner.credited),
            quota,
            owner.effective_quota.currency_code or owner.credited.currency_code,
        )


def _minor(amount: Money) -> int:
    return to_minor(amount) if amount.currency_code else 0
