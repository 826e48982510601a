"""Decisions about how sellers and teams perform, for asyncio."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from google.type.date_pb2 import Date

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Options, decision_options
from dealgate_client.v1.performance_service_pb2_grpc import PerformanceServiceStub
from dealgate_client.v1.quota_pb2 import (
    QuotaCredit,
    QuotaFacts,
    QuotaPlan,
    SeasonalityPoint,
    Seller,
    TrackQuotaRequest,
    TrackQuotaResponse,
)

if TYPE_CHECKING:
    from dealgate_client.v1.performance_service_pb2_grpc import PerformanceServiceAsyncStub


class PerformanceCalls(Caller):
    """The calls of PerformanceService."""

    async def track_quota(
        self,
        *,
        plan: QuotaPlan,
        owner_id: str,
        sellers: Iterable[Seller] = (),
        credits: Iterable[QuotaCredit] = (),  # noqa: A002  # the name of the contract
        seasonality: Iterable[SeasonalityPoint] = (),
        holidays: Iterable[Date] = (),
        time_zone: str | None = None,
        **options: Unpack[Options],
    ) -> TrackQuotaResponse:
        """Say how far a seller or a team is, how the period will end, and what was earned.

        `plan` needs an id, a start and an end; `owner_id` is one of `sellers`. `options` are
        those of `Choices` and `Call`. Raises DealgateError.
        """
        facts = QuotaFacts(
            plan=plan,
            owner_id=owner_id,
            sellers=sellers,
            credits=credits,
            seasonality=seasonality,
            holidays=holidays,
            time_zone=time_zone,
        )
        request = TrackQuotaRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._performance.TrackQuota, request, options)

    @cached_property
    def _performance(self) -> "PerformanceServiceAsyncStub":
        return PerformanceServiceStub(self._connection.channel)
