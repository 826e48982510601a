"""Tables that tell a fact: `gives: band` makes a named fact of the column `gives`.

The first row that holds tells it (of `hit: priority` the best, of `collect min` and `max` the least
and the greatest), and the last one if none does; of `unique` and `any` it is proved that no two
hold that tell different facts (`telling.py`). `else, also if unknown` lets a row that waits for
facts count as one that does not hold. So the fact is the expression
`row 1 ? value 1 : row 2 ? value 2 : … : last value`, which rules and other tables read, and which
is typed, proved, explained and replayed like any other. Of a long table, each twenty rows are a
fact of their own, which goes on with the next (`band__21`). With `hit: collect sum` or `collect
count` all rows that hold are added up; the fact is unknown if any of them is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from dealgate.model.faults import Fault
from dealgate.model.rules import AnyTable, Expression, HitPolicy
from dealgate.rulebook.allowed import TEXT, AllowedColumn, AllowedValues
from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.cells import ANY, condition
from dealgate.rulebook.columns import BECAUSE, ID, WHEN, column_of, stated
from dealgate.rulebook.defaults import (
    check_default,
    check_stated,
    is_default,
    known_too,
    passes_over,
)
from dealgate.rulebook.document import Fields, Items, Scalar
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.giving_checks import check_ends, check_types
from dealgate.rulebook.giving_text import RowTold, chained
from dealgate.rulebook.scope import Scope
from dealgate.rulebook.sheet import Row, Sheet
from dealgate.rulebook.telling import PROVED, in_order, table_of
from dealgate.rulebook.written import Written

COLUMN = "gives."
GIVES = "gives"
# Of a table that claims: what tells a fact has none of it.
CLAIMING = ("each", "then", "priority")
# What a fact may follow from: one row, or all rows that hold.
TELLING = (
    *(HitPolicy.FIRST, HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY),
    *(HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX, HitPolicy.COUNT),
)
EXTREME = (HitPolicy.MIN, HitPolicy.MAX)
PIECE = 20  # rows that stand one within the other: an expression has so many levels
MOST_ROWS = 500


def giving(entry: Fields, sheet: Sheet | None, faults: list[Fault]) -> Sequence["GivingTable"]:
    """Return what reads a table: once for each fact that it tells.

    A table with columns `gives.base` and `gives.rate` tells two: `fee_base` and `fee_rate`.
    """
    header = () if sheet is None else sheet.header
    columns = [cell for cell in header if cell.value.startswith(COLUMN)]
    listed = {cell.value: cell for cell in columns}
    return [GivingTable(entry, sheet, faults, cell) for cell in listed.values()] or [
        GivingTable(entry, sheet, faults)
    ]


class GivingTable:
    """Reads one fact of such a table; faults found are added to `faults`."""

    def __init__(
        self,
        entry: Fields,
        sheet: Sheet | None,
        faults: list[Fault],
        column: Scalar | None = None,
    ) -> None:
        """`entry` is the table's in the YAML file; without a sheet it has a fault already.

        `column` is the header of the one that tells the fact, if the table has several.
        """
        self._entry = entry
        self._sheet = sheet
        self._faults = faults
        self._header = column
        self._column = GIVES if column is None else column.value
        self._allowed = AllowedValues(entry, () if sheet is None else sheet.header, faults)
        self.proved: AnyTable | None = None  # its rows, if it is to be proved how they meet

    @property
    def name(self) -> Scalar | None:
        """The fact."""
        name = self._entry.get(GIVES)
        if not isinstance(name, Scalar) or self._header is None:
            return name if isinstance(name, Scalar) else None
        return replace(self._header, value=f"{name.value}_{self._column.removeprefix(COLUMN)}")

    @cached_property
    def written(self) -> Sequence[Written]:
        """What its headers and cells say: the names in them are needed first."""
        cells = [header for _, header in self._asking() if header.value != WHEN]
        stated = [
            row[n] for n, header in self._asking() for row in self._rows if header.value == WHEN
        ]
        cells += [cell for cell in stated if cell.value not in ANY and not is_default(cell)]
        if self._words is None:
            cells += [cell for row in self._rows if (cell := self._given(row)) is not None]
        return [Written(cell.value, ((0, cell),)) for cell in cells if cell.value]

    def told(self, scope: Scope) -> Expression | None:
        """Return the fact; None if the table has faults, which are added."""
        before = list(self._faults)
        told = self._told(scope)
        added = self._faults[len(before) :]
        # What is wrong with a row is wrong for each fact that it tells, and is said once.
        self._faults[len(before) :] = [fault for fault in added if fault not in before]
        return told

    def _told(self, scope: Scope) -> Expression | None:
        if self._sheet is None:
            scope.leave_unread()
            return None
        before = len(self._faults)
        self._check_entry()
        self._check_rows(self._sheet)
        columns = self._columns(scope)
        tests = [
            self._tests(number, row, columns, scope) for number, row in enumerate(self._rows, 1)
        ]
        values = [self._value(number, row, scope) for number, row in enumerate(self._rows, 1)]
        if len(self._faults) > before or len(columns) < len([*self._asking()]):
            return None  # what a header mentions has a fault of its own
        check_ends(tests, self._rows, self._hit, self._faults)
        check_types(values, self._hit, self._faults)
        if len(self._faults) > before or self.name is None or None in values:
            return None
        rows = [(row, value) for row, value in zip(tests, values, strict=True) if value]
        ranked = self._ranked(rows, scope)
        fact = None if ranked is None else self._pieced(self.name.value, ranked, scope)
        if fact is not None and self._hit in PROVED:
            self.proved = table_of(self._entry, self._hit, rows, scope)
        return fact

    def _ranked(self, rows: Sequence[RowTold], scope: Scope) -> Sequence[RowTold] | None:
        """Return the rows in the order in which they tell, the default row last."""
        if self._hit in EXTREME:
            least = self._hit is HitPolicy.MIN
            return in_order(rows, scope, self._faults, least=least)
        if self._hit is not HitPolicy.PRIORITY:
            return rows
        order = self._order or ()
        return [*sorted(rows[:-1], key=lambda row: order.index(row[1][0].value)), rows[-1]]

    def _pieced(self, name: str, rows: Sequence[RowTold], scope: Scope) -> Expression | None:
        """Return the fact; whatever rows come later are facts before it."""
        rest = ""
        for start in reversed(range(PIECE, len(rows), PIECE)):
            part = f"{name}__{start + 1}"
            written = chained(rows[start : start + PIECE], rest, self._hit)
            if not scope.declare_part(rows[start][1][0], part, written):
                return None
            rest = part
        return scope.typed(chained(rows[:PIECE], rest, self._hit), f"fact {name}")

    # What stands where

    @property
    def _rows(self) -> Sequence[Row]:
        return () if self._sheet is None else self._sheet.rows

    @cached_property
    def _hit(self) -> HitPolicy:
        hit = self._entry.get("hit")
        policies = [
            policy for policy in TELLING if isinstance(hit, Scalar) and policy.value == hit.value
        ]
        return policies[0] if policies else HitPolicy.FIRST

    @cached_property
    def _words(self) -> Sequence[str] | None:
        """The texts that may be told; None: cells are expressions."""
        words, told = self._listed("values"), self._admitted
        is_text = words is None and told is not None and told.type == TEXT
        return told.allowed.order if told is not None and is_text else words

    @cached_property
    def _admitted(self) -> AllowedColumn | None:
        """What may be told, if that is listed."""
        return self._allowed.told(self._column)

    @cached_property
    def _order(self) -> Sequence[str] | None:
        """The cells below `gives`, the best first, if the table says that."""
        words = self._listed("priority")
        return (
            self._admitted.allowed.order if words is None and self._admitted is not None else words
        )

    def _listed(self, key: str) -> Sequence[str] | None:
        listed = self._entry.get(key)
        if not isinstance(listed, Items):
            return None
        return [item.value for item in listed.items if isinstance(item, Scalar)]

    def _asking(self) -> Iterator[tuple[int, Scalar]]:
        header = () if self._sheet is None else self._sheet.header
        for number, cell in enumerate(header):
            if cell.value not in {ID, BECAUSE, GIVES} and not cell.value.startswith(COLUMN):
                yield number, cell

    def _given(self, row: Row) -> Scalar | None:
        header = () if self._sheet is None else self._sheet.header
        pairs = zip(header, row, strict=False)
        return next((cell for name, cell in pairs if name.value == self._column), None)

    # What is wrong

    def _check_entry(self) -> None:
        hit = self._entry.get("hit")
        if isinstance(hit, Scalar) and hit.value not in {policy.value for policy in TELLING}:
            message = f"hit: {hit.value}: a table that gives a fact cannot have this policy"
            hint = f"write hit: {', '.join(policy.value for policy in TELLING)}"
            self._faults.append(hit.fault(message, hint))
        ranks = self._hit is HitPolicy.PRIORITY
        if ranks and self._order is None:
            message = "hit: priority needs the order of the values that rows give"
            hint = "priority: [the cells of the column `gives`, highest first]"
            self._faults.append((hit or self._entry).fault(message, hint))
        for key in CLAIMING:
            node = self._entry.get(key)
            if node is not None and not (ranks and key == "priority"):
                message = f"{key}: a table that gives a fact claims nothing"
                self._faults.append(node.fault(message, "delete it, or `gives:`"))

    def _check_rows(self, sheet: Sheet) -> None:
        gives = [cell for cell in sheet.header if cell.value in {GIVES, self._column}]
        if len(gives) != 1:
            message = f"a table that gives a fact has one column `{GIVES}`, not {len(gives)}"
            hint = f"its cells are the values; for several facts, write `{COLUMN}base`, …"
            self._faults.append(sheet.header[0].fault(message, hint))
        if self._header is not None and self._listed("values") is not None:
            message = "values: are of a table with one column `gives`"
            self._faults.append(self._entry.fault(message, f"allowed: {{{self._column}: [mid]}}"))
        if self._admitted is not None and self._entry.get("values") is not None:
            message = "values: the table lists its values under `allowed:`"
            self._faults.append(self._entry.fault(message, "list them in one place"))
        if not sheet.rows:
            message = "this table has no rows"
            self._faults.append(sheet.header[0].fault(message, "write one below the header"))
        elif len(sheet.rows) > MOST_ROWS:
            message = f"a table that gives a fact has at most {MOST_ROWS} rows"
            cell = sheet.rows[MOST_ROWS][0]
            self._faults.append(cell.fault(message, "divide it: a table can read another"))

    # What it says

    def _columns(self, scope: Scope) -> Mapping[int, Column | None]:
        """Return what columns ask; None: the cells say that themselves."""
        asked: dict[int, Column | None] = {}
        for number, header in self._asking():
            if header.value == WHEN:
                asked[number] = None
                continue
            column = column_of(header, scope, {}, self._faults)
            if column is not None:
                asked[number] = self._allowed.bound(header.value, column[1], scope.constants)
        return asked

    def _tests(
        self, number: int, row: Row, columns: Mapping[int, Column | None], scope: Scope
    ) -> Sequence[tuple[Scalar, str]]:
        tests: list[tuple[Scalar, str]] = []
        for position, column in columns.items():
            cell = row[position]
            try:
                said = self._said(number, cell, column, scope)
            except CellFault as fault:
                message = f"row {number}: {fault.message}"
                offset = min(fault.offset, max(len(cell.value) - 1, 0))
                self._faults.append(cell.fault(message, fault.hint, offset))
                continue
            if said:
                tests.append((cell, said))
        return tests

    def _said(self, number: int, cell: Scalar, column: Column | None, scope: Scope) -> str:
        """Return what a cell says; empty: nothing. Raises CellFault."""
        check_default(cell, is_last=number == len(self._rows))
        if is_default(cell):
            return ""
        if column is None:
            check_stated(cell, passing_over=self._passes_over)
            return stated(cell, scope, f"row {number}", {})
        said = condition(cell.value, column)
        return known_too(cell, column, said) if self._passes_over else said

    @cached_property
    def _passes_over(self) -> bool:
        return passes_over(self._rows)

    def _value(self, number: int, row: Row, scope: Scope) -> tuple[Scalar, str, str] | None:
        """Return what a row tells: its cell, the expression, and the type."""
        cell, subject = self._given(row), f"row {number}"
        if cell is None:
            return None
        if self._hit is HitPolicy.COUNT:
            return self._counted(cell, subject)
        if cell.value in ANY:
            self._faults.append(cell.fault(f"{subject}: it gives no value", "write a value"))
            return None
        refused = self._refusal(cell, subject)
        if refused is not None:
            self._faults.append(refused)
            return None
        order = self._order if self._hit is HitPolicy.PRIORITY else None
        if order is not None and row is not self._rows[-1] and cell.value not in order:
            message = f"{subject}: '{cell.value}' is not among the table's `priority:`"
            self._faults.append(cell.fault(message, did_you_mean(cell.value, order)))
        if self._words is None:
            typed = scope.check(cell, subject)
            return None if typed is None else (cell, f"({typed.source})", typed.type)
        if cell.value not in self._words:
            message = f"{subject}: '{cell.value}' is not among the table's `values:`"
            self._faults.append(cell.fault(message, did_you_mean(cell.value, self._words)))
            return None
        return cell, json.dumps(cell.value, ensure_ascii=False), "string"

    def _refusal(self, cell: Scalar, subject: str) -> Fault | None:
        """Return what is wrong with a cell that tells what the column does not allow."""
        if self._admitted is None:
            return None
        try:
            told = self._admitted
            check = told.check if told.type == TEXT else told.check_literal
            check(cell.value)
        except CellFault as fault:
            return cell.fault(f"{subject}: {fault.message}", fault.hint)
        return None

    def _counted(self, cell: Scalar, subject: str) -> tuple[Scalar, str, str] | None:
        if cell.value in ANY:
            return cell, "1", "int"
        message = f"{subject}: a table that counts cannot have a number here"
        self._faults.append(cell.fault(message, "leave the cell empty: each row counts one"))
        return None
