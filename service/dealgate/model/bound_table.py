"""Bounds of every number and list that facts may hold; `bounds.out_of_bounds` reads this table.

A number without a bound, times an amount with one, leaves the 64 bits that an amount has. So each
decimal, count and floating-point fact stands here by its message and field, whatever kind it is
of; a test walks them all. What two facts come to together, such as a rate and an amount, is for
their kind to check.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from google.protobuf.descriptor import FieldDescriptor

from dealgate.model.errors import Violation

Limit = TypeVar("Limit")


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most a number may be; `low` itself is too little if `above` is set."""

    low: int
    high: int
    above: bool = False
    cure: str = ""

    def violations(self, number: Decimal | float) -> list[Violation]:
        """Return what is wrong with a number, with an empty path."""
        if self.low <= number <= self.high and not (self.above and number == self.low):
            return []
        return [Violation("", self.cure or self._words(number))]

    def _words(self, number: Decimal | float) -> str:
        if self.above:
            return f"must be more than {self.low} and at most {self.high}"
        if self.low == 0 and number < 0:
            return "must not be negative"
        return f"must be from {self.low} to {self.high}"


SHARE = Bound(0, 1, cure="is a share from 0 to 1; write 20 % as 0.2")
PERCENT = Bound(0, 100)
LEVEL = Bound(0, 3)
# Counted one by one by people or machines; sums of a million such still fit into 64 bits.
COUNT = Bound(0, 10**9)
TALLY = Bound(0, 10**12)
WEIGHT = Bound(0, 10**9)
RATIO = Bound(-(10**15), 10**15)
DAYS = Bound(1, 3650)
MONTHS = Bound(0, 1200)
SERIAL = Bound(0, 2**62)
INT64 = Bound(0, 2**63 - 1)
# Over-use exists; a share of more than 3 is a percentage that somebody wrote as a share.
USED = "must be a share from 0 to 3; write 80 % as 0.8"
CHANGED = "must be a share from -1 to 1000; write a fall of 20 % as -0.2"
MEDDPICC = (
    *("metrics", "economic_buyer", "decision_criteria", "decision_process"),
    *("paper_process", "identified_pain", "champion", "competition"),
)


WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _each(message: str, fields: Iterable[str], bound: Limit) -> dict[str, Limit]:
    return {f"{message}.{field}": bound for field in fields}


# What a kind computes and nobody may send: a question with it is rejected.
COMPUTED = frozenset(
    {
        "AccountFinding",
        "Enrichment",
        "ActivityMeasures",
        "CandidateFinding",
        "DealMeasures",
        "HealthAges",
        "PipelineMove",
    }
)

# How long each list of facts may be; a test walks all of them. What lists of lists hold together is
# bounded by what a request may.
ELEMENTS = 100_000  # in all lists of messages of a request
COMPUTED_LENGTH = 20_000  # of lists that nobody may send
LENGTHS: Mapping[str, int] = {
    "Company.technologies": 1000,
    "AttributeFacts.models": 100,
    "AttributeFacts.fitted_models": 100,
    "AttributeFacts.path_transforms": 100,
    "FittedModel.path_transforms": 100,
    "FittedModel.weights": 20_000,
    "PathTransform.channels": 1000,
    "Adjustment.original": 100,
    "AttributedModel.campaigns": 20_000,
    "AttributedModel.channels": 20_000,
    "AttributedModel.unseen_channels": 20_000,
    "AttributedModel.credits": 20_000,
    "TouchCredit.milestones": 100,
    "TouchCredit.undecided_rules": 1000,
    "FitAttributionModelRequest.path_transforms": 100,
    "FitAttributionModelRequest.paths": 1_000_000,
    "JourneyPath.channels": 1_000_000,
    "Opportunity.contacts": 1000,
    "Opportunity.gates": 1000,
    "Opportunity.history": 1000,
    "AdvanceFacts.approvals": 1000,
    "CloseFacts.approvals": 1000,
    "ForecastDeal.rule_ids": 1000,
    "HandoffReply.returned_for": 100,
    "VerifyFacts.field_sources": 1000,
    "InspectFacts.snoozes": 20_000,
    "InspectFacts.stage_durations": 1000,
    "Rep.languages": 200,
    "Rep.skills": 1000,
    "Rep.teams": 1000,
    "Rep.time_off": 1000,
    "RoundRobinCursor.balances": 20_000,
    **_each("WorkingWeek", WEEK, 48),
}
# Those that their kind checks itself, with words of its own.
KIND_LENGTHS: Mapping[str, int] = {
    "QualifyFacts.activities": 1000,
    "ScoreFacts.activities": 1000,
    "ScoreFacts.account_leads": 1000,
    "ExchangeRates.rates": 400,
    "VerifyFacts.accounts": 100,
    "VerifyFacts.candidates": 100,
    "VerifyFacts.consents": 200,
    "VerifyFacts.opt_outs": 200,
    "VerifyFacts.provider_records": 20,
    "AccountCandidate.domains": 50,
    "AccountCandidate.other_names": 50,
    "RouteFacts.reps": 500,
    "WorkingHours.days_off": 366,
    "ConvertFacts.funnel": 20,
    "ConvertFacts.item_evidence": 50,
    "ConvertFacts.custom_fields": 500,
    "InspectFacts.deals": 1000,
    "PipelineDeal.amount_changes": 1000,
    "PipelineDeal.close_date_changes": 1000,
    "ForecastFacts.opportunities": 3000,
    "ForecastFacts.history": 20_000,
    "ForecastFacts.rates": 1000,
    "ForecastSnapshot.deals": 3000,
    "ForecastFacts.stage_rates": 1000,
    "ForecastFacts.submitted": 1000,
    "CloseFacts.items": 1000,
    "AttributeFacts.touches": 10_000,
    "QuotaPlan.tiers": 100,
    "QuotaFacts.sellers": 1000,
    "QuotaFacts.credits": 10_000,
    "QuotaFacts.seasonality": 1000,
    "QuotaFacts.holidays": 1000,
    "Seller.leaves": 100,
    "HandoffFacts.commitments": 1000,
    "HandoffFacts.products": 1000,
    "HandoffFacts.risks": 1000,
    "HandoffFacts.stakeholders": 1000,
    "HandoffFacts.success_criteria": 1000,
    "RecognizeFacts.lines": 500,
    "RecognizeFacts.periods": 480,
    "RecognizeFacts.variable": 500,
    "RecognizeFacts.discounts": 500,
    "RecognizeFacts.modifications": 1000,
    "RecognizeFacts.credits": 5000,
    "RecognizeFacts.invoices": 10_000,
    "RecognizeFacts.booked": 40_000,
    "RecognizeFacts.contracts": 100,
    "RecognizeFacts.costs": 500,
    "RecognizeFacts.bad_debts": 1000,
    "RecognizeFacts.accounts": 100,
    "RevenueLine.milestones": 10_000,
    "RevenueLine.usage": 40_000,
    "RevenueLine.custom": 10_000,
    "RevenueLine.ramp": 1000,
    "RevenueLine.progress": 1000,
    "RevenueLine.breakage": 1000,
    "ReturnEstimate.revisions": 1000,
    "VariableConsideration.scenarios": 1000,
    "LineDiscount.line_ids": 500,
    "ContractModification.changes": 500,
    "ContractModification.added_line_ids": 500,
    "Financing.payments": 400,
    "ObtainingCost.impairment_tests": 480,
    "Commission.legs": 10_000,
    "Commission.bonuses": 10_000,
    "Commission.reversals": 10_000,
}


def longest(name: str) -> int:
    """Return how long a list may be, by "Message.field"; where its kind says, as long as all."""
    return ELEMENTS if name in KIND_LENGTHS else LENGTHS.get(name, COMPUTED_LENGTH)


BOUNDS: Mapping[str, Bound] = {
    # Leads, their companies and what they did.
    "Company.employees": COUNT,
    "Activity.count": Bound(1, 2**31 - 1),
    "LeadHistory.attempts_without_response": COUNT,
    "LeadHistory.recycle_count": Bound(0, 1_000_000),
    "ProviderRecord.confidence": SHARE,
    "LeadScores.fit": PERCENT,
    "LeadScores.engagement": PERCENT,
    "LeadScores.composite": PERCENT,
    "Verification.data_quality": PERCENT,
    "BantTimeline.days": COUNT,
    **_each("MeddpiccScores", MEDDPICC, LEVEL),
    "AccountMatch.tier": Bound(1, 9),
    "RouteFacts.product_users": COUNT,
    "Rep.capacity": Bound(0, 1_000_000),
    "Rep.open_leads": Bound(0, 1_000_000),
    "Rep.weight": Bound(0, 100, above=True),
    "Rep.quota_attainment": Bound(0, 100),
    "WorkingHours.opens": Bound(0, 23),
    "WorkingHours.closes": Bound(1, 24),
    "RoundRobinCursor.version": SERIAL,
    "RoundRobinBalance.balance": Bound(-(2**62), 2**62),
    "FunnelSegment.converted": TALLY,
    "FunnelSegment.lost": TALLY,
    "FunnelSegment.open": TALLY,
    # Deals.
    "Opportunity.probability": PERCENT,
    # A price above the list is a discount below 0.
    "Opportunity.discount": Bound(-10, 1, cure="is a share of at most 1; write 20 % as 0.2"),
    "Opportunity.contract_term_months": MONTHS,
    "Opportunity.version": INT64,
    # Computed by the service, and refused if it is sent.
    "Opportunity.people": COUNT,
    "ExchangeRate.rate": Bound(0, 10**12, above=True),
    "Conversion.rate": Bound(0, 10**24, above=True),
    "AccountLead.fit": PERCENT,
    "AccountLead.engagement": PERCENT,
    "AdvanceFacts.expected_version": INT64,
    **_each("OpportunityMeddppicc", (*MEDDPICC, "partner"), LEVEL),
    "Approval.max_discount": SHARE,
    "ExitChecklist.fit_score": PERCENT,
    "StageDuration.average_days": Bound(0, 10_000, above=True),
    "InspectFacts.average_cycle_days": Bound(0, 10_000, above=True),
    "ForecastDeal.stage_probability": SHARE,
    "ForecastDeal.age_probability": SHARE,
    "StageRate.closed": COUNT,
    "StageRate.won": COUNT,
    "ForecastRate.rate": Bound(0, 10**6, above=True),
    "SalesContract.term_months": Bound(1, 1200),
    "SalesContract.payment_terms_days": Bound(0, 365),
    "SalesContract.owner_expiration_notice_days": Bound(0, 365),
    "ContractItem.quantity": Bound(-(10**12), 10**12),
    # Attribution, and what was fitted or answered before.
    "ModelChoice.half_life_days": DAYS,
    "AttributeFacts.lookback_days": DAYS,
    "PositionWeights.first": WEIGHT,
    "PositionWeights.middle": WEIGHT,
    "PositionWeights.last": WEIGHT,
    "CurrencyConversion.rate": Bound(0, 10**6, above=True),
    "AttributedModel.half_life_days": DAYS,
    "TouchCredit.share": SHARE,
    "CreditTotal.touch_count": COUNT,
    "CreditTotal.return_on_spend": RATIO,
    "CreditTotal.return_on_investment": RATIO,
    "FittedModel.order": Bound(0, 4),
    "FittedModel.conversions": INT64,
    "FittedModel.nulls": INT64,
    "FittedModel.conversion_probability": SHARE,
    "FittedWeight.position": Bound(1, 1_000_000),
    "FittedWeight.weight": WEIGHT,
    "FittedWeight.removal_effect": SHARE,
    "PathTransform.steps": Bound(1, 1000),
    "FitAttributionModelRequest.order": Bound(1, 4),
    "JourneyPath.conversions": TALLY,
    "JourneyPath.nulls": TALLY,
    "JourneyPath.value": Bound(0, 10**15),
    # Revenue.
    "RevenueContract.financing_months": MONTHS,
    "StandalonePrice.margin": Bound(0, 1000),
    "RevenueMilestone.share": SHARE,
    "RevenueLine.included_quantity": TALLY,
    "UsageRecord.quantity": Bound(0, 10**15),
    "CustomWeight.weight": TALLY,
    "ReturnEstimate.quantity": TALLY,
    "ReturnEstimate.expected": TALLY,
    "ReturnRevision.expected": TALLY,
    "ProgressRecord.share": SHARE,
    "BreakageEstimate.quantity": TALLY,
    "Financing.annual_rate": Bound(0, 10),
    "Financing.compounding_months": Bound(1, 12),
    "ObtainingCost.commission_share": SHARE,
    "ObtainingCost.benefit_months": MONTHS,
    "CommissionLeg.rate": Bound(0, 1000),
    "MaterialRight.incremental_discount": SHARE,
    "MaterialRight.likelihood": SHARE,
    "FinancePeriod.rate": Bound(0, 10**5, above=True),
    "Scenario.probability": SHARE,
    "LineChange.included_quantity": TALLY,
    # Quotas.
    "CommissionTier.from": Bound(0, 1000),
    "CommissionTier.rate": Bound(0, 10),
    "CommissionTier.applies_from": Bound(0, 1000),
    "QuotaCredit.split": SHARE,
    "QuotaCredit.term_months": Bound(1, 1200),
    "SeasonalityPoint.share": SHARE,
    # Customers.
    "Customer.priority": Bound(1, 3),
    "HandoffProduct.seats": Bound(1, 10**9),
    "CustomerUsage.licence_utilization": Bound(0, 3, cure=USED),
    "CustomerUsage.change": Bound(-1, 1000, cure=CHANGED),
    "CustomerUsage.seats_removed": COUNT,
    "CustomerUsage.billing_page_visits": COUNT,
    "SupportLoad.tickets": COUNT,
    "SupportLoad.tickets_before": COUNT,
    "CustomerVoice.promoter_score": Bound(0, 10),
    "SuccessPlanState.objectives": COUNT,
    "SuccessPlanState.reached": COUNT,
    "BillingState.days_overdue": Bound(0, 36_525),
    "EarlierHealth.score": PERCENT,
}


def length_of(field: FieldDescriptor) -> int:
    """Return how many elements a list of facts may have."""
    name = ".".join(field.full_name.split(".")[-2:])
    return LENGTHS.get(name) or KIND_LENGTHS.get(name, COMPUTED_LENGTH)
