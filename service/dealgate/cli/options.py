"""Options that several commands take, declared once: name, help text, environment variable."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Rules = Annotated[
    Path, typer.Option("--rules", help="The folder with the rule sets.", envvar="DEALGATE_RULES")
]
Selection = Annotated[
    str | None,
    typer.Argument(help="A kind (`qualify`), a version (`qualify@2`) or `signals`; default: all."),
]
Version = Annotated[str, typer.Argument(help="For example `qualify@2`.", metavar="KIND@VERSION")]
# `qualify 2` is how it was written before, and still works.
Number = Annotated[str | None, typer.Argument(hidden=True)]
Kind = Annotated[str, typer.Argument(help="For example `qualify`.")]
Because = Annotated[str, typer.Option("--because", help="The reason, for later readers.")]
By = Annotated[str | None, typer.Option("--by", help="Who releases; default: git's user.email.")]
From = Annotated[
    str | None, typer.Option("--from", help="In UTC: 2026-12-01 or 2026-12-01T08:00:00Z.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="Sign with this Ed25519 key in a PEM file: your own, kept secret."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check everything and show the entry, but write nothing.")
]
TellFaults = Annotated[
    Literal["text", "json", "github", "sarif"],
    typer.Option("--format", help="Report faults for people, programs or a code host."),
]
JournalUrl = Annotated[
    str, typer.Option("--journal", help="The journal's file or URL.", envvar="DEALGATE_JOURNAL")
]
SharedJournal = Annotated[
    str,
    typer.Option(help="The journal; a server may be writing to it.", envvar="DEALGATE_JOURNAL"),
]
Tenant = Annotated[str, typer.Option(help="The tenant of the decisions.")]
TenantSetting = Annotated[
    str, typer.Option(help="The tenant of the decisions.", envvar="DEALGATE_TENANT")
]
DecisionId = Annotated[str | None, typer.Argument(help="The decision id of an answer's header.")]
Jobs = Annotated[int, typer.Option(min=0, help="Number of processes; 0: one per core.")]
Window = Annotated[
    int, typer.Option(min=1, help="Days after a decision within which results count.")
]
Ca = Annotated[
    Path | None, typer.Option(help="PEM file of the CA that signed the server's certificate.")
]
MutualTls = Annotated[Path | None, typer.Option(help="PEM file, for mTLS.")]
Tls = Annotated[bool, typer.Option("--tls", help="Connect with TLS.")]
RULES = Path("rules")
JOURNAL = "data/journal.db"


def group() -> typer.Typer:
    """Return an empty group of commands, such as those of `dealgate journal`."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
    )
