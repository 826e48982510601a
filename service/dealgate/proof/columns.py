"""Regions of a decision table in the words of its columns, as the table's authors read them.

A column may be a named fact, whose condition cuts the facts along other lines than the table
shows: of such a column its value is told, and not what makes it up.
"""

from dealgate.language.literals import literal
from dealgate.language.syntax import Tree
from dealgate.language.values import NoValue
from dealgate.model.rules import AnyTable
from dealgate.proof.prover import Prover, Shown
from dealgate.proof.terms import Term


def described(prover: Prover, table: AnyTable, shown: Shown) -> str:
    """Say where a region lies: `large: true; lead.country: "DE"`."""
    named = [column.source for column in table.columns if column.source in prover.ruleset.facts]
    keys = {_key(prover, table, number) for number in range(len(table.columns))}
    own, foreign = [], False
    for column, mask in shown.region:
        if mask == prover.space.full[column]:
            continue
        is_own = prover.space.dimensions[column].key in keys
        foreign |= not is_own
        own += [(column, mask)] if is_own else []
    if not (named and foreign):
        return prover.space.described(shown.region)
    values = [f"{name}: {_value(prover, name, shown)}" for name in named]
    return "; ".join([*values, *([prover.space.described(own)] if own else [])])


def _key(prover: Prover, table: AnyTable, number: int) -> str:
    terms = prover.conditions.terms
    loop = table.rows[0].each
    variables = {loop.variable: terms.element(loop)} if loop else {}
    tree = Tree(table.columns[number].ast)
    return terms.key(terms.resolved(Term(tree, tree.root, variables)))


def _value(prover: Prover, name: str, shown: Shown) -> str:
    facts, as_of = shown.witness.facts, shown.witness.as_of
    value = prover.evaluation.frame(facts, as_of).names[name]
    if isinstance(value, NoValue):
        return "not known"
    return literal(value, prover.ruleset.facts[name].type)
