"""A comparison in plain sentences."""

from collections.abc import Iterator

from dealgate.foresight.arms.comparing import Arm, Comparison, Says, Terms, disagreeing
from dealgate.foresight.arms.units import Experiment

PAIRS_SHOWN = 10
NOTHING = "nothing was recorded of an experiment yet"


def sentence(comparison: Comparison, terms: Terms) -> str:
    """Return the conclusion, and what is missing if there is not enough data."""
    says = comparison.says
    if says is Says.WITHHELD:
        return (
            f"{says.value}: the sample ratio is not {1 - terms.share:g} to {terms.share:g} "
            f"(p {comparison.imbalance_p:.2g} at any time); find out why before looking further"
        )
    if says is Says.NOT_ENOUGH:
        return f"{says.value}: {_missing(comparison, terms)}"
    return str(says.value)


def lines(name: str, experiment: Experiment, comparison: Comparison, terms: Terms) -> Iterator[str]:
    """Yield the comparison as text; `name` says of what."""
    yield f"{name}: {sentence(comparison, terms)}"
    yield from (f"  @{arm.version}: {_counts(arm)}" for arm in comparison.arms if arm.assigned)
    yield from _drift(comparison)
    if comparison.strayed:
        yield f"  {comparison.strayed:,} entities met both versions: they count for their first"
    if comparison.effect is not None:
        low, high = 100 * comparison.effect.low, 100 * comparison.effect.high
        unit = f" of {terms.currency} {terms.cap} (minor units)" if terms.cap else ""
        yield f"  effect{unit}: {low:+.2f} to {high:+.2f} points, p {comparison.p:.3g} at any time"
    if comparison.still_needed:
        yield f"  about {comparison.still_needed:,} more entities are needed"
    if experiment.refused:
        yield f"  {experiment.refused:,} questions the challenger could not answer"
    yield from _paired(experiment)


def _missing(comparison: Comparison, terms: Terms) -> str:
    arms = comparison.arms
    mature = sum(arm.mature for arm in arms)
    if comparison.effect is None:
        successes = " and ".join(f"{arm.successes:,}" for arm in arms)
        return (
            f"{mature:,} of {sum(arm.assigned for arm in arms):,} entities have a closed window, "
            f"with {successes} successes; each arm needs 10, and 10 others"
        )
    needed = comparison.still_needed
    of_what = (
        "" if terms.cap is not None else f" to tell a difference of {100 * terms.matters:g} points"
    )
    return f"about {needed:,} more entities are needed{of_what}"


def _counts(arm: Arm) -> str:
    low, high = 100 * arm.rate.low, 100 * arm.rate.high
    told = (
        f"{arm.assigned:,} entities, {arm.mature:,} over, {arm.successes:,} succeeded "
        f"({low:.1f} to {high:.1f} % at any time)"
    )
    if arm.mature < arm.assigned and arm.so_far is not None:
        told += f"; with those still open, by the product limit {100 * arm.so_far:.1f} %"
    if arm.censored:
        told += f"; {arm.censored:,} ended in a way, or for an amount, that is not known"
    return told


def _drift(comparison: Comparison) -> Iterator[str]:
    """Compare the first third with the last: an effect that fades will not last."""
    if comparison.effect is None:
        return
    for name, index in (("first", 0), ("last", 1)):
        rates = [_percent(*arm.thirds[index]) for arm in comparison.arms]
        yield f"  the {name} third: {rates[0]} and {rates[1]}"


def _percent(successes: int, units: int) -> str:
    return f"{100 * successes / units:.1f} %" if units else "none"


def _paired(experiment: Experiment) -> Iterator[str]:
    total = experiment.pairs.total()
    if not total:
        return
    flips = disagreeing(experiment.pairs)
    differing = sum(count for _, _, count in flips)
    yield f"  on the same facts {differing:,} of {total:,} outcomes differ"
    for champion, challenger, count in flips[:PAIRS_SHOWN]:
        yield f"    {champion} > {challenger}: {count:,}"
