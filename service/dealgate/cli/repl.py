"""`dealgate repl`: expressions tried on facts, with the names of a version of the rules."""

import sys
import time
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.message import Message

from dealgate.cli.echo import echo
from dealgate.cli.instants import instant_of
from dealgate.cli.options import RULES, Rules
from dealgate.cli.selection import kind_of, read, selected
from dealgate.cli.shown import faults_shown, give_up
from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame, named_frame
from dealgate.language.literals import literal
from dealgate.language.syntax import Tree
from dealgate.language.values import Failure, Unknown, Value
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Checked, ExpressionFaults
from dealgate.rulebook.facts import FactsFile
from dealgate.rulebook.faults import RulebookFaults

HELP = """Write an expression, and read what it comes to on the facts.
:names         what an expression may mention
:facts FILE    read facts from a file, as cases write them
:quit          leave"""


def repl(
    ruleset: Annotated[str, typer.Argument(help="One version of a kind: `qualify@3`.")],
    facts: Annotated[
        Path | None, typer.Option(help="A file of facts, as in cases; default: no facts.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="For example 2026-01-31T12:00:00Z; default: now.")
    ] = None,
    rules: Rules = RULES,
) -> None:
    """Evaluate expressions on facts, one per line of input; `:help` lists the commands.

    Expressions can use constants and named facts of the version. An unknown result names the
    missing facts.
    """
    if "@" not in ruleset:
        give_up(f"'{ruleset}' is not a version of a kind; write for example qualify@3")
    catalog = read(rules, kind_of(ruleset, rules))
    (version,) = selected(catalog, ruleset)
    instant = time.time_ns() if as_of is None else instant_of("--as-of", as_of)
    trial = Trial(catalog.kinds[version.kind], version, instant)
    if facts is not None:
        with faults_shown():
            trial.read(facts)
    for line in _lines(f"{version.name}> "):
        if line == ":quit":
            break
        if line:
            echo(answered(trial, line))


def _lines(prompt: str) -> Iterator[str]:
    if not sys.stdin.isatty():
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(errors="surrogateescape")  # told where it stands
        yield from (line.strip() for line in sys.stdin)
        return
    while True:
        try:
            yield input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            return


class Trial:
    """Facts, and what expressions over them may mention."""

    def __init__(self, kind: AnyKind, ruleset: AnyRuleSet, as_of: int) -> None:
        """Nothing is known yet."""
        self._ruleset = ruleset
        self._as_of = as_of
        self._kind = kind
        self._checker = CelChecker()
        self.facts: Message = self._kind.facts()

    def read(self, path: Path) -> None:
        """Take the facts of a file; raises RulebookFaults."""
        self.facts = FactsFile(path, self._kind).facts

    @property
    def names(self) -> dict[str, str]:
        """Constants and named facts, with their types."""
        named = {**self._ruleset.constants, **self._ruleset.facts}
        return {name: expression.type for name, expression in named.items()}

    def typed(self, source: str) -> Checked:
        """Type an expression; raises ExpressionFaults."""
        facts = self._kind.facts.DESCRIPTOR
        return self._checker.check(source, facts=facts, variables=self.names, expected=None)

    def value(self, checked: Checked) -> Value:
        """Return the value of an expression."""
        known = self._kind.known(self.facts, self._ruleset.parameters, self._as_of)
        empty = Frame(known, {})
        constants = {
            name: compile_exact(Tree(constant.ast))(empty)
            for name, constant in self._ruleset.constants.items()
        }
        named = {name: compile_exact(Tree(fact.ast)) for name, fact in self._ruleset.facts.items()}
        return compile_exact(Tree(checked.ast))(named_frame(known, constants, self._as_of, named))


def answered(trial: Trial, line: str) -> str:
    """Return what is said to a line."""
    if line == ":help":
        return HELP
    if line == ":names":
        facts = trial.facts.DESCRIPTOR.fields_by_name
        return "\n".join([*facts, *(f"{name}: {type_}" for name, type_ in trial.names.items())])
    if line.startswith(":facts "):
        path = Path(line.removeprefix(":facts ").strip())
        try:
            trial.read(path)
        except RulebookFaults as error:
            return str(error)
        return f"facts of {path}"
    try:
        checked = trial.typed(line)
    except ExpressionFaults as error:
        return "\n".join(
            f"{' ' * fault.offset}^ {fault.message}\n  {fault.hint}".rstrip()
            for fault in error.faults
        )
    return shown(trial.value(checked), checked.type)


def shown(value: Value, type_: str) -> str:
    """Write a value, or why there is none."""
    if isinstance(value, Unknown):
        return f"unknown: {', '.join(value.paths)} missing"
    if isinstance(value, Failure):
        return f"failed: {value.reason}"
    return f"{literal(value, type_)}  ({type_.removeprefix('google.type.')})"
