"""Decision tables of a DMN file become tables of ours; what they cannot say is named.

Cells are S-FEEL unary tests, which differ little: text in quotes, ranges with `]` and `[` for ends
that are left out, `null` for a missing fact, dates as functions. A cell that compares with another
fact becomes a column of its own, headed by the comparison (`dmn_comparisons.py`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from dealgate.desk.dmn_comparisons import comparison
from dealgate.desk.dmn_functions import dmn_tables
from dealgate.desk.dmn_values import asked, claimed, declared, is_value, listed
from dealgate.desk.exchange import NotExported
from dealgate.model.rules import RANKED, HitPolicy

DMN = re.compile(r"https?://www\.omg\.org/spec/DMN/")
MOST = 5_000_000  # characters
AGGREGATIONS = {
    "SUM": HitPolicy.SUM, "MIN": HitPolicy.MIN, "MAX": HitPolicy.MAX, "COUNT": HitPolicy.COUNT
}  # fmt: skip
POLICIES = {
    "UNIQUE": HitPolicy.UNIQUE,
    "FIRST": HitPolicy.FIRST,
    "ANY": HitPolicy.ANY,
    "PRIORITY": HitPolicy.PRIORITY,
    "RULE ORDER": HitPolicy.RULE_ORDER,
    "OUTPUT ORDER": HitPolicy.OUTPUT_ORDER,
    "COLLECT": HitPolicy.RULE_ORDER,
}
LETTERS = {
    "U": "UNIQUE", "F": "FIRST", "A": "ANY", "P": "PRIORITY",
    "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
}  # fmt: skip
DATE = re.compile(r'date\(\s*"([\d-]+)"\s*\)')
INSTANT = re.compile(r'date and time\(\s*"([^"]+)"\s*\)')
SPAN = re.compile(r'duration\(\s*"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"\s*\)')
OPEN_RANGE = re.compile(r"^\](.+\.\..+)$")
OPEN_END = re.compile(r"^(.+\.\..+)\[$")
# What is left of a cell once text, dates and numbers are out: other names and calls.
PLAIN = re.compile(
    r'"[^"]*"|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?|\d+[dhms]\b|\b(?:true|false|not|unknown)\b'
)
NAME = re.compile(r"[A-Za-z_]\w*")
TEXT = re.compile(r'"[^"]*"')
WORDS = re.compile(r"\w+(?: \w+)+")  # a name as DMN has them
HYPHENS = re.compile(r"\w+(?:-\w+)+")  # likewise; here it would be a difference
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|\d{4}-\d\d-\d\d', re.ASCII)


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
    """Return the decision tables of the file at `path`; raises NotExported."""
    root = _root(path)
    tables = [_Reader(*table) for table in dmn_tables(root)]
    if not tables:
        raise NotExported("it holds no decision table")
    return [table.read() for table in tables]


def _root(path: Path) -> ET.Element:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise NotExported("this file does not exist") from None
    except (OSError, UnicodeDecodeError):
        raise NotExported("this is not text in UTF-8") from None
    if len(text) > MOST:
        raise NotExported(f"it is larger than {MOST:,} characters")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotExported("it declares a document type or entities, which no DMN file needs")
    try:
        root = ET.fromstring(text)  # noqa: S314  # without a document type there are no entities
    except (ET.ParseError, RecursionError, ValueError) as error:
        raise NotExported(f"this is not XML: {error}") from None
    if not DMN.search(root.tag):
        raise NotExported("this is not DMN")
    return root


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in element.iter() if each.tag.rpartition("}")[2] == name)


def _children(element: ET.Element, name: str) -> list[ET.Element]:
    return [each for each in element if each.tag.rpartition("}")[2] == name]


def _text(element: ET.Element) -> str:
    found = next(_all(element, "text"), None)
    return "" if found is None else (found.text or "").strip()


def _type(column: ET.Element) -> str:
    """Return the type of an input as it is written, without its namespace."""
    found = next((each.get("typeRef") or "" for each in _all(column, "inputExpression")), "")
    return found.rpartition(":")[2]


class _Reader:
    """Reads one table."""

    def __init__(
        self, name: str, table: ET.Element, bound: Mapping[str, str], left_out: Iterable[str]
    ) -> None:
        self._bound = bound
        self._id = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "table"
        self._table = table
        self._left_out = [*left_out]
        self._compared: list[str] = []  # the headers of columns that compare facts
        self._columns = _children(table, "input")

    def read(self) -> DmnTable:
        inputs = [self._expression(each) for each in self._columns]
        outputs = _children(self._table, "output")
        names = [each.get("name") or each.get("label") or self._id for each in outputs]
        self._check_columns(inputs)
        written = _children(self._table, "rule")
        self._compared = list(dict.fromkeys(h for rule in written for h in self._headers(rule)))
        self._left_out += [
            f"column {each}: is not made of paths of facts; write its header"
            for each in self._compared
            if WORDS.search(TEXT.sub("", each))
        ]
        header = ["id", *inputs, *self._compared, *(f"then.{_name(name)}" for name in names)]
        rules = [self._row(n, rule) for n, rule in enumerate(written, 1)]
        rules += self._default(outputs)
        has_words = any(row[-1] for row in rules)
        rows = [row if has_words else row[:-1] for row in rules]
        header += ["because"] if has_words else []
        claims = [each for each in header if each.startswith("then.")]
        allowed = {
            **self._allowed(inputs, self._columns, "inputValues", asked),
            **self._allowed(claims, outputs, "outputValues", claimed),
        }
        hit = self._hit()
        if hit in RANKED and claims[0] not in allowed:
            self._left_out.append("the order of the outputs: write `priority:`")
        return DmnTable(self._id, hit, [header, *rows], self._left_out, allowed)

    def _expression(self, column: ET.Element) -> str:
        written = next((_text(each) for each in _all(column, "inputExpression")), "")
        return self._bound.get(written, written)

    def _allowed(
        self,
        headers: Sequence[str],
        columns: Sequence[ET.Element],
        key: str,
        told: Callable[[str], str],
    ) -> dict[str, Sequence[str]]:
        """Return the values that columns list; those that are no values are left out by name."""
        found: dict[str, Sequence[str]] = {}
        for header, column in zip(headers, columns, strict=False):
            for values in _children(column, key):
                cells = [cell_of(part) for part in listed(_plain(_text(values))) or ()]
                if cells and header and all(map(is_value, cells)):
                    found[header] = [told(cell) for cell in cells]
                else:
                    self._left_out.append(f"{header or 'a column'}: its values, {_text(values)}")
        return found

    def _default(self, outputs: Sequence[ET.Element]) -> list[list[str]]:
        """Return the row that claims if no other does; none, if that is not said."""
        told = [next(iter(_children(output, "defaultOutputEntry")), None) for output in outputs]
        if all(each is None for each in told):
            return []
        if self._hit() is HitPolicy.COUNT or not self._columns:
            self._left_out.append("the default of its outputs: a table that counts has none")
            return []
        claims = [
            "" if each is None else self._claim("the default row", _text(each)) for each in told
        ]
        asks = ["else", *"-" * (len(self._columns) + len(self._compared) - 1)]
        return [["default", *asks, *claims, ""]]

    def _check_columns(self, inputs: Sequence[str]) -> None:
        for number, written in enumerate(inputs, 1):
            if not written:
                self._left_out.append(f"input {number} has no expression: write its header")
            elif WORDS.fullmatch(written) or HYPHENS.fullmatch(written):
                self._left_out.append(f"input {written}: is not a path of facts; write its header")

    def _hit(self) -> HitPolicy:
        written = (self._table.get("hitPolicy") or "UNIQUE").upper()
        policy = LETTERS.get(written, written)
        aggregation = (self._table.get("aggregation") or "").upper()
        if policy == "COLLECT" and aggregation in AGGREGATIONS:
            return AGGREGATIONS[aggregation]
        if policy not in POLICIES:
            self._left_out.append(f"hit policy {written}: read as UNIQUE")
        return POLICIES.get(policy, HitPolicy.UNIQUE)

    def _headers(self, rule: ET.Element) -> list[str]:
        """Return the comparisons with other facts that a row asks for."""
        tests = [_text(entry) for entry in _children(rule, "inputEntry")]
        pairs = zip(self._columns, tests, strict=False)
        found = [
            comparison(self._expression(column), _type(column), test) for column, test in pairs
        ]
        return [each for each in found if each]

    def _row(self, number: int, rule: ET.Element) -> list[str]:
        asked = self._headers(rule)
        tests = [
            "-"
            if comparison(self._expression(column), _type(column), _text(entry))
            else _text(entry)
            for column, entry in zip(self._columns, _children(rule, "inputEntry"), strict=False)
        ]
        claims = [_text(entry) for entry in _children(rule, "outputEntry")]
        words = " ".join(_text(entry) for entry in _children(rule, "annotationEntry")).strip()
        described = next((each.text or "" for each in _children(rule, "description")), "")
        return [
            f"r{number}",
            *(self._cell(number, test) for test in tests),
            *("true" if header in asked else "-" for header in self._compared),
            *(self._claim(f"row {number}", claim) for claim in claims),
            (words or described).strip(),
        ]

    def _cell(self, number: int, test: str) -> str:
        cell = cell_of(test)
        rest = PLAIN.sub("", cell)
        if NAME.search(rest) or "?" in rest:
            self._left_out.append(f"row {number}: {test}")
            return test
        return cell

    def _claim(self, row: str, written: str) -> str:
        if self._hit() is HitPolicy.COUNT:
            return ""  # each row counts one, whatever it says
        if not LITERAL.fullmatch(cell_of(written) or "true"):
            self._left_out.append(f"{row}: the output {written}")
        return written[1:-1] if written.startswith('"') else cell_of(written)


def cell_of(test: str) -> str:
    """Return an S-FEEL unary test as a cell says it."""
    cell = _plain(test.strip())
    if cell == "null":
        return "unknown"
    if cell == "not(null)":
        return "known"
    cell = OPEN_RANGE.sub(r"(\1", cell)
    return OPEN_END.sub(r"\1)", cell)


def _plain(text: str) -> str:
    """Return the text with dates, instants and spans of time as cells have them."""
    text = DATE.sub(r"\1", text)
    text = INSTANT.sub(lambda match: f"{match[1].removesuffix('Z')}Z", text)
    return SPAN.sub(_span, text)


def _span(match: re.Match[str]) -> str:
    units = zip(match.groups(), "dhms", strict=True)
    return "".join(f"{number}{unit}" for number, unit in units if number) or "0s"


def _name(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip()).lower()
