"""`dealgate export`: recorded decisions as Parquet."""

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.counting import counting
from dealgate.cli.echo import echo
from dealgate.cli.options import JOURNAL, RULES, Rules, SharedJournal, Tenant
from dealgate.cli.selection import recorded_kinds
from dealgate.cli.shown import give_up
from dealgate.foresight.parquet import ExportedFile
from dealgate.foresight.parquet import export as write
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import TenantReader
from dealgate.journal.urls import reader
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.private_files import make_private_folder
from dealgate.rulebook.instants import nanoseconds

# Of an instant that is a day's first.
MIDNIGHT = "T00:00:00Z"

Folder = Annotated[
    Path | None, typer.Argument(help="The output folder: FOLDER/qualify/2026-03.parquet.")
]
ParquetFolder = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="The output folder, by the name that impact reads it."),
]
OfKinds = Annotated[list[str] | None, typer.Option("--kind", help="Only this kind; repeatable.")]
Since = Annotated[
    str | None, typer.Option(help="Only decisions since the first day of a month: 2026-03-01.")
]


def export(
    folder: Folder = None,
    parquet: ParquetFolder = None,
    kind: OfKinds = None,
    since: Since = None,
    journal: SharedJournal = JOURNAL,
    tenant: Tenant = "default",
    rules: Rules = RULES,
) -> None:
    """Write recorded decisions as Parquet: a file for each kind and month, sorted by time.

    Facts and answers are verbatim; outcome, result, money and the numbers of the outcome have typed
    columns. Kinds without code are those that the rules declare. Each file is rewritten as
    a whole, so a later export may begin with the last month; decisions that are no longer in the
    journal, because they were archived, are kept.
    """
    if (folder is None) == (parquet is None):
        give_up("name one output folder: dealgate export FOLDER, or --parquet FOLDER")
    home = folder or parquet or Path()
    kinds = recorded_kinds(kind or (), rules).values()
    from_ = None if since is None else _month(since)
    try:
        make_private_folder(home)
        recorded = reader(journal).of_tenant(tenant)
        parts = [_written(recorded, wanted, home, from_) for wanted in kinds]
    except (DealgateError, JournalUnusable, OSError) as error:
        give_up(str(error))
    for file in chain.from_iterable(parts):
        echo(f"{file.path}: {file.decisions:,} decisions")


def _month(since: str) -> int:
    """Return when a month began, by its first day (ns), or leave."""
    instant = nanoseconds(since, date_too=True)
    if instant is None:
        give_up(f"--since {since}: not a UTC date; use the form 2026-03-01")
    if not since.strip().removesuffix(MIDNIGHT).endswith("-01"):
        give_up(f"--since {since}: files hold whole months, so begin with the first day of one")
    return instant


def _written(
    recorded: TenantReader, kind: AnyKind, folder: Path, since: int | None
) -> list[ExportedFile]:
    with counting(f"exported {kind.name}:", "decisions") as count:
        return write(recorded([kind.name], since), kind, folder, count)
