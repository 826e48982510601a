"""`dealgate keys`: the keys that a journal is encrypted with."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.options import JOURNAL, JournalUrl, group
from dealgate.cli.shown import give_up
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.urls import keys_of, shown
from dealgate.model.errors import Unavailable

if TYPE_CHECKING:
    from dealgate.journal.sealed.keyring import Keyring

# ruff: noqa: PLC0415 - cryptography is an extra, and who lacks it is told so
app = group()


@app.callback()
def keys() -> None:
    """Master keys, and the key store of an encrypted journal."""


@app.command("new")
def new(path: Annotated[Path, typer.Argument(help="The file to create.")]) -> None:
    """Create a master key for DEALGATE_JOURNAL_MASTER_KEY, in a file only its owner may read."""
    with _told():
        from dealgate.journal.sealed.master import new_master_key

        new_master_key(path)
    echo(f"{path}: keep a copy where the journal's backups are not; without it nobody can read it")


@app.command("rotate")
def rotate(
    master: Annotated[
        Path | None, typer.Option(help="The file of the new master key; default: keep the key.")
    ] = None,
    url: JournalUrl = JOURNAL,
    *,
    data: Annotated[
        bool, typer.Option("--data", help="Encrypt with new keys what is recorded from now on.")
    ] = False,
) -> None:
    """Replace the master key, or the tenants' keys; existing records stay readable.

    Servers may be running: they use the new tenants' keys at once, and need the new master key at
    their next start.
    """
    if master is None and not data:
        give_up("name a new master key (--master), or --data")
    with _told(), _ring(url) as ring:
        from dealgate.journal.sealed.master import FileKms

        if data:
            echo(f"{ring.rotate_data()} tenants: new keys encrypt what is recorded from now on")
        if master is not None:
            kms = FileKms(master)
            echo(f"{ring.rotate_master(kms)} keys of tenants are encrypted by {kms.name}")


@app.command("count")
def count(url: JournalUrl = JOURNAL) -> None:
    """Count the subjects that have a key, and those that were erased."""
    with _told(), _ring(url) as ring:
        known, erased = ring.store.count()
        echo(f"{known:,} subjects have a key, {erased:,} were erased")


@app.command("backup")
def backup(
    to: Annotated[Path, typer.Argument(help="The file to create.")], url: JournalUrl = JOURNAL
) -> None:
    """Copy the key store; a server may be using it.

    Restoring an old copy also restores keys that have since been destroyed: keep copies for a
    short time only, and run `dealgate subject reapply` after restoring one.
    """
    with _told(), _ring(url) as ring:
        ring.store.copy(to)
    echo(f"{to}: {to.stat().st_size:,} bytes; all keys in it are encrypted by the master key")


@contextmanager
def _ring(url: str) -> "Iterator[Keyring]":
    """Open the key store of a journal; raises JournalUnusable."""
    path = keys_of(url)
    if path is None:
        raise JournalUnusable(
            f"{shown(url)}: has no key store; it is made when a server starts with "
            "DEALGATE_JOURNAL_MASTER_KEY"
        )
    from dealgate.journal.sealed.keyring import Keyring

    with closing(Keyring.open(path)) as ring:
        yield ring


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (JournalUnusable, Unavailable, OSError) as error:
        give_up(str(error))
