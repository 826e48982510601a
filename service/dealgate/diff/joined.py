"""Two versions as one rule set, so that one space of facts holds both and one engine judges both.

Names go by version: `small` of the earlier one becomes `small__1`, and rule `too-small` becomes
`1:too-small`. The joined rule set is for proofs alone; no kind ever concludes from it.
"""

from collections.abc import Mapping
from dataclasses import replace

from dealgate.language import syntax
from dealgate.language.v1 import checked_pb2
from dealgate.model.rules import AnyRule, AnyRuleSet, Each, Expression

OLD, NEW = 1, 2


def joined(old: AnyRuleSet, new: AnyRuleSet) -> AnyRuleSet:
    """Return a rule set with the rules of both, those of `old` first; it has no tables."""
    sides = [(OLD, old), (NEW, new)]
    return replace(
        new,
        constants=_named(sides, "constants"),
        facts=_named(sides, "facts"),
        rules=[_rule(side, ruleset, rule) for side, ruleset in sides for rule in ruleset.rules],
        tables=(),
    )


def joined_id(side: int, rule_id: str) -> str:
    """Return what a rule is called in the joined rule set."""
    return f"{side}:{rule_id}"


def _named(sides: list[tuple[int, AnyRuleSet]], section: str) -> Mapping[str, Expression]:
    return {
        f"{name}__{side}": _expression(side, ruleset, expression)
        for side, ruleset in sides
        for name, expression in getattr(ruleset, section).items()
    }


def _rule(side: int, ruleset: AnyRuleSet, rule: AnyRule) -> AnyRule:
    loop = rule.each and Each(rule.each.variable, _expression(side, ruleset, rule.each.items))
    variable = rule.each.variable if rule.each else ""
    when = rule.when and _expression(side, ruleset, rule.when, variable)
    return replace(rule, id=joined_id(side, rule.id), when=when, each=loop)


def _expression(
    side: int, ruleset: AnyRuleSet, expression: Expression, variable: str = ""
) -> Expression:
    checked = checked_pb2.CheckedExpr.FromString(expression.ast)
    own = {*ruleset.constants, *ruleset.facts} - {variable}
    _rename(checked.expr, own, side)
    return replace(expression, ast=checked.SerializeToString(deterministic=True))


def _rename(node: syntax.Node, own: set[str], side: int) -> None:
    if syntax.kind(node) == "ident_expr" and node.ident_expr.name in own:
        node.ident_expr.name = f"{node.ident_expr.name}__{side}"
    for child, bound in syntax.scopes(node):
        _rename(child, own - bound, side)
