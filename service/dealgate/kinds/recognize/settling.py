"""Settling: tracks become whole minor units by period, less returns, and as they were booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dealgate.kinds.recognize.booking import booked_through
from dealgate.kinds.recognize.calendar import Calendar
from dealgate.kinds.recognize.pieces import by_slot, gross
from dealgate.kinds.recognize.returning import Returns
from dealgate.kinds.recognize.timeline import Timeline
from dealgate.kinds.recognize.tracks import Track
from dealgate.model.ratio import Ratio
from dealgate.model.rounding import Rounding, cumulative, rounded


@dataclass(frozen=True, slots=True)
class Settled:
    """An obligation by slot of the calendar, in minor units.

    `liability` is how the refund liability for expected returns changes by period; `asset` and
    `cost` are goods that are expected back, and those that stay, at cost. `late` is by how much a
    closed period differs from what was booked in it.
    """

    index: int
    slots: Sequence[int]
    liability: Sequence[int]
    asset: Sequence[int]
    cost: Sequence[int]
    overage: int
    late: Mapping[int, int]


def settled(timeline: Timeline, method: Rounding) -> list[Settled]:
    """Return every obligation as whole amounts, in the order of the lines."""
    tracks = timeline.tracks
    obligations = [_settled(timeline, tracks[index], method) for index in sorted(tracks)]
    booked = booked_through(timeline.contract)
    if booked is None:
        return obligations
    return [_booked(obligation, *booked) for obligation in obligations]


def _settled(timeline: Timeline, track: Track, method: Rounding) -> Settled:
    calendar, index = timeline.contract.calendar, track.index
    slots = rounded(by_slot(track.pieces, calendar), method)
    base = slots
    if timeline.returns[index].lines:
        base = rounded(by_slot(gross(track.pieces), calendar), method)
    over = cumulative(by_slot(timeline.fees[index].pieces, calendar))
    credited = _credited(timeline, index)
    back, asset, cost = _returned(timeline.returns[index], base, credited, calendar)
    return Settled(
        index=index,
        slots=[part + extra - away for part, extra, away in zip(slots, over, back, strict=True)],
        liability=[part - credited.get(slot, 0) for slot, part in enumerate(back)],
        asset=_released(asset, back, credited),
        cost=cost,
        overage=sum(over),
        late={},
    )


def _returned(
    returns: Returns, slots: Sequence[int], credited: Mapping[int, int], calendar: Calendar
) -> tuple[list[int], list[int], list[int]]:
    """Return by slot what is expected to go back, its goods, and the goods that stay, at cost.

    What went back already did, whatever is expected now.
    """
    earned, gone, ends = 0, 0, calendar.ends
    totals = [(0, 0, 0)]
    for slot, end in enumerate(ends):
        earned, gone = earned + slots[slot], gone + credited.get(slot, 0)
        totals.append((max(round(returns.share(end) * earned), gone), *returns.goods(end)))
    nothing = [0] * (len(slots) - len(ends))
    columns = [
        [after - before for before, after in pairwise(column)]
        for column in zip(*totals, strict=True)
    ]
    back, asset, cost = ([*column, *nothing] for column in columns)
    return back, asset, cost


def _credited(timeline: Timeline, index: int) -> dict[int, int]:
    """Return by slot what credits took of what was expected to go back."""
    taken: dict[int, int] = {}
    for day, credit in timeline.taken:
        slot = timeline.contract.calendar.index(day)
        taken[slot] = taken.get(slot, 0) + credit.returned.get(index, 0)
    return taken


def _released(asset: Sequence[int], back: Sequence[int], credited: Mapping[int, int]) -> list[int]:
    """Return the goods expected back by slot: with the money for them they are in stock again."""
    flows, standing, owed = [], 0, 0
    for slot, part in enumerate(asset):
        standing, owed = standing + part, owed + back[slot]
        here = credited.get(slot, 0)
        gone = round(Ratio(standing * here, owed)) if owed else 0
        standing, owed = standing - gone, owed - here
        flows.append(part - gone)
    return flows


def _booked(settled: Settled, closed: int, rows: Mapping[tuple[int, int], int]) -> Settled:
    """Leave closed periods as they were booked; what they lack falls into the first open one."""
    slots = [*settled.slots]
    late = {slot: slots[slot] - rows.get((settled.index, slot), 0) for slot in range(closed)}
    for slot, difference in late.items():
        slots[slot] -= difference
        slots[closed] += difference
    return replace(settled, slots=slots, late={slot: part for slot, part in late.items() if part})
