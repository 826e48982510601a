"""What can be wrong with the facts of an advance."""

from collections.abc import Sequence

from dealgate.kinds.advance.terms import AdvanceParameters
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    non_negative_money,
    not_after,
    optional_id,
    required,
    required_id,
    stage,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.gates.checks import approvals, survivor
from dealgate.model.instants import timestamp
from dealgate.model.malformed import malformed
from dealgate.v1 import advance_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity


def violations(
    facts: pb.AdvanceFacts, parameters: AdvanceParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    names = [stage.name for stage in parameters.stages]
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *stage("opportunity.stage_name", facts.opportunity.stage_name, names),
        *stage("target_stage", facts.target_stage, names),
        *optional_id("actor.id", facts.actor.id),
        *survivor(facts.closure, facts.opportunity.id),
        *_opportunity(facts.opportunity),
        *_history(facts.opportunity, as_of),
        *approvals(facts.approvals, as_of),
    ]


def _opportunity(deal: Opportunity) -> list[Violation]:
    found = [
        *required_id("opportunity.id", deal.id),
        *optional_id("opportunity.owner_id", deal.owner_id),
        *optional_id("opportunity.account_id", deal.account_id),
        *non_negative_money("opportunity.amount", deal.amount),
        *unique_ids("opportunity.contacts", (contact.id for contact in deal.contacts)),
    ]
    for index, contact in enumerate(deal.contacts):
        found += required_id(f"opportunity.contacts[{index}].id", contact.id)
    return found


def _history(deal: Opportunity, as_of: int) -> list[Violation]:
    now = timestamp(as_of)
    found = not_after("opportunity.created_at", deal.created_at, "as_of", now)
    found += not_after("opportunity.closed_at", deal.closed_at, "as_of", now)
    for index, change in enumerate(deal.history):
        path = f"opportunity.history[{index}]"
        found += required(f"{path}.stage_name", change.stage_name)
        found += required(f"{path}.at", change.HasField("at"))
        found += not_after(f"{path}.at", change.at, "as_of", now)
    return found
