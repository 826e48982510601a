"""Names that parameters define and that rules repeat by hand: the two lists are compared.

Whoever adds a name to the parameters, and not to the lists in constants and conditions, has added
something that every such rule passes by; who misspells one in a list has a rule that never holds
for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dealgate.language import syntax
from dealgate.language.syntax import Tree
from dealgate.model.codes import Code, Severity
from dealgate.model.rules import AnyRuleSet, Expression
from dealgate.model.sentences import joined
from dealgate.proof.findings import Finding
from dealgate.rulebook.faults import did_you_mean

LEAST = 3  # names that parameters define, before leaving one out of a list means anything
MOST = 3  # so many times as many are named by hand as are not
MARK = "'"
Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class _List:
    """Texts that are listed by hand, and where."""

    subject: str
    expression: Expression
    texts: Sequence[str]


def repeated(ruleset: AnyRuleSet, passed_over: Names = frozenset()) -> Iterator[Finding]:
    """Yield where lists written by hand and the parameters that define their names differ.

    `passed_over` are parameters (by their first key) that other proofs look at.
    """
    lists, claimed = [*_lists(ruleset)], _claimed(ruleset)
    mentioned = claimed | _compared(ruleset)
    given = ruleset.parameters.model_dump(mode="json")
    for path, names in _defined("parameters", given) if lists else ():
        if path.split(".")[1] in passed_over:
            continue
        about = [each for each in lists if _is_about(each, names)]
        yield from (finding for each in about for finding in _strangers(each, path, names, claimed))
        if about:
            yield from _forgotten(about, path, names, mentioned)


def _is_about(listed: _List, names: Names) -> bool:
    """Tell whether most of a list is of these names."""
    common = names.intersection(listed.texts)
    return len(common) >= 2 and 3 * len(common) >= 2 * len(set(listed.texts))


def _strangers(listed: _List, path: str, names: Names, claimed: Names) -> Iterator[Finding]:
    """Yield what stands in a list and is neither defined nor claimed by a rule."""
    strange = sorted(set(listed.texts) - names - claimed)
    if strange:
        yield Finding(
            listed.expression.location,
            listed.subject,
            Code.LISTS_DIFFER,
            Severity.WARNING,
            f"lists {joined(strange, MARK)} beside names of {path}, which does not define "
            f"{'it' if len(strange) == 1 else 'them'}",
            did_you_mean(strange[0], names),
        )


def _forgotten(
    about: Sequence[_List], path: str, names: Names, mentioned: Names
) -> Iterator[Finding]:
    missing = sorted(names - mentioned)
    if missing and len(names) - len(missing) >= MOST * len(missing):
        first = about[0]
        yield Finding(
            first.expression.location,
            first.subject,
            Code.LISTS_DIFFER,
            Severity.WARNING,
            f"lists names of {path} by hand, of which no list, rule or claim mentions "
            f"{joined(missing, MARK)}",
            "add what is missing to the lists it belongs to, or accept that it is in none",
        )


def _defined(path: str, value: object) -> Iterator[tuple[str, Names]]:
    """Yield the names that parameters define: keys of a mapping, or `name` of each in a list."""
    if isinstance(value, Mapping):
        keys = frozenset(str(key) for key in value)
        if path != "parameters" and len(keys) >= LEAST and _are_entries(value.values()):
            yield path, keys
        for key, part in value.items():
            yield from _defined(f"{path}.{key}", part)
    elif isinstance(value, list):
        named = [part.get("name") for part in value if isinstance(part, Mapping)]
        names = frozenset(name for name in named if isinstance(name, str))
        if len(names) >= LEAST and len(named) == len(value):
            yield path, names


def _are_entries(values: Iterable[object]) -> bool:
    """Tell whether a mapping has entries of one sort, as a table has, and not fields."""
    sorts = {tuple(sorted(each)) if isinstance(each, Mapping) else type(each) for each in values}
    return len(sorts) == 1


def _lists(ruleset: AnyRuleSet) -> Iterator[_List]:
    for subject, expression in _expressions(ruleset):
        tree = Tree(expression.ast)
        for node in syntax.walk(tree.root):
            if syntax.kind(node) == "list_expr":
                texts = [
                    each.const_expr.string_value
                    for each in node.list_expr.elements
                    if each.const_expr.HasField("string_value")
                ]
                if len(texts) >= 2 and len(texts) == len(node.list_expr.elements):
                    yield _List(subject, expression, texts)


def _compared(ruleset: AnyRuleSet) -> Names:
    """Return all texts that expressions hold."""
    found = set[str]()
    for _, expression in _expressions(ruleset):
        for node in syntax.walk(Tree(expression.ast).root):
            if syntax.kind(node) == "const_expr" and node.const_expr.HasField("string_value"):
                found.add(node.const_expr.string_value)
    return frozenset(found)


def _claimed(ruleset: AnyRuleSet) -> Names:
    """Return all texts that rules claim."""
    claims = (rule.then.model_dump(mode="json") for rule in ruleset.rules)
    return frozenset(text for claim in claims for text in _texts(claim))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _expressions(ruleset: AnyRuleSet) -> Iterator[tuple[str, Expression]]:
    yield from ((f"constant {name}", each) for name, each in ruleset.constants.items())
    yield from ((f"fact {name}", each) for name, each in ruleset.facts.items())
    for rule in ruleset.rules:
        if rule.when is not None:
            yield f"rule {rule.id}", rule.when
