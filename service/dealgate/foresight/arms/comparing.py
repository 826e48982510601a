"""Two versions that decided side by side, compared by what became of the entities they met.

A unit is an entity, by its first decision; it counts once its window has closed, in the order in
which entities were assigned. A result reported within the window is a success or a failure; without
one, the unit is not a success.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from dealgate.foresight.arms.betting import ALPHA, Betting, Span
from dealgate.foresight.arms.censored import Watched, happened_by
from dealgate.foresight.arms.power import units_to_see
from dealgate.foresight.arms.ratio import imbalance_p, is_imbalanced, log_imbalance, rate
from dealgate.foresight.arms.units import Experiment, Unit
from dealgate.foresight.assessing import Clock
from dealgate.model.challengers import Challenger
from dealgate.model.results import SUCCESS, Result

FEWEST = 10  # successes, and others, of an arm; below it there is no interval
CENSORED_MOST = 0.1  # share of units whose end is not known; above it there is no verdict
SHADOW_SHARE = 0.5  # means none: nobody is assigned


class Says(Enum):
    """The result of a comparison."""

    DIFFERS = "differs"
    NO_DIFFERENCE = "no difference that matters"
    NOT_ENOUGH = "not enough data"
    WITHHELD = "withheld: assignment is broken"
    CENSORED = "withheld: too many results are not known"
    SHADOW = "in shadow mode: answers can be compared, results cannot"


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
    """One version: entities assigned to it, those whose window has closed, their successes.

    `censored` are those of which it is not known how they ended, or for how much. `so_far` is the
    share that succeeds by the end of the window if those still open fare like the others: a
    description. `thirds` are the successes and units of the first third of the mature, and of the
    last.
    """

    version: int
    assigned: int
    mature: int
    successes: int
    rate: Span
    censored: int = 0
    so_far: float | None = None
    thirds: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both arms, the effect of the second over the first, and what that says.

    `effect` is a difference of shares, or of money as a share of the cap; None: too few, or
    withheld. `strayed` are entities that met both versions after their first decision. `to_see` is
    about how many entities it takes in all to see what matters, with a power of 80 %.
    """

    arms: tuple[Arm, Arm]
    imbalance_p: float
    strayed: int
    says: Says
    effect: Span | None = None
    p: float = 1.0
    still_needed: int = 0
    to_see: int | None = None


@dataclass(slots=True)
class _Count:
    """What became of one arm's units; `told` has their successes in order of assignment."""

    assigned: int = 0
    censored: int = 0
    told: list[bool] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)


def terms_of(challenger: Challenger) -> Terms:
    """Return the terms that were agreed with a challenger."""
    share = SHADOW_SHARE if challenger.share is None else float(challenger.share)
    matters, cap = float(challenger.matters), challenger.cap
    return Terms(share, challenger.planned, matters, cap, challenger.currency)


def compared(experiment: Experiment, terms: Terms, clock: Clock) -> Comparison:
    """Compare what became of the entities that each arm was assigned."""
    counts, betting = (_Count(), _Count()), Betting(terms.planned, terms.alpha)
    is_shadow = experiment.challenger is not None and experiment.challenger.share is None
    units = experiment.in_order
    for unit in units:
        _count(counts[unit.arm], unit, terms, clock)
        if unit.as_of + clock.window <= clock.now and not is_shadow:
            betting.tell(unit.arm, _outcome(unit, terms, clock), unit.share)
    imbalance = 0.0 if is_shadow else _log_imbalance(units)
    arms = tuple(map(_arm, experiment.versions, counts, (clock, clock)))
    whole = Comparison(
        (arms[0], arms[1]),
        imbalance_p(imbalance),
        len(experiment.strayed),
        Says.SHADOW if is_shadow else Says.NOT_ENOUGH,
        to_see=_to_see(counts[0], terms),
    )
    if is_shadow:
        return whole
    return _judged(whole, betting, terms, broken=is_imbalanced(imbalance))


def _judged(whole: Comparison, betting: Betting, terms: Terms, *, broken: bool) -> Comparison:
    arms, odds, strayed, to_see = whole.arms, whole.imbalance_p, whole.strayed, whole.to_see
    if broken:
        return Comparison(arms, odds, strayed, Says.WITHHELD)
    if sum(arm.censored for arm in arms) > CENSORED_MOST * sum(arm.mature for arm in arms):
        return Comparison(arms, odds, strayed, Says.CENSORED)
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
    return Comparison(arms, odds, strayed, says, effect, betting.p, needed, to_see)


def _log_imbalance(units: Iterable[Unit]) -> float:
    """Return the evidence against the shares, over the periods in which each was meant."""
    periods: Counter[tuple[float, int]] = Counter((unit.share, unit.arm) for unit in units)
    return sum(
        log_imbalance((periods[share, 0], periods[share, 1]), (1 - share, share))
        for share in {share for share, _ in periods}
    )


def _count(count: _Count, unit: Unit, terms: Terms, clock: Clock) -> None:
    count.assigned += 1
    told, is_mature = _told(unit, clock), unit.as_of + clock.window <= clock.now
    success = None if told is None else SUCCESS.get(told.type)
    if is_mature:
        count.told.append(success is True)
        count.censored += told is not None and not _is_known(told, terms)
    if success and told is not None:
        count.watched.append((told.happened_at - unit.as_of, True))
    else:
        # What has failed will not succeed within the window; others may, as long as it is open.
        known = clock.window if success is False else min(clock.now - unit.as_of, clock.window)
        count.watched.append((known, False))


def _is_known(told: Result, terms: Terms) -> bool:
    """Tell whether a result says what is compared; a success in other money does not say how much.

    Taken for nothing it would make both arms alike.
    """
    success = SUCCESS.get(told.type)
    if success is None or terms.cap is None:
        return success is not None
    return not success or (told.amount is not None and told.currency == terms.currency)


def _arm(version: int, count: _Count, clock: Clock) -> Arm:
    told = count.told
    third = len(told) // 3
    ends = told[:third], told[len(told) - third :]
    return Arm(
        version,
        count.assigned,
        len(told),
        sum(told),
        rate(sum(told), len(told)),
        count.censored,
        happened_by(count.watched, clock.window) if count.watched else None,
        ((sum(ends[0]), third), (sum(ends[1]), third)),
    )


def _to_see(champion: _Count, terms: Terms) -> int | None:
    successes, mature = sum(champion.told), len(champion.told)
    if successes < FEWEST or terms.cap is not None:
        return None
    return round(units_to_see(successes / mature, terms.matters, terms.share))


def _told(unit: Unit, clock: Clock) -> Result | None:
    """Return the result, if it happened within the window."""
    result = unit.result
    if result is None or not unit.as_of <= result.happened_at <= unit.as_of + clock.window:
        return None
    return result


def _outcome(unit: Unit, terms: Terms, clock: Clock) -> float:
    """Return a success as a share: all of it, or its money up to the cap."""
    told = _told(unit, clock)
    if told is None or SUCCESS.get(told.type) is not True:
        return 0.0
    if terms.cap is None:
        return 1.0
    if told.amount is None or told.currency != terms.currency:
        return 0.0
    return max(min(told.amount, terms.cap), 0) / terms.cap


def disagreeing(pairs: Mapping[tuple[str, str], int]) -> Sequence[tuple[str, str, int]]:
    """Return what both versions said where they differ, the most frequent first."""
    flips = [(old, new, count) for (old, new), count in pairs.items() if old != new]
    return sorted(flips, key=lambda flip: (-flip[2], flip))
