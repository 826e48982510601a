"""Names that parameters define and that rules repeat by hand: the two lists are compared.

Whoever adds a name to the parameters, and not to the lists in constants and conditions, has added
something that every such rule misses; a name that is misspelt in a list makes a rule that never
holds for it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dealgate.model.codes import Code, Severity
from dealgate.model.rules import AnyRuleSet
from dealgate.model.sentences import joined
from dealgate.proof.findings import Finding
from dealgate.proof.hand_lists import (
    HandList,
    Names,
    claims,
    expressions,
    hand_lists,
    written_out,
)
from dealgate.rulebook.faults import did_you_mean

LEAST = 3  # names that parameters define, before leaving one out of a list means anything
MOST = 3  # how many times as many are named by hand as are not
MARK = "'"


@dataclass(frozen=True, slots=True)
class _Defined:
    """Names that parameters define, those that rules should mention, and those used nearby."""

    path: str
    names: Names
    expected: Names
    used: Names


def repeated(ruleset: AnyRuleSet, passed_over: Names = frozenset()) -> Iterator[Finding]:
    """Yield where lists written by hand and the parameters that define their names differ.

    `passed_over` are parameters (by their first key) that other proofs look at.
    """
    lists, claimed = [*hand_lists(ruleset)], _claimed(ruleset)
    mentioned = claimed.union(
        *(written_out(expression.ast).texts for _, expression in expressions(ruleset))
    )
    given = ruleset.parameters.model_dump(mode="json")
    values = Counter(_values(given))
    for defined in _defined("parameters", given, values) if lists else ():
        if defined.path.split(".")[1] in passed_over:
            continue
        about = [hand_list for hand_list in lists if _is_about(hand_list, defined.names)]
        yield from (
            stranger for finding in about for stranger in _strangers(finding, defined, claimed)
        )
        if about:
            yield from _forgotten(about[0], defined, mentioned)


def _claimed(ruleset: AnyRuleSet) -> Names:
    """Return all texts that rules claim."""
    given = (rule.then.model_dump(mode="json") for rule in ruleset.rules)
    return frozenset(text for claim in given for _, text in claims(claim))


def _is_about(listed: HandList, names: Names) -> bool:
    """Tell whether most of a list is of these names."""
    common = names.intersection(listed.texts)
    return len(common) >= 2 and 3 * len(common) >= 2 * len(set(listed.texts))


def _strangers(listed: HandList, defined: _Defined, claimed: Names) -> Iterator[Finding]:
    """Yield what stands in a list and is neither defined nor claimed by a rule.

    Outside a list, where each text stands for itself, only what is near a name is taken for it.
    """
    strange = sorted(set(listed.texts) - defined.names - claimed)
    near = {text: did_you_mean(text, defined.names) for text in strange}
    if listed.how != "lists":
        strange = [text for text in strange if near[text].startswith("did you mean")]
    if strange:
        yield _finding(
            listed,
            f"{listed.how} {joined(strange, MARK)} beside names of {defined.path}, "
            f"which does not define {'it' if len(strange) == 1 else 'them'}",
            near[strange[0]],
        )


def _forgotten(first: HandList, defined: _Defined, mentioned: Names) -> Iterator[Finding]:
    missing = sorted(defined.expected - mentioned - defined.used)
    if missing and len(defined.expected) - len(missing) >= MOST * len(missing):
        yield _finding(
            first,
            f"{first.how} names of {defined.path} by hand, of which no list, rule or claim "
            f"mentions {joined(missing, MARK)}",
            "add what is missing to the lists it belongs to, or accept that it is in none",
        )


def _finding(listed: HandList, message: str, hint: str) -> Finding:
    code, severity = Code.LISTS_DIFFER, Severity.WARNING
    return Finding(listed.location, listed.subject, code, severity, message, hint)


def _defined(path: str, value: object, values: Mapping[str, int]) -> Iterator[_Defined]:
    """Yield the names that parameters define: keys of a mapping, entries of a list, texts."""
    if isinstance(value, Mapping):
        keys = frozenset(str(key) for key in value)
        if path != "parameters" and len(keys) >= LEAST and _are_entries(value.values()):
            yield _Defined(path, keys, keys, frozenset(values))
        for key, part in value.items():
            yield from _defined(f"{path}.{key}", part, values)
    elif isinstance(value, list):
        entries = [part for part in value if isinstance(part, Mapping)]
        columns = _columns(entries) if len(entries) == len(value) else {}
        if all(isinstance(part, str) for part in value):
            columns = {"": value}
        used = frozenset(name for name, count in values.items() if count > 1)
        for key, column in columns.items():
            names = frozenset(column)
            is_name = len(names) == len(column)
            closed = {entry[key] for entry in entries if entry.get("closed")} if is_name else set()
            if len(names) >= LEAST:
                where = path if key in {"", "name"} else f"{path}.{key}"
                # What names each entry is used where it is defined; any other text is a value.
                yield _Defined(where, names, names - closed, used if is_name else frozenset())


def _columns(entries: Sequence[Mapping[str, object]]) -> Mapping[str, Sequence[str]]:
    """Return the texts of entries, by the key that each of them has."""
    keys = entries[0] if entries else ()
    texts = {key: [str(entry.get(key)) for entry in entries] for key in keys}
    return {
        key: column
        for key, column in texts.items()
        if all(isinstance(entry.get(key), str) for entry in entries)
    }


def _are_entries(values: Iterable[object]) -> bool:
    """Tell whether a mapping has entries of one sort, as a table has, and not fields."""
    sorts = {
        tuple(sorted(value)) if isinstance(value, Mapping) else type(value) for value in values
    }
    return len(sorts) == 1


def _values(value: object) -> Iterator[str]:
    """Yield every text that is a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _values(part)
