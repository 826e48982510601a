"""What became of the decisions that each rule took part in."""

from collections.abc import Iterator
from fractions import Fraction

from dealgate.insight.numbers import LeftOut, basis, measure, money, one_currency, share
from dealgate.insight.tables import AMOUNT, Row, Tables
from dealgate.insight.traffic import Traffic
from dealgate.insight.window import Window, window_of
from dealgate.model.results import SUCCESS
from dealgate.v1 import insight_pb2 as pb

JUDGED = {
    "decision": "VARCHAR",
    "outcome": "VARCHAR",
    "success": "BOOLEAN",
    "amount": AMOUNT,
    "currency": "VARCHAR",
}
FIRED = {"decision": "VARCHAR", "rule": "VARCHAR"}
CURRENCIES = "SELECT DISTINCT currency FROM judged WHERE success AND amount IS NOT NULL"
BASE = "SELECT count(*) FILTER (success), count(success) FROM judged"
EFFECTS = """
    SELECT rule, count(*), count(*) FILTER (success), count(success),
        sum(amount) FILTER (success AND currency = $currency),
        count(amount) FILTER (success AND currency = $currency)
    FROM fired JOIN judged USING (decision) GROUP BY rule ORDER BY count(*) DESC, rule
"""
OUTCOMES = """
    SELECT outcome, count(*), count(*) FILTER (success), count(success)
    FROM judged GROUP BY outcome ORDER BY count(*) DESC, outcome
"""
FORMULAS = (
    (
        "success: a result WON, CONVERTED, ACCEPTED or RENEWED; failure: LOST, NOT_CONVERTED, "
        "REJECTED or CHURNED; other results, and none, count in no share"
    ),
    "base = successes / (successes + failures) of all decisions in the window",
    "precision = the same of those in which the rule fired; lift = precision / base",
    "the interval of lift is that of precision / base, with the base taken as it is",
    "amount = the sum of amounts of successes; a decision counts for each rule that fired in it",
)
LEFT_OUT = {
    "BEFORE_DECISION": "results that happened before the decision was judged: it may have known",
    "AFTER_AS_OF": "results that happened after as_of",
    "OTHER_CURRENCY": "amounts of successes that are in a currency not chosen",
}


def rule_effectiveness(
    request: pb.GetRuleEffectivenessRequest, traffic: Traffic, now: int
) -> pb.GetRuleEffectivenessResponse:
    """Return what became of the decisions that each rule took part in."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    version = request.rule_set_version if request.HasField("rule_set_version") else None
    fired: list[tuple[str, str]] = []
    judged = _judged(traffic, request.kind, version, window, fired, left_out)
    with Tables() as tables:
        tables.fill("judged", JUDGED, judged)
        tables.fill("fired", FIRED, fired)
        known = [currency for (currency,) in tables.ask(CURRENCIES)]
        currency, _ = one_currency(known, request.currency_code)
        (base,), effects = tables.ask(BASE), tables.ask(EFFECTS, {"currency": currency})
        outcomes = tables.ask(OUTCOMES)
        others = tables.ask(_OTHERS, {"currency": currency})[0][0]
    left_out.add("OTHER_CURRENCY", others)
    return pb.GetRuleEffectivenessResponse(
        basis=basis(window, traffic, FORMULAS, left_out),
        base=share(base[0], base[1], "no decision in the window has a success or a failure"),
        rules=[_effect(row, base, currency) for row in effects],
        outcomes=[
            pb.OutcomeEffect(outcome=outcome, decisions=count, precision=_precision(ended, told))
            for outcome, count, ended, told in outcomes
        ],
    )


def _effect(row: Row, base: Row, currency: str) -> pb.RuleEffect:
    rule, count, successes, told, amount, amounts = row
    shown = pb.RuleEffect(
        rule_id=rule,
        fired=count,
        precision=share(successes, told, "no decision in which it fired has a known result"),
        amount=money(amount, currency),
        amounts=amounts,
    )
    usual = Fraction(base[0], base[1]) if base[1] else Fraction(0)
    why = shown.precision.unknown_because or "nothing at all succeeded"
    exact = Fraction(successes, told) if told else None
    ends = (shown.precision.at_least.value, shown.precision.at_most.value)
    for field, value in zip(
        (shown.lift, shown.lift_at_least, shown.lift_at_most),
        (exact, *(Fraction(end) if end else None for end in ends)),
        strict=True,
    ):
        field.CopyFrom(measure(value / usual if usual and value is not None else None, why))
    return shown


def _precision(successes: int, told: int) -> pb.Share:
    return share(successes, told, "of none with this outcome is the end known")


def _judged(
    traffic: Traffic,
    kind: str,
    version: int | None,
    window: Window,
    fired: list[tuple[str, str]],
    left_out: LeftOut,
) -> Iterator[Row]:
    """Yield the decisions in the window, and note in `fired` which rules took part."""
    for decision, result in traffic.of(kind):
        if not window.holds(decision.as_of) or version not in {None, decision.version}:
            continue
        fired.extend((decision.id, rule) for rule in dict.fromkeys(decision.fired))
        if result is None or result.type not in SUCCESS:
            yield decision.id, decision.outcome, None, None, None
        elif result.happened_at < decision.as_of:
            left_out.add("BEFORE_DECISION")
            yield decision.id, decision.outcome, None, None, None
        elif result.happened_at > window.as_of:
            left_out.add("AFTER_AS_OF")
            yield decision.id, decision.outcome, None, None, None
        else:
            ended = SUCCESS[result.type], result.amount, result.currency
            yield decision.id, decision.outcome, *ended


_OTHERS = """
    SELECT count(*) FROM judged
    WHERE success AND amount IS NOT NULL AND currency <> $currency
"""
