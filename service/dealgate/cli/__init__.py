"""The command line: serve decisions, and write, prove, try and release the rules that take them.

A file a command, named after it; `shown` and `selection` are what they share. A command is
imported when it is run, so that none waits for what another needs.
"""

import sys
from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from dealgate import __version__
from dealgate.cli.alert import SIGNALS as SIGNALS  # first: what follows takes its time
from dealgate.cli.lazy import Lazy, LazyGroup

COMMANDS: Mapping[str, Lazy] = {
    "init": Lazy(
        "init",
        "init",
        "Write rules to begin with: a version of each kind, with its cases, which decides at once.",
    ),
    "serve": Lazy(
        "serve",
        "serve",
        "Serve decisions over gRPC until SIGTERM or SIGINT; follow the rules folder meanwhile.",
    ),
    "config": Lazy(
        "config",
        "config",
        "Print the effective settings of `dealgate serve`, and where each comes from.",
    ),
    "health": Lazy(
        "health",
        "health",
        "Ask a server how it is: status 0 if it serves, 1 if not, 2 if it cannot be asked.",
    ),
    "journal": Lazy(
        "journal",
        "journal",
        "Count, verify, copy, archive and prune a journal's file.",
    ),
    "check": Lazy(
        "check",
        "check",
        "Check rule files: every fault at once, with its place, what is wrong, and the cure.",
    ),
    "repl": Lazy(
        "repl",
        "repl",
        "Try expressions on facts: each line of the input is one, `:help` says what else there is.",
    ),
    "test": Lazy("test", "try_cases", "Run the cases that stand beside the rules."),
    "release": Lazy("release", "release", "Release a version: from --from on, it decides."),
    "rollback": Lazy(
        "release", "rollback", "Go back to the version that decided before: now, or from --from on."
    ),
    "releases": Lazy(
        "releases",
        "releases",
        "Show every release, and which version decides: now, or at any instant.",
    ),
    "table": Lazy("table", "table", "Take decision tables to Excel and back."),
    "digest": Lazy(
        "digest",
        "digest",
        "Print the digest that a line of releases.yaml names: SHA-256 of what the rules mean.",
    ),
    "new-version": Lazy(
        "new_version",
        "new_version",
        "Copy the newest version of a kind, with its cases and tables, to the next number.",
    ),
    "discard": Lazy(
        "discard",
        "discard",
        "Delete a draft with its cases and tables; what was ever released stays.",
    ),
    "new-rule": Lazy(
        "new_rule",
        "add_rule",
        "Write a rule and its first cases into the newest draft, for you to change.",
    ),
    "new-kind": Lazy(
        "new_kind",
        "new_kind",
        "Write a new kind of decision: contract, Python, rules with cases, client and tests.",
    ),
    "fmt": Lazy(
        "fmt",
        "fmt",
        "Lay rules, tables, cases and releases out anew: what they mean and their comments stay.",
    ),
    "diff": Lazy(
        "diff",
        "diff",
        "Say how two versions differ: in words, and by the exact facts on which they part.",
    ),
    "calibrate": Lazy(
        "calibrate",
        "calibrate",
        "Learn from earlier leads how much each rule moves the odds, and tell how good that is.",
    ),
    "lsp": Lazy(
        "lsp",
        "lsp",
        "Help editors with rule files: faults as they are typed, completion, hover, definitions.",
    ),
    "explain": Lazy(
        "explain",
        "explain",
        "Explain a decision: which rules decided and why, what was missing, what would flip it.",
    ),
    "impact": Lazy(
        "impact",
        "impact",
        "Say what a version would have made of recorded decisions, before it decides anything.",
    ),
    "compare": Lazy(
        "compare",
        "compare",
        "Compare two versions that decided side by side, by what became of it; look at any time.",
    ),
    "export": Lazy(
        "export",
        "export",
        "Write recorded decisions as Parquet: a file a kind and month, for DuckDB, pandas, Spark.",
    ),
    "replay": Lazy(
        "replay",
        "replay",
        "Decide recorded questions again, by their own rules and instant: is the answer the same?",
    ),
    "report": Lazy(
        "report",
        "report",
        "Render what became of decisions as one HTML page that needs nothing else.",
    ),
    "schema": Lazy(
        "schema",
        "schema",
        "Print the JSON Schema of rule files, which editors complete and check them with.",
    ),
    "docs": Lazy(
        "docs",
        "docs",
        "Print what decides as a page: every rule, why it is there, and a case that shows it.",
    ),
    "protos": Lazy(
        "init",
        "protos",
        "Write the contracts, and the google protos they import, for clients in any language.",
    ),
    "demo": Lazy(
        "demo",
        "demo",
        "Start a server, send it real questions, print the answers with their evidence, stop it.",
    ),
}


class Commands(LazyGroup):
    """All of them, in the order in which they are listed."""

    lazy: ClassVar[Mapping[str, Lazy]] = COMMANDS


app = typer.Typer(
    name="dealgate",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
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
        typer.echo(f"dealgate {__version__}")
    else:
        app()
