"""What can be wrong with the facts of a conversion."""

from collections.abc import Sequence

from dealgate.kinds.convert.terms import ConvertParameters
from dealgate.model import leads
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    ID_LENGTH,
    are_usual_ids,
    at_most,
    computed,
    has_happened,
    non_negative_money,
    optional_id,
    required,
    required_id,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.exchange import exchange_violations, has_no_exchange
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import malformed
from dealgate.model.zones import zone_violations
from dealgate.v1 import convert_pb2 as pb

SEGMENTS_MAX, ITEMS_MAX, FIELDS_MAX = 20, 50, 500


def violations(
    facts: pb.ConvertFacts, parameters: ConvertParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.ConvertFacts, _: ConvertParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    if _is_usual(facts, as_of):
        return ()
    amounts = (("deal.amount", facts.deal.amount), ("deal.budget", facts.deal.budget))
    return [
        *leads.lead_violations(facts.lead, as_of),
        *_target("account", facts.account),
        *_target("contact", facts.contact),
        *optional_id("deal.owner_id", facts.deal.owner_id),
        *(one for path, amount in amounts for one in non_negative_money(path, amount)),
        *exchange_violations(facts, as_of),
        *zone_violations("time_zone", facts.time_zone),
        *computed("today", facts.HasField("today")),
        *optional_id("deal.id", facts.deal.id),
        *_funnel(facts.funnel),
        *_items(facts.item_evidence),
        *_custom_fields(facts.custom_fields),
        *has_happened("first_contact.made_at", facts.first_contact.made_at, as_of),
    ]


def _is_usual(facts: pb.ConvertFacts, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a conversion, as is nearly always so."""
    if facts.time_zone or facts.HasField("today") or not has_no_exchange(facts):
        return False
    if facts.funnel or facts.item_evidence or len(facts.custom_fields) > FIELDS_MAX:
        return False
    deal, made = facts.deal, nanoseconds(facts.first_contact.made_at)
    amount, budget = deal.amount, deal.budget
    return (
        min(amount.units, amount.nanos, budget.units, budget.nanos) >= 0
        and max(len(deal.id), len(deal.owner_id)) <= ID_LENGTH
        and 0 <= made <= as_of
        and leads.is_usual_lead(facts.lead, as_of)
        and are_usual_ids([field.name for field in facts.custom_fields])
        and _is_usual_target(facts.account)
        and _is_usual_target(facts.contact)
    )


def _is_usual_target(target: pb.ConversionTarget) -> bool:
    return len(target.id) <= ID_LENGTH and not (target.id and target.is_new)


def _target(path: str, target: pb.ConversionTarget) -> list[Violation]:
    violations = optional_id(f"{path}.id", target.id)
    if target.id and target.is_new:
        violations.append(Violation(f"{path}.is_new", f"contradicts {path}.id; give one of them"))
    return violations


def _funnel(segments: Sequence[pb.FunnelSegment]) -> list[Violation]:
    violations = at_most("funnel", segments, SEGMENTS_MAX)
    violations += unique_ids("funnel", (segment.name for segment in segments), "name")
    for index, segment in enumerate(segments):
        violations += required_id(f"funnel[{index}].name", segment.name)
        violations += _counts(f"funnel[{index}]", segment)
    return violations


def _items(items: Sequence[pb.ItemEvidence]) -> list[Violation]:
    violations = at_most("item_evidence", items, ITEMS_MAX)
    violations += unique_ids("item_evidence", (item.field for item in items), "field")
    for index, item in enumerate(items):
        path = f"item_evidence[{index}]"
        violations += required(f"{path}.field", item.field)
        violations += _counts(f"{path}.with", getattr(item, "with"))
        violations += _counts(f"{path}.without", item.without)
    return violations


def _counts(path: str, segment: pb.FunnelSegment) -> list[Violation]:
    """A count that nobody gave is not 0."""
    violations = required(f"{path}.converted", segment.HasField("converted"))
    return violations + required(f"{path}.lost", segment.HasField("lost"))


def _custom_fields(fields: Sequence[pb.CustomField]) -> list[Violation]:
    violations = at_most("custom_fields", fields, FIELDS_MAX)
    violations += unique_ids("custom_fields", (field.name for field in fields), "name")
    for index, field in enumerate(fields):
        violations += required_id(f"custom_fields[{index}].name", field.name)
    return violations
