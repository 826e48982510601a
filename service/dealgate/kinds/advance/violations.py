"""What can be wrong with the facts of an advance."""

from collections.abc import Sequence

from dealgate.kinds.advance.terms import AdvanceParameters
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    ID_LENGTH,
    computed,
    has_happened,
    non_negative_money,
    optional_id,
    required,
    required_id,
)
from dealgate.model.errors import Violation
from dealgate.model.exchange import exchange_violations, has_no_exchange
from dealgate.model.gates.violations import approvals, survivor
from dealgate.model.malformed import malformed
from dealgate.model.opportunity_facts import (
    contact_violations,
    is_usual_deal,
    opportunity_violations,
)
from dealgate.model.pipelines import Pipelines
from dealgate.model.zones import zone_violations
from dealgate.v1 import advance_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity


def violations(
    facts: pb.AdvanceFacts, parameters: AdvanceParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.AdvanceFacts, parameters: AdvanceParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    deal, ways = facts.opportunity, parameters.ways
    if _is_usual(facts, deal, ways, as_of):
        return ()
    return [
        *(ways.violations("opportunity", deal) or _stages(facts, ways)),
        *optional_id("actor.id", facts.actor.id),
        *survivor(facts.closure, facts.opportunity.id),
        *_opportunity(deal),
        *opportunity_violations("opportunity", deal),
        *exchange_violations(facts, as_of),
        *zone_violations("time_zone", facts.time_zone),
        *computed("today", facts.HasField("today")),
        *computed("move", facts.HasField("move")),
        *_history(facts.opportunity, as_of),
        *approvals(facts.approvals, as_of),
    ]


def _is_usual(facts: pb.AdvanceFacts, deal: Opportunity, ways: Pipelines, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a move, as is nearly always so."""
    if facts.approvals or facts.time_zone or deal.pipeline or deal.history:
        return False
    if (
        facts.closure.survivor_id
        or facts.HasField("today")
        or facts.HasField("move")
        or not has_no_exchange(facts)
    ):
        return False
    stages = ways.of(deal).by_name
    return (
        deal.stage_name in stages
        and facts.target_stage in stages
        and len(facts.actor.id) <= ID_LENGTH
        and is_usual_deal(deal, as_of)
    )


def _stages(facts: pb.AdvanceFacts, ways: Pipelines) -> list[Violation]:
    pipeline = ways.of(facts.opportunity)
    given = (
        ("opportunity.stage_name", facts.opportunity.stage_name),
        ("target_stage", facts.target_stage),
    )
    of = f"of the pipeline {pipeline.name}" if pipeline.name else "of this pipeline"
    names = ", ".join(pipeline.by_name)
    return [
        Violation(path, f"is not a stage {of}; the stages are: {names}")
        for path, name in given
        if name not in pipeline.by_name
    ]


def _opportunity(deal: Opportunity) -> list[Violation]:
    violations = [
        *required_id("opportunity.id", deal.id),
        *optional_id("opportunity.owner_id", deal.owner_id),
        *optional_id("opportunity.account_id", deal.account_id),
        *non_negative_money("opportunity.amount", deal.amount),
        *contact_violations("opportunity.contacts", deal.contacts),
    ]
    for index, contact in enumerate(deal.contacts):
        violations += required_id(f"opportunity.contacts[{index}].id", contact.id)
    return violations


def _history(deal: Opportunity, as_of: int) -> list[Violation]:
    violations = has_happened("opportunity.created_at", deal.created_at, as_of)
    violations += has_happened("opportunity.closed_at", deal.closed_at, as_of)
    for index, change in enumerate(deal.history):
        path = f"opportunity.history[{index}]"
        violations += required(f"{path}.stage_name", change.stage_name)
        violations += required(f"{path}.at", change.HasField("at"))
        violations += has_happened(f"{path}.at", change.at, as_of)
    return violations
