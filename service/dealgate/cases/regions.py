"""Values of facts that the conditions of a rule set name, and tell apart from all others.

Two constants that stand in the same lists and comparisons are alike: one of them stands for both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dealgate.cases.parameter_names import Place
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.conditions import Conditions
from dealgate.proof.dimensions import Dimension
from dealgate.proof.formulas import Atom, Formula, atoms
from dealgate.proof.samples import Value, number

Tests = Sequence[Atom]


@dataclass(frozen=True, slots=True)
class TestedValues:
    """Values of `fact` that no condition tells apart, `shown` in CEL; `at` is the first to ask."""

    fact: str
    values: Sequence[Value]
    shown: Sequence[str]
    at: str
    path: Place


def told_apart(ruleset: AnyRuleSet) -> Iterator[TestedValues]:
    """Yield the constants and texts that conditions name, those that are alike together."""
    conditions = Conditions(ruleset)
    tests, asking = dict[str, list[Atom]](), dict[str, list[tuple[int, Atom]]]()
    for index, rule in enumerate(ruleset.rules):
        for atom in _tests(conditions.rule(rule), conditions.dimensions):
            tests.setdefault(atom.dimension, []).append(atom)
            asking.setdefault(atom.dimension, []).append((index, atom))
    for key, dimension in conditions.dimensions.items():
        if key not in tests or not dimension.is_path or not _is_nominal(dimension):
            continue
        for values in _alike(dimension, tests[key]):
            index = next(index for index, atom in asking[key] if atom.holds(values[0]))
            shown = [dimension.shown(value) for value in values]
            rule = ruleset.rules[index]
            yield TestedValues(key, values, shown, f"rules.{rule.id}", ("rules", index))


def _tests(formula: Formula, dimensions: Mapping[str, Dimension]) -> Iterator[Atom]:
    """Yield every test of a formula, and of what macros ask of elements."""
    for atom in atoms(formula):
        yield atom
        elements = dimensions[atom.dimension].elements
        if elements is not None:
            yield from _tests(elements.filter, dimensions)
            yield from _tests(elements.test, dimensions)


def _is_nominal(dimension: Dimension) -> bool:
    return dimension.enum is not None or dimension.type == "string"


def _alike(dimension: Dimension, tests: Tests) -> Iterator[Sequence[Value]]:
    """Yield the values that some test holds for, grouped by which do; an empty text is none."""
    values = sorted(dimension.named, key=number)
    if dimension.enum is not None:
        values = [value.number for value in dimension.enum.values if value.number]
    tests = list({atom.text: atom for atom in tests}.values())
    groups = dict[tuple[bool, ...], list[Value]]()
    for value in values:
        held = tuple(atom.holds(value) is True for atom in tests)
        if value != "" and any(held):
            groups.setdefault(held, []).append(value)
    yield from groups.values()
