"""What can be wrong with the facts of a hand-off."""

from collections.abc import Sequence

from dealgate.kinds.handoff.terms import HandoffParameters
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    has_happened,
    not_after,
    optional_id,
    required,
    required_id,
    unique_ids,
)
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.malformed import malformed
from dealgate.model.zones import zone_violations
from dealgate.v1 import handoff_pb2 as pb

LIST_MAX = 1_000


def violations(
    facts: pb.HandoffFacts, parameters: HandoffParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return malformed(facts) or [
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.HandoffFacts, parameters: HandoffParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    del parameters
    return [
        *required_id("opportunity.id", facts.opportunity.id),
        *optional_id("customer.id", facts.customer.id),
        *_sizes(facts),
        *_past(facts, as_of),
        *_contract(facts.contract),
        *_products(facts.products),
        *_stakeholders(facts.stakeholders),
        *_texts(facts),
        *_reply(facts),
        *zone_violations("time_zone", facts.time_zone),
    ]


def _sizes(facts: pb.HandoffFacts) -> list[Violation]:
    return [
        Violation(field.name, f"has more than {LIST_MAX} entries")
        for field, value in facts.ListFields()
        if field.is_repeated and len(value) > LIST_MAX
    ]


def _past(facts: pb.HandoffFacts, as_of: int) -> list[Violation]:
    deal, reply = facts.opportunity, facts.reply
    violations = has_happened("opportunity.closed_at", deal.closed_at, as_of)
    violations += has_happened("submitted_at", facts.submitted_at, as_of)
    violations += has_happened("reply.replied_at", reply.replied_at, as_of)
    if facts.HasField("submitted_at") and deal.HasField("closed_at"):
        violations += not_after(
            "opportunity.closed_at", deal.closed_at, "submitted_at", facts.submitted_at
        )
    return violations


def _contract(contract: pb.HandoffContract) -> list[Violation]:
    both = contract.HasField("starts_on") and contract.HasField("ends_on")
    if both and day_number(contract.ends_on) < day_number(contract.starts_on):
        return [Violation("contract.ends_on", "is before contract.starts_on")]
    return []


def _products(products: Sequence[pb.HandoffProduct]) -> list[Violation]:
    violations = unique_ids("products", (product.product_id for product in products), "product_id")
    for index, product in enumerate(products):
        violations += required_id(f"products[{index}].product_id", product.product_id)
    return violations


def _stakeholders(stakeholders: Sequence[pb.Stakeholder]) -> list[Violation]:
    """One person may play several parts, but none twice."""
    violations: list[Violation] = []
    seen: dict[tuple[str, int], int] = {}
    for index, stakeholder in enumerate(stakeholders):
        violations += required_id(f"stakeholders[{index}].contact_id", stakeholder.contact_id)
        first = seen.setdefault((stakeholder.contact_id, stakeholder.role), index)
        if stakeholder.contact_id and first != index:
            words = f"repeats stakeholders[{first}], in the same role"
            violations.append(Violation(f"stakeholders[{index}].contact_id", words))
    return violations


def _texts(facts: pb.HandoffFacts) -> list[Violation]:
    violations: list[Violation] = []
    for index, goal in enumerate(facts.success_criteria):
        violations += required(f"success_criteria[{index}].metric", goal.metric.strip())
    for index, promise in enumerate(facts.commitments):
        violations += required(f"commitments[{index}].description", promise.description.strip())
    for index, risk in enumerate(facts.risks):
        violations += required(f"risks[{index}]", risk.strip())
    return violations


def _reply(facts: pb.HandoffFacts) -> list[Violation]:
    if not facts.HasField("reply"):
        return []
    reply = facts.reply
    violations = required("reply.is_accepted", reply.HasField("is_accepted"))
    violations += required_id("reply.replied_by", reply.replied_by)
    if reply.HasField("is_accepted") and reply.is_accepted == bool(reply.returned_for):
        words = "belongs to a hand-off that is sent back, which needs it"
        violations.append(Violation("reply.returned_for", words))
    if reply.replied_by and reply.replied_by == facts.opportunity.owner_id:
        words = "is the owner of the deal; nobody accepts their own hand-off"
        violations.append(Violation("reply.replied_by", words))
    return violations
