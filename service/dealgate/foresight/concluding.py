"""What can be said of decisions that flip from what became of them, and what cannot.

What is recorded followed from the old treatment; the new one was never tried on these. So each
transition is sorted by whether somebody would be treated otherwise (ADR 67).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from dealgate.foresight.impact import Impact, Transition, TransitionResults
from dealgate.foresight.versions import FAILED, NO_ANSWER, REFUSED
from dealgate.model.statistics import Interval, wilson

CONFIDENCE = "0.95"
# The outcomes upon which somebody acts, where a kind has a usual answer to that.
TREATED: Mapping[str, frozenset[str]] = {
    "qualify": frozenset({"MQL", "SQL", "CUSTOMER_ROUTE"}),
    "advance": frozenset({"allow"}),
    "close": frozenset({"allow"}),
}
UNDECIDED = {"HOLD", REFUSED, NO_ANSWER, FAILED}


class Treatment(Enum):
    """What a transition changes for those it is about."""

    SAME = "same"
    WITHDRAWN = "withdrawn"
    GIVEN = "given"
    UNDECIDED = "undecided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TransitionRate:
    """What is known of one transition: `rate` is that of successes among the mature."""

    transition: Transition
    treatment: Treatment
    happened: TransitionResults
    rate: Interval | None

    def __str__(self) -> str:
        """Say it as far as it can be said."""
        happened = self.happened
        if not happened.mature:
            return f"none of {happened.open:,} has been over for long enough"
        count = f"{happened.successes:,} of {happened.mature:,} succeeded"
        interval = (
            f" ({percent(self.rate.low)} to {percent(self.rate.high)} %)" if self.rate else ""
        )
        return WORDS[self.treatment].format(count=count, interval=interval, all=happened.mature)


WORDS = {
    Treatment.SAME: "{count}{interval}, and would be treated as they were",
    Treatment.WITHDRAWN: (
        "{count} when treated{interval}: at most these are lost; how many is not known"
    ),
    Treatment.GIVEN: (
        "{count} without treatment{interval}; what they would do with it is not known: anything "
        "from 0 to {all:,}"
    ),
    Treatment.UNDECIDED: "{count} under the old version; the new one does not decide",
    Treatment.UNKNOWN: (
        "{count} under the old version{interval}; what the new one leads to is not known"
    ),
}


@dataclass(frozen=True, slots=True)
class Overall:
    """The share of successes among mature decisions: as it was, and what it may become."""

    mature: int
    successes: int
    at_least: float
    at_most: float


def known_of(impact: Impact, treated: Collection[str] | None) -> Sequence[TransitionRate]:
    """Return what is known of each flip, the largest first; `treated` are outcomes acted upon."""
    flips = sorted(
        (transition for transition in impact.matrix if transition.is_flip),
        key=lambda transition: (-impact.matrix[transition].decisions, transition),
    )
    return [_known(transition, impact.happened[transition], treated) for transition in flips]


def overall(impact: Impact) -> Overall | None:
    """Return the bounds on the rate of successes under the new version; None without any mature.

    Those that do not flip keep what they came to; each that flips may come to anything.
    """
    mature = sum(happened.mature for happened in impact.happened.values())
    if not mature:
        return None
    kept = sum(h.successes for transition, h in impact.happened.items() if not transition.is_flip)
    flips = sum(h.mature for transition, h in impact.happened.items() if transition.is_flip)
    all_ = sum(happened.successes for happened in impact.happened.values())
    return Overall(mature, all_, kept / mature, (kept + flips) / mature)


def percent(share: object) -> str:
    """`1.8`."""
    return f"{100 * float(str(share)):.1f}"


def _known(
    transition: Transition, happened: TransitionResults, treated: Collection[str] | None
) -> TransitionRate:
    rate = wilson(happened.successes, happened.mature, CONFIDENCE) if happened.mature else None
    return TransitionRate(transition, _treatment(transition, treated), happened, rate)


def _treatment(transition: Transition, treated: Collection[str] | None) -> Treatment:
    if transition.new in UNDECIDED:
        return Treatment.UNDECIDED
    if treated is None:
        return Treatment.UNKNOWN
    before, after = transition.old in treated, transition.new in treated
    if before == after:
        return Treatment.SAME
    return Treatment.WITHDRAWN if before else Treatment.GIVEN


def segments_hit(impact: Impact, most: int) -> Sequence[tuple[str, str, int, int]]:
    """Return the segments that are hit hardest: path, value, decisions, flips.

    Those whose share of flips is above that of all beyond chance, the most flips too many first.
    """
    share = impact.share
    hit = [
        (path, value, decisions, flips)
        for (path, value), (decisions, flips) in impact.segments.items()
        if flips and float(wilson(flips, decisions, CONFIDENCE).low) > share
    ]
    return sorted(hit, key=lambda row: (row[2] * share - row[3], row[:2]))[:most]
