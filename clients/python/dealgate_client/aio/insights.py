"""Insights into what became of decisions, for asyncio."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Call, Window, insight_window, patient
from dealgate_client.v1 import insight_pb2 as pb
from dealgate_client.v1.comparison_pb2 import CompareVersionsRequest, CompareVersionsResponse
from dealgate_client.v1.insight_service_pb2_grpc import InsightServiceStub

if TYPE_CHECKING:
    from dealgate_client.v1.insight_service_pb2_grpc import InsightServiceAsyncStub


class InsightCalls(Caller):
    """The calls of InsightService; each has a minute unless it names a `timeout`.

    What cannot be computed is unset and says why. `window` is that of `Window`.
    """

    async def get_lead_funnel(self, **window: Unpack[Window]) -> pb.GetLeadFunnelResponse:
        """Say how leads pass from captured to converted, by cohort and by period."""
        request = pb.GetLeadFunnelRequest(window=insight_window(window))
        return await self._call(self._insights.GetLeadFunnel, request, patient(window))

    async def get_stage_conversion(
        self, stages: Sequence[str] = (), **window: Unpack[Window]
    ) -> pb.GetStageConversionResponse:
        """Say how opportunities pass from stage to stage, by cohort and by period.

        `stages` in their order, the one that is won last; none: those of the advance rules.
        """
        request = pb.GetStageConversionRequest(window=insight_window(window), stages=stages)
        return await self._call(self._insights.GetStageConversion, request, patient(window))

    async def get_velocity(
        self, *, currency_code: str = "", **window: Unpack[Window]
    ) -> pb.GetVelocityResponse:
        """Say what the pipeline brings a day."""
        request = pb.GetVelocityRequest(window=insight_window(window), currency_code=currency_code)
        return await self._call(self._insights.GetVelocity, request, patient(window))

    async def get_time_in_stage(
        self, stages: Sequence[str] = (), **window: Unpack[Window]
    ) -> pb.GetTimeInStageResponse:
        """Say how long opportunities stay in each stage, those still there included."""
        request = pb.GetTimeInStageRequest(window=insight_window(window), stages=stages)
        return await self._call(self._insights.GetTimeInStage, request, patient(window))

    async def get_forecast_accuracy(
        self, *, currency_code: str = "", **window: Unpack[Window]
    ) -> pb.GetForecastAccuracyResponse:
        """Say how good recorded forecasts were, by horizon, owner and method."""
        request = pb.GetForecastAccuracyRequest(
            window=insight_window(window), currency_code=currency_code
        )
        return await self._call(self._insights.GetForecastAccuracy, request, patient(window))

    async def get_quota_distribution(
        self, *, currency_code: str = "", **window: Unpack[Window]
    ) -> pb.GetQuotaDistributionResponse:
        """Say how quotas are reached across sellers."""
        request = pb.GetQuotaDistributionRequest(
            window=insight_window(window), currency_code=currency_code
        )
        return await self._call(self._insights.GetQuotaDistribution, request, patient(window))

    async def get_revenue_waterfall(
        self, *, currency_code: str = "", **window: Unpack[Window]
    ) -> pb.GetRevenueWaterfallResponse:
        """Say how revenue of many contracts flows through periods, and what moved the rest."""
        request = pb.GetRevenueWaterfallRequest(
            window=insight_window(window), currency_code=currency_code
        )
        return await self._call(self._insights.GetRevenueWaterfall, request, patient(window))

    async def get_rule_effectiveness(
        self,
        kind: str,
        rule_set_version: int | None = None,
        *,
        currency_code: str = "",
        **window: Unpack[Window],
    ) -> pb.GetRuleEffectivenessResponse:
        """Say what became of the decisions that each rule of `kind` took part in."""
        request = pb.GetRuleEffectivenessRequest(
            window=insight_window(window),
            kind=kind,
            rule_set_version=rule_set_version,
            currency_code=currency_code,
        )
        return await self._call(self._insights.GetRuleEffectiveness, request, patient(window))

    async def get_success_metrics(
        self, *, currency_code: str = "", **window: Unpack[Window]
    ) -> pb.GetSuccessMetricsResponse:
        """Say what customers keep, how soon they get value, and what promises of time are worth."""
        request = pb.GetSuccessMetricsRequest(
            window=insight_window(window), currency_code=currency_code
        )
        return await self._call(self._insights.GetSuccessMetrics, request, patient(window))

    async def compare_versions(
        self, kind: str, seed: str = "", **call: Unpack[Call]
    ) -> CompareVersionsResponse:
        """Compare a champion with its challenger by what became of those each was assigned.

        `seed` names the experiment; without it, the newest. What is said holds however often it is
        asked, and nothing is activated.
        """
        request = CompareVersionsRequest(kind=kind, seed=seed)
        return await self._call(self._insights.CompareVersions, request, patient(call))

    @cached_property
    def _insights(self) -> "InsightServiceAsyncStub":
        return InsightServiceStub(self._connection.channel)
