"""rules/<kind>/<scope>/vN.yaml: a version of a kind's rules, with a scope's changes.

What the scope says stands in the place of what it overrides; every node keeps its own place in its
own file. What comes of it is a rule file like any other: read, proved, sealed and tried as a whole.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field, model_validator

from dealgate.model.codes import Severity
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Expression, Narrowing, Rule
from dealgate.model.scoping import Applies
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.merging import merged
from dealgate.rulebook.scope import Scope
from dealgate.rulebook.sealing import sealed
from dealgate.rulebook.shapes import Condition, Name, Shape, Words
from dealgate.rulebook.sheet import Row, Sheet
from dealgate.rulebook.validation import validated

SCOPE_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
HEAD = ("scope", "narrows", "tenant", "applies", "unknown", "remove")
DEEP = frozenset({"parameters", "constants", "facts"})
LISTED = frozenset({"rules", "tables"})
ID = "id"


class NarrowingShape(Shape):
    """What a scope's file says besides what it overrides."""

    scope: Name = Field(description="The name of the scope, and of its folder")
    narrows: int = Field(ge=1, description="The version of the kind's own rules that it overrides")
    tenant: Words | None = Field(
        None, description="The only tenant that it is for, if there is one"
    )
    applies: Condition | None = Field(
        None, description="Where it decides, by the facts as they are sent; unset: everywhere"
    )
    unknown: Literal["base", "refuse"] | None = Field(
        None, description="If it is unknown whether it applies: what decides, or that nothing may"
    )
    remove: list[Words] = Field(
        [], description="Rules, tables and rows (table/row) that do not apply"
    )

    @model_validator(mode="after")
    def _says_when(self) -> "NarrowingShape":
        if self.applies is None and self.tenant is None:
            raise ValueError("a scope must say where it decides: applies, tenant, or both")
        if (self.applies is None) != (self.unknown is None):
            wrong = "a scope with `applies` must say what decides if it is unknown: base or refuse"
            raise ValueError(
                wrong if self.applies is not None else "`unknown` only goes with `applies`"
            )
        return self


@dataclass(frozen=True, slots=True)
class Whole:
    """A rule file with the rows of its tables."""

    document: Fields
    sheets: Mapping[str, Sheet]


def head_of(own: Fields, name: str, faults: list[Fault]) -> NarrowingShape | None:
    """Return what the file of the scope `name` says of it; None if it has faults."""
    pairs = tuple(pair for pair in own if pair[0].value in HEAD)
    shape = validated(Fields(own.source, own.start, pairs), NarrowingShape, faults)
    node = own.get("scope")
    if isinstance(node, Scalar) and node.value != name:
        message = f"scope: this says {node.value}, but lies in the folder {name}"
        faults.append(node.fault(message, "a scope and its folder have one name"))
        return None
    if own.get("because") is None:
        faults.append(own.fault("the key 'because' is missing", "add `because: …`: why it exists"))
    return shape


def narrowed(own: Whole, base: Whole, faults: list[Fault]) -> Whole:
    """Return the base with what the scope has otherwise; faults are added."""
    fields = {key.value: (key, value) for key, value in base.document}
    removal = _Removal(own.document.get("remove"), base, faults)
    for name in LISTED & fields.keys():
        key, value = fields[name]
        fields[name] = (key, _overridden(value, own.document.get(name), removal))
        if not _items(fields[name][1]):
            del fields[name]
    for key, value in own.document:
        under = fields.get(key.value)
        if key.value in HEAD or (key.value in LISTED and under is not None):
            continue
        together = under is not None and key.value in DEEP
        fields[key.value] = (key, merged([under[1], value]) if under and together else value)
    document = Fields(own.document.source, own.document.start, tuple(fields.values()))
    return Whole(document, _sheets(own, base, removal, faults))


class _Removal:
    """What a scope does without."""

    def __init__(self, node: Node | None, base: Whole, faults: list[Fault]) -> None:
        self.ids = {item.value for item in _items(node) if isinstance(item, Scalar)}
        known = {*_known(base)}
        for item in _items(node):
            if isinstance(item, Scalar) and item.value not in known:
                message = f"remove: there is no '{item.value}' in the base"
                faults.append(item.fault(message, did_you_mean(item.value, known)))


def _known(base: Whole) -> Iterator[str]:
    for name in LISTED:
        yield from (_id(entry) for entry in _items(base.document.get(name)))
    for table, sheet in base.sheets.items():
        yield from (f"{table}/{row}" for row in _rows(sheet))


def _overridden(base: Node, own: Node | None, removal: _Removal) -> Node:
    """Return a list in which entries stand in the place of those of their id, new ones behind."""
    mine = {_id(entry): entry for entry in _items(own)}
    kept = [mine.pop(_id(entry), entry) for entry in _items(base) if _id(entry) not in removal.ids]
    # Of two entries of one id here the first is lost above; reading tells that there are two.
    twice = [e for e in _items(own) if all(e is not k for k in (*kept, *mine.values()))]
    source = base if own is None else own
    return Items(source.source, source.start, (*kept, *mine.values(), *twice))


def _sheets(own: Whole, base: Whole, removal: _Removal, faults: list[Fault]) -> Mapping[str, Sheet]:
    said = {_id(entry) for entry in _items(own.document.get("tables"))}
    sheets = {id_: _without(id_, sheet, removal) for id_, sheet in base.sheets.items()}
    for id_, sheet in own.sheets.items():
        # A table that the scope replaces has only the scope's rows.
        sheets[id_] = (
            sheet if id_ in said or id_ not in sheets else _laid(sheet, sheets[id_], faults)
        )
    return {id_: sheet for id_, sheet in sheets.items() if id_ not in removal.ids}


def _without(id_: str, sheet: Sheet, removal: _Removal) -> Sheet:
    rows = [row for name, row in _rows(sheet).items() if f"{id_}/{name}" not in removal.ids]
    return replace(sheet, rows=rows)


def _laid(own: Sheet, base: Sheet, faults: list[Fault]) -> Sheet:
    """Return a table with rows in the place of those of their id, and new ones behind."""
    header = [cell.value for cell in base.header]
    if [cell.value for cell in own.header] != header or ID not in header:
        hint = (
            f"its columns are: {', '.join(header)}; with other ones, write the whole table in YAML"
        )
        message = "rows that override others have the columns of their table, and an id"
        faults.append(own.header[0].fault(message, hint))
        return base
    mine = _rows(own)
    if len(mine) < len(own.rows):
        faults.append(
            own.header[0].fault("two of these rows have one id", "each overrides one row")
        )
    kept = [mine.pop(name, row) for name, row in _rows(base).items()]
    return Sheet(base.source, base.header, (*kept, *mine.values()))


def _rows(sheet: Sheet) -> dict[str, Row]:
    names = [cell.value for cell in sheet.header]
    at = names.index(ID) if ID in names else None
    return {
        (row[at].value if at is not None and row[at].value else str(number)): row
        for number, row in enumerate(sheet.rows, 1)
    }


def _items(node: Node | None) -> Sequence[Node]:
    return node.items if isinstance(node, Items) else ()


def _id(entry: Node) -> str:
    node = entry.get(ID) if isinstance(entry, Fields) else None
    return node.value if isinstance(node, Scalar) else ""


def scoped(
    ruleset: AnyRuleSet,
    head: NarrowingShape,
    own: Fields,
    kind: AnyKind,
    checker: ExpressionChecker,
    faults: list[Fault],
) -> AnyRuleSet | None:
    """Return the rule set as that of a scope, which its digest covers; None: there are faults."""
    node, before = own.get("applies"), len(faults)
    typed = _applies(node, kind, checker, faults) if node is not None else None
    if len(faults) > before:
        return None
    applies: Rule[Applies] | None = None
    if typed is not None and node is not None:
        applies = Rule(head.scope, typed, Applies(), ruleset.because, node.location)
    whole = replace(
        ruleset,
        digest=_digest(ruleset, head, typed),
        location=own.location,
        narrowing=Narrowing(
            head.scope, head.narrows, applies, (head.tenant or "").strip(), head.unknown == "refuse"
        ),
    )
    if kind.widening is None or applies is None:
        return whole
    # What the condition reads of properties is part of what the version means, too.
    condition = replace(whole, rules=(applies,), tables=(), facts={}, properties=())
    read = sealed(condition, kind.widening.vocabulary)
    properties = tuple(sorted({*whole.properties, *read.properties}))
    return replace(whole, digest=read.digest, properties=properties)


def _applies(
    node: Node, kind: AnyKind, checker: ExpressionChecker, faults: list[Fault]
) -> Expression | None:
    scope = Scope(checker, kind.facts.DESCRIPTOR, faults)
    return scope.check(node, "applies", "bool")


def _digest(ruleset: AnyRuleSet, head: NarrowingShape, typed: Expression | None) -> str:
    meaning = {
        "scope": head.scope,
        "narrows": head.narrows,
        "tenant": head.tenant,
        "applies": None if typed is None else typed.source,
        "unknown": head.unknown,
    }
    text = f"{ruleset.digest}\n{json.dumps(meaning, ensure_ascii=False, sort_keys=True)}"
    return hashlib.sha256(text.encode()).hexdigest()


def at_home(faults: Iterable[Fault], home: str, node: Node, base: str) -> Iterator[Fault]:
    """Yield faults of what a scope takes over at `node`, which is its: its base may have none."""
    for fault in faults:
        if fault.location.file.startswith(f"{home}/"):
            yield fault
        elif fault.severity is Severity.FAULT:
            message = f"with what this scope overrides, {base} has a fault at {fault.location}"
            yield replace(node.fault(f"{message}: {fault.message}", fault.hint), code=fault.code)
