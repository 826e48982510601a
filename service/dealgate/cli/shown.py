"""How the command line says what is wrong: all of it, in plain words, with an exit status.

0: all is well; 1: rules, cases or findings are not; 2: the command itself could not be done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from dealgate.rulebook.faults import RulebookFaults

EXIT_UNUSABLE = 2


@contextmanager
def faults_shown(code: int = 1) -> Iterator[None]:
    """Print every fault in rule files, and leave with `code`."""
    try:
        yield
    except RulebookFaults as found:
        number = len(found.faults)
        give_up(f"{found}\n{number} fault{'' if number == 1 else 's'}", code)


def give_up(message: str, code: int = EXIT_UNUSABLE) -> NoReturn:
    """Say why, and leave."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
