"""Decisions about open opportunities, for asyncio."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Options, decision_options
from dealgate_client.v1.advance_pb2 import (
    Actor,
    AdvanceFacts,
    AdvanceStageRequest,
    AdvanceStageResponse,
    PipelineMove,
)
from dealgate_client.v1.exchange_pb2 import Conversion, ExchangeRates
from dealgate_client.v1.forecast_pb2 import (
    ForecastFacts,
    ForecastPipelineRequest,
    ForecastPipelineResponse,
    ForecastRate,
    ForecastSnapshot,
    PastDeal,
    StageRate,
    SubmittedForecast,
)
from dealgate_client.v1.gate_pb2 import Approval, Closure, ExitChecklist
from dealgate_client.v1.inspect_pb2 import (
    InspectFacts,
    InspectPipelineRequest,
    InspectPipelineResponse,
    PipelineDeal,
    Snooze,
    StageDuration,
)
from dealgate_client.v1.opportunity_pb2 import Opportunity
from dealgate_client.v1.pipeline_service_pb2_grpc import PipelineServiceStub

if TYPE_CHECKING:
    from dealgate_client.v1.pipeline_service_pb2_grpc import PipelineServiceAsyncStub


class PipelineCalls(Caller):
    """The calls of PipelineService."""

    async def advance_stage(
        self,
        *,
        opportunity: Opportunity,
        target_stage: str,
        actor: Actor | None = None,
        expected_version: int | None = None,
        reason: str | None = None,
        approvals: Iterable[Approval] = (),
        checklist: ExitChecklist | None = None,
        closure: Closure | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        time_zone: str | None = None,
        today: Date | None = None,
        move: PipelineMove | None = None,
        **options: Unpack[Options],
    ) -> AdvanceStageResponse:
        """Ask whether an opportunity may move to `target_stage`, and what it lacks if not.

        `opportunity` needs an id and the stage it is in; `options` are those of `Choices` and
        `Call`. Raises DealgateError.
        """
        facts = AdvanceFacts(
            opportunity=opportunity,
            target_stage=target_stage,
            actor=actor,
            expected_version=expected_version,
            reason=reason,
            approvals=approvals,
            checklist=checklist,
            closure=closure,
            exchange_rates=exchange_rates,
            conversions=conversions,
            time_zone=time_zone,
            today=today,
            move=move,
        )
        request = AdvanceStageRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._pipeline.AdvanceStage, request, options)

    async def inspect_pipeline(
        self,
        *,
        id: str,  # noqa: A002  # the name of the contract
        deals: Iterable[PipelineDeal] = (),
        stage_durations: Iterable[StageDuration] = (),
        average_cycle_days: float | None = None,
        snoozes: Iterable[Snooze] = (),
        currency_code: str | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        time_zone: str | None = None,
        today: Date | None = None,
        **options: Unpack[Options],
    ) -> InspectPipelineResponse:
        """Ask which deals need care, what to do about each, and how much money is at risk.

        `id` is your name of the pipeline, `deals` are its open ones; `options` are those of
        `Choices` and `Call`. Raises DealgateError.
        """
        facts = InspectFacts(
            id=id,
            deals=deals,
            stage_durations=stage_durations,
            average_cycle_days=average_cycle_days,
            snoozes=snoozes,
            currency_code=currency_code,
            exchange_rates=exchange_rates,
            conversions=conversions,
            time_zone=time_zone,
            today=today,
        )
        request = InspectPipelineRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._pipeline.InspectPipeline, request, options)

    async def forecast_pipeline(
        self,
        *,
        id: str,  # noqa: A002  # the name of the contract
        period_start: Date | None = None,
        period_end: Date | None = None,
        quota: Money | None = None,
        booked: Money | None = None,
        opportunities: Iterable[Opportunity] = (),
        history: Iterable[PastDeal] = (),
        stage_rates: Iterable[StageRate] = (),
        submitted: Iterable[SubmittedForecast] = (),
        rates: Iterable[ForecastRate] = (),
        currency_code: str | None = None,
        previous: ForecastSnapshot | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        fiscal_period: str | None = None,
        time_zone: str | None = None,
        today: Date | None = None,
        **options: Unpack[Options],
    ) -> ForecastPipelineResponse:
        """Forecast a period, by every method at once; the recorded decision is the snapshot.

        `id` is your name of what is forecast, whose period is told by its days or by the name that
        the books give it (`fiscal_period`); `history` teaches chances by age; with `previous`,
        the deals of an earlier answer, a waterfall tells what has changed. `options` are those of
        `Choices` and `Call`. Raises DealgateError.
        """
        facts = ForecastFacts(
            id=id,
            period_start=period_start,
            period_end=period_end,
            quota=quota,
            booked=booked,
            opportunities=opportunities,
            history=history,
            stage_rates=stage_rates,
            submitted=submitted,
            rates=rates,
            currency_code=currency_code,
            previous=previous,
            exchange_rates=exchange_rates,
            conversions=conversions,
            fiscal_period=fiscal_period,
            time_zone=time_zone,
            today=today,
        )
        request = ForecastPipelineRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._pipeline.ForecastPipeline, request, options)

    @cached_property
    def _pipeline(self) -> "PipelineServiceAsyncStub":
        return PipelineServiceStub(self._connection.channel)
