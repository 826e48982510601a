"""Two versions that decided side by side, compared by what became of the entities they met.

A unit is an entity, by its first decision; it counts once its window has closed, in the order in
which entities were assigned. What is told within the window is a success or a failure; nothing
told is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from dealgate.foresight.arms.betting import ALPHA, Betting, Span
from dealgate.foresight.arms.ratio import imbalance_p, is_imbalanced, log_imbalance, rate
from dealgate.foresight.assessing import Clock
from dealgate.insight.effects import SUCCESS
from dealgate.journal.port import Recorded
from dealgate.model.errors import RecordDamaged
from dealgate.model.results import Result

FEWEST = 10  # successes, and others, of an arm; below it there is no interval


class Says(Enum):
    """What a comparison comes to."""

    DIFFERS = "differs"
    NO_DIFFERENCE = "no difference that matters"
    NOT_ENOUGH = "not enough data"
    WITHHELD = "withheld: assignment is broken"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed before the start.

    `share` is the share of entities that the second version was meant to get, `planned` the number
    of units at which the interval is to be narrowest, `matters` the smallest difference of rates
    that matters. With a `cap`, in minor units of `currency`, money is compared instead of rates.
    """

    share: float
    planned: int
    matters: float
    cap: int | None = None
    currency: str = ""
    alpha: float = ALPHA


@dataclass(frozen=True, slots=True)
class Arm:
    """One version: entities assigned to it, those whose window has closed, their successes."""

    version: int
    assigned: int
    mature: int
    successes: int
    rate: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both arms, the effect of the second over the first, and what that says.

    `effect` is a difference of shares, or of money as a share of the cap; None: too few, or
    withheld. `strayed` are entities that met both versions after their first decision.
    """

    arms: tuple[Arm, Arm]
    imbalance_p: float
    strayed: int
    says: Says
    effect: Span | None = None
    p: float = 1.0
    still_needed: int = 0


@dataclass(slots=True)
class _Unit:
    """The first decision about an entity."""

    arm: int
    as_of: int
    result: Result | None


def compared(
    records: Iterable[Recorded | RecordDamaged],
    versions: tuple[int, int],
    terms: Terms,
    clock: Clock,
) -> Comparison:
    """Compare what became of the entities that each version met first."""
    units, strayed = _units(records, versions)
    assigned = [sum(unit.arm == arm for unit in units) for arm in (0, 1)]
    imbalance = log_imbalance(assigned, (1 - terms.share, terms.share))
    mature = [unit for unit in units if unit.as_of + clock.window <= clock.now]
    betting, counts = Betting(terms.planned, terms.alpha), [[0, 0], [0, 0]]
    for unit in mature:
        told = _told(unit, clock)
        success = told is not None and SUCCESS.get(told.type) is True
        counts[unit.arm][0] += 1
        counts[unit.arm][1] += success
        betting.tell(unit.arm, _worth(told, terms) if success else 0.0, terms.share)
    arms = tuple(
        Arm(version, assigned[arm], counts[arm][0], counts[arm][1], _rate(counts[arm]))
        for arm, version in enumerate(versions)
    )
    whole = Comparison((arms[0], arms[1]), imbalance_p(imbalance), strayed, Says.NOT_ENOUGH)
    return _judged(whole, betting, terms, broken=is_imbalanced(imbalance))


def _judged(whole: Comparison, betting: Betting, terms: Terms, *, broken: bool) -> Comparison:
    arms, odds, strayed = whole.arms, whole.imbalance_p, whole.strayed
    if broken:
        return Comparison(arms, odds, strayed, Says.WITHHELD)
    if any(min(arm.successes, arm.mature - arm.successes) < FEWEST for arm in arms):
        return whole
    effect = betting.interval()
    half = (effect.high - effect.low) / 2
    needed = max(round(betting.units * ((half / terms.matters) ** 2 - 1)), 0)
    says = Says.NOT_ENOUGH
    if effect.low > 0 or effect.high < 0:
        says, needed = Says.DIFFERS, 0
    elif -terms.matters < effect.low and effect.high < terms.matters:
        says, needed = Says.NO_DIFFERENCE, 0
    return Comparison(arms, odds, strayed, says, effect, betting.p, needed)


def _units(
    records: Iterable[Recorded | RecordDamaged], versions: Sequence[int]
) -> tuple[list[_Unit], int]:
    """Return each entity's first decision, in order; and how many met the other version too."""
    units: dict[str, _Unit] = {}
    strayed: set[str] = set()
    for record in records:
        if isinstance(record, RecordDamaged) or record[0].version not in versions:
            continue
        decision, result = record
        entity, arm = str(decision.entity), versions.index(decision.version)
        known = units.setdefault(entity, _Unit(arm, decision.as_of, result))
        if known.arm != arm:
            strayed.add(entity)
    return sorted(units.values(), key=lambda unit: unit.as_of), len(strayed)


def _told(unit: _Unit, clock: Clock) -> Result | None:
    """Return the result, if it happened within the window."""
    result = unit.result
    if result is None or not unit.as_of <= result.happened_at <= unit.as_of + clock.window:
        return None
    return result


def _worth(told: Result | None, terms: Terms) -> float:
    """Return a success as a share: all of it, or its money up to the cap."""
    if terms.cap is None:
        return 1.0
    if told is None or told.amount is None or told.currency != terms.currency:
        return 0.0
    return max(min(told.amount, terms.cap), 0) / terms.cap


def _rate(counts: Sequence[int]) -> Span:
    return rate(counts[1], counts[0])
