"""What can be computed of each deal before rules judge it: ages, pushes, ratios, duplicates."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from dealgate.kinds.inspect.terms import InspectParameters, Stage
from dealgate.model import words
from dealgate.model.business_time import ordinal
from dealgate.model.days import day_number, days_of_month
from dealgate.model.instants import DAY, nanoseconds
from dealgate.model.money import to_minor
from dealgate.v1 import inspect_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory, Opportunity

DUPLICATE_DAYS = 90
DUPLICATE_SHARE = Fraction(1, 10)
QUARTER_ENDS = (3, 6, 9, 12)


def derive(facts: pb.InspectFacts, parameters: InspectParameters, as_of: int) -> pb.InspectFacts:
    """Return the facts with the measures of every deal."""
    known = pb.InspectFacts()
    known.CopyFrom(facts)
    usual = {each.stage_name: each.average_days for each in facts.stage_durations}
    currency = pipeline_currency(facts)
    for deal in known.deals:
        _measure(deal, parameters, as_of)
        measures, stage = deal.measures, deal.opportunity.stage_name
        if measures.HasField("days_in_stage") and stage in usual:
            measures.stage_age_ratio = measures.days_in_stage / usual[stage]
        if facts.HasField("average_cycle_days"):
            _in_cycles(deal, facts.average_cycle_days)
        if deal.opportunity.HasField("amount"):
            _add_amount(deal.opportunity.amount, measures, currency)
    _mark_duplicates(known.deals)
    return known


def pipeline_currency(facts: pb.InspectFacts) -> str:
    """Return the pipeline's currency; empty if no deal has an amount either."""
    given = (deal.opportunity.amount.currency_code for deal in facts.deals)
    return facts.currency_code or next((code for code in given if code), "")


def _measure(deal: pb.PipelineDeal, parameters: InspectParameters, as_of: int) -> None:
    one, measures = deal.opportunity, deal.measures
    stage = parameters.by_name[one.stage_name]
    if deal.close_date_changes or deal.changes_are_complete:
        measures.times_pushed = sum(map(_is_push, deal.close_date_changes))
    _add_ages(deal, as_of)
    _add_dates(one, measures, as_of)
    _compare_with_stage(one, measures, stage)
    places = [parameters.places[change.stage_name] for change in one.history]
    if places:
        measures.moved_backward = max(places) > parameters.places[one.stage_name]
    changes = [*_changes(deal.amount_changes)]
    if changes or deal.changes_are_complete:
        measures.amount_change = max(changes, default=0)


def _add_amount(amount: Money, measures: pb.DealMeasures, currency: str) -> None:
    measures.currency_differs = amount.currency_code != currency
    measures.whole_units = amount.units
    measures.worth_nothing = to_minor(amount) == 0


def _is_push(change: pb.CloseDateChange) -> bool:
    return day_number(change.to) > day_number(getattr(change, "from"))


def _add_ages(deal: pb.PipelineDeal, as_of: int) -> None:
    one, measures = deal.opportunity, deal.measures
    entered = _entered_stage(one)
    imported = nanoseconds(deal.imported_at) if deal.HasField("imported_at") else None
    if entered is not None and (imported is None or entered > imported):
        measures.days_in_stage = (as_of - entered) // DAY
    if one.HasField("created_at"):
        measures.age_days = (as_of - nanoseconds(one.created_at)) // DAY
    touched = [*_touched(deal)]
    if touched:
        measures.days_since_activity = (as_of - max(touched)) // DAY


def _entered_stage(deal: Opportunity) -> int | None:
    """Return when the deal last came into its stage; it may have been in it before."""
    moves = sorted(deal.history, key=lambda move: nanoseconds(move.at))
    if not moves or moves[-1].stage_name != deal.stage_name:
        return None
    return nanoseconds(moves[-1].at)


def _touched(deal: pb.PipelineDeal) -> Iterator[int]:
    instants: list[Timestamp] = [move.at for move in deal.opportunity.history]
    instants += [change.at for change in deal.close_date_changes if change.HasField("at")]
    instants += [change.at for change in deal.amount_changes if change.HasField("at")]
    if deal.HasField("last_activity_at"):
        instants.append(deal.last_activity_at)
    yield from map(nanoseconds, instants)


def _add_dates(one: Opportunity, measures: pb.DealMeasures, as_of: int) -> None:
    if not one.HasField("close_date"):
        return
    closes = day_number(one.close_date)
    measures.days_to_close = closes - ordinal(as_of)
    month_ends = closes == days_of_month(closes)[1]
    measures.closes_at_quarter_end = month_ends and one.close_date.month in QUARTER_ENDS
    if one.HasField("created_at"):
        measures.created_after_close = ordinal(nanoseconds(one.created_at)) > closes


def _in_cycles(deal: pb.PipelineDeal, cycle: float) -> None:
    one = deal.opportunity
    if one.HasField("created_at") and one.HasField("close_date"):
        days = day_number(one.close_date) - ordinal(nanoseconds(one.created_at))
        deal.measures.cycles_to_close = days / cycle


def _compare_with_stage(one: Opportunity, measures: pb.DealMeasures, stage: Stage) -> None:
    if one.HasField("probability"):
        measures.probability_difference = one.probability - float(stage.probability)
    if one.forecast_category:
        own = words.of(ForecastCategory, one.forecast_category)
        measures.category_differs = own != stage.forecast_category


def _changes(changes: Iterable[pb.AmountChange]) -> Iterator[float]:
    for change in changes:
        before, after = to_minor(getattr(change, "from")), to_minor(change.to)
        if before:
            yield abs(after - before) / before


def _mark_duplicates(deals: Sequence[pb.PipelineDeal]) -> None:
    groups: dict[tuple[str, str], list[pb.PipelineDeal]] = {}
    for deal in deals:
        key = (deal.opportunity.account_id, deal.product_id)
        if all(key) and deal.opportunity.HasField("amount"):
            groups.setdefault(key, []).append(deal)
    for alike in groups.values():
        for deal in alike:
            found = [o.opportunity.id for o in alike if o is not deal and _same(deal, o)]
            deal.measures.duplicate_ids.extend(sorted(found))


def _same(deal: pb.PipelineDeal, other: pb.PipelineDeal) -> bool:
    one, two = deal.opportunity, other.opportunity
    if one.amount.currency_code != two.amount.currency_code:
        return False
    if not (one.HasField("created_at") and two.HasField("created_at")):
        return False
    apart = abs(nanoseconds(one.created_at) - nanoseconds(two.created_at))
    mine, theirs = to_minor(one.amount), to_minor(two.amount)
    close = abs(mine - theirs) <= DUPLICATE_SHARE * max(mine, theirs)
    return close and apart <= DUPLICATE_DAYS * DAY
