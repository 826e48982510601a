"""The command line: serve decisions, and write, prove, try and release the rules that take them.

A file a command, named after it; `shown` and `selection` are what they share. A command is
imported when it is run, so that none waits for what another needs.
"""

import os
import sys
from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from dealgate import __version__
from dealgate.cli.alert import SIGNALS as SIGNALS  # first: what follows takes its time
from dealgate.cli.lazy import Lazy, LazyGroup

# pydantic would look through all that is installed for plugins, at every start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

COMMANDS: Mapping[str, Lazy] = {
    "init": Lazy(
        "init",
        "init",
        "Write rules to begin with: a version of each kind, with its cases, which decides at once.",
    ),
    "serve": Lazy(
        "serve",
        "serve",
        "Serve decisions over gRPC until SIGTERM or SIGINT, and reload rules when they change.",
    ),
    "consume": Lazy(
        "consume",
        "consume",
        "Decide what comes as CloudEvents whose data are questions; each event exactly once.",
    ),
    "front": Lazy(
        "front",
        "front",
        "Write the configuration of an Envoy that serves JSON, gRPC-Web and gRPC before a server.",
    ),
    "openapi": Lazy("front", "openapi", "Print the OpenAPI document of the HTTP front."),
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
        "Statistics, verification, backup, archive and pruning of a journal file.",
    ),
    "access": Lazy("access", "access", "Check and try access.yaml: who may ask for what."),
    "check": Lazy(
        "check",
        "check",
        "Check rule files: all faults at once, with location, description and suggested fix.",
    ),
    "repl": Lazy(
        "repl",
        "repl",
        "Try expressions on facts: each line of the input is one, `:help` says what else there is.",
    ),
    "test": Lazy("test", "try_cases", "Run the test cases of the rules."),
    "release": Lazy("release", "release", "Release a version, which takes effect at --from."),
    "rollback": Lazy(
        "release", "rollback", "Return to the previously released version: now, or at --from."
    ),
    "approve": Lazy(
        "release", "approve", "Sign a release that waits for signatures, after looking at it."
    ),
    "releases": Lazy(
        "releases",
        "releases",
        "List the releases, and show which version is in effect: now, or at a given time.",
    ),
    "table": Lazy("table", "table", "Export decision tables to Excel, and import them back."),
    "digest": Lazy(
        "digest",
        "digest",
        "Print the digest of a version for releases.yaml: a SHA-256 of the meaning of its rules.",
    ),
    "new-version": Lazy(
        "new_version",
        "new_version",
        "Copy the newest version of a kind, with its cases and tables, to the next number.",
    ),
    "new-scope": Lazy(
        "new_scope",
        "new_scope",
        "Begin the rules of a scope: the version that decides now, and what is otherwise.",
    ),
    "discard": Lazy(
        "discard",
        "discard",
        "Delete a draft with its cases and tables; what was ever released stays.",
    ),
    "new-rule": Lazy(
        "new_rule",
        "add_rule",
        "Add a skeleton rule with its first cases to the newest draft.",
    ),
    "new-kind": Lazy(
        "new_kind",
        "new_kind",
        "Generate a new kind of decision: contract, Python, rules with cases, client and tests.",
    ),
    "fmt": Lazy(
        "fmt",
        "fmt",
        "Format rules, tables, cases and releases; their meaning and comments do not change.",
    ),
    "diff": Lazy(
        "diff",
        "diff",
        "Show how two versions differ: in words, and by the exact facts for which they differ.",
    ),
    "calibrate": Lazy(
        "calibrate",
        "calibrate",
        "Learn from earlier leads how much each rule moves the odds, and report the quality.",
    ),
    "completion": Lazy(
        "completion",
        "completion",
        "Print the completion script for a shell: `source <(dealgate completion bash)`.",
    ),
    "lsp": Lazy(
        "lsp",
        "lsp",
        "Run the language server for rule files: faults, completion, hover, definitions.",
    ),
    "explain": Lazy(
        "explain",
        "explain",
        "Explain a decision: which rules decided and why, what was missing, what would change it.",
    ),
    "impact": Lazy(
        "impact",
        "impact",
        "Say what a version would have made of recorded decisions, before it decides anything.",
    ),
    "compare": Lazy(
        "compare",
        "compare",
        "Compare a champion and its challenger by the results of their decisions.",
    ),
    "export": Lazy(
        "export",
        "export",
        "Write recorded decisions as Parquet: a file for each kind and month, sorted by time.",
    ),
    "replay": Lazy(
        "replay",
        "replay",
        "Decide recorded questions again, by their own rules and instant: is the answer the same?",
    ),
    "report": Lazy(
        "report",
        "report",
        "Render statistics over decisions and their results as one self-contained HTML page.",
    ),
    "schema": Lazy(
        "schema",
        "schema",
        "Print the JSON Schema of rule files, which editors use for completion and checks.",
    ),
    "docs": Lazy(
        "docs",
        "docs",
        "Print the rules in effect as a page: every rule, its reason, and a case that shows it.",
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
        return
    if "_DEALGATE_COMPLETE" in os.environ:  # a shell asks, as typer's scripts ask
        from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415

        completion_init()
    app()
