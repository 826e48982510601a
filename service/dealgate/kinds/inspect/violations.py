"""What can be wrong with the facts of an inspection."""

from collections.abc import Sequence

from dealgate.kinds.inspect.terms import InspectParameters
from dealgate.model.amounts import AMOUNT_MAX, bounded, currency_code
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    are_usual_ids,
    computed,
    has_happened,
    non_negative_money,
    required,
    required_id,
    same_currency,
    stage,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.exchange import exchange_violations
from dealgate.model.instants import SECOND
from dealgate.model.malformed import malformed
from dealgate.model.opportunity_facts import is_usual_deal, opportunity_violations
from dealgate.model.pipelines import Pipelines
from dealgate.model.zones import zone_violations
from dealgate.v1 import inspect_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity

DEALS_MAX = 1_000
# Deals of one account and product are compared with each other.
CHANGES_MAX = 1_000


def violations(
    facts: pb.InspectFacts, parameters: InspectParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(
    facts: pb.InspectFacts, parameters: InspectParameters, as_of: int
) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    return [
        *required_id("id", facts.id),
        *_size(facts),
        *_currency(facts),
        *exchange_violations(facts, as_of),
        *zone_violations("time_zone", facts.time_zone),
        *computed("today", facts.HasField("today")),
        *_deals(facts.deals, parameters, as_of),
        *_usual(facts, parameters),
        *_snoozes(facts, parameters),
    ]


def _size(facts: pb.InspectFacts) -> list[Violation]:
    if len(facts.deals) > DEALS_MAX:
        cure = f"has more than {DEALS_MAX} entries; inspect a part at a time"
        return [Violation("deals", cure)]
    return [
        Violation(f"deals[{index}].{name}", f"has more than {CHANGES_MAX} entries")
        for index, deal in enumerate(facts.deals)
        for name in ("close_date_changes", "amount_changes")
        if len(getattr(deal, name)) > CHANGES_MAX
    ]


def _currency(facts: pb.InspectFacts) -> list[Violation]:
    given = facts.HasField("currency_code")
    return currency_code("currency_code", facts.currency_code) if given else []


def _deals(
    deals: Sequence[pb.PipelineDeal], parameters: InspectParameters, as_of: int
) -> list[Violation]:
    ids = [deal.opportunity.id for deal in deals]
    violations = [] if are_usual_ids(ids) else unique_ids("deals", ids, "opportunity.id")
    for index, deal in enumerate(deals):
        if not _is_usual_deal(deal, parameters.ways, as_of):
            violations += _deal(index, deal, parameters, as_of)
    return violations


def _is_usual_deal(deal: pb.PipelineDeal, ways: Pipelines, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a deal, as is nearly always so."""
    one = deal.opportunity
    if one.pipeline or deal.close_date_changes or deal.amount_changes or deal.HasField("measures"):
        return False
    stages, now = ways.of(one).by_name, as_of // SECOND
    stage = stages.get(one.stage_name)
    if (
        stage is None
        or stage.closed
        or one.amount.units > AMOUNT_MAX
        or not deal.last_activity_at.seconds < now
        or not deal.imported_at.seconds < now
        or not is_usual_deal(one, as_of)
    ):
        return False
    for move in one.history:
        if move.stage_name not in stages or not move.HasField("at") or move.at.seconds >= now:
            return False
    return True


def _deal(
    index: int, deal: pb.PipelineDeal, parameters: InspectParameters, as_of: int
) -> list[Violation]:
    path = f"deals[{index}]"
    violations = _opportunity(f"{path}.opportunity", deal.opportunity, parameters, as_of)
    violations += has_happened(f"{path}.last_activity_at", deal.last_activity_at, as_of)
    violations += has_happened(f"{path}.imported_at", deal.imported_at, as_of)
    violations += computed(f"{path}.measures", deal.HasField("measures"))
    for number, moved in enumerate(deal.close_date_changes):
        at = f"{path}.close_date_changes[{number}]"
        violations += required(f"{at}.from", moved.HasField("from"))
        violations += required(f"{at}.to", moved.HasField("to"))
        violations += has_happened(f"{at}.at", moved.at, as_of)
    for number, change in enumerate(deal.amount_changes):
        violations += _amount_change(f"{path}.amount_changes[{number}]", change)
        violations += has_happened(f"{path}.amount_changes[{number}].at", change.at, as_of)
    return violations


def _amount_change(path: str, change: pb.AmountChange) -> list[Violation]:
    before = getattr(change, "from")
    violations = required(f"{path}.from", change.HasField("from"))
    violations += required(f"{path}.to", change.HasField("to"))
    violations += non_negative_money(f"{path}.from", before)
    violations += non_negative_money(f"{path}.to", change.to)
    return violations + same_currency([(f"{path}.from", before), (f"{path}.to", change.to)])


def _opportunity(
    path: str, deal: Opportunity, parameters: InspectParameters, as_of: int
) -> list[Violation]:
    found = [
        *required_id(f"{path}.id", deal.id),
        *(
            parameters.ways.violations(path, deal)
            or _open_stage(f"{path}.stage_name", deal, parameters.ways)
        ),
        *opportunity_violations(path, deal),
        *non_negative_money(f"{path}.amount", deal.amount),
        *has_happened(f"{path}.created_at", deal.created_at, as_of),
        *bounded(f"{path}.amount", deal.amount),
    ]
    for index, move in enumerate(deal.history):
        at = f"{path}.history[{index}]"
        found += stage(f"{at}.stage_name", move.stage_name, parameters.ways.names)
        found += required(f"{at}.at", move.HasField("at"))
        found += has_happened(f"{at}.at", move.at, as_of)
    return found


def _open_stage(path: str, deal: Opportunity, ways: Pipelines) -> list[Violation]:
    pipeline = ways.of(deal)
    stage = pipeline.by_name.get(deal.stage_name)
    if stage is None:
        of = f"of the pipeline {pipeline.name}" if pipeline.name else "of this pipeline"
        known = ", ".join(pipeline.by_name)
        return [Violation(path, f"is not a stage {of}; the stages are: {known}")]
    wrong = [Violation(path, "is a closed stage; inspect open deals")]
    return wrong if stage.closed else []


def _usual(facts: pb.InspectFacts, parameters: InspectParameters) -> list[Violation]:
    usual = facts.stage_durations
    violations = unique_ids("stage_durations", (each.stage_name for each in usual), "stage_name")
    for index, each in enumerate(usual):
        path = f"stage_durations[{index}]"
        violations += stage(f"{path}.stage_name", each.stage_name, parameters.ways.names)
        violations += required(f"{path}.average_days", each.HasField("average_days"))
    return violations


def _snoozes(facts: pb.InspectFacts, parameters: InspectParameters) -> list[Violation]:
    known = {deal.opportunity.id for deal in facts.deals}
    violations: list[Violation] = []
    for index, snooze in enumerate(facts.snoozes):
        path = f"snoozes[{index}]"
        violations += required(f"{path}.code", snooze.code)
        violations += required(f"{path}.until", snooze.HasField("until"))
        if snooze.opportunity_id not in known:
            violations.append(
                Violation(f"{path}.opportunity_id", "is not the id of one of the deals")
            )
        if snooze.code in parameters.never_snoozed:
            violations.append(Violation(f"{path}.code", "is an issue that nobody may put off"))
    return violations
