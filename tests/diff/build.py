"""Two versions of a kind that is small enough to see through."""

from collections.abc import Mapping
from dataclasses import replace

from dealgate.diff.entries import Difference, Entry
from dealgate.diff.versions import Versions
from dealgate.model.rules import AnyRuleSet
from dealgate.v1 import qualify_pb2 as pb
from tests.engine.building import rule_set
from tests.explain.build import CHECKER, FIRST, Nothing

Texts = Mapping[str, str]


def version(
    rules: Texts,
    facts: Texts | None = None,
    constants: Texts | None = None,
    each: Mapping[str, tuple[str, str]] | None = None,
) -> AnyRuleSet:
    """Return a rule set of the kind "first"."""
    message = pb.QualifyFacts.DESCRIPTOR
    made = rule_set(CHECKER, rules, facts=facts, constants=constants, each=each, message=message)
    return replace(made, kind="first", parameters=Nothing())


async def difference(old: AnyRuleSet, new: AnyRuleSet) -> Difference:
    """Return how they differ."""
    return Versions(old, new, FIRST).difference()


async def entry(old: AnyRuleSet, new: AnyRuleSet) -> Entry:
    """Return the one difference of a rule."""
    (found,) = [e for e in (await difference(old, new)).entries if e.sort == "rule"]
    return found
