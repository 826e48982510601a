"""Each insight by the name of its RPC, and its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from dealgate.insight.accuracy import forecast_accuracy
from dealgate.insight.effects import rule_effectiveness
from dealgate.insight.leads import lead_funnel
from dealgate.insight.quotas import quota_distribution
from dealgate.insight.stages import stage_conversion, time_in_stage
from dealgate.insight.success import success_metrics
from dealgate.insight.traffic import Read, TooMuch, Traffic
from dealgate.insight.velocity import velocity
from dealgate.insight.waterfall import revenue_waterfall
from dealgate.model.errors import BadQuestion, Violation
from dealgate.v1 import insight_pb2 as pb


@dataclass(frozen=True, slots=True)
class Insight:
    """An insight: the message it is asked with, and how it is computed."""

    request: type[Message]
    compute: Callable[[Any, Traffic, int], Message]


INSIGHTS: Mapping[str, Insight] = {
    "GetLeadFunnel": Insight(pb.GetLeadFunnelRequest, lead_funnel),
    "GetStageConversion": Insight(pb.GetStageConversionRequest, stage_conversion),
    "GetVelocity": Insight(pb.GetVelocityRequest, velocity),
    "GetTimeInStage": Insight(pb.GetTimeInStageRequest, time_in_stage),
    "GetForecastAccuracy": Insight(pb.GetForecastAccuracyRequest, forecast_accuracy),
    "GetQuotaDistribution": Insight(pb.GetQuotaDistributionRequest, quota_distribution),
    "GetRuleEffectiveness": Insight(pb.GetRuleEffectivenessRequest, rule_effectiveness),
    "GetSuccessMetrics": Insight(pb.GetSuccessMetricsRequest, success_metrics),
    "GetRevenueWaterfall": Insight(pb.GetRevenueWaterfallRequest, revenue_waterfall),
}


def answered(name: str, request: bytes, read: Read, now: int) -> bytes:
    """Return the answer to the RPC `name`; blocks, and raises BadQuestion if it is too much.

    Bytes go in and out, so that it can run in a process of its own. `now` is in nanoseconds.
    """
    insight = INSIGHTS[name]
    try:
        answer = insight.compute(insight.request.FromString(request), Traffic(read), now)
    except TooMuch as refusal:
        raise BadQuestion([Violation("window", str(refusal))]) from None
    return answer.SerializeToString()
