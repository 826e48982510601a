"""What the rows of a table claim: its `then:` and the cells below `then.…` make up an effect."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from dealgate.model.faults import Fault
from dealgate.model.rules import COLLECTING, RANKED, AnyTable, HitPolicy, Location
from dealgate.rulebook.allowed import AllowedColumn, AllowedValues
from dealgate.rulebook.cell_values import CellFault
from dealgate.rulebook.cells import ANY
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.habits import habit, spoilt
from dealgate.rulebook.positions import CELL
from dealgate.rulebook.shapes import TableShape
from dealgate.rulebook.sheet import Row, Sheet
from dealgate.rulebook.validation import MISSING, known_keys, validated

OUTPUT = re.compile(r"then((?:\.[A-Za-z_]\w*)+)", re.ASCII)
THEN = "then"
LACKS = re.compile(rf"the key '([\w.]+)' {MISSING}")
COMMA = re.compile(r"-?\d+,\d+")

Path = tuple[str, ...]
Branch = dict[str, Any]


def path_of(header: str) -> Path | None:
    """Return where in the effect the cells below `then.cap.points` belong; None: it is an input."""
    match = OUTPUT.fullmatch(header)
    return tuple(match[1].split(".")[1:]) if match else None


class Outputs:
    """The columns `then.…` of one table."""

    def __init__(
        self,
        entry: Fields,
        sheet: Sheet,
        effect: type[BaseModel],
        allowed: AllowedValues,
        faults: list[Fault],
    ) -> None:
        """`entry` is the table's in the YAML file; faults found are added to `faults`."""
        self._entry = entry
        self._sheet = sheet
        self._effect = effect
        self._faults = faults
        shared = entry.get(THEN)
        self._shared = shared if isinstance(shared, Fields) else None
        self._counts = _text(entry.get("hit")) == HitPolicy.COUNT.value
        paths = {number: path_of(header.value) for number, header in enumerate(sheet.header)}
        self.paths = {number: path for number, path in paths.items() if path is not None}
        self._unknown = self._check_paths()
        headers = {number: sheet.header[number].value for number in self.paths}
        listed = {number: allowed.told(header) for number, header in headers.items()}
        self._allowed = {number: told for number, told in listed.items() if told is not None}

    def is_bare(self, header: Scalar) -> bool:
        """Tell whether a column names a part of the effect without `then.`; adds the fault."""
        known = known_keys(self._effect, ())
        if header.value != THEN and header.value not in known:
            return False
        names = [header.value] if header.value in known else sorted(known)[:4]
        hint = f"write {', '.join(f'then.{name}' for name in names)}"
        message = f"column {header.value}: claims of rows need a column `then.…`"
        self._faults.append(header.fault(message, hint))
        self._unknown = True
        return True

    def effects(self, rows: Sequence[tuple[str, Row]]) -> Sequence[Any]:
        """Return what each row claims, None if it has faults; rows come with what to call them."""
        before = len(self._faults)
        effects = [self._effect_of(subject, row) for subject, row in rows]
        self._faults[before:] = self._lacking(self._faults[before:], len(rows))
        return effects

    def _lacking(self, faults: Sequence[Fault], rows: int) -> Iterator[Fault]:
        """Yield a part of the effect that all rows lack once, at the header: a column is gone."""
        lacks = [LACKS.search(fault.message) for fault in faults]
        keys = Counter(match[1] for match in lacks if match)
        gone = {key for key, count in keys.items() if count == rows > 1}
        for key in sorted(gone):
            name = key if key.startswith(f"{THEN}.") else f"{THEN}.{key}"
            message = f"no column gives '{name}', and every row must claim it"
            hint = f"add a column `{name}`, or say it for all rows below `then:` in the YAML file"
            yield self._sheet.header[0].fault(message, hint)
        for fault, match in zip(faults, lacks, strict=True):
            if match is None or match[1] not in gone:
                yield fault

    def check_policy(self, shape: TableShape) -> None:
        """Add a fault for what the hit policy needs of these columns and they do not give."""
        if shape.hit in COLLECTING and len(self.paths) != 1:
            message = (
                f"hit: {shape.hit.value} needs one column `then.…`, here are {len(self.paths)}"
            )
            self._faults.append(self._at("hit").fault(message, "say the rest below `then:`"))
        if shape.hit in COLLECTING and shape.because is None:
            message = f"hit: {shape.hit.value} makes one claim of all rows, and it has no reason"
            self._faults.append(self._at("hit").fault(message, "give the table a `because:`"))
        ranks = shape.hit in RANKED
        if ranks and (self._priority(shape) is None or not self.paths):
            hint = "priority: [the values of the first column `then.…`, highest first]"
            message = f"hit: {shape.hit.value} needs a column `then.…` and the order of its values"
            self._faults.append(self._at("hit").fault(message, hint))
        if shape.priority is not None and not ranks:
            message = (
                "priority: this ranks the rows of hit: priority or output order, "
                f"but the policy is {shape.hit.value}"
            )
            self._faults.append(self._at("priority").fault(message, "delete it"))

    def check_values(self, shape: TableShape, rows: Sequence[tuple[str, Row]]) -> None:
        """Add a fault for every cell of the policy's column that it can do nothing with.

        And for those that say what their column does not allow.
        """
        refused = [
            row[at]
            for subject, row in rows
            for at, listed in self._allowed.items()
            if not self._is_allowed(subject, row[at], at, listed)
        ]
        if not self.paths:
            return
        number = next(iter(self.paths))
        for subject, row in rows:
            cell, told = row[number], None
            if shape.hit in COLLECTING and not self._counts and cell.value in ANY:
                told = "a number is required here to be collected", "write it"
            ranked = self._priority(shape) if shape.hit in RANKED else None
            if ranked is not None and cell.value not in ranked and cell not in refused:
                hint = did_you_mean(cell.value, ranked)
                told = f"'{cell.value}' is not among the table's `priority:`", hint
            if told:
                self._faults.append(cell.fault(f"{subject}: {told[0]}", told[1]))

    def _is_allowed(self, subject: str, cell: Scalar, number: int, listed: AllowedColumn) -> bool:
        """Tell whether a cell says what its column allows; if not, add the fault."""
        try:
            if cell.value not in ANY:
                listed.check(cell.value)
        except CellFault as fault:
            message = f"{subject}: {self._sheet.header[number].value}: {fault.message}"
            self._faults.append(cell.fault(message, fault.hint))
            return False
        return True

    def _priority(self, shape: TableShape) -> Sequence[str] | None:
        """Return the order of the values of the first column of claims, highest first."""
        number = next(iter(self.paths), None)
        if shape.priority is not None or shape.hit not in RANKED or number not in self._allowed:
            return shape.priority
        return self._allowed[number].allowed.order

    def completed(self, shape: TableShape, table: AnyTable) -> AnyTable:
        """Return the table with what its policy looks at; adds a fault if that is no number."""
        priority = self._priority(shape)
        if not table.collects and priority is None:
            return table
        number, path = next(iter(self.paths.items()))
        table = replace(table, output=path)
        values = [table.value(row) for row in table.rows]
        if table.collects and not all(_is_number(value) for value in values):
            message = f"hit: {shape.hit.value} needs a column of numbers"
            self._faults.append(self._sheet.header[number].fault(message, "collect another one"))
        by_text = {
            row[number].value: value for row, value in zip(self._sheet.rows, values, strict=True)
        }
        ranked = [by_text[text] for text in priority or () if text in by_text]
        table = replace(table, priority=tuple(ranked))
        if table.hit is not HitPolicy.OUTPUT_ORDER:
            return table
        # Evidence lists rows as they stand: those that come first claim first.
        rows = sorted(table.rows, key=lambda row: ranked.index(table.value(row)))
        return replace(table, rows=tuple(rows))

    def _at(self, key: str) -> Node:
        return self._entry.get(key) or self._entry

    def _check_paths(self) -> bool:
        """Tell whether a column names what no rule claims; such columns are left out."""
        unknown: list[int] = []
        for number, path in self.paths.items():
            header = self._sheet.header[number]
            known = known_keys(self._effect, path[:-1])
            if path[-1] not in known:
                unknown.append(number)
                message = f"column {header.value}: no rule of this kind claims '{path[-1]}'"
                self._faults.append(header.fault(message, did_you_mean(path[-1], known)))
            elif _given(self._shared, path):
                message = (
                    f"column {header.value}: the table's `then:` in the YAML file gives it too"
                )
                self._faults.append(header.fault(message, "say it in one place"))
        self.paths = {n: path for n, path in self.paths.items() if n not in unknown}
        return bool(unknown)

    def _effect_of(self, subject: str, row: Row) -> Any:
        cells = {path: row[number] for number, path in self.paths.items()}
        told = [(cell, spoiled) for cell in cells.values() if (spoiled := spoilt(cell.value))]
        if told:
            self._faults += [cell.fault(f"{subject}: {m}", hint) for cell, (m, hint) in told]
            return None
        tree = self._tree(row, dict(self._given(subject, cells)))
        faults: list[Fault] = []
        effect = validated(tree, self._effect, faults)
        by_place = {cell.location: cell for cell in cells.values()}
        # A misspelt header is one fault, not one more in each row that lacks what it meant.
        faults = [fault for fault in faults if not (self._unknown and MISSING in fault.message)]
        self._faults += [self._told(subject, fault, by_place) for fault in faults]
        return effect

    def _given(self, subject: str, cells: Mapping[Path, Scalar]) -> Iterator[tuple[Path, Scalar]]:
        for path, cell in cells.items():
            if self._counts and cell.value in ANY:
                yield path, Scalar(cell.source, cell.start, cell.end, "1", CELL)
            elif self._counts and cell.value != "1":
                message = f"{subject}: a table that counts cannot have a number here"
                self._faults.append(
                    cell.fault(message, "leave the cell empty: each row counts one")
                )
            elif cell.value not in ANY:
                yield path, cell

    def _tree(self, row: Row, cells: Mapping[Path, Scalar]) -> Fields:
        root: Branch = {}
        for key, value in self._shared or ():
            root[key.value] = (key, _branch(value))
        for path, cell in cells.items():
            branch = root
            for name in path[:-1]:
                branch = branch.setdefault(name, (_key(cell, name), {}))[1]
            branch[path[-1]] = (_key(cell, path[-1]), cell)
        return _fields(root, row[0])

    def _told(self, subject: str, fault: Fault, cells: Mapping[Location, Scalar]) -> Fault:
        if fault.location.file != self._sheet.source.file:
            id_ = _text(self._entry.get("id"))
            return replace(fault, message=f"table {id_}: then: {fault.message}")
        cell = cells.get(fault.location)
        hint = _number_hint(cell.value) if cell and "number" in fault.message else ""
        return replace(fault, message=f"{subject}: {fault.message}", hint=hint or fault.hint)


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) else ""


def _number_hint(text: str) -> str:
    if COMMA.fullmatch(text):
        return f"write {text.replace(',', '.')}"
    told = habit(text, "google.type.Decimal")
    return told[1] if told else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _given(node: Node | None, path: Path) -> bool:
    for name in path:
        node = node.get(name) if isinstance(node, Fields) else None
    return node is not None


def _branch(node: Node) -> Any:
    """Return a copy of the tree that can be added to."""
    if not isinstance(node, Fields):
        return node
    return {key.value: (key, _branch(value)) for key, value in node}


def _key(cell: Scalar, name: str) -> Scalar:
    return Scalar(cell.source, cell.start, cell.end, name, CELL)


def _fields(branch: Branch, at: Scalar) -> Fields:
    pairs = [
        (key, _fields(value, key) if isinstance(value, dict) else value)
        for key, value in branch.values()
    ]
    return Fields(at.source, at.start, tuple(pairs))
