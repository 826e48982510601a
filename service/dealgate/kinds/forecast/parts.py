"""The forecast by pipeline and by currency: no sum is made of two currencies without a rate."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from google.type.money_pb2 import Money

from dealgate.kinds.forecast.deals import BOOKED, Deal
from dealgate.kinds.forecast.lines import counts_by_age, total, weighted
from dealgate.model.folds import summed
from dealgate.model.money import from_minor
from dealgate.model.pipelines import Category
from dealgate.v1 import forecast_pb2 as pb

OPEN: tuple[Category, ...] = ("pipeline", "best_case", "most_likely", "commit")


def parts(
    deals: Sequence[Deal], *, booked_is_told: bool, has_history: bool
) -> Iterator[pb.ForecastPart]:
    """Yield a part for each pipeline and currency, if there are several; in a fixed order."""
    groups: dict[tuple[str, str], list[Deal]] = {}
    for deal in deals:
        groups.setdefault((deal.pipeline, deal.currency), []).append(deal)
    for (pipeline, currency), own in sorted(groups.items()) if len(groups) > 1 else ():
        part = pb.ForecastPart(pipeline=pipeline, currency_code=currency, deals=len(own))
        if currency:
            _add_amounts(part, own, has_history=has_history)
            won = None if booked_is_told else _booked(own)
            if won is not None:
                part.booked.CopyFrom(from_minor(round(won), currency))
        yield part


def rollup(deals: Sequence[Deal], booked: Fraction | None, currency: str) -> pb.CategoryRollup:
    """Return what counted deals are worth by category, and Salesforce's cumulative sums."""

    def write(minor: Fraction) -> Money:
        return from_minor(round(minor), currency)

    each = {name: total(deals, name) for name in OPEN}
    categories = pb.CategoryRollup(
        **{name: write(amount) for name, amount in each.items()},
        open_pipeline=write(summed(each.values())),
    )
    if booked is not None:
        commit = booked + each["commit"]
        likely = commit + each["most_likely"]
        categories.closed.CopyFrom(write(booked))
        categories.commit_forecast.CopyFrom(write(commit))
        categories.most_likely_forecast.CopyFrom(write(likely))
        categories.best_case_forecast.CopyFrom(write(likely + each["best_case"]))
    return categories


def _add_amounts(part: pb.ForecastPart, deals: Sequence[Deal], *, has_history: bool) -> None:
    code = part.currency_code
    counted = [deal for deal in deals if not deal.left_out_of_part]
    part.categories.CopyFrom(rollup(counted, None, code))
    worth = weighted((deal, deal.stage_probability) for deal in counted)
    part.open_weighted.CopyFrom(from_minor(round(worth), code))
    if has_history:
        by_age = weighted((deal, deal.age_probability) for deal in deals if counts_by_age(deal))
        part.open_by_age.CopyFrom(from_minor(round(by_age), code))


def _booked(deals: Sequence[Deal]) -> Fraction | None:
    won = [deal.amount for deal in deals if deal.left_out_of_part == BOOKED]
    known = [amount for amount in won if amount is not None]
    return summed(known) if won and len(known) == len(won) else None
