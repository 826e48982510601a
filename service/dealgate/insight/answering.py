"""Each insight by the name of its RPC: what may be asked, and the answer."""

from collections.abc import Callable, Mapping, Sequence
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
from dealgate.model.amounts import currency_code
from dealgate.model.checks import required
from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import malformed
from dealgate.v1 import insight_pb2 as pb

FEWEST_STAGES, MOST_STAGES = 2, 50


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


def violations(request: Any, kinds: Sequence[str]) -> list[Violation]:
    """Return everything that is wrong with a request; `kinds` are those of decisions."""
    found = malformed(request)
    if not any(one.field.startswith("window.") for one in found):
        found += _window(request.window)
    fields = {field.name for field in request.DESCRIPTOR.fields}
    if "currency_code" in fields and request.currency_code:
        found += currency_code("currency_code", request.currency_code)
    if "stages" in fields:
        found += _stages(request.stages)
    if "kind" in fields:
        found += _kind(request, kinds)
    return found


def _window(window: pb.InsightWindow) -> list[Violation]:
    if not (window.HasField("since") and window.HasField("before")):
        return []
    wrong = nanoseconds(window.since) >= nanoseconds(window.before)
    return [Violation("window.before", "must be after window.since")] if wrong else []


def _stages(stages: Sequence[str]) -> list[Violation]:
    if not FEWEST_STAGES <= len(stages) <= MOST_STAGES:
        wrong = (
            f"must be {FEWEST_STAGES} to {MOST_STAGES} stages, in their order; unset: the rules'"
        )
        return [Violation("stages", wrong)]
    return [
        Violation(f"stages[{index}]", "is empty or there twice")
        for index, stage in enumerate(stages)
        if not stage or stage in stages[:index]
    ]


def _kind(request: pb.GetRuleEffectivenessRequest, kinds: Sequence[str]) -> list[Violation]:
    violations = required("kind", request.kind)
    if request.kind and request.kind not in kinds:
        known = ", ".join(sorted(kinds))
        violations.append(Violation("kind", f"is not a kind of decision; the kinds are: {known}"))
    if request.HasField("rule_set_version") and request.rule_set_version < 1:
        violations.append(Violation("rule_set_version", "must be 1 or more; unset it for any"))
    return violations
