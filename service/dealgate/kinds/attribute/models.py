"""Attribution models: the exact share of each touch in what a journey earned.

Sources: Adobe Analytics (positional models), Google Ads (time decay), Marketo Measure, formerly
Bizible (milestone models). Vendors call two different models "U-shaped", so they have two names.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from dealgate.kinds.attribute.shapley import Position
from dealgate.model.decay import half_life_units
from dealgate.model.money import Weight, over_one_denominator
from dealgate.model.quick import quick
from dealgate.model.ratio import Ratio

Milestone = Literal["first_touch", "lead_creation", "opportunity_creation", "closed_won"]
Positions = tuple[Fraction, Fraction, Fraction]

FIRST_AND_LEAD: tuple[Milestone, ...] = ("first_touch", "lead_creation")
W: tuple[Milestone, ...] = (*FIRST_AND_LEAD, "opportunity_creation")
FULL_PATH: tuple[Milestone, ...] = (*W, "closed_won")
# What touches that are no milestone have together.
TENTHS, OTHERS = 10, 1
# Finer than any amount in minor units can show, and short enough to print as a fraction.
DECAY_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Journey:
    """The touches that count, by instant, then id; all sequences run in that order.

    `instants` are nanoseconds since the epoch, `channels` the callers' words, `direct` tells which
    touches came through no channel, `factors` are what rules multiply a touch's weight by (more
    than 0; none: all by 1), `milestones` the positions at which the journey turned.
    """

    instants: Sequence[int]
    channels: Sequence[str]
    direct: Sequence[bool]
    factors: Sequence[Fraction]
    milestones: Mapping[Milestone, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a model may be tuned by: nanoseconds, and weights of first, middle and last.

    `fitted` are the weights of channels, or of channels at a position (from 1), that were learnt
    from other journeys.
    """

    half_life: int
    positions: Positions | None = None
    fitted: Mapping[str | Position, Fraction] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True)
class Shares:
    """The share of each touch, as integers `above` over one denominator, `below`."""

    above: Sequence[int]
    below: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model: what it does in words, and how much each touch weighs beside the others."""

    definition: str
    weigh: Callable[[Journey, Tuning], Sequence[Weight]]
    positions: Positions | None = None


def shares(model: Model, journey: Journey, tuning: Tuning) -> Shares:
    """Return the share of each touch; they sum to 1, or are all 0 if the model weighs none."""
    if not journey.instants:
        return Shares((), 1)
    weights = model.weigh(journey, tuning)
    if journey.factors:
        pairs = zip(weights, journey.factors, strict=True)
        weights = [Ratio(weight) * factor for weight, factor in pairs]
    # Integers: adding fractions would take most of the time of a decision.
    above = [weight for weight in weights if isinstance(weight, int)]
    if len(above) < len(weights):
        above, _ = over_one_denominator(weights)
    return Shares(above, sum(above) or 1)


def weighs(model: Model, journey: Journey, tuning: Tuning) -> bool:
    """Tell whether the model gives any touch a share; then they sum to 1."""
    return bool(journey.instants) and any(model.weigh(journey, tuning))


def _only(position: int, count: int) -> list[Weight]:
    return [int(index == position) for index in range(count)]


def _first(journey: Journey, _: Tuning) -> list[Weight]:
    return _only(0, len(journey.instants))


def _last(journey: Journey, _: Tuning) -> list[Weight]:
    return _only(len(journey.instants) - 1, len(journey.instants))


def _last_non_direct(journey: Journey, tuning: Tuning) -> list[Weight]:
    known = [index for index, direct in enumerate(journey.direct) if not direct]
    return _only(known[-1], len(journey.direct)) if known else _last(journey, tuning)


def _linear(journey: Journey, _: Tuning) -> list[Weight]:
    return [1] * len(journey.instants)


def _time_decay(journey: Journey, tuning: Tuning) -> list[Weight]:
    """Weigh by age against the newest touch, which weighs 1 however old it is.

    The shares are the same as by age at the conversion.
    """
    newest = journey.instants[-1]
    ages = [newest - instant for instant in journey.instants]
    return [half_life_units(age, tuning.half_life, DECAY_DIGITS) for age in ages]


def _positional(journey: Journey, tuning: Tuning) -> list[Weight]:
    """Weigh by position; one touch has all, two ignore the middle (Adobe Analytics)."""
    count = len(journey.instants)
    if count == 1 or tuning.positions is None:
        return [1] * count
    first, middle, last = over_one_denominator(tuning.positions)[0]
    between = count - 2
    return [first * between, *[middle] * between, last * between] if between else [first, last]


def _milestones(
    names: Sequence[Milestone], others: int
) -> Callable[[Journey, Tuning], Sequence[Weight]]:
    """Weigh milestones alike and share so many tenths among the rest; several on one touch add.

    What has no taker, because a milestone or the rest is missing, is divided evenly among the
    milestones that are there (Marketo Measure: "divide evenly across other stages").
    """

    def weigh(journey: Journey, _: Tuning) -> list[Weight]:
        turns = [journey.milestones[name] for name in names if name in journey.milestones]
        rest = len(journey.instants) - len(set(turns))
        left = others if rest else 0
        # A milestone has a tenth of (10 - left) / turns, another touch one of left / rest.
        each, other = (TENTHS - left) * max(rest, 1), left * max(len(turns), 1)
        weights: list[Weight] = [other] * len(journey.instants)
        for index in turns:
            weights[index] = each * turns.count(index)
        return weights

    return weigh


def _by_channel(journey: Journey, tuning: Tuning) -> list[Weight]:
    """Weigh each channel as it was fitted, and its touches alike; a channel never seen weighs 0.

    A fitted model has no division of its own for one deal: this one keeps the proportions of the
    channels that the deal has (ChannelAttribution's README).
    """
    times = Counter(journey.channels)
    return [tuning.fitted.get(channel, Ratio(0)) / times[channel] for channel in journey.channels]


def _by_position(journey: Journey, tuning: Tuning) -> list[Weight]:
    """Weigh each touch as its channel was fitted at its position; never seen there weighs 0."""
    indexes = enumerate(journey.channels, 1)
    return [tuning.fitted.get((each, index), Ratio(0)) for index, each in indexes]


def _weights(first: int, middle: int, last: int) -> Positions:
    return Ratio(first, 100), Ratio(middle, 100), Ratio(last, 100)


def _shaped(first: int, middle: int, last: int) -> Model:
    words = f"{first} % to the first touch, {middle} % to those between, {last} % to the last"
    return Model(words, _positional, _weights(first, middle, last))


MODELS = {
    "first": Model("all to the first touch", _first),
    "last": Model("all to the last touch", _last),
    "last_non_direct": Model("all to the last touch that is not direct", _last_non_direct),
    "linear": Model("the same to every touch", _linear),
    "time_decay": Model("half as much for every half-life further back", _time_decay),
    "u_40_20_40": _shaped(40, 20, 40),
    "j": _shaped(20, 20, 60),
    "inverse_j": _shaped(60, 20, 20),
    "bizible_u": Model(
        "50 % each to first touch and lead creation", _milestones(FIRST_AND_LEAD, 0)
    ),
    "w": Model(
        "30 % each to first touch, lead creation and opportunity creation, 10 % to the others",
        _milestones(W, OTHERS),
    ),
    "full_path": Model(
        "22.5 % each to first touch, lead creation, opportunity creation and closed won, "
        "10 % to the others",
        _milestones(FULL_PATH, OTHERS),
    ),
    "custom": Model("the weights given to the first touch, those between, the last", _positional),
    "markov": Model("what would be lost without the channel, by a Markov chain", _by_channel),
    "shapley_set": Model("the channel's Shapley value among the sets of channels", _by_channel),
    "shapley_ordered": Model("the channel's Shapley value at the touch's position", _by_position),
}
