"""How the command line says what is wrong: all of it, in plain words, with an exit status.

0: all is well; 1: rules, cases or findings are not; 2: the command itself could not be done.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import typer

from dealgate.cli.echo import FORMAT, TEXT, FaultFormat, echo
from dealgate.model.codes import Code

if TYPE_CHECKING:  # loading what reads rules takes longer than saying what is wrong
    from dealgate.model.faults import Fault

EXIT_UNUSABLE = 2
FORMATS = ("json", "github", "sarif")
EMPTY: Mapping[str, Any] = {}


@contextmanager
def faults_as(format_: str, *, alone: bool = True) -> Iterator[None]:
    """Report faults as text, json, github or sarif; `alone`: words for people go to stderr.

    A command whose own answer is JSON, too, leaves its words where they are: its answer goes to
    standard output, and so do faults, of which there is no answer.
    """
    told = FaultFormat(format_, alone) if format_ in FORMATS else FaultFormat()
    token = FORMAT.set(told)
    try:
        yield
    finally:
        FORMAT.reset(token)


@contextmanager
def told_as(format_: str) -> Iterator[dict[str, Any]]:
    """Tell faults in a format, even if there are none; JSON has what is answered besides."""
    answer: dict[str, Any] = {}
    with faults_as(format_):
        yield answer
        if format_ != TEXT:
            _annotate((), format_, answer)


def _annotate(faults: "Iterable[Fault]", format_: str, answer: Mapping[str, Any] = EMPTY) -> None:
    # Output for people needs none of it.
    from dealgate.cli.annotations import of_faults, written  # noqa: PLC0415

    typer.echo(written(of_faults(faults), format_, answer), nl=False)


@contextmanager
def faults_shown(code: int = 1) -> Iterator[None]:
    """Print every fault in rule files, and leave with `code`."""
    # Who prints a verdict that is known has no use for what reads rules.
    from dealgate.rulebook.faults import RulebookFaults  # noqa: PLC0415

    try:
        yield
    except RulebookFaults as found:
        format_ = FORMAT.get().name
        if format_ != TEXT:
            _annotate(found.faults, format_)
            raise typer.Exit(code) from None
        number = len(found.faults)
        shown = "\n".join(coded(fault) for fault in found.faults)
        count = f"{number} fault{'' if number == 1 else 's'}"
        give_up(f"{shown}\n{count}{pages(found.faults)}", code)


class Coded(Protocol):
    """A finding in words, with its stable name."""

    @property
    def code(self) -> Code:
        """The name."""


def coded(result: Coded) -> str:
    """Return the words, with the code at the end of their first line."""
    head, line, rest = str(result).partition("\n")
    return f"{head} [{result.code}]{line}{rest}"


def pages(codeds: Iterable[Coded]) -> str:
    """Return a line for each code: where its page is."""
    codes = sorted({coded.code for coded in codeds})
    return "".join(f"\n[{code}] is explained in {code.page}" for code in codes)


def give_up(message: str, code: int = EXIT_UNUSABLE) -> NoReturn:
    """Say why, and leave."""
    echo(message, err=True)
    raise typer.Exit(code)
