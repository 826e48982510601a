"""Decision tables of a DMN file become tables of ours; what they cannot say is named.

A cell that compares with another fact becomes a column of its own, headed by the comparison
(`dmn_comparisons.py`); the others are cells of ours but for their spelling (`dmn_cells.py`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

from dealgate.desk.dmn_cells import cell_of, claim_of, is_test, plain
from dealgate.desk.dmn_comparisons import comparison
from dealgate.desk.dmn_functions import InvokedTable, dmn_tables
from dealgate.desk.dmn_policies import policy_of
from dealgate.desk.dmn_types import Declared
from dealgate.desk.dmn_values import asked, claimed, declared, is_value, listed
from dealgate.desk.dmn_xml import below, children, read_root, text_of
from dealgate.desk.exchange import NotExported
from dealgate.model.rules import RANKED, HitPolicy

MOST_COMPARED = 50  # columns that compare facts; each is a cell in every row
LONGEST_ID = 60
LONGEST_TOLD = 200  # characters of what is said of one thing that is lost
TEXT = re.compile(r'"[^"]*"')
WORDS = re.compile(r"(?<!\w)\w+(?: \w+)+")  # a name as DMN has them
# Likewise a path: blanks are none of ours, and a hyphen would be a difference.
NAMED = re.compile(r"(?=[^ -]+[ -])\w+(?:[ -]\w+)*(?:\.\w+(?:[ -]\w+)*)*")


@dataclass(frozen=True, slots=True)
class DmnTable:
    """A table as ours: its header and rows, what to write under `tables:`, and what is lost."""

    id: str
    hit: HitPolicy
    rows: Sequence[Sequence[str]]
    left_out: list[str] = field(default_factory=list)
    allowed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def declaration(self) -> str:
        """What declares it in the rule file; the order of allowed outputs is their priority."""
        said = f", allowed: {declared(self.allowed)}" if self.allowed else ""
        return f"- {{id: {self.id}, hit: {self.hit.value}{said}}}"


def read_dmn(path: Path) -> list[DmnTable]:
    """Return the decision tables of the file at `path`, in its order; raises NotExported."""
    root = read_root(path)
    types = Declared(root)
    tables = [_Reader(placed, types).read() for placed in dmn_tables(root)]
    if not tables:
        raise NotExported("it holds no decision table")
    return [*_told_apart(tables)]


def id_of(name: str) -> str:
    """Return the id of a table, from its name in DMN."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_ID].strip("-") or "table"


def _told_apart(tables: Sequence[DmnTable]) -> Iterator[DmnTable]:
    numbers = dict.fromkeys((table.id for table in tables), 0)
    for table in tables:
        id_ = table.id
        numbers[id_] += 1
        if numbers[id_] == 1:
            yield table
            continue
        while f"{id_}-{numbers[id_]}" in numbers:  # another table may be called so
            numbers[id_] += 1
        own = f"{id_}-{numbers[id_]}"
        told = f"the name {id_}, which another table has: this one is {own}"
        yield replace(table, id=own, left_out=[told, *table.left_out])


class _Reader:
    """Reads one table."""

    def __init__(self, placed: InvokedTable, types: Declared) -> None:
        self._placed = placed
        self._types = types
        self._id = id_of(placed.name)
        self._left_out = [*placed.left_out]
        self._columns = children(placed.table, "input")
        self._outputs = children(placed.table, "output")
        self._written = children(placed.table, "rule")
        self._inputs = [placed.read(_expression(column)) for column in self._columns]
        self._of_inputs = [
            types.of_path(written).base or types.of(_type_ref(column)).base
            for written, column in zip(self._inputs, self._columns, strict=True)
        ]
        self._hit, told = policy_of(placed.table)
        self._left_out += told
        self._asked = [self._headers(rule) for rule in self._written]
        # The headers of columns that compare facts.
        self._compared = list(dict.fromkeys(filter(None, chain.from_iterable(self._asked))))

    def read(self) -> DmnTable:
        self._check_columns()
        claims = [f"then.{_name(name)}" for name in self._output_names()]
        header = ["id", *self._inputs, *self._compared, *claims]
        pairs = zip(self._written, self._asked, strict=True)
        rules = [self._row(number, *pair) for number, pair in enumerate(pairs, 1)]
        rules += self._default()
        has_words = any(row[-1] for row in rules)
        rows = [row if has_words else row[:-1] for row in rules]
        header += ["because"] if has_words else []
        allowed = {
            **self._allowed(self._inputs, self._columns, "inputValues", asked),
            **self._allowed(claims, self._outputs, "outputValues", claimed),
        }
        self._contradicted(rows, allowed)
        if self._hit in RANKED and claims and claims[0] not in allowed:
            self._left_out.append("the order of the outputs: write `priority:`")
        self._left_out += [
            f"column {name}: the table has {count} of it; keep one, or rename them"
            for name, count in Counter(header).items()
            if count > 1
        ]
        left_out = [
            column if len(column) <= LONGEST_TOLD else f"{column[:LONGEST_TOLD]}…"
            for column in self._left_out
        ]
        return DmnTable(self._id, self._hit, [header, *rows], left_out, allowed)

    def _output_names(self) -> Iterator[str]:
        for output in self._outputs:
            yield output.get("name") or output.get("label") or self._id

    def _allowed(
        self,
        headers: Sequence[str],
        columns: Sequence[ET.Element],
        key: str,
        told: Callable[[str], str],
    ) -> dict[str, Sequence[str]]:
        """Return the values that columns list; those that are no values are left out by name."""
        allowed: dict[str, Sequence[str]] = {}
        for header, column in zip(headers, columns, strict=True):
            for values in children(column, key):
                if text_of(values) in {"", "-"}:
                    continue  # any value
                named = [cell_of(part) for part in listed(plain(text_of(values))) or ()]
                # A fact that is missing needs no leave: a cell may ask for it anyway.
                cells = [cell for cell in named if cell != "unknown"]
                if cells and header and all(map(is_value, cells)):
                    allowed[header] = [told(cell) for cell in cells]
                else:
                    self._left_out.append(f"{header or 'a column'}: its values, {text_of(values)}")
        return allowed

    def _contradicted(
        self, rows: Sequence[Sequence[str]], allowed: dict[str, Sequence[str]]
    ) -> None:
        """Leave out a list of texts that its own rows go beyond, with the first that does."""
        for number, header in enumerate(self._inputs, 1):
            texts = {written for row in rows for written in TEXT.findall(row[number])}
            known = {text.strip('"') for text in allowed.get(header, texts)}
            beyond = sorted(text for text in texts if text.strip('"') not in known)
            if beyond:
                values = ", ".join(allowed.pop(header))
                said = f"{header}: its values, {values}: a row names {beyond[0]}"
                self._left_out.append(f"input {said}")

    def _default(self) -> list[list[str]]:
        """Return the row that claims if no other does; none, if that is not said."""
        told = [
            next(iter(children(output, "defaultOutputEntry")), None) for output in self._outputs
        ]
        if all(value is None for value in told):
            return []
        if self._hit is HitPolicy.COUNT or not self._columns:
            why = "counts" if self._columns else "has no input"
            self._left_out.append(f"the default of its outputs: a table that {why} has none")
            return []
        claims = [
            "" if value is None else self._claim("the default row", text_of(value))
            for value in told
        ]
        asks = ["else", *"-" * (len(self._columns) + len(self._compared) - 1)]
        return [["default", *asks, *claims, ""]]

    def _check_columns(self) -> None:
        for number, written in enumerate(self._inputs, 1):
            if not written:
                self._left_out.append(f"input {number} has no expression: write its header")
            elif NAMED.fullmatch(written):
                self._left_out.append(f"input {written}: is not a path of facts; write its header")
        if not self._outputs:
            self._left_out.append("its outputs, of which it has none: write a column `then.…`")
        if not self._written:
            self._left_out.append("its rules, of which it has none: write its rows")
        if len(self._compared) > MOST_COMPARED:
            raise NotExported(
                f"table {self._placed.name} compares with other facts in "
                f"{len(self._compared):,} ways, more than {MOST_COMPARED}"
            )
        self._left_out += [
            f"column {column}: is not made of paths of facts; write its header"
            for column in self._compared
            if WORDS.search(TEXT.sub("", column).replace(" in ", "+"))
        ]

    def _headers(self, rule: ET.Element) -> list[str]:
        """Return for each cell of a row what it compares with other facts; empty: nothing."""
        tests = [self._placed.read(text_of(entry)) for entry in children(rule, "inputEntry")]
        return [
            comparison(written, type_, test, self._is_list)
            for written, type_, test in zip(self._inputs, self._of_inputs, tests, strict=False)
        ]

    def _is_list(self, path: str) -> bool:
        return self._types.of_path(path).is_list

    def _row(self, number: int, rule: ET.Element, asked: Sequence[str]) -> list[str]:
        tests = self._texts(number, rule, "inputEntry", self._columns)
        written = self._texts(number, rule, "outputEntry", self._outputs)
        claims = [self._claim(f"row {number}", entry) for entry in written]
        if claims and not any(claims) and self._hit is not HitPolicy.COUNT:
            self._left_out.append(f"row {number}: it claims nothing; write a claim, or delete it")
        cells = [
            "-" if header else self._cell(number, test)
            for header, test in zip([*asked, *[""] * len(tests)], tests, strict=False)
        ]
        words = " ".join(text_of(entry) for entry in children(rule, "annotationEntry")).strip()
        described = next(
            (description.text or "" for description in children(rule, "description")), ""
        )
        return [
            f"r{number}",
            *cells,
            *("true" if header in asked else "-" for header in self._compared),
            *claims,
            (words or described).strip(),
        ]

    def _texts(
        self, number: int, rule: ET.Element, name: str, columns: Sequence[ET.Element]
    ) -> list[str]:
        """Return a row's entries, one for each column; more or fewer are told."""
        texts = [text_of(entry) for entry in children(rule, name)]
        if len(texts) != len(columns):
            kind = name.removesuffix("Entry")
            said = f"{kind} entries: {len(texts)}, {kind}s of the table: {len(columns)}"
            self._left_out.append(f"row {number}: {said}")
        return [*texts, *[""] * len(columns)][: len(columns)]

    def _cell(self, number: int, test: str) -> str:
        cell = cell_of(test)
        if is_test(cell):
            return cell or "-"
        self._left_out.append(f"row {number}: {test}")
        return test

    def _claim(self, row: str, written: str) -> str:
        if self._hit is HitPolicy.COUNT:
            return ""  # each row counts one, whatever it says
        claim = claim_of(written)
        if claim is None:
            self._left_out.append(f"{row}: the output {written}")
        return written if claim is None else claim


def _expression(column: ET.Element) -> str:
    return next((text_of(expression) for expression in below(column, "inputExpression")), "")


def _type_ref(column: ET.Element) -> str:
    return next(
        (expression.get("typeRef") or "" for expression in below(column, "inputExpression")), ""
    )


def _name(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip()).lower()
