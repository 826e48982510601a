"""Prints questions, answers and their evidence."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from dealgate.demo.words import WORDS, Row, some, word
from dealgate_client import ConditionExplanation, DecisionHeader, InvalidQuestion, Response, Truth


def show_question(console: Console, words: str) -> None:
    """Print a question."""
    console.print(Padding(f"[bold cyan]{escape(words)}[/]", (1, 0, 0, 0)))


def show_answer(console: Console, words: str, response: Response) -> None:
    """Print one question with its answer, why it is what it is, and where it is recorded."""
    header = response.header
    rows = [*WORDS[header.kind](response.outcome, header.evidence), *_source(header)]
    show_question(console, words)
    console.print(Padding(_grid(rows), (0, 0, 0, 2)))


def show_violations(console: Console, words: str, error: InvalidQuestion) -> None:
    """Print a refused question with everything that is wrong with it."""
    rows: list[Row] = [("answer", f"[bold red]{error.code}[/]")]
    rows += [(violation.field, escape(violation.description)) for violation in error.violations]
    show_question(console, words)
    console.print(Padding(_grid(rows), (0, 0, 0, 2)))


def show_explanation(console: Console, words: str, response: Response) -> None:
    """Print the conditions of the rules that fired, part by part, with the values they read."""
    show_question(console, words)
    evidence = response.header.evidence
    fired = {rule.rule_id for rule in evidence.fired}
    rows: list[Row] = []
    for rule in evidence.explained:
        if rule.rule_id in fired:
            rows += [(rule.rule_id, _condition(condition)) for condition in rule.conditions]
    console.print(Padding(_grid(rows), (0, 0, 0, 2)))


def _condition(condition: ConditionExplanation) -> str:
    read = (f"{operand.text} = {operand.value or 'not known'}" for operand in condition.operands)
    text = f"{'  ' * condition.depth}{condition.text}"
    truth = word(Truth, condition.truth)
    return f"{truth:7} {escape(text)}  [dim]{escape(', '.join(read))}[/]"


def _source(header: DecisionHeader) -> Iterator[Row]:
    if header.missing_facts:
        yield "not known", some(header.missing_facts)
    known = f"{header.completeness:.0%} of the facts it reads were known"
    source = f"{header.rule_set_name}@{header.rule_set_version} {header.rule_set_digest[:8]}"
    yield "rules", f"[dim]{source}, {known}[/]"
    yield "proof", f"[dim]decision {header.decision_id}, trace {header.trace_id}[/]"


def _grid(rows: list[Row]) -> Table:
    """Lay labels beside what they label; a label is not repeated on the next line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", justify="right", min_width=10)
    grid.add_column(overflow="fold")
    previous = ""
    for label, content in rows:
        repeated = label == previous and not label.startswith(("+", "-"))
        grid.add_row("" if repeated else label, content)
        previous = label
    return grid
