"""`allowed:` of a table: what the cells of a column may name, DMN's inputValues and outputValues.

Below a header that asks, values are those of its type, and ranges of them. What rows claim or tell
is a number, an amount, a date, an instant, a span of time, a truth, or else text, whichever all the
values listed can be. Where the policy ranks rows, the order of the list is their rank.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from google.protobuf.empty_pb2 import Empty

from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame
from dealgate.language.literals import literal
from dealgate.language.syntax import Tree
from dealgate.language.values import NoValue, elements
from dealgate.model.faults import Fault
from dealgate.model.rules import Expression
from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_values import DATE, DECIMAL, MONEY, NAMES, CellFault
from dealgate.rulebook.cells import ANY, named_in
from dealgate.rulebook.columns import BECAUSE, ID, WHEN
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.spans import Allowed, Span

KEY = "allowed"
TEXT = "string"
# What values of claims can be, the narrowest first.
GUESSES = (DECIMAL, MONEY, DATE, "timestamp", "duration", "bool", TEXT)
LITERAL = re.compile(r"\w+\((\".*\")\)")


@dataclass(frozen=True, slots=True)
class AllowedColumn:
    """The allowed values of what rows claim or tell, with their type in CEL's notation."""

    allowed: Allowed
    type: str

    def check(self, text: str) -> None:
        """Raise CellFault if a cell says anything else."""
        try:
            said = [_text(text)] if self.type == TEXT else named_in(text, _column(self.type))
        except CellFault:
            said = []
        if len(said) != 1 or not said[0].cel:
            raise self.allowed.refusal(Span(0, text, text), text)
        self.allowed.check(said)

    def check_literal(self, text: str) -> None:
        """As `check`, for a cell that is CEL: `money("EUR", "5")` says EUR 5."""
        match = LITERAL.fullmatch(text)
        try:
            self.check(" ".join(json.loads(f"[{match[1]}]")) if match else text)
        except ValueError:
            raise self.allowed.refusal(Span(0, text, text), text) from None


class AllowedValues:
    """What one table lists under `allowed:`; faults found are added to `faults`."""

    def __init__(self, entry: Fields, header: Sequence[Scalar], faults: list[Fault]) -> None:
        """`entry` is the table's in the YAML file."""
        node = entry.get(KEY)
        self._faults = faults
        self._listed: Mapping[str, Node] = (
            {key.value: value for key, value in node} if isinstance(node, Fields) else {}
        )
        names = [cell.value for cell in header if cell.value not in {ID, BECAUSE, WHEN, ""}]
        for key, _ in node if isinstance(node, Fields) else ():
            if key.value not in names:
                self._faults.append(_no_column(key, names))

    def bound(self, header: str, column: Column, constants: Mapping[str, Expression]) -> Column:
        """Return a column that asks, whose cells may name what is listed for it, if anything is."""
        spans = self._spans(header, column)
        if not spans:
            return column
        named = {name: of for name, of in constants.items() if _is_like(of, column)}
        meant = {name: [*_meant(of, column)] for name, of in named.items()}
        return replace(column, allowed=Allowed(spans, meant))

    def told(self, header: str) -> AllowedColumn | None:
        """Return what cells below `then.…` or `gives` may say; None: anything."""
        items = self._items(header)
        for type_ in GUESSES if items else ():
            if type_ == TEXT:
                self._check_once(items)
                spans = [_text(item.value) for item in items]
                return AllowedColumn(Allowed(spans), type_)
            try:
                spans = [span for item in items for span in _listed_in(item, type_)]
            except CellFault:
                continue
            self._check_once(items)
            return AllowedColumn(Allowed(spans), type_)
        return None

    def _items(self, header: str) -> Sequence[Scalar]:
        node = self._listed.get(header)
        items = node.items if isinstance(node, Items) else ()
        return [item for item in items if isinstance(item, Scalar)]

    def _spans(self, header: str, column: Column) -> Sequence[Span]:
        items = self._items(header)
        spans: list[Span] = []
        for item in items:
            try:
                spans += named_in(item.value.strip(), column)
            except CellFault as fault:
                message = f"allowed: {header}: {fault.message}"
                self._faults.append(item.fault(message, fault.hint))
        self._check_once(items)
        return spans

    def _check_once(self, items: Sequence[Scalar]) -> None:
        seen: set[str] = set()
        for item in items:
            if item.value in seen:
                message = f"allowed: {item.value} is listed twice"
                self._faults.append(item.fault(message, "delete one of them"))
            seen.add(item.value)


def _no_column(key: Scalar, names: Sequence[str]) -> Fault:
    if key.value == WHEN:
        message = "allowed: cells below `when` are conditions, and no values of one column"
        return key.fault(message, "give the fact a column of its own")
    message = f"allowed: the table has no column '{key.value}'"
    return key.fault(message, did_you_mean(key.value, names))


def _listed_in(item: Scalar, type_: str) -> Sequence[Span]:
    if item.value in ANY:
        raise CellFault(0, f"this is not {NAMES[type_]}")
    return named_in(item.value.strip(), _column(type_))


def _text(value: str) -> Span:
    return Span(0, value, json.dumps(value, ensure_ascii=False), value, value)


def _column(type_: str) -> Column:
    return Column("value", type_)


def _is_like(constant: Expression, column: Column) -> bool:
    return constant.type in {column.type, f"list({column.type})"} and not column.enum


def _meant(constant: Expression, column: Column) -> Iterator[Span]:
    """Yield the values that a constant stands for."""
    value = compile_exact(Tree(constant.ast))(Frame(Empty(), {}))
    if isinstance(value, NoValue):
        return
    values = elements(value) if constant.type.startswith("list(") else [value]
    for member in values:
        text = literal(member, column.type)
        match = LITERAL.fullmatch(text)
        inner = " ".join(json.loads(f"[{match[1]}]")) if match else text.removesuffix("u")
        yield from named_in(inner, Column(column.operand, column.type))
