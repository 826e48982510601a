"""Conditions that are read once for all rule sets in which they mean the same.

What a condition says follows from its text and from the constants and named facts that it mentions,
however deep. Its dimensions are put beside those of other conditions, which may name more values.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from functools import lru_cache

from dealgate.language import syntax
from dealgate.language.syntax import Tree
from dealgate.model.rules import AnyRuleSet, Each, Expression
from dealgate.proof.conditions import Conditions
from dealgate.proof.dimensions import Dimension
from dealgate.proof.formulas import Formula, Truth
from dealgate.proof.kept import Kept, Reading

MOST = 20_000


class Readings:
    """Reads the conditions of one rule set into `conditions`, those that are kept without work."""

    def __init__(self, ruleset: AnyRuleSet, kept: Kept) -> None:
        self.conditions = Conditions(ruleset)
        self._kept = kept
        self._given = {
            name: expression.ast
            for name, expression in {**ruleset.constants, **ruleset.facts}.items()
        }

    def formula(self, when: Expression | None, loop: Each | None = None) -> Formula:
        """Return when a condition is true; one of an `each`: for an element that is there."""
        if when is None and loop is None:
            return Truth(value=True)
        asts = [when.ast if when else b"", loop.items.ast if loop else b""]
        read = mentioned(asts, self._given)
        key = (*asts, loop.variable if loop else "", tuple(sorted(read.items())))
        reading = self._kept.readings.get(key)
        if reading is None:
            apart = self.conditions.apart()
            reading = Reading(apart.fires(when, loop), apart.dimensions)
            self._kept.keep_reading(key, reading)
        self._put(reading.dimensions)
        return reading.formula

    def _put(self, dimensions: Mapping[str, Dimension]) -> None:
        whole = self.conditions.dimensions
        for key, dimension in dimensions.items():
            if key not in whole:
                whole[key] = copy(dimension)
                whole[key].named = set(dimension.named)
                continue
            whole[key].named |= dimension.named
            whole[key].elements = whole[key].elements or dimension.elements


def mentioned(asts: Iterable[bytes], given: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return what expressions mention of what is given, and what that mentions, by name."""
    asked, read = [*asts], dict[str, bytes]()
    while asked:
        for name in _names(asked.pop()):
            if name in given and name not in read:
                read[name] = given[name]
                asked.append(given[name])
    return read


@lru_cache(maxsize=MOST)
def _names(ast: bytes) -> frozenset[str]:
    return frozenset(syntax.names(Tree(ast).root)) if ast else frozenset()
