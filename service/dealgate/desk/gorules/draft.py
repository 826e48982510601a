"""What becomes of a graph: named facts and tables, in the order in which they are made."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from dealgate.desk.gorules.terms import RESERVED, Group, Term, snake

# What no name makes shorter: a name, or a literal.
SHORT = re.compile(r'[\w.]+|"(?:[^"\\]|\\.)*"|decimal\("[-\d.]+"\)')
LONGEST = 60  # of a name, which is that of a file as well
NAMED = re.compile(r"[A-Za-z_]\w*")
# Columns that a table has besides those of the graph.
INNER = re.compile(r"(?:^|_)(?:has|text_of)_")
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class DraftTable:
    """A table that tells facts: its id, the name of its facts, and its rows, the header first."""

    id: str
    gives: str
    rows: Sequence[Sequence[str]]

    def told(self) -> dict[str, int]:
        """Return the facts that it tells, and the column of each."""
        names = {}
        for number, header in enumerate(self.rows[0]):
            if header == "gives":
                names[self.gives] = number
            elif header.startswith("gives."):
                names[f"{self.gives}_{header.removeprefix('gives.')}"] = number
        return names


@dataclass(slots=True)
class Draft:
    """The facts that a graph takes, and what it makes of them; `left_out` names what is lost."""

    given: Group = field(default_factory=Group)
    facts: dict[str, str] = field(default_factory=dict)
    tables: list[DraftTable] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: {*RESERVED})

    def called(self, name: str) -> str:
        """Return a name that nothing has yet."""
        plain, number = snake(name)[:LONGEST].rstrip("_"), 1
        found = plain
        while found in self.taken:
            number += 1
            found = f"{plain}_{number}"
        self.taken.add(found)
        return found

    def named(self, name: str, term: Term) -> Term:
        """Give an expression a name, so that others can read it."""
        if SHORT.fullmatch(term.cel):
            return term
        found = self.called(name)
        self.facts[found] = term.cel
        return Term(found, term.shape, self.condition(f"has_{found}", term.has), text=term.text)

    def condition(self, name: str, cel: str) -> str:
        """Give a condition a name, if it is longer than one; empty stays so."""
        return self.named(name, Term(cel, "bool")).cel if cel else ""

    def lose(self, what: str) -> None:
        """Name something that is not taken over, once."""
        if what not in self.left_out:
            self.left_out.append(what)


def pruned(draft: Draft, wanted: Iterable[str]) -> None:
    """Leave out, by name, what none of these facts follows from."""
    needed = _needed(draft, wanted)
    unread = [name for name in draft.facts if name not in needed]
    draft.facts = {name: cel for name, cel in draft.facts.items() if name in needed}
    tables = list[DraftTable]()
    for table in draft.tables:
        told = table.told()
        gone = {number for name, number in told.items() if name not in needed}
        unread += [name for name in told if name not in needed]
        if len(gone) < len(told):
            rows = [[c for n, c in enumerate(row) if n not in gone] for row in table.rows]
            tables.append(DraftTable(table.id, table.gives, rows))
    draft.tables = tables
    draft.unread = [name for name in unread if not INNER.search(name)]


def _needed(draft: Draft, wanted: Iterable[str]) -> set[str]:
    tables = {name: (t, n) for t in draft.tables for name, n in t.told().items()}
    needed, waiting = set[str](), [*wanted]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        said = draft.facts.get(name, "")
        if name in tables:
            table, number = tables[name]
            asked = [n for n in range(len(table.rows[0])) if n not in table.told().values()]
            said = " ".join(row[n] for row in table.rows for n in (*asked, number))
        waiting += NAMED.findall(TEXT.sub("", said))
    return needed


def swapped(draft: Draft, name: str, other: str) -> None:
    """Let two named facts trade their names, wherever they are read."""
    trade = {name: other, other: name}
    pattern = re.compile(rf"{TEXT.pattern}|(?<![\w.])(?:{name}|{other})(?!\w)")

    def said(text: str) -> str:
        return pattern.sub(lambda match: trade.get(match[0], match[0]), text)

    draft.facts = {trade.get(each, each): said(cel) for each, cel in draft.facts.items()}
    draft.tables = [
        DraftTable(t.id, t.gives, [t.rows[0], *([said(c) for c in row] for row in t.rows[1:])])
        for t in _with_headers(draft.tables, said)
    ]


def _with_headers(tables: Sequence[DraftTable], said: Callable[[str], str]) -> list[DraftTable]:
    """Change what headers of facts read; those of what is told are no expressions."""
    return [
        DraftTable(
            table.id,
            table.gives,
            [[h if h.startswith("gives") else said(h) for h in table.rows[0]], *table.rows[1:]],
        )
        for table in tables
    ]
