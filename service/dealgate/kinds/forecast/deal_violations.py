"""What can be wrong with the deals of a forecast, those asked about and those of an earlier one."""

from collections.abc import Sequence

from dealgate.kinds.forecast.amounts import currency
from dealgate.kinds.forecast.terms import ForecastParameters
from dealgate.model.amounts import AMOUNT_MAX, bounded
from dealgate.model.checks import (
    ID_LENGTH,
    are_usual_ids,
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
from dealgate.model.instants import nanoseconds
from dealgate.model.opportunity_facts import opportunity_violations
from dealgate.model.pipelines import Stage
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import FORECAST_CATEGORY_CLOSED, Opportunity

EPOCH = 0


def deal_violations(
    deals: Sequence[Opportunity], parameters: ForecastParameters, as_of: int, today: int
) -> list[Violation]:
    """Return what is wrong with the deals asked about at `as_of` (nanoseconds), `today`."""
    ids = [deal.id for deal in deals]
    violations = [] if are_usual_ids(ids) else unique_ids("opportunities", ids)
    for index, deal in enumerate(deals):
        if _is_usual(deal, parameters, as_of):
            continue
        path = f"opportunities[{index}]"
        violations += _deal(path, deal, parameters, as_of, today)
    return violations


def _is_usual(deal: Opportunity, parameters: ForecastParameters, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with an open deal, as is nearly always so."""
    ways, amount = parameters.ways, deal.amount
    if deal.gates or deal.HasField("people") or deal.HasField("is_open"):
        return False
    if deal.HasField("closed_at") or deal.HasField("pipeline"):
        return False
    stage = ways.of(deal).by_name.get(deal.stage_name)
    return (
        stage is not None
        and stage.closed is None
        and deal.forecast_category != FORECAST_CATEGORY_CLOSED
        and 0 <= amount.units <= AMOUNT_MAX
        and amount.nanos >= 0
        and not 0 < deal.probability < 1
        and max(nanoseconds(deal.created_at), EPOCH) <= as_of  # an absent instant is the epoch
        and 0 < len(deal.id) <= ID_LENGTH
    )


def _deal(
    path: str, deal: Opportunity, parameters: ForecastParameters, as_of: int, today: int
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
    return violations + _ending_of(path, deal, pipeline.by_name.get(deal.stage_name), today)


def _ending_of(path: str, deal: Opportunity, ended: Stage | None, today: int) -> list[Violation]:
    """A deal is won on a day that has come, and none that is open is closed in the forecast."""
    if ended is not None and ended.closed == "won":
        wrong = deal.HasField("close_date") and day_number(deal.close_date) > today
        return [Violation(f"{path}.close_date", "is after as_of; the deal is won")] if wrong else []
    if deal.forecast_category == FORECAST_CATEGORY_CLOSED:
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
