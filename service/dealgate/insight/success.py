"""What customers keep, how soon they get value, and whether promises of time are kept."""

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

from google.type.date_pb2 import Date

from dealgate.insight.deals import FACTS, Sighting, sightings
from dealgate.insight.numbers import (
    LeftOut,
    basis,
    measure,
    money,
    one_currency,
    quotient,
    share,
)
from dealgate.insight.survival import quartiles
from dealgate.insight.tables import AMOUNT, Row, Tables
from dealgate.insight.traffic import Traffic
from dealgate.insight.window import Window, bounded, window_of
from dealgate.model.instants import DAY, nanoseconds
from dealgate.v1 import insight_pb2 as pb
from dealgate.v1.handoff_pb2 import HandOffCustomerResponse
from dealgate.v1.route_pb2 import RouteDuty, RouteLeadResponse

UTC = dt.UTC
RENEWALS = {
    "subject": "VARCHAR",
    "taken": "BIGINT",
    "renewed": "BOOLEAN",
    "start": AMOUNT,
    "worth": AMOUNT,
    "currency": "VARCHAR",
}
DUE = {"name": "VARCHAR", "subject": "VARCHAR", "due": "BIGINT", "done": "BIGINT"}
NEWEST = """
    CREATE TEMP TABLE ended AS SELECT arg_max(
        {'renewed': renewed, 'start': start, 'worth': worth, 'currency': currency}, taken
    ) AS one FROM renewals GROUP BY subject
"""
CURRENCIES = "SELECT DISTINCT one.currency FROM ended WHERE one.currency <> ''"
KEPT = """
    SELECT sum(one.start), sum(greatest(one.worth - one.start, 0)),
        sum(greatest(one.start - one.worth, 0)) FILTER (one.renewed),
        sum(one.start) FILTER (NOT one.renewed)
    FROM ended WHERE one.currency = $currency AND one.start > 0 AND one.worth IS NOT NULL
"""
NUMBERS = """
    SELECT count(*) FILTER (one.renewed), count(*),
        count(*) FILTER (one.start IS NULL OR one.start <= 0 OR one.worth IS NULL),
        count(*) FILTER (one.start > 0 AND one.worth IS NOT NULL AND one.currency <> $currency)
    FROM ended
"""
PROMISES = """
    WITH once AS (
        SELECT name, min(due) AS due, min(done) FILTER (done <= $as_of) AS done
        FROM promises GROUP BY name, subject
    )
    SELECT name, count(*) FILTER (done <= due), count(*) FILTER (done <= due OR due <= $as_of),
        count(*) FILTER (due > $as_of AND done IS NULL)
    FROM once WHERE due >= $first AND due < $before GROUP BY name ORDER BY name
"""
FORMULAS = (
    (
        "start: what the opportunity was worth by the facts of the newest decision with a result "
        "RENEWED or CHURNED that happened in the window; worth now: the amount of RENEWED, else 0"
    ),
    (
        "NRR = (start + expansion - contraction - churn) / start; GRR = (start - contraction - "
        "churn) / start"
    ),
    (
        "time to value: from customer.started_on to a result FIRST_VALUE of a hand-off; hand-offs "
        "without one are censored at as_of; the median by Kaplan and Meier"
    ),
    (
        "first-contact: the first deadline of a routed lead, kept by a result ACCEPTED, "
        "CONVERTED or WON by then; hand-off-reply: the day a reply is due, kept by "
        "reply.replied_at by its end (UTC), once a deal; what is due in the window counts, "
        "what is not due by as_of is pending"
    ),
)
LEFT_OUT = {
    "WORTH_UNKNOWN": "renewed or churned, but what it was or is worth is not known",
    "OTHER_CURRENCY": "renewed or churned in a currency not chosen",
    "START_UNKNOWN": "hand-offs that do not say when the subscription starts",
}
REACTED = {"ACCEPTED", "CONVERTED", "WON"}


def success_metrics(
    request: pb.GetSuccessMetricsRequest, traffic: Traffic, now: int
) -> pb.GetSuccessMetricsResponse:
    """Return what customers keep, how soon they get value, and what promises are worth."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    promises: list[Row] = []
    renewals: list[Row] = []
    values: dict[str, tuple[int, bool]] = {}
    for sighting in sightings(traffic, *FACTS):
        renewals += _renewal(sighting, window)
        if sighting.decision.kind == "handoff":
            _note_value(values, sighting, window, left_out)
            promises += _reply(sighting)
    promises += _contacts(traffic)
    with Tables() as tables:
        tables.fill("renewals", RENEWALS, renewals)
        tables.fill("promises", DUE, promises)
        tables.ask(NEWEST)
        known = [currency for (currency,) in tables.ask(CURRENCIES)]
        currency, unknown = one_currency(known, request.currency_code)
        (numbers,) = tables.ask(NUMBERS, {"currency": currency})
        (kept,) = tables.ask(KEPT, {"currency": currency})
        due = tables.ask(PROMISES, window.bindings)
    left_out.add("WORTH_UNKNOWN", numbers[2])
    left_out.add("OTHER_CURRENCY", numbers[3])
    shown = _retention(kept, numbers, currency, unknown)
    _add_values(shown, list(values.values()))
    shown.promises.extend(_promise(row) for row in due)
    shown.basis.CopyFrom(basis(window, traffic, FORMULAS, left_out))
    return shown


def _retention(
    kept: Row, numbers: Row, currency: str, unknown: str
) -> pb.GetSuccessMetricsResponse:
    start, expansion, contraction, churn = (int(cohort or 0) for cohort in kept)
    why = unknown or "nothing whose worth is known was renewed or lost in the window"
    return pb.GetSuccessMetricsResponse(
        net_revenue_retention=quotient(start + expansion - contraction - churn, start, why),
        gross_revenue_retention=quotient(start - contraction - churn, start, why),
        start=money(start, currency) if start else None,
        expansion=money(expansion, currency) if start else None,
        contraction=money(contraction, currency) if start else None,
        churn=money(churn, currency) if start else None,
        renewed=share(numbers[0], numbers[1], "nothing was renewed or lost in the window"),
    )


def _add_values(shown: pb.GetSuccessMetricsResponse, values: list[tuple[int, bool]]) -> None:
    reached = sum(over for _, over in values)
    median = quartiles(values)[1]
    why = "too many have not got it yet" if values else "no hand-off is known"
    days = None if median is None else Fraction(median, DAY)
    shown.time_to_value_days.CopyFrom(measure(days, why))
    shown.reached_value, shown.awaiting_value = reached, len(values) - reached


def _promise(row: Row) -> pb.PromiseKept:
    name, kept, due, pending = row
    return pb.PromiseKept(name=name, kept=share(kept, due, "none is due yet"), pending=pending)


def _renewal(sighting: Sighting, window: Window) -> Iterator[Row]:
    """Yield a row if the customer renewed or left in the window."""
    result = sighting.result
    if result is None or result.type not in {"RENEWED", "CHURNED"}:
        return
    if window.holds(result.happened_at):
        renewed = result.type == "RENEWED"
        start, currency = sighting.amount or (None, result.currency)
        worth = result.amount if renewed else 0
        if renewed and worth is not None and result.currency != currency:
            worth = None
        taken = bounded(sighting.decision.as_of)
        yield sighting.subject, taken, renewed, start, worth, currency


def _note_value(
    values: dict[str, tuple[int, bool]], sighting: Sighting, window: Window, left_out: LeftOut
) -> None:
    """Note how long a customer took to get value, or has waited so far; once a deal."""
    if not sighting.facts.customer.HasField("started_on"):
        left_out.add("START_UNKNOWN")
        return
    started, result = _instant(sighting.facts.customer.started_on), sighting.result
    if not window.holds(started):
        return
    if result is not None and result.type == "FIRST_VALUE" and result.happened_at <= window.as_of:
        values[sighting.subject] = (result.happened_at - started, True)
    else:
        values.setdefault(sighting.subject, (window.as_of - started, False))


def _reply(sighting: Sighting) -> Iterator[Row]:
    """Yield by when customer success has to reply, and when it did if the facts say so."""
    outcome = HandOffCustomerResponse.FromString(sighting.decision.answer).outcome
    if outcome.HasField("reply_due_on"):
        reply = sighting.facts.reply
        done = bounded(nanoseconds(reply.replied_at)) if reply.HasField("replied_at") else None
        due = bounded(_instant(outcome.reply_due_on) + DAY - 1)
        yield "hand-off-reply", sighting.subject, due, done


def _contacts(traffic: Traffic) -> Iterator[Row]:
    for decision, result in traffic.of("route"):
        outcome = RouteLeadResponse.FromString(decision.answer).outcome
        for deadline in outcome.deadlines:
            if deadline.duty == RouteDuty.ROUTE_DUTY_FIRST_CONTACT:
                reacted = result is not None and result.type in REACTED
                done = result.happened_at if reacted and result is not None else None
                yield "first-contact", decision.id, bounded(nanoseconds(deadline.due_at)), done


def _instant(day: Date) -> int:
    """Return the first instant of a day, UTC."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 10**9
