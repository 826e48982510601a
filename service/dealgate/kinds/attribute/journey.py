"""Which touches count, in which order, and where the journey turned."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from fractions import Fraction

from dealgate.kinds.attribute.milestones import named, turns
from dealgate.kinds.attribute.models import Journey, Milestone
from dealgate.kinds.attribute.paths import TransformName, kept
from dealgate.kinds.attribute.terms import AttributeEffect, AttributeParameters
from dealgate.kinds.attribute.transforms import transforms
from dealgate.model.decision import Evidence
from dealgate.model.errors import RulesFailed
from dealgate.model.instants import DAY, nanoseconds
from dealgate.model.ratio import Ratio
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import attribute_pb2 as pb

ONE = Ratio(1)
# Why a touch was cleaned away, by the transform that did it.
CLEANED: dict[TransformName, tuple[str, str]] = {
    "exposure": ("REPEATED_EXPOSURE", "It repeats the channel of the touch before it."),
    "first": ("REPEATED_CHANNEL", "An earlier touch came through this channel."),
    "remove_if_last_and_not_all": (
        "TRAILING_CHANNEL",
        "Its channel does not count at the end of a path.",
    ),
    "remove_if_not_all": ("REMOVED_CHANNEL", "Its channel counts only where there is no other."),
    "trim_long_path": ("LONG_PATH", "Only the last touches of a long path count."),
}


@dataclass(slots=True)
class Claims:
    """What the rules say about each touch, by its index in the facts.

    `exclusions` holds the first rule that excludes it, `milestones` the touches claimed for each.
    """

    exclusions: dict[int, Rule[AttributeEffect]] = field(default_factory=dict)
    factors: dict[int, Fraction] = field(default_factory=dict)
    milestones: dict[Milestone, list[int]] = field(default_factory=dict)
    undecided: dict[int, list[Rule[AttributeEffect]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """The touches that count, by instant, then id, as a journey; and those that do not."""

    counted: Sequence[pb.Touch]
    undecided: Sequence[Sequence[str]]
    journey: Journey
    dropped: Sequence[pb.DroppedTouch]


def lookback_days(facts: pb.AttributeFacts, parameters: AttributeParameters) -> int:
    """Return the days of lookback that hold: the caller's, else the rule set's."""
    return facts.lookback_days if facts.HasField("lookback_days") else parameters.lookback_days


def selected(
    facts: pb.AttributeFacts,
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
    evidence: Evidence[AttributeEffect],
) -> Selection:
    """Drop the touches that do not count and find the milestones among the others."""
    claims = _claims(facts, ruleset, evidence)
    order = sorted(range(len(facts.touches)), key=lambda index: _rank(facts.touches[index]))
    dropped = {index: drop for index in order if (drop := _drop(facts, ruleset, claims, index))}
    counted = [index for index in order if index not in dropped]
    for transform in transforms(facts, ruleset.parameters):
        channels = [facts.touches[index].channel for index in counted]
        stay = [counted[rank] for rank in kept(channels, transform)]
        code, words = CLEANED[transform.name]
        gone = set(counted).difference(stay)
        dropped |= {index: _dropped(facts.touches[index], code, words) for index in gone}
        counted = stay
    touches = [facts.touches[index] for index in counted]
    settled = named(facts, touches)
    return Selection(
        counted=touches,
        undecided=[_open(claims.undecided.get(index, ()), settled) for index in counted],
        journey=_journey(facts, claims, counted),
        dropped=[dropped[index] for index in order if index in dropped],
    )


def _open(
    undecided: Sequence[Rule[AttributeEffect]], settled: AbstractSet[Milestone]
) -> Sequence[str]:
    """Return the ids of the rules that might still change something."""
    return [rule.id for rule in undecided if rule.then.milestone not in settled]


def _rank(touch: pb.Touch) -> tuple[int, str]:
    return nanoseconds(touch.at), touch.id


def _claims(
    facts: pb.AttributeFacts,
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
    evidence: Evidence[AttributeEffect],
) -> Claims:
    claims = Claims()
    everything = range(len(facts.touches))
    for fired in evidence.fired:
        for index in _touches(fired.rule, fired.elements, everything, ruleset):
            _add(claims, fired.rule, index)
    for open_ in evidence.undecided:
        for index in _touches(open_.rule, open_.elements, everything, ruleset):
            claims.undecided.setdefault(index, []).append(open_.rule)
    return claims


def _touches(
    rule: Rule[AttributeEffect],
    elements: Sequence[int],
    everything: Sequence[int],
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
) -> Sequence[int]:
    """Return the touches that a rule speaks about: its elements, or without `each` all."""
    if not rule.then.about_touch:
        return ()
    if rule.each is None:
        return everything
    if rule.each.items.source.strip() != "touches":
        raise RulesFailed(ruleset.name, f"{rule.id} claims about touches but judges another list")
    return elements


def _add(claims: Claims, rule: Rule[AttributeEffect], index: int) -> None:
    effect = rule.then
    if effect.exclude is not None:
        claims.exclusions.setdefault(index, rule)
    if effect.weight is not None:
        claims.factors[index] = claims.factors.get(index, ONE) * Ratio(effect.weight)
    if effect.milestone is not None:
        claims.milestones.setdefault(effect.milestone, []).append(index)


def _drop(
    facts: pb.AttributeFacts,
    ruleset: RuleSet[AttributeEffect, AttributeParameters],
    claims: Claims,
    index: int,
) -> pb.DroppedTouch | None:
    touch = facts.touches[index]
    age = nanoseconds(facts.opportunity.closed_at) - nanoseconds(touch.at)
    if age < 0:
        return _dropped(touch, "AFTER_CLOSE", "It happened after the deal closed.")
    if age > lookback_days(facts, ruleset.parameters) * DAY:
        return _dropped(touch, "OUTSIDE_LOOKBACK", "It happened before the lookback began.")
    rule = claims.exclusions.get(index)
    if rule is None or rule.then.exclude is None:
        return None
    return _dropped(touch, rule.then.exclude, rule.because, rule.id)


def _dropped(touch: pb.Touch, code: str, message: str, rule_id: str = "") -> pb.DroppedTouch:
    return pb.DroppedTouch(touch_id=touch.id, code=code, message=message, rule_id=rule_id)


def _journey(facts: pb.AttributeFacts, claims: Claims, counted: Sequence[int]) -> Journey:
    touches = [facts.touches[index] for index in counted]
    return Journey(
        instants=[nanoseconds(touch.at) for touch in touches],
        channels=[touch.channel for touch in touches],
        direct=[_is_direct(touch) for touch in touches],
        factors=[claims.factors.get(index, ONE) for index in counted] if claims.factors else (),
        milestones=turns(facts, counted, claims.milestones),
    )


def _is_direct(touch: pb.Touch) -> bool:
    return touch.direct if touch.HasField("direct") else touch.channel.lower() == "direct"
