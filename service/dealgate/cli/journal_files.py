"""The journal that a command works on, as a file, and its failures."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dealgate.cli.shown import give_up
from dealgate.journal.chain import Head
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.locations import shown
from dealgate.journal.sealed.stores import lend
from dealgate.journal.sqlite.connection import JournalFile
from dealgate.journal.urls import keys_of, readable_file


def read_heads(path: Path) -> Sequence[Head]:
    """Return the heads in a file that `dealgate journal heads` wrote; raise JournalUnusable."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return [Head(end["chain"], int(end["link"]), bytes.fromhex(end["digest"])) for end in told]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise JournalUnusable(f"{path}: is not what `dealgate journal heads` prints") from error


def journal_file(url: str) -> JournalFile:
    """Return the SQLite file of a journal; raise JournalUnusable if it has none."""
    file = readable_file(url)
    if file is None:
        raise JournalUnusable(
            f"{shown(url)}: is not a file of SQLite; PostgreSQL has tools of its own (pg_dump, "
            "pg_amcheck)"
        )
    return file


def lend_keys(url: str, to: Path) -> None:
    """Let a copy at `to` be read with the keys of an encrypted journal."""
    if (keys := keys_of(url)) is not None:
        lend(keys, to)


@contextmanager
def faults_told() -> Iterator[None]:
    """Within the block, a journal that cannot be used ends the command with the reason."""
    try:
        yield
    except (JournalUnusable, OSError) as error:
        give_up(str(error))
