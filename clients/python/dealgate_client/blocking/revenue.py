"""Decisions about won revenue, blocking."""

from collections.abc import Iterable
from functools import cached_property
from typing import Unpack

from dealgate_client.blocking.caller import Caller
from dealgate_client.calls import Options, decision_options
from dealgate_client.v1.attribute_pb2 import (
    Adjustment,
    AttributeFacts,
    AttributeRevenueRequest,
    AttributeRevenueResponse,
    CurrencyConversion,
    Milestones,
    ModelChoice,
    Touch,
)
from dealgate_client.v1.opportunity_pb2 import Opportunity
from dealgate_client.v1.revenue_service_pb2_grpc import RevenueServiceStub


class RevenueCalls(Caller):
    """The calls of RevenueService."""

    def attribute_revenue(
        self,
        *,
        opportunity: Opportunity,
        touches: Iterable[Touch] = (),
        milestones: Milestones | None = None,
        models: Iterable[ModelChoice] = (),
        lookback_days: int | None = None,
        adjustment: Adjustment | None = None,
        reporting: CurrencyConversion | None = None,
        **options: Unpack[Options],
    ) -> AttributeRevenueResponse:
        """Divide a won amount among the touches that led to it, to the minor unit.

        `opportunity` needs an id, an amount and the instant it closed; `options` are those of
        `Choices` and `Call`. Raises DealgateError.
        """
        facts = AttributeFacts(
            opportunity=opportunity,
            touches=touches,
            milestones=milestones,
            models=models,
            lookback_days=lookback_days,
            adjustment=adjustment,
            reporting=reporting,
        )
        request = AttributeRevenueRequest(facts=facts, options=decision_options(options))
        return self._decide(self._revenue.AttributeRevenue, request, options)

    @cached_property
    def _revenue(self) -> RevenueServiceStub:
        return RevenueServiceStub(self._channel)
