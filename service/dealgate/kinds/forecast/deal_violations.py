"""What can be wrong with the deals of a forecast, those asked about and those of an earlier one."""

from collections.abc import Sequence

from dealgate.kinds.forecast.amounts import currency
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.amounts import bounded
from dealgate.model.checks import (
    has_happened,
    non_negative_money,
    not_after,
    required,
    required_id,
    stage,
    unique_ids,
)
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.opportunity_facts import opportunity_violations
from dealgate.model.pipelines import Stage
from dealgate.model.zones import latest_day
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory, Opportunity


def deal_violations(
    deals: Sequence[Opportunity], parameters: ForecastParameters, as_of: int
) -> list[Violation]:
    """Return what is wrong with the deals asked about at `as_of` (nanoseconds)."""
    violations = unique_ids("opportunities", (deal.id for deal in deals))
    for index, deal in enumerate(deals):
        path = f"opportunities[{index}]"
        violations += _deal(path, deal, parameters, as_of)
    return violations


def _deal(
    path: str, deal: Opportunity, parameters: ForecastParameters, as_of: int
) -> list[Violation]:
    violations = [
        *required_id(f"{path}.id", deal.id),
        *opportunity_violations(path, deal),
        *non_negative_money(f"{path}.amount", deal.amount),
        *bounded(f"{path}.amount", deal.amount),
        *has_happened(f"{path}.created_at", deal.created_at, as_of),
        *has_happened(f"{path}.closed_at", deal.closed_at, as_of),
    ]
    if deal.HasField("closed_at") and deal.HasField("created_at"):
        violations += not_after(
            f"{path}.created_at", deal.created_at, f"{path}.closed_at", deal.closed_at
        )
    unknown = parameters.ways.violations(path, deal)
    if unknown:
        return violations + unknown
    pipeline = parameters.ways.of(deal)
    if deal.stage_name:
        violations += stage(f"{path}.stage_name", deal.stage_name, pipeline.by_name)
    return violations + _ending_of(path, deal, pipeline.by_name.get(deal.stage_name), as_of)


def _ending_of(path: str, deal: Opportunity, ended: Stage | None, as_of: int) -> list[Violation]:
    """A deal is won on a day that has come, and none that is open is closed in the forecast."""
    if ended is not None and ended.closed == "won":
        wrong = deal.HasField("close_date") and day_number(deal.close_date) > latest_day(as_of)
        return [Violation(f"{path}.close_date", "is after as_of; the deal is won")] if wrong else []
    if deal.forecast_category == ForecastCategory.FORECAST_CATEGORY_CLOSED:
        cure = "is CLOSED, and the stage is not one that is won"
        return [Violation(f"{path}.forecast_category", cure)]
    return []


def previous_violations(facts: pb.ForecastFacts, parameters: ForecastParameters) -> list[Violation]:
    """The deals of an earlier answer are in the forecast's currency, and each is there once."""
    deals, code = facts.previous.deals, currency(facts, parameters)
    violations = unique_ids(
        "previous.deals", (one.opportunity_id for one in deals), "opportunity_id"
    )
    for index, deal in enumerate(deals):
        path = f"previous.deals[{index}]"
        violations += required_id(f"{path}.opportunity_id", deal.opportunity_id)
        violations += non_negative_money(f"{path}.amount", deal.amount)
        violations += bounded(f"{path}.amount", deal.amount)
        foreign = deal.HasField("amount") and deal.amount.currency_code != code
        if foreign and not deal.left_out:
            violations.append(
                Violation(f"{path}.amount", "is in another currency than the forecast")
            )
        if not deal.left_out:
            violations += required(f"{path}.amount", deal.HasField("amount"))
    return violations
