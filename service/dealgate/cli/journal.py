"""`dealgate journal`: what an operator does with a journal's file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.shown import give_up
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sqlite import upkeep
from dealgate.journal.urls import file_of, shown
from dealgate.rulebook.instants import nanoseconds, written

journal = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Statistics, verification, backup, archive and pruning of a journal file.",
)
Url = Annotated[
    str, typer.Option("--journal", help="The journal's file or URL.", envvar="DEALGATE_JOURNAL")
]
Before = Annotated[
    str, typer.Option("--before", help="End, exclusive: 2026-01-31, or with a time.")
]
JOURNAL = "data/journal.db"


@journal.command("stats")
def stats(url: Url = JOURNAL) -> None:
    """Count what is in a journal, beside a server that writes it."""
    with _told():
        found = upkeep.stats(_file(url))
    for name, size in found.files.items():
        echo(f"{name:<24} {size:>14,} bytes")
    if found.free_bytes:
        echo(f"{'free within':<24} {found.free_bytes:>14,} bytes")
    for table, rows in found.rows.items():
        echo(f"{table:<24} {rows:>14,}")
    decisions = found.rows["decisions"]
    if decisions:
        echo(f"{'bytes a record':<24} {found.body_bytes / decisions:>14,.0f}")
    if found.first is not None and found.last is not None:
        echo(f"decided from {written(found.first)} to {written(found.last)}")
    for tenant, kind, rows in found.by_kind:
        echo(f"  {tenant}/{kind:<20} {rows:>14,}")


@journal.command("verify")
def verify(url: Url = JOURNAL) -> None:
    """Read every record, and have SQLite check the file: status 1 if anything is wrong."""
    with _told():
        found = upkeep.verify(_file(url))
    for fault in found.faults:
        echo(fault, err=True)
    echo(f"{found.sound:,} records are sound, {len(found.faults)} faults")
    if found.faults:
        raise typer.Exit(1)


@journal.command("backup")
def backup(
    to: Annotated[Path, typer.Argument(help="The file to create.")], url: Url = JOURNAL
) -> None:
    """Copy a journal as of one instant, beside a server that writes it."""
    with _told():
        size = upkeep.backup(_file(url), to)
    echo(f"{to}: {size:,} bytes; look with `dealgate journal verify --journal {to}`")


@journal.command("archive")
def archive(
    to: Annotated[Path, typer.Argument(help="The file to create.")],
    before: Before,
    url: Url = JOURNAL,
) -> None:
    """Copy what was decided before an instant into a journal of its own; nothing is taken away."""
    with _told():
        many = upkeep.archive(_file(url), to, _instant(before))
    echo(f"{to}: {many:,} decisions; `dealgate journal prune` takes them out of {url}")


@journal.command("prune")
def prune(
    before: Before,
    archive: Annotated[
        Path, typer.Option(help="The archive that contains the decisions to delete.")
    ],
    url: Url = JOURNAL,
) -> None:
    """Take away what was decided before an instant and is in the archive; no server may run."""
    with _told():
        many = upkeep.prune(_file(url), archive, _instant(before))
    echo(f"{url}: {many:,} decisions are only in {archive} from here on")


def _file(url: str) -> Path:
    path = file_of(url)
    if path is None:
        raise JournalUnusable(
            f"{shown(url)}: is not a file of SQLite; PostgreSQL has tools of its own (pg_dump, "
            "pg_amcheck)"
        )
    return path


def _instant(text: str) -> int:
    instant = nanoseconds(text, date_too=True)
    if instant is None:
        give_up(f"--before {text}: not a UTC timestamp; use the form 2026-01-31T12:00:00Z")
    return instant


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (JournalUnusable, OSError) as error:
        give_up(str(error))
