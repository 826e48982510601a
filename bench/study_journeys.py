"""Journeys: every model divides every journey, and every cent is counted again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from bench import journeys
from bench.feeding import Reading
from bench.reports import dirt
from bench.study import Study
from dealgate_client import AttributedModel, AttributeOutcome, AttributionModel, Money, amount

PREFIX = "ATTRIBUTION_MODEL_"
CURE = "rounded to cents, half to even"


async def run(study: Study) -> int:
    """Return how many decisions were recorded."""
    rows = journeys.read(study.folder)
    reading = Reading(journeys.recorded, journeys.cleaned)
    fed = await study.ask("AttributeRevenue", rows, reading, journeys.AS_OF)
    dirt(study.console, "AttributeRevenue", fed.dirt, CURE)
    report(study, rows, [answer.outcome for answer in fed.answers])
    return len(fed.answers)


def report(study: Study, rows: Sequence[journeys.Row], answers: Sequence[AttributeOutcome]) -> None:
    """Print what each model made of the whole. Raises SystemExit if a cent is lost or made."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    wrong = []
    for row, answer in zip(rows, answers, strict=True):
        for model in answer.models:
            totals[AttributionModel.Name(model.model)] += divided(model)
            if not adds_up(model, journeys.in_cents(row)):
                wrong.append(f"{row.id} {AttributionModel.Name(model.model)}")
    whole = sum((journeys.in_cents(row) for row in rows), Decimal())
    for name, sum_of_parts in totals.items():
        verdict = "to the cent" if sum_of_parts == whole else "[red]WRONG[/]"
        study.console.print(
            f"  {name.removeprefix(PREFIX).lower():20} {sum_of_parts:>12,.2f} EUR"
            f" of {whole:,.2f}, {verdict}"
        )
    parts = sum(len(model.credits) for answer in answers for model in answer.models)
    study.console.print(
        f"  {parts:,} credits in {len(rows):,} journeys, {len(wrong)} do not add up"
    )
    if wrong or set(totals.values()) != {whole}:
        raise SystemExit(f"cents were lost or made: {wrong[:10]}")


def divided(model: AttributedModel) -> Decimal:
    """Return the credits of all touches and what no touch is credited with, together."""
    return total(credit.amount for credit in model.credits) + amount(model.unattributed)


def adds_up(model: AttributedModel, whole: Decimal) -> bool:
    """Tell whether touches, channels and the answer's own reconciliation come to `whole`."""
    channels = total(channel.amount for channel in model.channels) + amount(model.unattributed)
    stated = model.reconciliation
    return {divided(model), channels, amount(stated.total)} == {whole} and stated.balanced


def total(amounts: Iterable[Money]) -> Decimal:
    """Return the sum."""
    return sum((amount(each) for each in amounts), Decimal())
