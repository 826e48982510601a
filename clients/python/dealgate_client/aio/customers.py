"""Decisions about customers, for asyncio."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from google.protobuf.timestamp_pb2 import Timestamp

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Options, decision_options
from dealgate_client.v1.customer_pb2 import Customer
from dealgate_client.v1.customer_service_pb2_grpc import CustomerServiceStub
from dealgate_client.v1.exchange_pb2 import Conversion, ExchangeRates
from dealgate_client.v1.handoff_pb2 import (
    Commitment,
    HandoffContract,
    HandOffCustomerRequest,
    HandOffCustomerResponse,
    HandoffFacts,
    HandoffProduct,
    HandoffReply,
    HandoffStory,
    Stakeholder,
    SuccessCriterion,
)
from dealgate_client.v1.health_pb2 import (
    AssessHealthRequest,
    AssessHealthResponse,
    BillingState,
    CustomerRelationship,
    CustomerUsage,
    CustomerVoice,
    EarlierHealth,
    HealthAges,
    HealthFacts,
    HealthOverride,
    Sentiment,
    SuccessPlanState,
    SupportLoad,
)
from dealgate_client.v1.opportunity_pb2 import Opportunity

if TYPE_CHECKING:
    from dealgate_client.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub


class CustomerCalls(Caller):
    """The calls of CustomerService."""

    async def hand_off_customer(
        self,
        *,
        opportunity: Opportunity,
        customer: Customer | None = None,
        contract: HandoffContract | None = None,
        products: Iterable[HandoffProduct] = (),
        stakeholders: Iterable[Stakeholder] = (),
        story: HandoffStory | None = None,
        success_criteria: Iterable[SuccessCriterion] = (),
        commitments: Iterable[Commitment] = (),
        commitments_are_complete: bool | None = None,
        risks: Iterable[str] = (),
        risks_are_reviewed: bool | None = None,
        submitted_at: Timestamp | None = None,
        reply: HandoffReply | None = None,
        time_zone: str | None = None,
        **options: Unpack[Options],
    ) -> HandOffCustomerResponse:
        """Ask whether customer success knows what it needs, and what is missing if not.

        `opportunity` needs an id; `options` are those of `Choices` and `Call`. Raises
        DealgateError.
        """
        facts = HandoffFacts(
            opportunity=opportunity,
            customer=customer,
            contract=contract,
            products=products,
            stakeholders=stakeholders,
            story=story,
            success_criteria=success_criteria,
            commitments=commitments,
            commitments_are_complete=commitments_are_complete,
            risks=risks,
            risks_are_reviewed=risks_are_reviewed,
            submitted_at=submitted_at,
            reply=reply,
            time_zone=time_zone,
        )
        request = HandOffCustomerRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._customers.HandOffCustomer, request, options)

    async def assess_health(
        self,
        *,
        customer: Customer,
        usage: CustomerUsage | None = None,
        sentiment: Sentiment | None = None,
        support: SupportLoad | None = None,
        voice: CustomerVoice | None = None,
        plan: SuccessPlanState | None = None,
        relationship: CustomerRelationship | None = None,
        billing: BillingState | None = None,
        earlier: EarlierHealth | None = None,
        override: HealthOverride | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        time_zone: str | None = None,
        ages: HealthAges | None = None,
        **options: Unpack[Options],
    ) -> AssessHealthResponse:
        """Ask how a customer is doing, what speaks for it, and what is to be done.

        `customer` needs an id; `ages` are computed by the service, which refuses others';
        `options` are those of `Choices` and `Call`. Raises DealgateError.
        """
        facts = HealthFacts(
            customer=customer,
            usage=usage,
            sentiment=sentiment,
            support=support,
            voice=voice,
            plan=plan,
            relationship=relationship,
            billing=billing,
            earlier=earlier,
            override=override,
            exchange_rates=exchange_rates,
            conversions=conversions,
            time_zone=time_zone,
            ages=ages,
        )
        request = AssessHealthRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._customers.AssessHealth, request, options)

    @cached_property
    def _customers(self) -> "CustomerServiceAsyncStub":
        return CustomerServiceStub(self._connection.channel)
