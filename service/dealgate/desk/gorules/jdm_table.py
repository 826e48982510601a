"""A decision table of a graph becomes a table that tells facts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any, NamedTuple

from dealgate.desk.gorules.cel import Writer
from dealgate.desk.gorules.cel_terms import listed
from dealgate.desk.gorules.cells import cell_of
from dealgate.desk.gorules.draft import LONGEST, Draft, DraftTable
from dealgate.desk.gorules.jdm import Column, JdmNode
from dealgate.desk.gorules.terms import (
    ListOf,
    Lost,
    Many,
    NotSaid,
    Shape,
    Term,
    Tree,
    Unknown,
    Value,
    both,
    member,
    nothing,
    put,
    snake,
)
from dealgate.desk.gorules.zen_parser import expression, unary_test
from dealgate.desk.gorules.zen_tokens import NotRead
from dealgate.desk.gorules.zen_tree import Node

WHEN = "when"
EMPTY = Term("[]", Unknown())  # a list of nothing; what of, other rows say
Cells = Sequence[Term | None]


class NamedColumn(NamedTuple):
    """What a column tells: the name of its table's facts, its own, and its header."""

    home: str
    fact: str
    header: str

    @property
    def has(self) -> str:
        """The fact that says whether the table tells it."""
        return f"{self.home}_has_{self.fact}"

    @property
    def text(self) -> str:
        """The fact that says what the number is called in a text."""
        return f"{self.home}_text_of_{self.fact}"


class TableReader:
    """Reads one table; what its cells read stands in `scope`."""

    def __init__(self, node: JdmNode, scope: Tree, draft: Draft) -> None:
        """`draft` takes the table, and what is lost of it."""
        self._node = node
        self._content = node.content
        self._scope = scope
        self._draft = draft
        self._columns = [self._column(each) for each in node.content.inputs]
        self._falls_through = True

    def read(self) -> Tree:
        """Return what the table tells, by the paths of its outputs; raises NotSaid."""
        asked = self._asked()
        told = self._spread(len(asked))
        kept = {path: cells for path, cells in told.items() if not isinstance(cells, Lost)}
        self._narrow(asked, kept)
        names = self._names(kept)
        found = Tree()
        for path, cells in told.items():
            lost = cells if isinstance(cells, Lost) else None
            put(found, path.split("."), lost or self._term(names[path], kept[path]))
        if kept:
            self._write(asked, names, kept)
        return found

    def collected(self) -> Many:
        """Return the list of what each row tells that matches; raises NotSaid."""
        items, whens = list[Value](), list[str]()
        for number, rule in enumerate(self._content.rules, 1):
            tests = [
                self._truth(_text(rule, column), term)
                for column, term in zip(self._content.inputs, self._columns, strict=True)
            ]
            item = Tree()
            for column in self._content.outputs:
                value = self._output(rule, column)
                if value is not None:
                    put(item, column.field.split("."), value)
            items.append(item)
            whens.append(self._draft.condition(f"{self._node.name}_{number}", both(*tests)))
        return Many(tuple(items), tuple(whens))

    def _truth(self, text: str, column: Term | Lost | None) -> str:
        """Return a cell as a condition in CEL; empty: it asks nothing."""
        if not text:
            return ""
        if isinstance(column, Lost):
            raise NotSaid(column.why)
        writer = Writer(self._scope, column)
        needs = column.needs if column else ""
        return both(needs, writer.test(_read(text, is_test=column is not None)))

    def _spread(self, count: int) -> dict[str, "Cells | Lost"]:
        """Return what each column tells in each row; objects are a column for each of theirs."""
        found: dict[str, Cells | Lost] = {}
        for column in self._content.outputs:
            try:
                rows = [self._output(rule, column) for rule in self._content.rules[:count]]
                found |= _columns(column.field, rows)
            except NotSaid as error:
                found[column.field] = Lost(f"{self._said}: {error}")
        return found

    @property
    def _said(self) -> str:
        return f"table {self._node.name or self._node.id}"

    def _column(self, column: Column) -> Term | Lost | None:
        if not column.field:
            return None
        try:
            term = Writer(self._scope).term(_read(column.field))
        except NotSaid as error:
            return Lost(str(error))
        named = self._draft.named(f"{self._node.name}_{column.name or column.field}", term)
        return replace(named, needs=term.needs)

    def _asked(self) -> list[list[str]]:
        """Return the cells of each row up to the first that asks nothing, a condition last."""
        rows, headers = list[list[str]](), self._columns
        for rule in self._content.rules:
            pairs = [
                self._cell(_text(rule, column), term, is_own=n == headers.index(term))
                for n, (column, term) in enumerate(zip(self._content.inputs, headers, strict=True))
            ]
            condition = " && ".join(f"({each})" for _, each in pairs if each)
            rows.append([*(cell for cell, _ in pairs), condition])
            if not any(rows[-1]):
                self._falls_through = False
                break
        return rows

    def _cell(self, text: str, column: Term | Lost | None, *, is_own: bool) -> tuple[str, str]:
        """Return a cell, and a condition beside it: a header stands but once in a table."""
        if not text or column is None or isinstance(column, Lost) or not is_own:
            return "", self._truth(text, column)
        return cell_of(_read(text, is_test=True), column, Writer(self._scope, column))

    def _output(self, rule: Mapping[str, Any], column: Column) -> Value | None:
        text = _text(rule, column)
        if not text or text == "null":
            return None
        value = Writer(self._scope).value(_read(text))
        if value == Many((), ()):
            return EMPTY
        return listed(value) if isinstance(value, Many) else value

    def _names(self, told: Mapping[str, "Cells"]) -> Mapping[str, "NamedColumn"]:
        """Call what each column tells, below the name of the table if there are several."""
        paths = list(told)
        plain = all(self._is_whole(cells) and not _is_named(cells) for cells in told.values())
        if len(paths) == 1 and plain:
            fact = self._draft.called(paths[0].replace(".", "_"))
            return {paths[0]: NamedColumn(fact, fact, "gives")}
        home = self._draft.called(self._node.name or "table")
        ends = [snake(each.rpartition(".")[2]) for each in paths]
        if len({*ends}) < len(ends):
            ends = [snake(each.replace(".", "_")) for each in paths]
        self._draft.taken.update(f"{home}_{end}" for end in ends)
        return {
            each: NamedColumn(home, f"{home}_{end}", f"gives.{end}")
            for each, end in zip(paths, ends, strict=True)
        }

    def _narrow(self, asked: Sequence[list[str]], told: Mapping[str, "Cells"]) -> None:
        """Let rows match only if what they tell can be computed, as those of GoRules do."""
        for number, row in enumerate(asked):
            claims = [cells[number] for cells in told.values()]
            needs = both(*(each.needs for each in claims if each))
            row[-1] = both(row[-1], needs)
            self._falls_through = self._falls_through or (number + 1 == len(asked) and any(row))

    def _term(self, name: "NamedColumn", cells: "Cells") -> Term:
        shape = next(each.shape for each in cells if each)
        text = name.text if _is_named(cells) else ""
        return Term(name.fact, shape, "" if self._is_whole(cells) else name.has, text=text)

    def _is_whole(self, cells: "Cells") -> bool:
        """Whether a column tells something, whichever row matches."""
        return not self._falls_through and all(each and not each.has for each in cells)

    def _write(
        self,
        asked: Sequence[Sequence[str]],
        names: Mapping[str, "NamedColumn"],
        told: Mapping[str, Cells],
    ) -> None:
        headers = [*(getattr(term, "cel", "") for term in self._columns), WHEN]
        used = [n for n in range(len(headers)) if any(row[n] for row in asked)] or [
            len(asked[0]) - 1
        ]
        rows = [[row[n] or "-" for n in used] for row in asked]
        if not self._falls_through:
            rows.pop()
        rows.append(["else"] * len(used))
        header = [headers[n] for n in used]
        columns = list[list[str]]()
        for path, cells in told.items():
            name, claims = names[path], [*cells, None][: len(rows)]
            header.append(name.header)
            columns.append([_cell_said(each, cells) for each in claims])
            if not self._is_whole(cells):
                header.append(f"gives.{name.has.removeprefix(name.home + '_')}")
                columns.append(["false" if c is None else c.has or "true" for c in claims])
            if _is_named(cells):
                header.append(f"gives.{name.text.removeprefix(name.home + '_')}")
                columns.append(['""' if c is None else c.text for c in claims])
        grid = [[*row, *(column[n] for column in columns)] for n, row in enumerate(rows)]
        home = names[next(iter(told))].home
        self._draft.tables.append(DraftTable(self._id(), home, [header, *grid]))

    def _id(self) -> str:
        taken = {each.id for each in self._draft.tables}
        base = snake(self._node.name or "table")[:LONGEST].strip("_").replace("_", "-")
        numbered = (f"{base}-{number}" for number in count(2))
        return next(found for found in chain([base], numbered) if found not in taken)


def _text(rule: Mapping[str, Any], column: Column) -> str:
    return str(rule.get(column.id) or "").strip()


def _is_named(column: Cells) -> bool:
    """Whether it is known what each of these numbers is called in a text."""
    return any(column) and all(each is None or each.text for each in column)


def _cell_said(term: Term | None, column: Cells) -> str:
    """Write what a row tells; a row that tells nothing has the type's empty value."""
    if term is not None:
        return term.cel
    return nothing(next(each.shape for each in column if each))


def _columns(path: str, rows: Sequence[Value | None]) -> dict[str, Cells]:
    """Return the columns of one output: several, if its rows tell objects."""
    if any(isinstance(each, Tree) for each in rows):
        names = dict.fromkeys(n for each in rows if isinstance(each, Tree) for n in each.parts)
        found: dict[str, Cells] = {}
        for name in names:
            found |= _columns(f"{path}.{name}", [each and member(each, name) for each in rows])
        return found
    lost = next((each for each in rows if isinstance(each, Lost)), None)
    if lost:
        raise NotSaid(lost.why)
    terms = [each if isinstance(each, Term) else None for each in rows]
    shape = next((each.shape for each in terms if each and _is_plain(each.shape)), None)
    if shape is None:
        raise NotSaid("nothing, or a list of objects")
    terms = [Term(nothing(shape), shape) if each is EMPTY else each for each in terms]
    typed = [each and (each.as_(shape) if isinstance(shape, str) else each) for each in terms]
    if any(each and each.shape != shape for each in typed):
        raise NotSaid("lists of several types")
    return {path: typed}


def _is_plain(shape: Shape) -> bool:
    return isinstance(shape, str) or (isinstance(shape, ListOf) and isinstance(shape.of, str))


def _read(text: str, *, is_test: bool = False) -> Node:
    try:
        return unary_test(text) if is_test else expression(text)
    except NotRead as error:
        raise NotSaid(str(error)) from None
