"""Forecast accuracy: recorded forecasts are the snapshots, results VALUE the actuals."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from google.type.money_pb2 import Money

from dealgate.insight.errors import Pair, ape, errors
from dealgate.insight.numbers import LeftOut, basis, money, one_currency
from dealgate.insight.tables import AMOUNT, Row, Tables
from dealgate.insight.traffic import Recorded, Traffic
from dealgate.insight.window import Window, bounded, window_of
from dealgate.model import words
from dealgate.model.instants import DAY, timestamp
from dealgate.model.money import fault, to_minor
from dealgate.model.results import Result
from dealgate.v1 import forecast_pb2
from dealgate.v1 import insight_pb2 as pb

MOST_PAIRS = 1000
EPOCH = dt.date(1970, 1, 1).toordinal()
HORIZONS = ((30, "0-30"), (60, "31-60"), (90, "61-90"))
BEYOND = "91+"
FORMULAS = (
    (
        "error = forecast less actual; the actual is the newest result VALUE of any decision about "
        "the same forecast"
    ),
    "each period counts once in a group, by its newest snapshot there; later ones are hindsight",
    (
        "MAPE = mean of |error| / |actual|; WMAPE = sum of |error| / sum of |actual|; accuracy = "
        "1 - WMAPE, at least 0; bias = sum of errors / sum of actuals"
    ),
    (
        "sMAPE = mean of 2 |error| / (|forecast| + |actual|); MASE = mean of |error| / mean of "
        "|actual - actual of the period before|, of what has the same name up to the last slash"
    ),
    "tracking signal = sum of errors / mean of |error|; beyond 4 on either side is an alarm",
)
LEFT_OUT = {
    "NO_ACTUAL": "snapshots without an actual result by as_of",
    "AFTER_PERIOD": "snapshots taken after their period ended",
    "NO_HEADLINE": "snapshots whose headline could not be computed",
    "OTHER_CURRENCY": "forecasts whose actual is in another currency, or in one not chosen",
}
COLUMNS = {
    "grp": "VARCHAR",
    "name": "VARCHAR",
    "series": "VARCHAR",
    "subject": "VARCHAR",
    "period_end": "BIGINT",
    "taken": "BIGINT",
    "decision": "VARCHAR",
    "forecast": AMOUNT,
    "actual": AMOUNT,
    "horizon": "BIGINT",
}
# Of each period of a group the newest snapshot, with the actual of the period before it.
NEWEST = """
    WITH ranked AS (
        SELECT *, count(*) OVER one AS snapshots,
            row_number() OVER (one ORDER BY taken DESC, decision DESC) AS place
        FROM pairs WINDOW one AS (PARTITION BY grp, name, subject, period_end)
    ), newest AS (SELECT * FROM ranked WHERE place = 1),
    actuals AS (
        SELECT DISTINCT series, period_end, lag(actual) OVER (
            PARTITION BY series ORDER BY period_end
        ) AS before
        FROM (SELECT DISTINCT series, period_end, actual FROM pairs WHERE grp = 'overall')
    )
    SELECT grp, name, forecast, actual, before, snapshots
    FROM newest LEFT JOIN (
        SELECT series, period_end, min(before) AS before FROM actuals GROUP BY ALL
    ) USING (series, period_end)
    ORDER BY grp, name, period_end, subject
"""
PAIRS = f"""
    SELECT decision, subject, taken, horizon, forecast, actual FROM pairs WHERE grp = 'overall'
    ORDER BY taken DESC, decision DESC LIMIT {MOST_PAIRS}
"""  # noqa: S608  # a number of ours


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A recorded forecast: its id, its period's last day (from 1970), and what it said."""

    decision: str
    subject: str
    period_end: int
    taken: int
    currency: str
    lines: Sequence[tuple[str, str, int]]  # group, name in it, amount

    @property
    def horizon(self) -> int:
        """Days from the snapshot to the end of its period."""
        return self.period_end - self.taken // DAY


@dataclass(slots=True)
class ForecastHistory:
    """What was read: snapshots, and the newest actual of each forecast."""

    snapshots: list[Snapshot] = field(default_factory=list)
    actuals: dict[str, Result] = field(default_factory=dict)


def forecast_accuracy(
    request: pb.GetForecastAccuracyRequest, traffic: Traffic, now: int
) -> pb.GetForecastAccuracyResponse:
    """Return how good forecasts were."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    read = _read(traffic, window, left_out)
    currencies = {actual.currency for actual in read.actuals.values()}
    currency, unknown = one_currency(currencies, request.currency_code)
    with Tables() as tables:
        tables.fill("pairs", COLUMNS, _rows(read, currency, left_out))
        newest, pairs = tables.ask(NEWEST), tables.ask(PAIRS)
    shown = pb.GetForecastAccuracyResponse(
        basis=basis(window, traffic, FORMULAS, left_out),
        overall=next(iter(_groups(newest, "overall", currency)), errors([])),
        by_horizon=_groups(newest, "horizon", currency),
        by_owner=_groups(newest, "owner", currency),
        by_method=_groups(newest, "method", currency),
        pairs=[_pair(row, currency) for row in pairs],
        currency_code=currency,
    )
    if unknown and read.actuals:
        _say(shown.overall, unknown)
    return shown


def _say(shown: pb.ForecastError, unknown: str) -> None:
    for measured in (
        shown.mape, shown.wmape, shown.accuracy, shown.bias,
        shown.smape, shown.mase, shown.tracking_signal,
    ):  # fmt: skip
        measured.unknown_because = unknown


def _groups(rows: Sequence[Row], group: str, currency: str) -> list[pb.ForecastError]:
    named: dict[str, list[Row]] = {}
    for row in rows:
        if row[0] == group:
            named.setdefault(row[1], []).append(row[2:])
    forecast_errors = []
    for name, members in named.items():
        pairs = [Pair(forecast, actual, before) for forecast, actual, before, _ in members]
        shown = errors(pairs, name, currency)
        shown.snapshots = sum(row[3] for row in members)
        forecast_errors.append(shown)
    return forecast_errors


def _pair(row: Row, currency: str) -> pb.ForecastPair:
    decision, subject, taken, horizon, forecast, actual = row
    return pb.ForecastPair(
        decision_id=decision,
        forecast_id=subject,
        snapshot_at=timestamp(taken),
        horizon_days=horizon,
        forecast=money(forecast, currency),
        actual=money(actual, currency),
        ape=ape(Pair(forecast, actual)),
    )


def _read(traffic: Traffic, window: Window, left_out: LeftOut) -> ForecastHistory:
    read = ForecastHistory()
    for recorded in traffic.of("forecast"):
        decision, result = recorded
        if result is not None and result.type == "VALUE" and result.happened_at <= window.as_of:
            known = read.actuals.get(decision.entity.id)
            if known is None or known.recorded_at <= result.recorded_at:
                read.actuals[decision.entity.id] = result
        snapshot = _snapshot(recorded)
        ends = bounded((snapshot.period_end + 1) * DAY - 1)
        if decision.as_of <= window.as_of and window.holds(ends):
            _keep(read, snapshot, left_out)
    return read


def _keep(read: ForecastHistory, snapshot: Snapshot, left_out: LeftOut) -> None:
    if snapshot.horizon < 0:
        left_out.add("AFTER_PERIOD")
        return
    if all(group != "overall" for group, _, _ in snapshot.lines):
        left_out.add("NO_HEADLINE")
    read.snapshots.append(snapshot)


def _snapshot(recorded: Recorded) -> Snapshot:
    decision, _ = recorded
    facts = forecast_pb2.ForecastFacts.FromString(decision.facts)
    outcome = forecast_pb2.ForecastPipelineResponse.FromString(decision.answer).outcome
    end = facts.period_end
    days = dt.date(end.year, end.month, end.day).toordinal() - EPOCH
    horizon = days - decision.as_of // DAY
    lines = list(_lines(facts, outcome, horizon))
    taken = bounded(decision.as_of)
    return Snapshot(decision.id, facts.id, days, taken, outcome.currency_code, lines)


def _lines(
    facts: forecast_pb2.ForecastFacts, outcome: forecast_pb2.ForecastOutcome, horizon: int
) -> Iterator[tuple[str, str, int]]:
    """Yield every amount that a snapshot forecasts, with the groups it counts in."""
    currency = outcome.currency_code
    if outcome.HasField("headline"):
        headline = to_minor(outcome.headline)
        yield "overall", "", headline
        yield "horizon", next((n for most, n in HORIZONS if horizon <= most), BEYOND), headline
    for line in outcome.lines:
        if line.HasField("amount"):
            name = words.of(forecast_pb2.ForecastMethod, line.method).upper()
            yield "method", name, to_minor(line.amount)
    for submitted in facts.submitted:
        if _counts(submitted.amount, currency):
            yield "owner", submitted.submitted_by, to_minor(submitted.amount)


def _counts(amount: Money, currency: str) -> bool:
    return amount.currency_code == currency and fault(amount) is None


def _rows(read: ForecastHistory, currency: str, left_out: LeftOut) -> Iterator[Row]:
    """Yield a row for each amount of each snapshot that has an actual."""
    for snapshot in read.snapshots:
        actual = read.actuals.get(snapshot.subject)
        if actual is None:
            left_out.add("NO_ACTUAL")
        elif not snapshot.currency == actual.currency == currency:
            left_out.add("OTHER_CURRENCY")
        else:
            series = snapshot.subject.rpartition("/")[0] or snapshot.subject
            about = (
                series,
                snapshot.subject,
                snapshot.period_end,
                snapshot.taken,
                snapshot.decision,
            )
            for group, name, amount in snapshot.lines:
                yield group, name, *about, amount, actual.amount, snapshot.horizon
