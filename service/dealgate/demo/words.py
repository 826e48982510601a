"""Outcomes in words, for people in sales operations."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from dealgate_client import (
    AdvanceDecision,
    AdvanceOutcome,
    AttributeOutcome,
    AttributionModel,
    Disposition,
    Evidence,
    ForecastCategory,
    ForecastOutcome,
    ForecastVerdict,
    HealthBand,
    HealthOutcome,
    HoldReason,
    Money,
    NextAction,
    PaceStatus,
    Priority,
    QualifyOutcome,
    QuotaOutcome,
    RecognitionStatus,
    RecognizeOutcome,
    SalesRole,
    ScoreOutcome,
    SlaMilestone,
    StageMove,
    VerificationStatus,
    VerifyOutcome,
    amount,
    instant,
)

# A label and what stands beside it: text with rich's markup, or a table.
Row = tuple[str, str | Table]
SHOWN = 4
INDEX = re.compile(r"\[\d+\]")


def word(enum: Any, value: int) -> str:
    """Return DISPOSITION_CUSTOMER_ROUTE of `enum` Disposition as "customer route", SQL as "SQL"."""
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.DESCRIPTOR.name).upper()
    name: str = enum.Name(value).removeprefix(f"{kind}_")
    return name if len(name) <= 3 else name.replace("_", " ").lower()


def coins(money: Money) -> str:
    """Return 24000.01 EUR as "24,000.01 EUR"."""
    return f"{amount(money):,.2f} {money.currency_code}"


def score(outcome: ScoreOutcome, evidence: Evidence) -> Iterator[Row]:
    """Say how good a lead is, and what every rule adds."""
    because = {rule.rule_id: rule.because for rule in evidence.fired}
    first = f"call first: {word(Priority, outcome.priority)}"
    yield "grade", f"[bold]{outcome.grade}[/]   {first if outcome.priority else 'fit is unknown'}"
    fit = str(outcome.fit) if outcome.fit_is_known else "unknown"
    yield "fit", f"{fit}{_range(outcome.fit_at_least, outcome.fit_at_most)}"
    bounds = _range(outcome.engagement_at_least, outcome.engagement_at_most)
    yield "engagement", f"{outcome.engagement}{bounds}"
    if outcome.HasField("composite"):
        reached = "reaches" if outcome.reaches_threshold else "does not reach"
        yield "together", f"{outcome.composite}, which {reached} the threshold"
    for claim in outcome.contributions:
        capped = " [yellow](capped)[/]" if claim.capped else ""
        points = f"{float(claim.counted.value or 0):+.2f}"
        yield points, f"{claim.rule_id}{capped}  [dim]{escape(because[claim.rule_id])}[/]"
    yield from _open(evidence)


def qualify(outcome: QualifyOutcome, evidence: Evidence) -> Iterator[Row]:
    """Say what to do with a lead."""
    codes = f"   [dim]{', '.join(outcome.reason_codes)}[/]" if outcome.reason_codes else ""
    yield "answer", f"[bold]{word(Disposition, outcome.disposition)}[/]{codes}"
    if outcome.hold_reasons:
        reasons = ", ".join(word(HoldReason, reason) for reason in outcome.hold_reasons)
        yield "held by", reasons
    if outcome.withheld_disposition:
        yield "otherwise", word(Disposition, outcome.withheld_disposition)
    for deadline in outcome.sla_due:
        due = f"{instant(deadline.due_at):%a %d %b %H:%M} UTC"
        yield "by", f"{due}  {word(SlaMilestone, deadline.milestone)}"
    yield "next", ", ".join(word(NextAction, action) for action in outcome.next_actions)
    yield from _fired(evidence)
    yield from _open(evidence)


def advance(outcome: AdvanceOutcome, _: Evidence) -> Iterator[Row]:
    """Say whether a deal may move."""
    move = word(StageMove, outcome.move)
    yield "answer", f"[bold]{word(AdvanceDecision, outcome.decision)}[/]   [dim]move: {move}[/]"
    if outcome.HasField("probability"):
        forecast = word(ForecastCategory, outcome.forecast_category)
        yield "then", f"{outcome.probability:g} % likely, forecast as {forecast}"
    for approval in outcome.approvals:
        given = f"given by {approval.approver_id}" if approval.given else "[yellow]not given yet[/]"
        yield "approval", f"{word(SalesRole, approval.role)}: {given}"
    for reason in outcome.reasons:
        yield "because", f"{reason.code}  [dim]{escape(reason.message)}[/]"


def attribute(outcome: AttributeOutcome, evidence: Evidence) -> Iterator[Row]:
    """Say which channel earned what, model beside model."""
    table = Table(box=None, pad_edge=False)
    table.add_column("channel", style="dim")
    for model in outcome.models:
        table.add_column(word(AttributionModel, model.model), justify="right")
    for index, channel in enumerate(outcome.models[0].channels):
        parts = (f"{amount(model.channels[index].amount):,.2f}" for model in outcome.models)
        table.add_row(channel.key, *parts)
    sums = (f"[bold]{amount(model.reconciliation.total):,.2f}[/]" for model in outcome.models)
    table.add_row("together", *sums)
    yield "answer", f"[bold]{coins(outcome.amount)}[/] divided by {len(outcome.models)} models"
    yield "", table
    balanced = all(model.reconciliation.balanced for model in outcome.models)
    yield "", "[green]every column adds up to the cent[/]" if balanced else "[red]out of balance[/]"
    for touch in outcome.dropped:
        yield "left out", f"{touch.touch_id}: {touch.message}"
    yield from _fired(evidence)
    yield from _open(evidence)


def verify(outcome: VerifyOutcome, _: Evidence) -> Iterator[Row]:
    """Say whether a lead's data is true."""
    grade = f"data quality {outcome.data_quality_grade}"
    yield "answer", f"[bold]{word(VerificationStatus, outcome.verification.status)}[/]   {grade}"
    for reason in outcome.reasons[:SHOWN]:
        yield "because", f"{reason.code}  [dim]{escape(reason.message)}[/]"


def forecast(outcome: ForecastOutcome, _: Evidence) -> Iterator[Row]:
    """Say what a period will bring."""
    headline = coins(outcome.headline) if outcome.HasField("headline") else "no headline"
    yield "answer", f"[bold]{word(ForecastVerdict, outcome.verdict)}[/]   {headline}"
    between = outcome.interval
    yield "between", f"{coins(between.p10)} and {coins(between.p90)}, eight times of ten"


def recognize(outcome: RecognizeOutcome, _: Evidence) -> Iterator[Row]:
    """Say when a price is revenue."""
    yield "answer", f"[bold]{word(RecognitionStatus, outcome.status)}[/]"
    for period in outcome.periods:
        yield "revenue", f"{coins(period.revenue)} in {period.period_id}"


def quota(outcome: QuotaOutcome, _: Evidence) -> Iterator[Row]:
    """Say how far a seller is."""
    share = float(outcome.owner.attainment.value or 0)
    yield "answer", f"[bold]{word(PaceStatus, outcome.status)}[/]   {share:.0%} of the quota"
    yield "at the end", coins(outcome.owner.projected)


def health(outcome: HealthOutcome, _: Evidence) -> Iterator[Row]:
    """Say how a customer is doing, and what to do about it."""
    yield "answer", f"[bold]{word(HealthBand, outcome.band)}[/]   score {outcome.score.value}"
    for signal in outcome.signals[:SHOWN]:
        yield "signal", f"{signal.code}  [dim]{escape(signal.message)}[/]"


WORDS: dict[str, Callable[[Any, Evidence], Iterator[Row]]] = {
    "score": score,
    "qualify": qualify,
    "advance": advance,
    "attribute": attribute,
    "verify": verify,
    "forecast": forecast,
    "recognize": recognize,
    "quota": quota,
    "health": health,
}


def some(facts: Sequence[str]) -> str:
    """Name the facts, those of a list's elements once, and not more than a person reads."""
    names = list(dict.fromkeys(INDEX.sub("[…]", fact) for fact in facts))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return escape(", ".join(names[:SHOWN])) + more


def _fired(evidence: Evidence) -> Iterator[Row]:
    for rule in evidence.fired:
        yield "because", f"{rule.rule_id}  [dim]{escape(rule.because)}[/]"


def _open(evidence: Evidence) -> Iterator[Row]:
    for rule in evidence.undecided[:SHOWN]:
        yield "left open", f"{rule.rule_id}  [dim]needs {some(rule.missing_facts)}[/]"
    more = len(evidence.undecided) - SHOWN
    if more > 0:
        yield "left open", f"[dim]and {more} more rules[/]"


def _range(least: int, most: int) -> str:
    missing = f"  [dim]({least} to {most}, depending on what is missing)[/]"
    return "" if least == most else missing
