"""Deals as the answer lists them, written as bytes: there are many, and each says as much."""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from google.type.decimal_pb2 import Decimal

from dealgate.kinds.forecast.deals import Deal
from dealgate.model import words
from dealgate.model.encoding import (
    integer_field,
    message_field,
    money_key,
    sized_money,
    text_field,
)
from dealgate.model.parts import rounded
from dealgate.v1 import forecast_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory

_deals = message_field(pb.ForecastOutcome, "deals")
_opportunity_id = text_field(pb.ForecastDeal, "opportunity_id")
_category = integer_field(pb.ForecastDeal, "category")
_in_period = integer_field(pb.ForecastDeal, "in_period")
_left_out = text_field(pb.ForecastDeal, "left_out")
_stage_probability = message_field(pb.ForecastDeal, "stage_probability")
_age_probability = message_field(pb.ForecastDeal, "age_probability")
_amount = money_key(pb.ForecastDeal, "amount")
_rule_ids = text_field(pb.ForecastDeal, "rule_ids")
_pipeline = text_field(pb.ForecastDeal, "pipeline")
_value = text_field(Decimal, "value")


def listed(deals: Iterable[Deal]) -> bytes:
    """Write the deals as fields of ForecastOutcome."""
    return b"".join([_deals(_deal(deal)) for deal in deals])


def _deal(deal: Deal) -> bytes:
    data = _opportunity_id(deal.id) + _standing(deal.category, deal.in_period, deal.left_out)
    if deal.stage_probability is not None:
        data += _stage_probability(_share(deal.stage_probability))
    if deal.age_probability is not None:
        data += _age_probability(_share(deal.age_probability))
    if deal.amount is not None:
        data += _amount + sized_money(round(deal.amount), deal.currency)
    for rule in deal.rules:
        data += _rule_ids(rule)
    return data + _pipeline(deal.pipeline)


@lru_cache(maxsize=1024)
def _standing(category: str | None, in_period: bool, left_out: str) -> bytes:  # noqa: FBT001
    number = words.number_of(ForecastCategory, category or "unspecified")
    return _category(number) + _in_period(in_period) + _left_out(left_out)


def _share(probability: Fraction) -> bytes:
    return _value(rounded(probability))
