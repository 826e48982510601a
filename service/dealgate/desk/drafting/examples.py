"""What a new rule could be shown by: a case of another, with one fact that nobody has."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.desk.drafting.claims import inline
from dealgate.desk.layout.comments import scalars
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case, CaseFile
from dealgate.rulebook.document import Fields, Node
from dealgate.rulebook.instants import written

WORDS, NUMBERS = ('"fill in"', '"XX"'), ("4242", "97", "7")
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A condition, the `base` line of two cases, and the `as_of` and `facts` of each.

    The first fulfils the condition; in the other it is false.
    """

    condition: str
    base: str
    as_of: str
    facts: str
    quiet_as_of: str
    quiet_facts: str


def examples(file: CaseFile) -> Iterator[Example]:
    """Yield examples, those first that leave what is known of the rules as it is.

    A fact that no rule read before would make every answer look less complete.
    """
    case = next((case for case in file.cases if _is_usable(case)), None)
    if case is None:
        return
    facts = list(_facts(file.ruleset.message, ""))
    read = " ".join(_sources(file.ruleset))
    facts.sort(key=lambda fact: not re.search(rf"\b{re.escape(fact[0])}\b", read))
    for path, values in facts:
        for value, other in zip(values, reversed(values), strict=True):
            if value != other:
                yield _example(case, path, value, other)


def last_resort(file: CaseFile) -> Example | None:
    """Return an example by the clock, a nanosecond after a case: no fact need be known for it."""
    case = next((case for case in file.cases if _is_usable(case)), None)
    if case is None:
        return None
    node = case.entry.get("facts")
    instant, before = written(case.as_of + 1), written(case.as_of)
    facts = inline(node) if node else "{}"
    condition = f'as_of == timestamp("{instant}")'
    return Example(condition, _base(case), instant, facts, before, facts)


def _is_usable(case: Case) -> bool:
    node = case.entry.get("facts")
    return case.error is None and not (node and any(scalar.null for scalar in scalars(node)))


def _sources(ruleset: AnyRuleSet) -> Iterator[str]:
    for expression in (*ruleset.facts.values(), *(rule.when for rule in ruleset.rules)):
        if expression is not None:
            yield expression.source


def _facts(message: Descriptor, prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield single facts and values of theirs that no case is likely to have."""
    for field in message.fields:
        path = f"{prefix}{field.name}"
        if field.is_repeated or field.name == "id" or field.name.endswith("_id"):
            continue
        below = field.message_type
        if below and below.full_name.startswith("dealgate.") and path.count(".") < DEEPEST:
            yield from _facts(below, f"{path}.")
        elif field.enum_type:
            yield path, tuple(value.name for value in reversed(field.enum_type.values))[:-1]
        elif field.type == FieldDescriptor.TYPE_STRING:
            yield path, WORDS
        elif field.type in {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64}:
            yield path, NUMBERS


def _example(case: Case, path: str, value: str, other: str) -> Example:
    as_of: Any = case.entry.get("as_of")
    node, steps = case.entry.get("facts"), path.split(".")
    return Example(
        condition=(f"has({path}) && " if "." in path else "") + f"{path} == {value}",
        base=_base(case),
        as_of=as_of.value,
        facts=_with(node, steps, value),
        quiet_as_of=as_of.value,
        quiet_facts=_with(node, steps, other),
    )


def _base(case: Case) -> str:
    node = case.entry.get("base")
    return f"    base: {inline(node)}\n" if node else ""


def _with(node: Node | None, steps: list[str], value: str) -> str:
    """Return facts in braces, with one more or another in them."""
    if not steps:
        return value
    kept = [(k, v) for k, v in node if k.value != steps[0]] if isinstance(node, Fields) else []
    below = node.get(steps[0]) if isinstance(node, Fields) else None
    pairs = [f"{inline(key)}: {inline(value)}" for key, value in kept]
    pairs.append(f"{steps[0]}: {_with(below, steps[1:], value)}")
    return f"{{{', '.join(pairs)}}}"
