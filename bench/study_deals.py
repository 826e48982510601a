"""Maven: may each deal make its next move, and what will the quarter bring?

The first is asked twice: as the CRM recorded it, and with every item of the checklist ticked,
which no column of the CRM can tell. The second is asked on the thirtieth day of three quarters.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from bench import maven, quarters
from bench.feeding import Reading
from bench.reports import dirt, distribution
from bench.study import Study
from dealgate_client import (
    AdvanceDecision,
    AdvanceOutcome,
    ForecastMethod,
    ForecastPipelineResponse,
    InspectPipelineResponse,
    SalesRole,
    amount,
    question,
)

CURE = "a price above the list is no discount"


async def run(study: Study) -> int:
    """Return how many decisions were recorded."""
    rows = maven.read(study.folder)
    reading = Reading(maven.recorded, maven.cleaned)
    recorded = await study.ask("AdvanceStage, as recorded", rows, reading, maven.AS_OF)
    ticked = Reading(maven.if_all_was_done, maven.if_all_was_done)
    done = await study.ask("AdvanceStage, checklist ticked", rows, ticked, maven.AS_OF)
    dirt(study.console, "AdvanceStage", recorded.dirt, CURE)
    for title, fed in (("As recorded", recorded), ("With every item ticked", done)):
        _report(study, title, rows, [answer.outcome for answer in fed.answers])
    inspected, forecast = await _inspect(study, rows), await _forecast(study, rows)
    return len(recorded.answers) + len(done.answers) + inspected + forecast


async def _inspect(study: Study, rows: Sequence[maven.Row]) -> int:
    """Print what is wrong with the deals that were open at the end of 2017."""
    asked = [
        question(facts, as_of=maven.YEAR_END, rule_set_version=4) for facts in maven.pipelines(rows)
    ]
    for answer in await study.client.batch_decide(asked):
        if not isinstance(answer, InspectPipelineResponse):
            raise SystemExit(str(answer))
        counts = ", ".join(f"{each.code} {each.deals}" for each in answer.outcome.counts)
        at_risk = sum(amount(each) for each in answer.outcome.money_at_risk)
        study.console.print(
            f"  {len(answer.outcome.deals)} open deals score {answer.outcome.score},"
            f" {at_risk:,.0f} USD at risk: {counts}"
        )
    return len(asked)


async def _forecast(study: Study, rows: Sequence[maven.Row]) -> int:
    """Print each quarter's forecasts beside what it brought; return how many were recorded."""
    errors = []
    for quarter in quarters.quarters(rows):
        asked = question(quarter.facts, as_of=quarter.as_of, rule_set_version=3)
        (answer,) = await study.client.batch_decide([asked])
        if not isinstance(answer, ForecastPipelineResponse):
            raise SystemExit(str(answer))
        open_part = amount(answer.outcome.age_aware.open_component)
        errors.append(abs(open_part - quarter.brought) / quarter.brought)
        study.console.print(
            f"  {quarter.facts.id}: open deals {open_part:,.0f} of {quarter.brought:,.0f} USD,"
            f" {errors[-1]:.1%} off; the quarter brought {quarter.whole:,.0f}"
        )
        for line in answer.outcome.lines:
            name = ForecastMethod.Name(line.method).removeprefix("FORECAST_METHOD_").lower()
            told = f"{amount(line.amount):,.0f}" if line.HasField("amount") else "unknown"
            study.console.print(f"    {name:16} {told:>12}")
    study.console.print(f"  open component: MAPE {sum(errors) / len(errors):.1%}")
    return len(errors)


def _report(
    study: Study, title: str, rows: Sequence[maven.Row], answers: Sequence[AdvanceOutcome]
) -> None:
    pairs = list(zip(rows, answers, strict=True))
    decisions = [
        f"{row.deal['deal_stage']:12} {AdvanceDecision.Name(answer.decision)}"
        for row, answer in pairs
    ]
    distribution(study.console, f"{title}: decisions by stage", decisions)
    missing = [item.field for answer in answers for item in answer.missing]
    distribution(study.console, f"{title}: what stood in the way", missing)
    waiting: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row, answer in pairs:
        for approval in answer.approvals:
            waiting[SalesRole.Name(approval.role)] += maven.value(row)
    for role, money in sorted(waiting.items()):
        study.console.print(f"{title}: {money:,.0f} USD wait for {role}")
