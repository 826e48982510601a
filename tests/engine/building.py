"""Rule sets built from text, without files."""

from collections.abc import Mapping
from dataclasses import replace

from google.protobuf.descriptor import Descriptor
from pydantic import BaseModel, ConfigDict, Field

from dealgate.language.cel import CelChecker
from dealgate.model.rules import (
    AnyRuleSet,
    Each,
    Expression,
    HitPolicy,
    Location,
    Rule,
    RuleSet,
    Table,
)
from tests.engine.specimen import FACTS

HERE = Location("rules/specimen/v1.yaml", 1, 1)


class Nothing(BaseModel):
    """An effect that claims nothing."""


class Points(BaseModel):
    """An effect with one number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: int = Field(le=1000)


def rule_set(
    checker: CelChecker,
    rules: Mapping[str, str],
    *,
    facts: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    each: Mapping[str, tuple[str, str]] | None = None,
    message: Descriptor = FACTS,
) -> AnyRuleSet:
    """Return the rule set; `each` maps a rule's id to its variable and list."""
    scope: dict[str, str] = {}
    fixed = {
        name: _checked(checker, source, None, {}) for name, source in (constants or {}).items()
    }
    scope |= {name: expression.type for name, expression in fixed.items()}
    named: dict[str, Expression] = {}
    for name, source in (facts or {}).items():
        named[name] = _checked(checker, source, message, scope)
        scope[name] = named[name].type
    built = [
        _rule(checker, id_, when, (each or {}).get(id_), message, scope)
        for id_, when in rules.items()
    ]
    return RuleSet("specimen", 1, "", "", "digest", message, fixed, named, built, None, HERE)


def tabled(rules: AnyRuleSet, hit: HitPolicy) -> AnyRuleSet:
    """Make a table "t" of the rules from the first called t/… on; row n claims n points, from 1.

    If none is called so, those are taken that are judged once.
    """
    rows = [rule for rule in rules.rules if rule.id.startswith("t/")]
    if not rows:
        single = [rule for rule in rules.rules if rule.each is None]
        rows = [replace(rule, id=f"t/{number}") for number, rule in enumerate(single)]
    rows = [replace(rule, then=Points(points=number)) for number, rule in enumerate(rows, 1)]
    taken = {rule.id for rule in rows}
    others = [r for r in rules.rules if r.id not in taken and (r.each or r.id == "before")]
    built = [*(replace(rule, then=Points(points=0)) for rule in others), *rows]
    ranked = tuple(sorted((row.then.points for row in rows), reverse=True))
    of = Table("t", hit, (), rows, HERE, ("points",), ranked, "collected")
    return replace(rules, rules=built, tables=[of] if rows else [])


def _rule(  # what a rule is made of
    checker: CelChecker,
    id_: str,
    when: str,
    each: tuple[str, str] | None,
    message: Descriptor,
    scope: Mapping[str, str],
) -> Rule[Nothing]:
    if each is None:
        return Rule(id_, _checked(checker, when, message, scope, "bool"), Nothing(), "", HERE)
    variable, source = each
    items = _checked(checker, source, message, scope)
    inner = {**scope, variable: items.type[5:-1]}
    condition = _checked(checker, when, message, inner, "bool")
    return Rule(id_, condition, Nothing(), "", HERE, Each(variable, items))


def _checked(
    checker: CelChecker,
    source: str,
    message: Descriptor | None,
    variables: Mapping[str, str],
    expected: str | None = None,
) -> Expression:
    found = checker.check(source, facts=message, variables=variables, expected=expected)
    return Expression(source, found.type, found.ast, HERE)
