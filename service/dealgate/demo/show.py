"""Prints questions, answers and their evidence."""

import re
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from dealgate.demo.words import WORDS, Row
from dealgate_client import DecisionHeader, InvalidQuestion, Response

SHOWN = 6
INDEX = re.compile(r"\[\d+\]")


def show_question(console: Console, words: str) -> None:
    """Print a question."""
    console.print(Padding(f"[bold cyan]{escape(words)}[/]", (1, 0, 0, 0)))


def show_answer(console: Console, words: str, response: Response) -> None:
    """Print one question with its answer, why it is what it is, and where it is recorded."""
    header = response.header
    because = {rule.rule_id: rule.because for rule in header.evidence.fired}
    rows: list[Row] = [*WORDS[header.kind](response.outcome, because), *_evidence(header)]
    show_question(console, words)
    console.print(Padding(_grid(rows), (0, 0, 0, 2)))


def show_violations(console: Console, words: str, error: InvalidQuestion) -> None:
    """Print a refused question with everything that is wrong with it."""
    rows: list[Row] = [("answer", f"[bold red]{error.code}[/]")]
    rows += [(violation.field, escape(violation.description)) for violation in error.violations]
    show_question(console, words)
    console.print(Padding(_grid(rows), (0, 0, 0, 2)))


def _evidence(header: DecisionHeader) -> list[Row]:
    rows: list[Row] = [
        ("left open", f"{rule.rule_id}  [dim]needs {_some(rule.missing_facts)}[/]")
        for rule in header.evidence.undecided[:SHOWN]
    ]
    if header.missing_facts:
        rows.append(("not known", _some(header.missing_facts)))
    known = f"{header.completeness:.0%} of the facts it reads were known"
    source = f"{header.rule_set_name}@{header.rule_set_version} {header.rule_set_digest[:8]}"
    rows.append(("rules", f"[dim]{source}, {known}[/]"))
    rows.append(("proof", f"[dim]decision {header.decision_id}, trace {header.trace_id or '-'}[/]"))
    return rows


def _some(facts: Sequence[str]) -> str:
    """Name the facts, those of a list's elements once, and not more than a person reads."""
    names = list(dict.fromkeys(INDEX.sub("[…]", fact) for fact in facts))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return escape(", ".join(names[:SHOWN])) + more


def _grid(rows: list[Row]) -> Table:
    """Lay labels beside what they label; a label is not repeated on the next line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", justify="right", min_width=10)
    grid.add_column(overflow="fold")
    previous = ""
    for label, content in rows:
        repeated = label == previous and label.isalpha()
        grid.add_row("" if repeated else label, content)
        previous = label
    return grid
