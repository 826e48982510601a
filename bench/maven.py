"""The deals of Maven Analytics' CRM: 8,800 opportunities, and where each of them stands.

Their CRM knows four stages. A deal that was won or lost is asked about as if it were in
negotiation and about to close; an open one as if it were about to take the next step.
"""

import csv
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from dealgate_client import (
    Actor,
    AdvanceFacts,
    Closure,
    ExchangeRate,
    ExchangeRates,
    ExitChecklist,
    InspectFacts,
    LossReason,
    Money,
    Opportunity,
    OpportunityType,
    PipelineDeal,
    SalesRole,
    StageChange,
    StageDuration,
    Timestamp,
    date,
    decimal,
    money,
    timestamp,
)

AS_OF = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
# The one product that the two files spell differently.
SPELLINGS = {"GTXPro": "GTX Pro"}
STAGES = {
    "Prospecting": ("Prospecting", "Qualification"),
    "Engaging": ("Qualification", "Needs Analysis"),
    "Won": ("Negotiation/Review", "Closed Won"),
    "Lost": ("Negotiation/Review", "Closed Lost"),
}
YEAR_END = dt.datetime(2017, 12, 31, tzinfo=dt.UTC)
# Won deals take 51.8 days on average.
CYCLE_DAYS, PIPELINE_MAX = 52, 1000
CENTS = Decimal("0.0001")


class Row(NamedTuple):
    """A deal with the list price of its product."""

    deal: dict[str, str]
    list_price: Decimal


# The euro foreign exchange reference rate of the European Central Bank, 29 December 2017.
RATES = ExchangeRates(
    base_currency_code="EUR",
    day=date(dt.date(2017, 12, 29)),
    source="ECB euro foreign exchange reference rates",
    rates=[ExchangeRate(currency_code="USD", rate=decimal("1.1993"))],
)


def read(folder: Path) -> list[Row]:
    """Return the deals of sales_pipeline.csv."""
    with (folder / "crm_maven" / "products.csv").open(newline="") as file:
        prices = {line["product"]: Decimal(line["sales_price"]) for line in csv.DictReader(file)}
    with (folder / "crm_maven" / "sales_pipeline.csv").open(newline="") as file:
        deals = list(csv.DictReader(file))
    return [Row(deal, prices[SPELLINGS.get(deal["product"], deal["product"])]) for deal in deals]


def recorded(row: Row) -> AdvanceFacts:
    """Return what the CRM says, dirt included: a price above the list is a negative discount."""
    deal = row.deal
    stage, target = STAGES[deal["deal_stage"]]
    return AdvanceFacts(
        opportunity=Opportunity(
            id=deal["opportunity_id"],
            owner_id=deal["sales_agent"],
            account_id=deal["account"] or None,
            type=OpportunityType.OPPORTUNITY_TYPE_NEW_BUSINESS,
            amount=_amount(row),
            stage_name=stage,
            created_at=_instant(deal["engage_date"]),
            close_date=date(dt.date.fromisoformat(deal["close_date"]))
            if deal["close_date"]
            else None,
            discount=decimal(str(_discount(row))) if deal["deal_stage"] == "Won" else None,
        ),
        target_stage=target,
        exchange_rates=RATES,
        actor=Actor(id=deal["sales_agent"], role=SalesRole.SALES_ROLE_REP),
    )


def cleaned(row: Row) -> AdvanceFacts:
    """Return the same, with a price above the list as what it is: no discount."""
    facts = recorded(row)
    if facts.opportunity.HasField("discount") and _discount(row) < 0:
        facts.opportunity.discount.value = "0"
    return facts


def if_all_was_done(row: Row) -> AdvanceFacts:
    """Return the cleaned facts with a full checklist, which the CRM does not have.

    A deal that is not won has no price yet but the list's, and no discount.
    """
    facts = cleaned(row)
    if not facts.opportunity.HasField("discount"):
        facts.opportunity.discount.value = "0"
    facts.checklist.CopyFrom(DONE)
    facts.closure.CopyFrom(Closure(won_reason="-", loss_reason=LossReason.LOSS_REASON_TIMING))
    return facts


DONE = ExitChecklist(
    fit_score=80,
    **{
        field.name: True
        for field in ExitChecklist.DESCRIPTOR.fields
        if field.name not in {"fit_score", "purchase_order_required"}
    },
    purchase_order_required=False,
)


def pipelines(rows: Sequence[Row]) -> list[InspectFacts]:
    """Return the engaged deals, in as few questions as may be asked."""
    deals = [_engaged(row) for row in rows if row.deal["deal_stage"] == "Engaging"]
    return [
        InspectFacts(
            id=f"maven/{start}",
            deals=deals[start : start + PIPELINE_MAX],
            stage_durations=[StageDuration(stage_name="Qualification", average_days=CYCLE_DAYS)],
            currency_code="USD",
            exchange_rates=RATES,
        )
        for start in range(0, len(deals), PIPELINE_MAX)
    ]


def _engaged(row: Row) -> PipelineDeal:
    entered = StageChange(stage_name="Qualification", at=_instant(row.deal["engage_date"]))
    facts = recorded(row).opportunity
    facts.history.append(entered)
    return PipelineDeal(opportunity=facts, product_id=row.deal["product"])


def value(row: Row) -> Decimal:
    """Return what the deal was sold for, or its list price."""
    return Decimal(row.deal["close_value"]) if row.deal["deal_stage"] == "Won" else row.list_price


def _amount(row: Row) -> Money:
    return money("USD", value(row))


def _discount(row: Row) -> Decimal:
    return (1 - value(row) / row.list_price).quantize(CENTS)


def _instant(day: str) -> Timestamp | None:
    return timestamp(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)) if day else None
