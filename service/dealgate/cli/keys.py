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
from dealgate.journal.locations import shown
from dealgate.journal.urls import keys_of
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
    echo(f"{path}: keep a copy apart from the journal's backups, which cannot be read without it")


@app.command("rotate")
def rotate(
    master: Annotated[
        Path | None, typer.Option(help="The file of the new master key; default: keep the key.")
    ] = None,
    url: JournalUrl = JOURNAL,
    *,
    subjects: Annotated[
        bool,
        typer.Option(
            "--subjects",
            help="Also re-encrypt subjects' keys, so that copies of the store become useless.",
        ),
    ] = False,
    data: Annotated[
        bool, typer.Option("--data", help="Encrypt with new keys what is recorded from now on.")
    ] = False,
) -> None:
    """Replace the master key, or the tenants' keys; existing records stay readable.

    Servers may be running: they use the new keys within a second, and must be able to read the new
    master key. With --subjects, destroy the previous master key afterwards: then nobody can read
    older copies of the key store, which contain keys of subjects that have been erased.
    """
    if master is None and (subjects or not data):
        give_up("name a new master key (--master), or --data")
    with _told(), _ring(url) as ring:
        from dealgate.journal.sealed import rotation
        from dealgate.journal.sealed.master import FileKms

        if data:
            many = rotation.rotate_data(ring)
            echo(f"{many} tenants: new keys encrypt what is recorded from now on")
        if master is not None:
            kms = FileKms(master)
            tenants, rewrapped = rotation.rotate_master(ring, kms, subjects=subjects)
            echo(f"keys of {tenants} tenants are encrypted by {kms.name}")
            if subjects:
                echo(f"{rewrapped:,} keys of subjects were re-encrypted; now destroy the old key")


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
    keys = keys_of(url)
    if keys is None:
        raise JournalUnusable(
            f"{shown(url)}: has no key store; it is made when a server starts with "
            "DEALGATE_JOURNAL_MASTER_KEY"
        )
    from dealgate.journal.sealed.keyring import Keyring

    with closing(Keyring.open(keys)) as ring:
        yield ring


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (JournalUnusable, Unavailable, OSError) as error:
        give_up(str(error))
