"""Decisions about leads, for asyncio."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import FlowChoices, Options, decision_options, flow_options
from dealgate_client.v1.activity_pb2 import Activity
from dealgate_client.v1.convert_pb2 import (
    ConversionTarget,
    ConvertFacts,
    ConvertLeadRequest,
    ConvertLeadResponse,
    CustomField,
    FirstContact,
    FunnelSegment,
    ItemEvidence,
    PlannedDeal,
)
from dealgate_client.v1.exchange_pb2 import Conversion, ExchangeRates
from dealgate_client.v1.lead_flow_pb2 import (
    LeadFlowFacts,
    ProcessLeadRequest,
    ProcessLeadResponse,
)
from dealgate_client.v1.lead_pb2 import Disposition, Lead, LeadHistory, Relationship, Verification
from dealgate_client.v1.lead_service_pb2_grpc import LeadServiceStub
from dealgate_client.v1.qualify_pb2 import (
    Bant,
    LeadScores,
    MeddpiccScores,
    QualifyFacts,
    QualifyLeadRequest,
    QualifyLeadResponse,
)
from dealgate_client.v1.route_pb2 import (
    AccountMatch,
    PreviousRouting,
    Rep,
    RoundRobinCursor,
    RouteFacts,
    RouteLeadRequest,
    RouteLeadResponse,
    WorkingHours,
)
from dealgate_client.v1.score_pb2 import (
    AccountLead,
    ScoreFacts,
    ScoreLeadRequest,
    ScoreLeadResponse,
)
from dealgate_client.v1.verify_pb2 import (
    AccountCandidate,
    Consent,
    FieldSource,
    MailExchange,
    OptOut,
    ProviderRecord,
    VerifyFacts,
    VerifyFindings,
    VerifyLeadRequest,
    VerifyLeadResponse,
)

if TYPE_CHECKING:
    from dealgate_client.v1.lead_service_pb2_grpc import LeadServiceAsyncStub


class LeadCalls(Caller):
    """The calls of LeadService."""

    async def verify_lead(
        self,
        *,
        lead: Lead,
        default_region: str | None = None,
        consents: Iterable[Consent] = (),
        opt_outs: Iterable[OptOut] = (),
        mail_exchange: MailExchange | None = None,
        look_up_mail_exchange: bool | None = None,
        candidates: Iterable[Lead] = (),
        find_candidates: bool | None = None,
        provider_records: Iterable[ProviderRecord] = (),
        field_sources: Iterable[FieldSource] = (),
        accounts: Iterable[AccountCandidate] = (),
        find_accounts: bool | None = None,
        findings: VerifyFindings | None = None,
        **options: Unpack[Options],
    ) -> VerifyLeadResponse:
        """Verify a lead: is its data true, may it be used, and do we know the person already?

        Only `lead.id` is required, and `findings` belong to the service: leave them out.
        `options` are those of `Choices` and `Call`. Raises DealgateError.
        """
        facts = VerifyFacts(
            lead=lead,
            default_region=default_region,
            consents=consents,
            opt_outs=opt_outs,
            mail_exchange=mail_exchange,
            look_up_mail_exchange=look_up_mail_exchange,
            candidates=candidates,
            find_candidates=find_candidates,
            provider_records=provider_records,
            field_sources=field_sources,
            accounts=accounts,
            find_accounts=find_accounts,
            findings=findings,
        )
        request = VerifyLeadRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._leads.VerifyLead, request, options)

    async def score_lead(
        self,
        *,
        lead: Lead,
        activities: Iterable[Activity] = (),
        relationship: Relationship | None = None,
        history: LeadHistory | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        account_leads: Iterable[AccountLead] = (),
        **options: Unpack[Options],
    ) -> ScoreLeadResponse:
        """Score a lead: how well it fits, how engaged it is, and whom to call first.

        Only `lead.id` is required; `options` are those of `Choices` and `Call`. Raises
        DealgateError.
        """
        facts = ScoreFacts(
            lead=lead,
            activities=activities,
            relationship=relationship,
            history=history,
            exchange_rates=exchange_rates,
            conversions=conversions,
            account_leads=account_leads,
        )
        request = ScoreLeadRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._leads.ScoreLead, request, options)

    async def qualify_lead(
        self,
        *,
        lead: Lead,
        scores: LeadScores | None = None,
        verification: Verification | None = None,
        relationship: Relationship | None = None,
        activities: Iterable[Activity] = (),
        history: LeadHistory | None = None,
        bant: Bant | None = None,
        meddpicc: MeddpiccScores | None = None,
        annual_contract_value: Money | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        time_zone: str | None = None,
        today: Date | None = None,
        working_hours: WorkingHours | None = None,
        **options: Unpack[Options],
    ) -> QualifyLeadResponse:
        """Qualify a lead: what to do with it, by when, and why.

        Only `lead.id` is required; `options` are those of `Choices` and `Call`. Raises
        DealgateError.
        """
        facts = QualifyFacts(
            lead=lead,
            scores=scores,
            verification=verification,
            relationship=relationship,
            activities=activities,
            history=history,
            bant=bant,
            meddpicc=meddpicc,
            annual_contract_value=annual_contract_value,
            exchange_rates=exchange_rates,
            conversions=conversions,
            time_zone=time_zone,
            today=today,
            working_hours=working_hours,
        )
        request = QualifyLeadRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._leads.QualifyLead, request, options)

    async def route_lead(
        self,
        *,
        lead: Lead,
        account: AccountMatch | None = None,
        annual_contract_value: Money | None = None,
        product_users: int | None = None,
        language: str | None = None,
        reps: Iterable[Rep] = (),
        cursor: RoundRobinCursor | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        previous: PreviousRouting | None = None,
        **options: Unpack[Options],
    ) -> RouteLeadResponse:
        """Route a lead: whose it is, who did not get it and why, and by when whom has to act.

        Only `lead.id` is required. Without a `cursor.version` the server keeps the round robin;
        with one, Conflict says that it has moved on. `options` are those of `Choices` and `Call`.
        Raises DealgateError.
        """
        facts = RouteFacts(
            lead=lead,
            account=account,
            annual_contract_value=annual_contract_value,
            product_users=product_users,
            language=language,
            reps=reps,
            cursor=cursor,
            exchange_rates=exchange_rates,
            conversions=conversions,
            previous=previous,
        )
        request = RouteLeadRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._leads.RouteLead, request, options)

    async def convert_lead(
        self,
        *,
        lead: Lead,
        disposition: Disposition.ValueType | None = None,
        account: ConversionTarget | None = None,
        contact: ConversionTarget | None = None,
        deal: PlannedDeal | None = None,
        funnel: Iterable[FunnelSegment] = (),
        item_evidence: Iterable[ItemEvidence] = (),
        custom_fields: Iterable[CustomField] = (),
        first_contact: FirstContact | None = None,
        exchange_rates: ExchangeRates | None = None,
        conversions: Iterable[Conversion] = (),
        time_zone: str | None = None,
        today: Date | None = None,
        **options: Unpack[Options],
    ) -> ConvertLeadResponse:
        """Convert a lead: may it become an opportunity, what is missing, and what to expect?

        Only `lead.id` is required; `options` are those of `Choices` and `Call`. Raises
        DealgateError.
        """
        facts = ConvertFacts(
            lead=lead,
            disposition=disposition,
            account=account,
            contact=contact,
            deal=deal,
            funnel=funnel,
            item_evidence=item_evidence,
            custom_fields=custom_fields,
            first_contact=first_contact,
            exchange_rates=exchange_rates,
            conversions=conversions,
            time_zone=time_zone,
            today=today,
        )
        request = ConvertLeadRequest(facts=facts, options=decision_options(options))
        return await self._decide(self._leads.ConvertLead, request, options)

    async def process_lead(
        self,
        *,
        lead: Lead,
        activities: Iterable[Activity] = (),
        relationship: Relationship | None = None,
        history: LeadHistory | None = None,
        annual_contract_value: Money | None = None,
        exchange_rates: ExchangeRates | None = None,
        verify: VerifyFacts | None = None,
        score: ScoreFacts | None = None,
        qualify: QualifyFacts | None = None,
        route: RouteFacts | None = None,
        convert: ConvertFacts | None = None,
        **options: Unpack[FlowChoices],
    ) -> ProcessLeadResponse:
        """Take a lead through verify, score, qualify, route and convert; all is kept or nothing.

        `header` tells the path, and why it ends; a step that was not taken has no answer. Only
        `lead.id` is required; `verify` to `convert` hold what one step alone reads. `options` are
        those of `FlowChoices`. Raises DealgateError.
        """
        facts = LeadFlowFacts(
            lead=lead,
            activities=activities,
            relationship=relationship,
            history=history,
            annual_contract_value=annual_contract_value,
            exchange_rates=exchange_rates,
            verify=verify,
            score=score,
            qualify=qualify,
            route=route,
            convert=convert,
        )
        request = ProcessLeadRequest(facts=facts, options=flow_options(options))
        return await self._decide(self._leads.ProcessLead, request, options)

    @cached_property
    def _leads(self) -> "LeadServiceAsyncStub":
        return LeadServiceStub(self._connection.channel)
