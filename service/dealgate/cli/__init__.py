"""The command line: serve decisions, and write, prove, try and release the rules that take them.

A file a command, named after it; `shown` and `selection` are what they share. A command is
imported when it is run, so that none waits for what another needs.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, ClassVar

from dealgate.cli.alert import SIGNALS as SIGNALS  # first: what follows takes its time

# isort: split
import typer

from dealgate import __version__
from dealgate.cli.lazy import LazyGroup
from dealgate.cli.standard import open_missing as open_missing  # before files are opened
from dealgate.cli.undone import refusals_told

# pydantic would look through all that is installed for plugins, at every start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# In the order in which they are listed; each is the function, and the module, of its name.
COMMANDS = (
    "init",
    "serve",
    "consume",
    "front",
    "openapi",
    "config",
    "health",
    "journal",
    "keys",
    "subject",
    "signals",
    "access",
    "check",
    "repl",
    "test",
    "release",
    "rollback",
    "approve",
    "releases",
    "table",
    "digest",
    "new-version",
    "new-scope",
    "discard",
    "new-rule",
    "new-kind",
    "fmt",
    "diff",
    "calibrate",
    "completion",
    "lsp",
    "explain",
    "impact",
    "compare",
    "export",
    "replay",
    "report",
    "schema",
    "docs",
    "protos",
    "demo",
)


class Commands(LazyGroup):
    """All of them, in the order in which they are listed."""

    names: ClassVar[Sequence[str]] = COMMANDS


app = typer.Typer(
    name="dealgate",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""A rules-driven decision service for sales operations.

    Other services call it over gRPC; rule authors keep its rule sets in files; every decision is
    recorded, and can be explained. Start with `dealgate demo`, then read rules/README.md.
    """,
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002  # typer's way
) -> None:
    if version:
        typer.echo(f"dealgate {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line.

    Tools ask for the version often; typer would import pydantic to read the one option.
    """
    if sys.argv[1:] == ["--version"]:
        with refusals_told():
            typer.echo(f"dealgate {__version__}")
        return
    if "_DEALGATE_COMPLETE" in os.environ:  # a shell asks, as typer's scripts ask
        from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415

        completion_init()
    with refusals_told():
        app()
