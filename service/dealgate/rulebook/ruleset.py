"""One rule file becomes a RuleSet: shape, expressions, effects, every fault at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRule, AnyRuleSet, AnyTable, Each, Expression, Rule, RuleSet
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.computing import TYPES, told_facts
from dealgate.rulebook.digest import digest
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.faults import coded_as
from dealgate.rulebook.fixed import check_fixed
from dealgate.rulebook.giving import GivingTable, giving
from dealgate.rulebook.scope import Scope
from dealgate.rulebook.sealing import sealed
from dealgate.rulebook.shapes import RuleFileShape, RuleShape, TableShape, rule_file_shape
from dealgate.rulebook.sheet import Sheet
from dealgate.rulebook.tables import TableReader
from dealgate.rulebook.validation import validated

NO_SHEETS: Mapping[str, Sheet] = {}


def read_ruleset(
    document: Node,
    kind: AnyKind,
    version: int,
    checker: ExpressionChecker,
    faults: list[Fault],
    sheets: Mapping[str, Sheet] = NO_SHEETS,
) -> AnyRuleSet | None:
    """Return the rule set in `document`, the file of `version`; None if it has faults.

    `sheets` has the rows of its tables by their ids; who read them added a fault for each that
    is missing. Shape and expressions are judged apart, so that one fault does not hide another.
    """
    before = len(faults)
    shape = validated(document, rule_file_shape(kind), faults)
    fields = document if isinstance(document, Fields) else Fields(document.source, 0, ())
    entries, listed = entries_of(fields, "rules"), entries_of(fields, "tables")
    _check_version(fields, version, faults)
    _check_ids([*entries, *listed], faults)
    _check_any(fields, shape, faults)
    check_fixed(fields, kind.facts.DESCRIPTOR, faults)
    telling = _telling(listed, sheets, faults)
    scope = _scope(fields, kind, telling, Scope(checker, kind.facts.DESCRIPTOR, faults))
    conditions = [_conditions(entry, number, scope) for number, entry in enumerate(entries, 1)]
    tables = _claiming(listed, shape, kind, scope, faults, sheets)
    scope.settle_clashes()
    if shape is None or len(faults) > before:
        return None
    scope.check_mentioned()
    rules = [
        _rule(entry, rule, *rule_set)
        for entry, rule, rule_set in zip(entries, shape.rules, conditions, strict=True)
    ]
    ruleset = _ruleset(document, kind, shape, scope, rules, tables, digest(document, sheets))
    ruleset = replace(ruleset, telling=tuple(t.proved for t in telling if t.proved is not None))
    if kind.widening is None:
        return ruleset
    return sealed(ruleset, kind.widening.vocabulary, kind.widening.meaning)


def _scope(fields: Fields, kind: AnyKind, telling: Sequence[GivingTable], scope: Scope) -> Scope:
    """Declare what conditions may name: constants, named facts, and the kind's facts."""
    scope.declare_constants(fields.get("constants"))
    scope.declare_facts(fields.get("facts"), telling)
    for name, type_ in kind.tells.items():
        scope.answer(name, TYPES[type_], fields)
    return scope


def _telling(
    listed: Sequence[Fields], sheets: Mapping[str, Sheet], faults: list[Fault]
) -> Sequence[GivingTable]:
    """Return the tables that give a fact, which rules and other tables may read."""
    given = [entry for entry in listed if entry.get("gives") is not None]
    with coded_as(Code.TABLE_INVALID, faults):
        return [table for entry in given for table in giving(entry, _sheet(entry, sheets), faults)]


def _claiming(
    listed: Sequence[Fields],
    shape: RuleFileShape[Any, Any] | None,
    kind: AnyKind,
    scope: Scope,
    faults: list[Fault],
    sheets: Mapping[str, Sheet],
) -> Sequence[AnyTable]:
    """Return the tables whose rows are rules; one with faults is left out."""
    shapes = shape.tables if shape else [None] * len(listed)
    with coded_as(Code.TABLE_INVALID, faults):
        tables = [
            _table(entry, part, kind, scope, faults, sheets)
            for entry, part in zip(listed, shapes, strict=True)
            if entry.get("gives") is None
        ]
    return [table for table in tables if table is not None]


def _ruleset(
    document: Node,
    kind: AnyKind,
    shape: RuleFileShape[Any, Any],
    scope: Scope,
    rules: Sequence[AnyRule],
    tables: Sequence[AnyTable],
    sha256: str,
) -> AnyRuleSet:
    return RuleSet(
        kind=kind.name,
        version=shape.version,
        owner=shape.owner.strip(),
        because=shape.because.strip(),
        digest=sha256,
        message=kind.facts.DESCRIPTOR,
        constants=scope.constants,
        facts=scope.facts,
        told=told_facts if kind.tells else None,
        rules=(*rules, *(row for table in tables for row in table.rows)),
        parameters=shape.parameters,
        location=document.source.location(0),
        tables=tuple(tables),
        fixed=tuple(path.strip() for path in shape.fixed),
        changeable=tuple(path.strip() for path in shape.changeable),
    )


def entries_of(document: Node, key: str) -> list[Fields]:
    """Return what is listed under a top-level key."""
    node = document.get(key) if isinstance(document, Fields) else None
    items = node.items if isinstance(node, Items) else ()
    return [item for item in items if isinstance(item, Fields)]


def _check_version(document: Fields, version: int, faults: list[Fault]) -> None:
    node = document.get("version")
    if isinstance(node, Scalar) and node.value.isdecimal() and int(node.value) != version:
        message = f"version: this says {node.value}, but the file is called v{version}.yaml"
        faults.append(node.fault(message, "a version's number and its file's name must agree"))


def _check_any(
    document: Fields, shape: RuleFileShape[Any, Any] | None, faults: list[Fault]
) -> None:
    """Tables that only tell facts claim nothing."""
    claiming = shape is not None and any(table.gives is None for table in shape.tables)
    if shape is not None and not shape.rules and not claiming:
        message = "this file holds neither rules nor tables"
        faults.append(
            document.fault(message, "write `rules:`, or `tables:` with a CSV file next to it")
        )


def _check_ids(entries: list[Fields], faults: list[Fault]) -> None:
    seen: dict[str, Scalar] = {}
    for entry in entries:
        node = entry.get("id")
        if isinstance(node, Scalar):
            first = seen.setdefault(node.value, node)
            if first is not node:
                message = f"rule {node.value}: line {first.location.line} has a rule of this id"
                faults.append(node.fault(message, "give one of them another id"))


def _conditions(entry: Fields, number: int, scope: Scope) -> tuple[Each | None, Expression | None]:
    name = entry.get("id")
    subject = f"rule {name.value if isinstance(name, Scalar) else f'number {number}'}"
    loop, when = entry.get("each"), entry.get("when")
    iteration = _each(loop, f"{subject}: each", scope)
    if loop is not None and not (isinstance(loop, Fields) and loop.fields):
        return None, None  # that is said already, and which names there would be nobody knows
    variables = {iteration.variable: iteration.items.type[len("list(") : -1]} if iteration else {}
    return iteration, scope.check(when, subject, "bool", variables) if when is not None else None


def _each(node: Node | None, subject: str, scope: Scope) -> Each | None:
    """Return the loop; None if there is none, or it has faults."""
    if not isinstance(node, Fields) or not node.fields:
        return None
    key, value = node.fields[0]
    named = scope.check_variable(key, subject)
    items = scope.check_list(value, subject)
    if named and items is not None:
        return Each(key.value, items)
    scope.give_up(key.value)
    return None


def _table(
    entry: Fields,
    shape: TableShape | None,
    kind: AnyKind,
    scope: Scope,
    faults: list[Fault],
    sheets: Mapping[str, Sheet],
) -> AnyTable | None:
    name, sheet = entry.get("id"), _sheet(entry, sheets)
    loop = (
        _each(entry.get("each"), f"table {name.value}: each", scope)
        if sheet and isinstance(name, Scalar)
        else None
    )
    if sheet is None:
        scope.leave_unread()
        return None
    return TableReader(entry, sheet, kind.effect, scope, loop, faults).read(shape)


def _sheet(entry: Fields, sheets: Mapping[str, Sheet]) -> Sheet | None:
    name = entry.get("id")
    return sheets.get(name.value) if isinstance(name, Scalar) else None


def _rule(
    entry: Fields, shape: RuleShape[Any], loop: Each | None, when: Expression | None
) -> AnyRule:
    return Rule(
        id=shape.id,
        when=when,
        then=shape.then,
        because=shape.because.strip(),
        location=entry.location,
        each=loop,
    )
