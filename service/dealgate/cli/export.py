"""`dealgate export`: recorded decisions as Parquet."""

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.counting import counting
from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, Rules
from dealgate.cli.shown import faults_shown, give_up
from dealgate.desk.reading import known_kinds
from dealgate.foresight.parquet import Written
from dealgate.foresight.parquet import export as write
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import TenantReader
from dealgate.journal.urls import reader
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.rulebook.instants import nanoseconds

# Of an instant that is a day's first.
MIDNIGHT = "T00:00:00Z"


def export(
    folder: Annotated[
        Path | None, typer.Argument(help="The output folder: FOLDER/qualify/2026-03.parquet.")
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The output folder, by the name that impact reads it."),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only this kind; repeatable.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only decisions since the first day of a month: 2026-03-01.")
    ] = None,
    journal: Annotated[
        str,
        typer.Option(help="The journal; a server may be writing to it.", envvar="DEALGATE_JOURNAL"),
    ] = "data/journal.db",
    tenant: Annotated[str, typer.Option(help="The tenant of the decisions.")] = "default",
    rules: Rules = RULES,
) -> None:
    """Write recorded decisions as Parquet: a file for each kind and month, sorted by time.

    Facts and answers are verbatim; outcome, result, money and the numbers of the outcome have typed
    columns. Kinds without code are those that the rules declare. A file is written anew as a whole,
    so a later export may begin with the last month; decisions that the journal no longer holds,
    since they were archived, stay in it.
    """
    if (folder is None) == (parquet is None):
        give_up("name one output folder: dealgate export FOLDER, or --parquet FOLDER")
    home = folder or parquet or Path()
    with faults_shown():
        kinds = known_kinds(rules)
    for name in kind or ():
        if name not in kinds:
            give_up(f"--kind {name}: is not a kind; the kinds are: {', '.join(sorted(kinds))}")
    instant = None if since is None else nanoseconds(since, date_too=True)
    if since is not None and instant is None:
        give_up(f"--since {since}: not a UTC date; use the form 2026-03-01")
    if since is not None and not since.strip().removesuffix(MIDNIGHT).endswith("-01"):
        give_up(f"--since {since}: files hold whole months, so begin with the first day of one")
    try:
        home.mkdir(parents=True, exist_ok=True)
        recorded = reader(journal).of_tenant(tenant)
        parts = [_written(recorded, kinds[name], home, instant) for name in kind or kinds]
    except (DealgateError, JournalUnusable, OSError) as error:
        give_up(str(error))
    for file in chain.from_iterable(parts):
        echo(f"{file.path}: {file.decisions:,} decisions")


def _written(
    recorded: TenantReader, kind: AnyKind, folder: Path, since: int | None
) -> list[Written]:
    with counting(f"exported {kind.name}:", "decisions") as count:
        return write(recorded([kind.name], since), kind, folder, count)
