"""Succession: what a contract is to the one before it, and when the next one is due."""

from dealgate.kinds.close.contract import term_end
from dealgate.kinds.close.terms import CloseParameters
from dealgate.model.days import day_number, put_day
from dealgate.v1 import close_pb2 as pb
from dealgate.v1 import opportunity_pb2 as deals


def succeed(outcome: pb.CloseOutcome, facts: pb.CloseFacts, parameters: CloseParameters) -> None:
    """Write into `outcome` how the contract follows the one before, and its dates."""
    contract, prior = facts.contract, facts.prior
    gap = _gap(facts)
    if gap is not None:
        outcome.gap_days = gap
    if contract.HasField("start_date"):
        outcome.business_type = business_type(facts, parameters)
    if contract.kind == pb.CONTRACT_KIND_AMENDMENT and facts.HasField("prior"):
        end = prior.earliest_item_end_date if prior.HasField("earliest_item_end_date") else None
        end = end or (prior.end_date if prior.HasField("end_date") else None)
        if end is not None:
            outcome.co_termination_date.CopyFrom(end)
    end_day = term_end(contract)
    if end_day is not None:
        put_day(outcome.term_end_date, end_day)
    if contract.HasField("end_date"):
        put_day(outcome.renewal_notice_date, notice_day(contract, parameters))


def notice_day(contract: pb.SalesContract, parameters: CloseParameters) -> int:
    """Return by when a contract that ends has to be renewed."""
    days = contract.owner_expiration_notice_days or parameters.renewal_notice_days
    return max(day_number(contract.end_date) - days, 1)


def business_type(
    facts: pb.CloseFacts, parameters: CloseParameters
) -> deals.OpportunityType.ValueType:
    """Return new business, renewal or expansion; unspecified if that is not known.

    A customer who comes back later than the parameter says is new business (GitLab: 180 days).
    """
    if facts.contract.kind == pb.CONTRACT_KIND_AMENDMENT:
        return deals.OPPORTUNITY_TYPE_EXPANSION
    if not facts.HasField("prior"):
        new = facts.contract.kind == pb.CONTRACT_KIND_NEW
        return deals.OPPORTUNITY_TYPE_NEW_BUSINESS if new else deals.OPPORTUNITY_TYPE_UNSPECIFIED
    gap = _gap(facts)
    if gap is None:
        return deals.OPPORTUNITY_TYPE_UNSPECIFIED
    if gap < parameters.new_business_after_days:
        return deals.OPPORTUNITY_TYPE_RENEWAL
    return deals.OPPORTUNITY_TYPE_NEW_BUSINESS


def _gap(facts: pb.CloseFacts) -> int | None:
    """Return the days from the end of the prior contract to the start of this one."""
    if not (facts.prior.HasField("end_date") and facts.contract.HasField("start_date")):
        return None
    return day_number(facts.contract.start_date) - day_number(facts.prior.end_date)
