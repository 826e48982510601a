"""Rules, rule sets and evidence by hand: what an engine would have found."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.model.decision import (
    AnyEvidence,
    AnyFailed,
    AnyUndecided,
    Evidence,
    Failed,
    Fired,
    Undecided,
)
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRule, AnyRuleSet, Each, Expression, Location, Rule, RuleSet

DAY = 86_400_000_000_000
# Wednesday 2026-07-15 12:00 UTC.
AS_OF = 1_784_116_800_000_000_000
HERE = Location("by-hand.yaml", 1, 1)
ALWAYS = Expression("true", "bool", b"", HERE)


def rule(kind: AnyKind, name: str, then: Mapping[str, Any], over: str = "") -> AnyRule:
    """Return a rule of `kind`, judged once for each element of the list `over` if that is given."""
    each = Each("a", Expression(over, "list", b"", HERE)) if over else None
    return Rule(name, ALWAYS, kind.effect.model_validate(then), "for the test", HERE, each)


def ruleset(kind: AnyKind, rules: list[AnyRule], parameters: Mapping[str, Any]) -> AnyRuleSet:
    """Return version 1 of `kind` with these rules."""
    return RuleSet(
        kind=kind.name,
        version=1,
        owner="the test",
        because="for the test",
        digest="0" * 64,
        message=kind.facts.DESCRIPTOR,
        constants={},
        facts={},
        rules=rules,
        parameters=kind.parameters.model_validate(parameters),
        location=HERE,
    )


def fired(*hits: AnyRule | tuple[AnyRule, int]) -> AnyEvidence:
    """Return evidence of rules that fired, on the lead or on (rule, element)."""
    pairs = [hit if isinstance(hit, tuple) else (hit, None) for hit in hits]
    return Evidence(
        fired=[Fired(one, () if element is None else (element,)) for one, element in pairs]
    )


def undecided(one: AnyRule, *missing: str, elements: tuple[int, ...] = ()) -> AnyUndecided:
    """Return a rule that lacks those facts."""
    return Undecided(one, missing, elements)


def failed(one: AnyRule) -> AnyFailed:
    """Return a rule that went wrong."""
    return Failed(one, "divide by zero")


def instant(nanoseconds: int) -> Timestamp:
    """Return the instant as a message."""
    seconds, nanos = divmod(nanoseconds, 1_000_000_000)
    return Timestamp(seconds=seconds, nanos=nanos)
