"""The command line: serve decisions, and write, prove, try and release the rules that take them.

A file a command, named after it; `shown` and `selection` are what they share.
"""

from typing import Annotated

import typer

from dealgate import __version__
from dealgate.cli.calibrate import calibrate
from dealgate.cli.check import check
from dealgate.cli.demo import demo
from dealgate.cli.diff import diff
from dealgate.cli.digest import digest
from dealgate.cli.docs import docs
from dealgate.cli.explain import explain
from dealgate.cli.fmt import fmt
from dealgate.cli.lsp import lsp
from dealgate.cli.new_kind import new_kind
from dealgate.cli.new_rule import add_rule
from dealgate.cli.new_version import new_version
from dealgate.cli.release import release, rollback
from dealgate.cli.releases import releases
from dealgate.cli.report import report
from dealgate.cli.schema import schema
from dealgate.cli.serve import serve
from dealgate.cli.table import table
from dealgate.cli.test import try_cases

app = typer.Typer(
    name="dealgate",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""A rules-driven decision service for sales operations.

    Other services call it over gRPC; rule authors keep its rule sets in files; every decision is
    recorded, and can be explained. Start with `dealgate demo`, then read rules/README.md.
    """,
)

app.command()(serve)
app.command()(check)
app.command(name="test")(try_cases)
app.command()(release)
app.command()(rollback)
app.command()(releases)
app.add_typer(table)
app.command()(digest)
app.command(name="new-version")(new_version)
app.command(name="new-rule")(add_rule)
app.command(name="new-kind")(new_kind)
app.command()(fmt)
app.command()(diff)
app.command()(calibrate)
app.command()(lsp)
app.command()(explain)
app.command()(report)
app.command()(schema)
app.command()(docs)
app.command()(demo)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002  # typer's way
) -> None:
    if version:
        typer.echo(f"dealgate {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    app()
