"""What a rule set means, whatever its position: what was proved of one holds of its equal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dealgate.lsp.checking import CheckVerdict
from dealgate.model.location import Location
from dealgate.model.rules import AnyRule, AnyRuleSet, AnyTable, Expression
from dealgate.rulebook.acceptance import Accepted


@dataclass(frozen=True, slots=True)
class Meaning:
    """Everything that proofs follow from, and the locations of its parts in one order."""

    parts: Sequence[object]
    locations: Sequence[Location]

    def moved(
        self, told: Sequence[CheckVerdict], before: "Meaning"
    ) -> Sequence[CheckVerdict] | None:
        """Return what was reported of an equal, where it is now; None if that is unknown."""
        if self.parts != before.parts:
            return None
        now = dict(zip(before.locations, self.locations, strict=True))
        if any(now[old] != new for old, new in zip(before.locations, self.locations, strict=True)):
            return None  # two parts stood in one place, and part
        if any(finding.fault.location not in now for finding in told):
            return None
        return [
            replace(finding, fault=replace(finding.fault, location=now[finding.fault.location]))
            for finding in told
        ]


def meaning(ruleset: AnyRuleSet, accepted: Sequence[Accepted]) -> Meaning:
    """Return what a rule set means: reasons and source lines are not part of it."""
    locations = [ruleset.location]
    parts: list[object] = [
        ruleset.name,
        repr(ruleset.parameters),
        ruleset.message,
        ruleset.vocabulary,
        *ruleset.fixed,
        ruleset.changeable,
        ruleset.narrowing,
        *_named(ruleset.constants, locations),
        *_named(ruleset.facts, locations),
    ]
    parts += [_rule(rule, locations) for rule in ruleset.rules]
    parts += [_table(table, locations) for table in ruleset.tables]
    parts += [(finding.identity, finding.inherited) for finding in accepted]
    locations += [finding.node.location for finding in accepted]
    return Meaning(parts, locations)


def _named(
    expressions: Mapping[str, Expression], locations: list[Location]
) -> Iterator[tuple[str, object]]:
    for name, expression in expressions.items():
        yield name, _expression(expression, locations)


def _expression(expression: Expression | None, locations: list[Location]) -> object:
    if expression is None:
        return None
    locations.append(expression.location)
    return expression.source, expression.type, expression.ast, expression.enum


def _rule(rule: AnyRule, locations: list[Location]) -> object:
    locations.append(rule.location)
    loop = rule.each and (rule.each.variable, _expression(rule.each.items, locations))
    return rule.id, _expression(rule.when, locations), rule.then, loop


def _table(table: AnyTable, locations: list[Location]) -> object:
    locations.append(table.location)
    columns = [_expression(column, locations) for column in table.columns]
    rows = [row.id for row in table.rows]
    return table.id, table.hit, columns, rows, table.output, list(table.priority)
