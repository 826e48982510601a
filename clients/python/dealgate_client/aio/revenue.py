"""Decisions about won revenue, for asyncio."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from google.type.date_pb2 import Date

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Call, FlowChoices, Options, decision_options, flow_options
from dealgate_client.v1.advance_pb2 import AdvanceFacts
from dealgate_client.v1.attribute_pb2 import (
    Adjustment,
    AttributeFacts,
    AttributeRevenueRequest,
    AttributeRevenueResponse,
    AttributionModel,
    CurrencyConversion,
    FitAttributionModelRequest,
    FittedModel,
    JourneyPath,
    JourneyWorth,
    Milestones,
    ModelChoice,
    PathTransform,
    Touch,
)
from dealgate_client.v1.close_pb2 import (
    CloseDealRequest,
    CloseDealResponse,
    CloseFacts,
    ContractItem,
    DealEnding,
    PriorContract,
    SalesContract,
)
from dealgate_client.v1.deal_flow_pb2 import (
    DealFlowFacts,
    ProcessDealRequest,
    ProcessDealResponse,
)
from dealgate_client.v1.exchange_pb2 import Conversion, ExchangeRates
from dealgate_client.v1.gate_pb2 import Approval, Closure, ExitChecklist
from dealgate_client.v1.handoff_pb2 import HandoffFacts
from dealgate_client.v1.inspect_pb2 import InspectFacts
from dealgate_client.v1.opportunity_pb2 import Opportunity
from dealgate_client.v1.recognize_pb2 import (
    AccountCode,
    BadDebt,
    BookedRevenue,
    CombinedContract,
    ContractModification,
    FinancePeriod,
    Financing,
    LineDiscount,
    ObtainingCost,
    RecognizeFacts,
    RecognizeRevenueRequest,
    RecognizeRevenueResponse,
    RevenueContract,
    RevenueCredit,
    RevenueInvoice,
    RevenueLine,
    VariableConsideration,
)
from dealgate_client.v1.revenue_service_pb2_grpc import RevenueServiceStub

if TYPE_CHECKING:
    from dealgate_client.v1.revenue_service_pb2_grpc import RevenueServiceAsyncStub


class RevenueCalls(Caller):
    """The calls of RevenueService."""

    async def attribute_revenue(
        self,
        *,
        opportunity: Opportunity,
        touches: Iterable[Touch] = (),
        milestones: Milestones | None = None,
        models: Iterable[ModelChoice] = (),
        lookback_days: int | None = None,
        adjustment: Adjustment | None = None,
        reporting: CurrencyConversion | None = None,
        fitted_models: Iterable[FittedModel] = (),
        path_transforms: Iterable[PathTransform] = (),
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
            fitted_models=fitted_models,
            path_transforms=path_transforms,
        )
        request = AttributeRevenueRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._revenue.AttributeRevenue, request, options)

    async def fit_attribution_model(
        self,
        id: str,  # noqa: A002  # the name of the contract
        model: AttributionModel.ValueType,
        paths: Iterable[JourneyPath],
        *,
        order: int | None = None,
        worth: JourneyWorth.ValueType = JourneyWorth.JOURNEY_WORTH_UNSPECIFIED,
        path_transforms: Iterable[PathTransform] = (),
        **call: Unpack[Call],
    ) -> FittedModel:
        """Learn from many journeys what each channel weighs; keep what is returned.

        It goes into `fitted_models` of `attribute_revenue`, and its `id` into the choice of a
        model. `order` belongs to MARKOV, `worth` to SHAPLEY. Raises InvalidQuestion.
        """
        request = FitAttributionModelRequest(
            id=id,
            model=model,
            order=order,
            worth=worth,
            path_transforms=path_transforms,
            paths=paths,
        )
        reply = await self._call(self._revenue.FitAttributionModel, request, call)
        return reply.fitted_model

    async def recognize_revenue(
        self,
        *,
        contract: RevenueContract,
        lines: Iterable[RevenueLine] = (),
        periods: Iterable[FinancePeriod] = (),
        variable: Iterable[VariableConsideration] = (),
        discounts: Iterable[LineDiscount] = (),
        modifications: Iterable[ContractModification] = (),
        credits: Iterable[RevenueCredit] = (),  # noqa: A002
        invoices: Iterable[RevenueInvoice] = (),
        closed_through: Date | None = None,
        booked: Iterable[BookedRevenue] = (),
        contracts: Iterable[CombinedContract] = (),
        financing: Financing | None = None,
        costs: Iterable[ObtainingCost] = (),
        bad_debts: Iterable[BadDebt] = (),
        accounts: Iterable[AccountCode] = (),
        **options: Unpack[Options],
    ) -> RecognizeRevenueResponse:
        """Divide a contract's price among what it promises, and schedule it by period.

        `contract` needs an id, `lines` and the finance `periods` may not be empty; `options` are
        those of `Choices` and `Call`. Raises DealgateError.
        """
        facts = RecognizeFacts(
            contract=contract,
            lines=lines,
            periods=periods,
            variable=variable,
            discounts=discounts,
            modifications=modifications,
            credits=credits,
            invoices=invoices,
            closed_through=closed_through,
            booked=booked,
            contracts=contracts,
            financing=financing,
            costs=costs,
            bad_debts=bad_debts,
            accounts=accounts,
        )
        request = RecognizeRevenueRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._revenue.RecognizeRevenue, request, options)

    async def close_deal(
        self,
        *,
        opportunity: Opportunity,
        ending: DealEnding.ValueType,
        contract: SalesContract | None = None,
        items: Iterable[ContractItem] = (),
        prior: PriorContract | None = None,
        approvals: Iterable[Approval] = (),
        checklist: ExitChecklist | None = None,
        closure: Closure | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        **options: Unpack[Options],
    ) -> CloseDealResponse:
        """Decide whether a deal may be closed, what is missing, and who has to agree.

        `opportunity` needs an id; a deal that is won needs its `contract` and `items`. `options`
        are those of `Choices` and `Call`. Raises DealgateError.
        """
        facts = CloseFacts(
            opportunity=opportunity,
            ending=ending,
            contract=contract,
            items=items,
            prior=prior,
            approvals=approvals,
            checklist=checklist,
            closure=closure,
            exchange_rates=exchange_rates,
            conversions=conversions,
        )
        request = CloseDealRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._revenue.CloseDeal, request, options)

    async def process_deal(
        self,
        *,
        opportunity: Opportunity,
        approvals: Iterable[Approval] = (),
        checklist: ExitChecklist | None = None,
        closure: Closure | None = None,
        exchange_rates: ExchangeRates | None = None,
        time_zone: str | None = None,
        inspect: InspectFacts | None = None,
        advance: AdvanceFacts | None = None,
        close: CloseFacts | None = None,
        attribute: AttributeFacts | None = None,
        recognize: RecognizeFacts | None = None,
        handoff: HandoffFacts | None = None,
        **options: Unpack[FlowChoices],
    ) -> ProcessDealResponse:
        """Take a deal through inspect, advance, close, attribute, recognize and hand over.

        All is kept, or nothing. `header` tells the path, and why it ends; a step that was not
        taken has no answer. `opportunity` needs an id; `inspect` to `handoff` hold what one step
        alone reads. `options` are those of `FlowChoices`. Raises DealgateError.
        """
        facts = DealFlowFacts(
            opportunity=opportunity,
            approvals=approvals,
            checklist=checklist,
            closure=closure,
            exchange_rates=exchange_rates,
            time_zone=time_zone,
            inspect=inspect,
            advance=advance,
            close=close,
            attribute=attribute,
            recognize=recognize,
            handoff=handoff,
        )
        request = ProcessDealRequest(facts=facts, options=flow_options(options))
        return await self._decide(self._revenue.ProcessDeal, request, options)

    @cached_property
    def _revenue(self) -> "RevenueServiceAsyncStub":
        return RevenueServiceStub(self._connection.channel)
