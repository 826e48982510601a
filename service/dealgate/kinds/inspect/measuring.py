"""What can be computed of each deal before rules judge it: ages, pushes, ratios, duplicates."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from dealgate.kinds.inspect.terms import InspectParameters
from dealgate.model import words
from dealgate.model.days import day_number, days_of_month
from dealgate.model.exchange import convert
from dealgate.model.instants import DAY, nanoseconds
from dealgate.model.money import to_minor
from dealgate.model.opportunity_facts import people
from dealgate.model.pipelines import Stage
from dealgate.model.ratio import Ratio
from dealgate.model.zones import day_in, today_message
from dealgate.v1 import inspect_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory, Opportunity, StageChange

DUPLICATE_DAYS = 90
DUPLICATE_SHARE = Ratio(1, 10)
QUARTER_ENDS = (3, 6, 9, 12)

Change = TypeVar("Change", pb.CloseDateChange, pb.AmountChange)


def derive(facts: pb.InspectFacts, parameters: InspectParameters, as_of: int) -> pb.InspectFacts:
    """Return the facts with the measures of every deal, in the currency of the pipeline."""
    known = pb.InspectFacts()
    known.CopyFrom(facts)
    zone = facts.time_zone or parameters.time_zone
    known.today.CopyFrom(today_message(zone, as_of))
    currency = pipeline_currency(facts, parameters)
    convert(known, currency, to_minor=True)
    usual = {
        stage_duration.stage_name: stage_duration.average_days
        for stage_duration in facts.stage_durations
    }
    seen = Seen(parameters, zone, as_of, day_in(zone, as_of))
    left = {deal.opportunity.amount.currency_code for deal in known.deals} - {"", currency}
    for deal in known.deals:
        _measure(deal, seen)
        measures, stage = deal.measures, deal.opportunity.stage_name
        if measures.HasField("days_in_stage") and stage in usual:
            measures.stage_age_ratio = measures.days_in_stage / usual[stage]
        if facts.HasField("average_cycle_days"):
            _in_cycles(deal, facts.average_cycle_days, seen)
        if deal.opportunity.HasField("amount"):
            _add_amount(deal.opportunity.amount, measures, currency, apart=len(left) > 1)
    _mark_duplicates(known.deals)
    return known


@dataclass(frozen=True, slots=True)
class Seen:
    """From where deals are looked at: by which parameters, and in which time zone, when (ns)."""

    parameters: InspectParameters
    zone: str
    as_of: int
    today: int

    def day(self, instant: int) -> int:
        """Return the day, an ordinal, that the instant falls on here."""
        return day_in(self.zone, instant)


def pipeline_currency(facts: pb.InspectFacts, parameters: InspectParameters) -> str:
    """Return what amounts are added up in; empty if they are in several and nobody says.

    It is what the question names, or the rule set, or the only one there is, or the base of the
    rates. No deal's place in the list has a say.
    """
    if facts.currency_code or parameters.currency:
        return facts.currency_code or parameters.currency or ""
    given = {deal.opportunity.amount.currency_code for deal in facts.deals} - {""}
    return given.pop() if len(given) == 1 else facts.exchange_rates.base_currency_code


def _measure(deal: pb.PipelineDeal, seen: Seen) -> None:
    one, measures = deal.opportunity, deal.measures
    one.people = measures.people = people(one.contacts)
    pipeline = seen.parameters.ways.of(one)
    stage = pipeline.by_name[one.stage_name]
    measures.pipeline = pipeline.name
    measures.gates.extend(pipeline.reached(stage))
    moved = [*_once(deal.close_date_changes)] if deal.close_date_changes else []
    if moved or deal.changes_are_complete:
        measures.times_pushed = sum(map(_is_push, moved))
    _add_ages(deal, seen.as_of)
    _add_dates(one, measures, seen)
    _compare_with_stage(one, measures, stage)
    places = pipeline.ranks
    ranks = [places[move.stage_name] for move in one.history if move.stage_name in places]
    if ranks:
        measures.moved_backward = max(ranks) > places[one.stage_name]
    _add_changes(deal, measures, moved)


def _add_changes(
    deal: pb.PipelineDeal, measures: pb.DealMeasures, moved: Sequence[pb.CloseDateChange]
) -> None:
    """Add what changes say; `moved` are those of the close date, each once."""
    changed = [*_once(deal.amount_changes)] if deal.amount_changes else []
    shares = [*_changes(changed)]
    if shares or deal.changes_are_complete:
        measures.amount_change = max(shares, default=0)
    if changed or deal.changes_are_complete:
        measures.amount_came_from_nothing = any(_from_nothing(change) for change in changed)
    one = deal.opportunity
    # Where nothing is recorded, or nothing stands now, nothing contradicts it.
    known = bool(changed) and one.HasField("amount")
    measures.amount_is_unexplained = known and _last(changed).to != one.amount
    known = bool(moved) and one.HasField("close_date")
    measures.close_date_is_unexplained = known and _last(moved).to != one.close_date


def _once(changes: Sequence[Change]) -> Iterator[Change]:
    """Yield each change once: one that was delivered again is no second one.

    It is the same if it is at the same instant; without one, if nothing came in between.
    """
    seen: list[Change] = []
    for change in changes:
        again = change in seen if change.HasField("at") else seen[-1:] == [change]
        if not again:
            seen.append(change)
            yield change


def _last(changes: Sequence[Change]) -> Change:
    """Return the newest change, of those at one instant the last in the list."""
    dated = [change for change in changes if change.HasField("at")]
    newest_first = reversed(dated or list(changes))
    return max(newest_first, key=lambda item: nanoseconds(item.at))


def _from_nothing(change: pb.AmountChange) -> bool:
    return to_minor(getattr(change, "from")) == 0 and to_minor(change.to) > 0


def _add_amount(amount: Money, measures: pb.DealMeasures, currency: str, *, apart: bool) -> None:
    measures.currency_differs = amount.currency_code != currency if currency else apart
    measures.whole_units = amount.units
    measures.worth_nothing = to_minor(amount) == 0


def _is_push(change: pb.CloseDateChange) -> bool:
    return day_number(change.to) > day_number(getattr(change, "from"))


def _add_ages(deal: pb.PipelineDeal, as_of: int) -> None:
    one, measures = deal.opportunity, deal.measures
    entered = _entered_stage(one)
    imported = nanoseconds(deal.imported_at) if deal.HasField("imported_at") else None
    if entered is not None and (imported is None or entered > imported):
        measures.days_in_stage = _days(as_of - entered)
    if one.HasField("created_at"):
        measures.age_days = _days(as_of - nanoseconds(one.created_at))
    touched = _touched(deal)
    if touched:
        measures.days_since_activity = _days(as_of - max(map(nanoseconds, touched)))


def _days(nanos: int) -> int:
    """Return whole days; by a clock that is ahead something happens now."""
    return max(nanos, 0) // DAY


def _entered_stage(deal: Opportunity) -> int | None:
    """Return when the deal last came into its stage; it may have been in it before."""
    moves: Sequence[StageChange] = deal.history
    if len(moves) > 1:
        moves = sorted(moves, key=lambda move: nanoseconds(move.at))
    if not moves or moves[-1].stage_name != deal.stage_name:
        return None
    return nanoseconds(moves[-1].at)


def _touched(deal: pb.PipelineDeal) -> list[Timestamp]:
    """Return when anything is known to have happened to the deal."""
    instants: list[Timestamp] = [move.at for move in deal.opportunity.history]
    instants += [change.at for change in deal.close_date_changes if change.HasField("at")]
    instants += [change.at for change in deal.amount_changes if change.HasField("at")]
    if deal.HasField("last_activity_at"):
        instants.append(deal.last_activity_at)
    return instants


def _add_dates(opportunity: Opportunity, measures: pb.DealMeasures, seen: Seen) -> None:
    today = seen.today
    if opportunity.HasField("next_step_date"):
        measures.days_to_next_step = day_number(opportunity.next_step_date) - today
    if not opportunity.HasField("close_date"):
        return
    closes = day_number(opportunity.close_date)
    measures.days_to_close = closes - today
    measures.closes_at_quarter_end = (
        opportunity.close_date.month in QUARTER_ENDS and closes == days_of_month(closes)[1]
    )
    fiscal = seen.parameters.fiscal
    measures.closes_at_fiscal_quarter_end = closes == fiscal.quarter_of(closes).last
    if opportunity.HasField("created_at"):
        measures.created_after_close = seen.day(nanoseconds(opportunity.created_at)) > closes


def _in_cycles(deal: pb.PipelineDeal, cycle: float, seen: Seen) -> None:
    one = deal.opportunity
    if one.HasField("created_at") and one.HasField("close_date"):
        days = day_number(one.close_date) - seen.day(nanoseconds(one.created_at))
        deal.measures.cycles_to_close = days / cycle


def _compare_with_stage(opportunity: Opportunity, measures: pb.DealMeasures, stage: Stage) -> None:
    if opportunity.HasField("probability"):
        measures.probability_difference = opportunity.probability - float(stage.probability)
    if opportunity.forecast_category:
        own = words.of(ForecastCategory, opportunity.forecast_category)
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
            ids = [o.opportunity.id for o in alike if o is not deal and _same(deal, o)]
            deal.measures.duplicate_ids.extend(sorted(ids))


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
