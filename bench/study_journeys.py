"""Journeys: every model divides every journey, and every cent is counted again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from bench import journeys
from bench.feeding import Reading
from bench.reports import dirt
from bench.study import Study
from dealgate_client import (
    AttributedModel,
    AttributeOutcome,
    AttributionModel,
    Money,
    amount,
)

PREFIX = "ATTRIBUTION_MODEL_"
CURE = "rounded to cents, half to even"
FITTED = [
    (AttributionModel.ATTRIBUTION_MODEL_MARKOV, 1),
    (AttributionModel.ATTRIBUTION_MODEL_MARKOV, 2),
    (AttributionModel.ATTRIBUTION_MODEL_MARKOV, 3),
    (AttributionModel.ATTRIBUTION_MODEL_SHAPLEY_SET, None),
    (AttributionModel.ATTRIBUTION_MODEL_SHAPLEY_ORDERED, None),
]


async def run(study: Study) -> int:
    """Return how many decisions were recorded."""
    rows = journeys.read(study.folder)
    reading = Reading(journeys.recorded, journeys.cleaned)
    fed = await study.ask("AttributeRevenue", rows, reading, journeys.AS_OF)
    dirt(study.console, "AttributeRevenue", fed.dirt, CURE)
    report(study, rows, [answer.outcome for answer in fed.answers])
    await fit(study)
    return len(fed.answers)


async def fit(study: Study) -> None:
    """Fit every model and print its weights. Raises SystemExit unless order 1 gives the rate."""
    paths = journeys.paths(study.folder)
    conversions = sum(path.conversions for path in paths)
    rate = Decimal(conversions) / sum(path.conversions + path.nulls for path in paths)
    for model, order in FITTED:
        fitted = await study.client.fit_attribution_model("study", model, paths, order=order)
        weights = sorted(fitted.weights, key=lambda each: -Decimal(each.weight.value))[:4]
        shown = ", ".join(
            f"{w.channel}{w.position or ''} {float(w.weight.value):.1%}" for w in weights
        )
        name = AttributionModel.Name(model).removeprefix(PREFIX).lower()
        study.console.print(f"  {name} {order or ''}: {shown}")
        if order == 1 and Decimal(fitted.conversion_probability.value) != round(rate, 12):
            raise SystemExit(f"order 1 converts {fitted.conversion_probability.value}, not {rate}")


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
