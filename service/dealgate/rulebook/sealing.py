"""What a version relies on of the properties it reads is part of what it means, and so is sealed.

Their types, units and what their absence means are covered; their values, bounds and reasons are
not: those are a contract with callers, which may grow. A version that reads none keeps its digest.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

from dealgate.language import syntax
from dealgate.language.syntax import Tree
from dealgate.model.rules import AnyRuleSet, Expression
from dealgate.model.vocabulary import SENT, Vocabulary, property_at


def sealed(ruleset: AnyRuleSet, known: Vocabulary, meaning_of_kind: str = "") -> AnyRuleSet:
    """Return the rule set with a digest that covers what it reads of properties.

    `meaning_of_kind` is that of a kind without code: what kind.yaml declares but its reasons.
    """
    if meaning_of_kind:
        text = f"{ruleset.digest}\n{meaning_of_kind}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        return replace(ruleset, digest=digest, vocabulary=known)
    reads = {read for expression in _expressions(ruleset) for read in _reads(expression)}
    if not reads:
        as_sent = not any(map(_asks_for_properties, _expressions(ruleset)))
        return replace(ruleset, vocabulary=known, as_sent=as_sent)
    meaning = {
        f"{entity}.{name}": known.declared[entity][name].meaning for entity, name in sorted(reads)
    }
    text = f"{ruleset.digest}\n{json.dumps(meaning, sort_keys=True)}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return replace(ruleset, digest=digest, vocabulary=known, properties=tuple(meaning))


def _expressions(ruleset: AnyRuleSet) -> Iterator[Expression]:
    yield from ruleset.facts.values()
    for rule in ruleset.rules:
        if rule.when is not None:
            yield rule.when
        if rule.each is not None:
            yield rule.each.items
    for table in ruleset.tables:
        yield from table.columns


def _asks_for_properties(expression: Expression) -> bool:
    """Tell whether an expression reads anything called so, if only whether it is there."""
    nodes = syntax.walk(Tree(expression.ast).root)
    return any(
        syntax.kind(node) == "select_expr" and node.select_expr.field == SENT for node in nodes
    )


def _reads(expression: Expression) -> Iterator[tuple[str, str]]:
    """Yield the entity and the name of each property that an expression reads."""
    tree = Tree(expression.ast)
    for node in syntax.walk(tree.root):
        if syntax.kind(node) == "select_expr":
            holder, name = tree.type(node.select_expr.operand), node.select_expr.field
            declared = property_at(f"{holder}.{name}")
            if declared is not None and declared[0]:
                yield declared[0], declared[1].name
