"""Proof that a network stays below every limit of the library."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dealgate.engine.rete.conditions import (
    MOST_CONDITIONS,
    MOST_GROUPS,
    ORDERINGS,
    Condition,
    Leaf,
    fnv,
    groups,
    leaves,
    size,
)
from dealgate.engine.rete.networks import Network, in_range

# Fields are found by these hashes alone, so none may share one with a name of the library's own.
LIBRARY_NAMES = (
    "sid id name all any pri count cap dist m $s $e $i $l $m $r $t $ex $nex $not $eq $neq $lt $lte"
    " $gt $gte $mt $imt $iall $iany $all $any $or $and $add $sub $mul $div $forward"
)
GENERATED = re.compile(r"[fr]\d{1,6}")


@dataclass(frozen=True, slots=True)
class LintFinding:
    """Why durable_rules cannot be trusted with a rule; `rule` is its generated name."""

    rule: str
    reason: str


def lint(network: Network) -> list[LintFinding]:
    """Return everything in a network that lies beyond what the library gets right."""
    names = [*_names(network), *_room(network)]
    for name, condition in network.conditions.items():
        reasons = [*_structure(condition), *map(_fault, leaves(condition))]
        names += [LintFinding(name, reason) for reason in dict.fromkeys(reasons) if reason]
    return names


def _names(network: Network) -> Iterator[LintFinding]:
    taken = {fnv(name): name for name in LIBRARY_NAMES.split()}
    for rule, condition in network.conditions.items():
        for name in (rule, *(leaf.field for leaf in leaves(condition))):
            if not GENERATED.fullmatch(name):
                yield LintFinding(rule, "a name in it was not generated")
            if taken.setdefault(fnv(name), name) != name:
                yield LintFinding(rule, "two names in it have the same hash")


def _room(network: Network) -> Iterator[LintFinding]:
    room = MOST_CONDITIONS
    for rule, condition in network.conditions.items():
        room -= size(condition)
        if room < 0:
            reason = f"has too many alternatives: at most {MOST_CONDITIONS} conditions may hold"
            yield LintFinding(rule, f"{reason} at once; split the rule")


def _structure(condition: Condition) -> Iterator[str]:
    if groups(condition) > MOST_GROUPS:
        yield f"has more than {MOST_GROUPS} groups of && and ||; name some of them under `facts`"


def _fault(leaf: Leaf) -> str:
    if leaf.sign and leaf.sign not in {"$neq", *ORDERINGS}:
        return f"uses {leaf.sign}, which is not in the subset"
    if not in_range(leaf.literal):
        return "compares with what is not an integer, boolean or string in range"
    if leaf.sign in ORDERINGS and type(leaf.literal) is not int:
        return "puts in order what is not an integer"
    return ""
