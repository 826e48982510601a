"""Decision tables: an entry under `tables:` and the CSV beside it become rules that share a policy.

A column's header is a CEL expression, or `when` if its cells are conditions themselves, or the part
of the effect that its cells give (`then.points`), or `id`, or `because`. A row is a rule whose
condition its cells make up.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from pydantic import BaseModel

from dealgate.model.faults import Fault
from dealgate.model.rules import AnyTable, Each, Expression, HitPolicy, Rule, Table
from dealgate.rulebook.allowed import AllowedValues
from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.cells import ANY, condition
from dealgate.rulebook.columns import AND, BECAUSE, ID, WHEN, FromCells, column_of, stated
from dealgate.rulebook.defaults import (
    ELSE,
    check_default,
    check_stated,
    is_default,
    known_too,
    passes_over,
)
from dealgate.rulebook.document import Fields, Scalar
from dealgate.rulebook.habits import spoilt
from dealgate.rulebook.outputs import Outputs, path_of
from dealgate.rulebook.scope import Scope
from dealgate.rulebook.shapes import RULE_ID, TableShape
from dealgate.rulebook.sheet import Row, Sheet

# Rows that a default row denies one by one, where they have no order.
DENIED = 50

_Input: TypeAlias = tuple[Expression, Column] | None


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with its id, which stands in `named` if its author gave it one."""

    id: str
    named: Scalar
    cells: Row

    @property
    def subject(self) -> str:
        """What its faults call it."""
        return f"row {self.id}"


class TableReader:
    """Reads one table; faults found are added to `faults`."""

    def __init__(
        self,
        entry: Fields,
        sheet: Sheet,
        effect: type[BaseModel],
        scope: Scope,
        loop: Each | None,
        faults: list[Fault],
    ) -> None:
        """`entry` is the table's in the YAML file, `effect` what rules of its kind may claim."""
        self._entry = entry
        self._header = sheet.header
        self._scope = scope
        self._each = loop
        self._faults = faults
        self._variables = {loop.variable: loop.items.type[len("list(") : -1]} if loop else {}
        self._allowed = AllowedValues(entry, sheet.header, faults)
        self._outputs = Outputs(entry, sheet, effect, self._allowed, faults)
        self._lines = [self._line(number, row) for number, row in enumerate(sheet.rows, 1)]

    def read(self, shape: TableShape | None) -> AnyTable | None:
        """Return the table; None if it has faults. `shape` is None if its entry has some."""
        before = len(self._faults)
        self._check_columns()
        self._check_ids()
        self._check_reasons()
        inputs = self._inputs()
        self._check_default(inputs)
        whens = [self._when(line, inputs) for line in self._lines]
        if len(self._faults) == before:
            whens = self._with_default(whens, inputs)
        rows = [(line.subject, line.cells) for line in self._lines]
        effects = self._outputs.effects(rows)
        if shape is not None:
            self._outputs.check_policy(shape)
            self._outputs.check_values(shape, rows)
        if shape is None or len(self._faults) > before:
            return None
        parts = zip(self._lines, whens, effects, strict=True)
        table = Table(
            id=shape.id,
            hit=shape.hit,
            columns=tuple(asked[0] for asked in inputs.values() if asked is not None),
            rows=tuple(self._rule(shape, *part) for part in parts),
            location=self._entry.location,
            because=(shape.because or "").strip(),
            allowed=shape.allowed,
        )
        return self._outputs.completed(shape, table)

    def _rule(
        self, shape: TableShape, line: _Line, when: Expression | None, then: BaseModel
    ) -> Rule[BaseModel]:
        return Rule(
            id=f"{shape.id}/{line.id}",
            when=when,
            then=then,
            because=self._reason(line) or (shape.because or "").strip(),
            location=line.cells[0].location,
            each=self._each,
        )

    # Columns

    def _inputs(self) -> Mapping[int, _Input]:
        """Return what columns ask; None: the cells say that themselves."""
        inputs: dict[int, _Input] = {}
        for position, header in enumerate(self._header):
            if not self._is_input(header) or self._outputs.is_bare(header):
                continue
            if header.value == WHEN:
                inputs[position] = None
                continue
            column = column_of(header, self._scope, self._variables, self._faults)
            if column is not None:
                asked, cells = column
                cells = self._allowed.bound(header.value, cells, self._scope.constants)
                inputs[position] = (asked, cells)
        return inputs

    def _is_input(self, header: Scalar) -> bool:
        return header.value not in {ID, BECAUSE} and path_of(header.value) is None

    def _check_columns(self) -> None:
        seen: dict[str, Scalar] = {}
        for header in self._header:
            first = seen.setdefault(header.value, header)
            if first is not header and not self._is_input(header):
                message = f"column {header.value}: there is another column of this name"
                self._faults.append(header.fault(message, "delete one of them"))
        if not self._lines:
            message = "this table has no rows"
            self._faults.append(self._header[0].fault(message, "write one below the header"))

    # Rows

    def _line(self, number: int, row: Row) -> _Line:
        cell = self._cell(row, ID)
        if cell is None or not cell.value:
            return _Line(str(number), row[0], row)
        return _Line(cell.value, cell, row)

    def _cell(self, row: Row, name: str) -> Scalar | None:
        pairs = zip(self._header, row, strict=False)
        return next((cell for header, cell in pairs if header.value == name), None)

    def _when(self, line: _Line, inputs: Mapping[int, _Input]) -> Expression | None:
        text, parts = "", list[tuple[int, Scalar]]()
        before = len(self._faults)
        for position, asked in inputs.items():
            cell = line.cells[position]
            said = self._condition(line, cell, self._header[position], asked and asked[1])
            if said:
                text += AND if text else ""
                parts.append((len(text), cell))
                text += said
        if not text or len(self._faults) > before:
            return None
        written = FromCells(text, tuple(parts))
        return self._scope.typed(written, line.subject, "bool", self._variables)

    def _condition(self, line: _Line, cell: Scalar, header: Scalar, column: Column | None) -> str:
        try:
            check_default(cell, is_last=line is self._lines[-1])
            if is_default(cell):
                return ""
            if column is None:
                check_stated(cell, passing_over=self._passes_over)
                return stated(cell, self._scope, line.subject, self._variables)
            said = condition(cell.value, column)
            # An element of a list is always known.
            asks = self._passes_over and column.operand not in self._variables
            return known_too(cell, column, said) if asks else said
        except CellFault as fault:
            message = f"{line.subject}: {header.value}: {fault.message}"
            offset = min(fault.offset, max(len(cell.value) - 1, 0))
            self._faults.append(cell.fault(message, fault.hint, offset))
            return ""

    @cached_property
    def _passes_over(self) -> bool:
        return passes_over([line.cells for line in self._lines])

    def _check_default(self, inputs: Iterable[int]) -> None:
        """A default row has no other cells."""
        last, default = self._default(inputs)
        if default is None or last is None:
            return
        if self._hit == HitPolicy.COUNT.value:
            message = f"{last.subject}: a count of rows has no `{ELSE}`: it is 0 if none matches"
            self._faults.append(default.fault(message, "delete the row"))
        for cell in (last.cells[position] for position in inputs):
            if not is_default(cell) and cell.value not in ANY:
                message = f"{last.subject}: a row that says `{ELSE}` asks nothing else"
                self._faults.append(cell.fault(message, f"write `{ELSE}`, or `-`"))

    def _default(self, inputs: Iterable[int]) -> tuple[_Line | None, Scalar | None]:
        last = self._lines[-1] if self._lines else None
        cells = [last.cells[position] for position in inputs] if last is not None else []
        return last, next(filter(is_default, cells), None)

    @property
    def _hit(self) -> str:
        hit = self._entry.get("hit")
        return hit.value if isinstance(hit, Scalar) else ""

    def _with_default(
        self, whens: Sequence[Expression | None], inputs: Iterable[int]
    ) -> list[Expression | None]:
        """Return the conditions; a default row without an order of rows denies all others."""
        last, default = self._default(inputs)
        if default is None or last is None or self._hit == HitPolicy.FIRST.value:
            return [*whens]
        others = [when.source for when in whens[:-1] if when is not None]
        if len(others) < len(whens) - 1:
            message = f"{last.subject}: another row always holds, so this one never does"
            self._faults.append(default.fault(message, "delete it, or let the other row ask"))
        if len(others) > DENIED:
            message = f"{last.subject}: with hit: {self._hit}, `{ELSE}` denies every other row"
            hint = f"of more than {DENIED} rows, write hit: first, or what the row asks"
            self._faults.append(default.fault(message, hint))
        denied = AND.join(f"!({source})" for source in others)
        if not denied or len(others) > DENIED or len(others) < len(whens) - 1:
            return [*whens]
        written = FromCells(denied, ((0, default),))
        return [*whens[:-1], self._scope.typed(written, last.subject, "bool", self._variables)]

    def _reason(self, line: _Line) -> str:
        cell = self._cell(line.cells, BECAUSE)
        return "" if cell is None or cell.value in ANY else cell.value

    def _check_ids(self) -> None:
        seen: dict[str, Scalar] = {}
        for line in self._lines:
            first = seen.setdefault(line.id, line.named)
            if not re.fullmatch(RULE_ID, line.id):
                message = f"'{line.id}' is not a row id"
                self._faults.append(line.named.fault(message, "write it like this: too-small"))
            elif first is not line.named:
                message = f"row {line.id}: line {first.location.line} has a row of this id"
                self._faults.append(line.named.fault(message, "give one of them another id"))

    def _check_reasons(self) -> None:
        column = next((header for header in self._header if header.value == BECAUSE), None)
        shared = self._entry.get(BECAUSE) is not None
        if column is None and not shared:
            hint = "give it a column `because`, or the table in the YAML file a `because:`"
            self._faults.append(self._header[0].fault("no row of this table has a reason", hint))
        for line in self._lines if column is not None else ():
            cell = self._cell(line.cells, BECAUSE)
            told = spoilt(cell.value) if cell is not None else None
            if not self._reason(line) and not shared:
                told = "it has no reason", "write what callers will read"
            if told and cell is not None:
                self._faults.append(cell.fault(f"{line.subject}: {told[0]}", told[1]))
