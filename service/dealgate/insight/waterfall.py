"""How revenue of many contracts flows through finance periods, from the newest schedule of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from google.type.money_pb2 import Money

from dealgate.insight.numbers import LeftOut, basis, money, one_currency
from dealgate.insight.traffic import Traffic
from dealgate.insight.window import Window, window_of
from dealgate.model.days import day_number
from dealgate.model.decision import Decision
from dealgate.model.money import to_minor
from dealgate.v1 import insight_pb2 as pb
from dealgate.v1 import recognize_pb2 as revenue

MOST_ROWS = 1000
FORMULAS = (
    "closing = opening + invoiced - recognized - other, in every period",
    "opening and closing = deferred revenue - contract assets",
    "remaining = worth - recognized; worth = total - cancelled",
    "closing remaining = opening + entered + grew - shrank - left - recognized",
)
LEFT_OUT = {
    "NO_SCHEDULE": "contracts that are held, or lack facts: they have no schedule",
    "OTHER_CURRENCY": "contracts in a currency not chosen",
    "OTHER_CALENDAR": "contracts whose finance periods have other days by the same name",
}
NONE = "no contract has a schedule"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A contract's newest schedule: its periods' last days by id, and its outcome."""

    contract: str
    ends: Mapping[str, int]
    outcome: revenue.RecognizeOutcome

    @property
    def currency(self) -> str:
        """The currency of all its amounts."""
        code: str = self.outcome.transaction_price.total.currency_code
        return code

    @property
    def worth(self) -> int:
        """What it is worth, but for what was cancelled."""
        cancelled = to_minor(self.outcome.reconciliation.cancelled)
        return to_minor(self.outcome.transaction_price.total) - cancelled

    @property
    def recognized(self) -> int:
        """What was earned by the periods that were over."""
        return to_minor(self.outcome.balances.recognized)


@dataclass(slots=True)
class Flow:
    """A finance period of all contracts, in minor units."""

    opening: int = 0
    invoiced: int = 0
    recognized: int = 0
    closing: int = 0


@dataclass(slots=True)
class Book:
    """All contracts by id: their newest schedules, and those before the window."""

    newest: dict[str, Schedule | None] = field(default_factory=dict)
    before: dict[str, Schedule | None] = field(default_factory=dict)


def revenue_waterfall(
    request: pb.GetRevenueWaterfallRequest, traffic: Traffic, now: int
) -> pb.GetRevenueWaterfallResponse:
    """Return the revenue of all contracts by period, exact to the minor unit."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    book = _read(traffic, window)
    newest = [schedule for schedule in book.newest.values() if schedule is not None]
    left_out.add("NO_SCHEDULE", len(book.newest) - len(newest))
    currencies = [schedule.currency for schedule in newest]
    currency, unknown = one_currency(currencies, request.currency_code)
    chosen, ends = _chosen(newest, currency, left_out)
    shown = pb.GetRevenueWaterfallResponse(contracts=len(chosen))
    if chosen:
        _show(shown, chosen, ends, currency)
    else:
        shown.unknown_because = unknown or NONE
    if request.window.HasField("since") and currency:
        _bridge(shown, book, chosen, currency)
    shown.basis.CopyFrom(basis(window, traffic, FORMULAS, left_out))
    return shown


def _read(traffic: Traffic, window: Window) -> Book:
    """Keep the newest decision about each contract, as of the end of the window and its start."""
    book = Book()
    ages: dict[tuple[bool, str], tuple[int, str]] = {}
    for decision, _ in traffic.of("recognize"):
        if decision.as_of > window.as_of or decision.as_of >= window.before:
            continue
        for early, schedules in ((False, book.newest), (True, book.before)):
            if early and decision.as_of >= window.first:
                continue
            key, age = (early, decision.entity.id), (decision.as_of, decision.id)
            if age >= ages.get(key, age):
                ages[key] = age
                schedules[decision.entity.id] = _schedule(decision)
    return book


def _schedule(decision: Decision) -> Schedule | None:
    outcome = revenue.RecognizeRevenueResponse.FromString(decision.answer).outcome
    if outcome.status != revenue.RECOGNITION_STATUS_SCHEDULED:
        return None
    facts = revenue.RecognizeFacts.FromString(decision.facts)
    ends = {period.id: day_number(period.end) for period in facts.periods}
    return Schedule(decision.entity.id, ends, outcome)


def _chosen(
    schedules: Sequence[Schedule], currency: str, left_out: LeftOut
) -> tuple[list[Schedule], dict[str, int]]:
    """Return the contracts that can be added up, and the last day of each of their periods."""
    chosen: list[Schedule] = []
    ends: dict[str, int] = {}
    for schedule in sorted(schedules, key=lambda schedule: schedule.contract):
        if schedule.currency != currency:
            left_out.add("OTHER_CURRENCY")
        elif any(ends.get(name, end) != end for name, end in schedule.ends.items()):
            left_out.add("OTHER_CALENDAR")
        else:
            ends |= schedule.ends
            chosen.append(schedule)
    return chosen, dict(sorted(ends.items(), key=lambda period: period[1]))


def _show(
    shown: pb.GetRevenueWaterfallResponse,
    schedules: Sequence[Schedule],
    ends: Mapping[str, int],
    currency: str,
) -> None:
    for name, flow in _flows(schedules, ends).items():
        shown.periods.add(
            period_id=name,
            opening=money(flow.opening, currency),
            invoiced=money(flow.invoiced, currency),
            recognized=money(flow.recognized, currency),
            other=money(flow.opening + flow.invoiced - flow.recognized - flow.closing, currency),
            closing=money(flow.closing, currency),
        )
    ranked = sorted(schedules, key=lambda schedule: (-schedule.worth, schedule.contract))
    for schedule in sorted(ranked[:MOST_ROWS], key=lambda schedule: schedule.contract):
        shown.rows.append(_row(schedule, ends, currency))
    if ranked[MOST_ROWS:]:
        others = sum(_total(schedule) for schedule in ranked[MOST_ROWS:])
        shown.others.CopyFrom(_amount(others, currency))
    waiting = sum(to_minor(paid.outcome.reconciliation.unscheduled) for paid in schedules)
    shown.unscheduled.CopyFrom(_amount(waiting, currency))


def _flows(schedules: Sequence[Schedule], ends: Mapping[str, int]) -> dict[str, Flow]:
    """Add up what each period earns; a contract does not change before and after its periods."""
    flows = {name: Flow() for name in ends}
    for schedule in schedules:
        own = {period.period_id: period for period in schedule.outcome.periods}
        net = 0
        for name, flow in flows.items():
            flow.opening += net
            if name in own:
                flow.invoiced += to_minor(own[name].invoiced)
                flow.recognized += to_minor(own[name].revenue)
                net = to_minor(own[name].closing.deferred)
                net -= to_minor(own[name].closing.contract_asset)
            flow.closing += net
    return flows


def _row(schedule: Schedule, ends: Mapping[str, int], currency: str) -> pb.WaterfallRow:
    outcome = schedule.outcome
    own = {period.period_id: to_minor(period.revenue) for period in outcome.periods}
    waiting = to_minor(outcome.reconciliation.unscheduled)
    return pb.WaterfallRow(
        contract_id=schedule.contract,
        total=money(_total(schedule), currency),
        recognized=[_amount(own.get(name, 0), currency) for name in ends],
        unscheduled=money(waiting + to_minor(outcome.reconciliation.cancelled), currency),
    )


def _bridge(
    shown: pb.GetRevenueWaterfallResponse,
    book: Book,
    chosen: Sequence[Schedule],
    currency: str,
) -> None:
    """Say what moved what remains; contracts that cannot be added up now could not be before."""
    after = {schedule.contract: schedule for schedule in chosen}
    dropped = {name for name, schedule in book.newest.items() if schedule and name not in after}
    before = {
        name: schedule
        for name, schedule in book.before.items()
        if schedule and name not in dropped and schedule.currency == currency
    }
    amounts = _changes(before, after)
    parts = {name: _amount(amount, currency) for name, amount in amounts.items()}
    shown.bridge.CopyFrom(pb.RemainingBridge(**parts))


def _changes(before: Mapping[str, Schedule], after: Mapping[str, Schedule]) -> Mapping[str, int]:
    """Return what remained, by what it became, and what remains: the bridge adds up."""
    moved = dict(_moved(before, after)).values()
    gone = (schedule for schedule in before.values() if schedule.contract not in after)
    return {
        "opening": sum(map(_remaining, before.values())),
        "entered": sum(after[name].worth for name in after if name not in before),
        "grew": sum(change for change in moved if change > 0),
        "shrank": sum(-change for change in moved if change < 0),
        "left": sum(map(_remaining, gone)),
        "recognized": sum(
            schedule.recognized - (before[name].recognized if name in before else 0)
            for name, schedule in after.items()
        ),
        "closing": sum(map(_remaining, after.values())),
    }


def _remaining(schedule: Schedule) -> int:
    return schedule.worth - schedule.recognized


def _moved(
    before: Mapping[str, Schedule], after: Mapping[str, Schedule]
) -> Iterator[tuple[str, int]]:
    """Yield by how much contracts that had a schedule and have one became worth more."""
    for name, schedule in after.items():
        if name in before:
            yield name, schedule.worth - before[name].worth


def _total(schedule: Schedule) -> int:
    return to_minor(schedule.outcome.transaction_price.total)


def _amount(minor: int, currency: str) -> Money:
    return money(minor, currency) or Money(currency_code=currency)
