"""What can be computed of each deal before rules judge it: ages, pushes, ratios, duplicates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, TypeVar

from google.type.money_pb2 import Money

from dealgate.kinds.inspect.terms import InspectParameters
from dealgate.model import words
from dealgate.model.days import day_number
from dealgate.model.exchange import convert
from dealgate.model.instants import DAY, nanoseconds
from dealgate.model.money import to_minor
from dealgate.model.opportunity_facts import people
from dealgate.model.pipelines import Stage
from dealgate.model.ratio import Ratio
from dealgate.model.zones import day_in, today_message
from dealgate.v1 import inspect_pb2 as pb
from dealgate.v1.opportunity_pb2 import ForecastCategory, Opportunity

DUPLICATE_DAYS = 90
DUPLICATE_SHARE = Ratio(1, 10)
# Months and days.
QUARTER_ENDS = {(3, 31), (6, 30), (9, 30), (12, 31)}

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
    cycle = facts.average_cycle_days if facts.HasField("average_cycle_days") else None
    seen = Seen(parameters, zone, as_of, day_in(zone, as_of), usual, cycle)
    deals = [*known.deals]
    left = {deal.opportunity.amount.currency_code for deal in deals} - {"", currency}
    for deal in deals:
        _measure(deal, seen)
        if deal.opportunity.HasField("amount"):
            _add_amount(deal.opportunity.amount, deal.measures, currency, apart=len(left) > 1)
    _mark_duplicates(deals)
    return known


@dataclass(frozen=True, slots=True)
class Seen:
    """From where deals are looked at: by which parameters, and in which time zone, when (ns).

    `usual` are the days that deals stay in each stage, `cycle` those that they take; None: unknown.
    """

    parameters: InspectParameters
    zone: str
    as_of: int
    today: int
    usual: Mapping[str, float]
    cycle: float | None

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


class Dates(NamedTuple):
    """When a deal was created (ns), the day that it closes on, and its moves by their instants."""

    created: int | None
    closes: int | None
    moves: Sequence[tuple[int, str]]


def _dates(deal: Opportunity) -> Dates:
    moves = [(nanoseconds(move.at), move.stage_name) for move in deal.history]
    if len(moves) > 1:
        moves.sort(key=itemgetter(0))  # of moves at one instant the last in the list is the last
    return Dates(
        nanoseconds(deal.created_at) if deal.HasField("created_at") else None,
        day_number(deal.close_date) if deal.HasField("close_date") else None,
        moves,
    )


def _measure(deal: pb.PipelineDeal, seen: Seen) -> None:
    one, measures = deal.opportunity, deal.measures
    one.people = measures.people = people(one.contacts)
    pipeline = seen.parameters.ways.of(one)
    stage = pipeline.by_name[one.stage_name]
    measures.pipeline = pipeline.name
    measures.gates.extend(pipeline.reached(stage))
    dates = _dates(one)
    _add_ages(deal, measures, dates, seen)
    _add_dates(one, measures, dates, seen)
    _compare_with_stage(one, measures, stage)
    places = pipeline.ranks
    ranks = [places[name] for _, name in dates.moves if name in places]
    if ranks:
        measures.moved_backward = max(ranks) > places[stage.name]
    if deal.close_date_changes or deal.amount_changes:
        _add_changes(deal, measures)
    else:
        _add_no_changes(measures, is_complete=deal.changes_are_complete)


def _add_no_changes(measures: pb.DealMeasures, *, is_complete: bool) -> None:
    """Add that nothing was changed, or is known to have been: nothing contradicts what stands."""
    if is_complete:
        measures.times_pushed = 0
        measures.amount_change = 0
        measures.amount_came_from_nothing = False
    measures.amount_is_unexplained = False
    measures.close_date_is_unexplained = False


def _add_changes(deal: pb.PipelineDeal, measures: pb.DealMeasures) -> None:
    moved, changed = [*_once(deal.close_date_changes)], [*_once(deal.amount_changes)]
    if moved or deal.changes_are_complete:
        measures.times_pushed = sum(map(_is_push, moved))
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
    """Yield each change once: one that was delivered again does not count twice.

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


def _add_ages(deal: pb.PipelineDeal, measures: pb.DealMeasures, dates: Dates, seen: Seen) -> None:
    as_of, stage_name = seen.as_of, deal.opportunity.stage_name
    # When the deal last came into its stage; it may have been in it before.
    if dates.moves and dates.moves[-1][1] == stage_name:
        entered = dates.moves[-1][0]
        if not deal.HasField("imported_at") or entered > nanoseconds(deal.imported_at):
            measures.days_in_stage = days = _days(as_of - entered)
            if stage_name in seen.usual:
                measures.stage_age_ratio = days / seen.usual[stage_name]
    if dates.created is not None:
        measures.age_days = _days(as_of - dates.created)
    touched = _touched(deal, dates)
    if touched:
        measures.days_since_activity = _days(as_of - max(touched))


def _days(nanos: int) -> int:
    """Return whole days; by a clock that is ahead something happens now."""
    return nanos // DAY if nanos > 0 else 0


def _touched(deal: pb.PipelineDeal, dates: Dates) -> list[int]:
    """Return when (ns) anything is known to have happened to the deal."""
    instants = [at for at, _ in dates.moves]
    for changes in (deal.close_date_changes, deal.amount_changes):
        instants += [nanoseconds(change.at) for change in changes if change.HasField("at")]
    if deal.HasField("last_activity_at"):
        instants.append(nanoseconds(deal.last_activity_at))
    return instants


def _add_dates(
    opportunity: Opportunity, measures: pb.DealMeasures, dates: Dates, seen: Seen
) -> None:
    if opportunity.HasField("next_step_date"):
        measures.days_to_next_step = day_number(opportunity.next_step_date) - seen.today
    closes, created = dates.closes, dates.created
    if closes is None:
        return
    date = opportunity.close_date
    measures.days_to_close = closes - seen.today
    measures.closes_at_quarter_end = (date.month, date.day) in QUARTER_ENDS
    fiscal = seen.parameters.fiscal
    measures.closes_at_fiscal_quarter_end = closes == fiscal.quarter_of(closes).last
    if created is not None:
        created_on = seen.day(created)
        measures.created_after_close = created_on > closes
        if seen.cycle is not None:
            measures.cycles_to_close = (closes - created_on) / seen.cycle


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
        if len(alike) == 1:
            continue
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
