"""Brings a journal's schema up to date, before the journal is opened.

Runs through Python's sqlite3, the journal through apsw: two SQLite libraries in one process that
hold one file would drop each other's POSIX locks, so this connection is closed before the other
opens.
"""

import os
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, inspect
from sqlalchemy.exc import DatabaseError

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sqlite.revision import MIGRATIONS

SCARCE = 1024 * 1024  # bytes: a migration needs some room


def migrate(path: Path, steps: Path = MIGRATIONS) -> None:
    """Create the journal or bring it up to date, in one transaction; raise JournalUnusable."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            _upgrade(connection, path, steps)
            connection.commit()
    except DatabaseError as error:
        raise JournalUnusable(f"{path}: {error.orig}; {_cure(path)}") from error


def _cure(path: Path) -> str:
    disk = os.statvfs(path.parent)
    if disk.f_bavail * disk.f_frsize < SCARCE:
        return "its disk is full: free some space, and change nothing else"
    return "close what else uses the file, restore it from a backup, or point the journal elsewhere"


def _connect(path: Path) -> sqlite3.Connection:
    # None: we say BEGIN ourselves, as sqlite3 would not for DDL, and half a migration would stay.
    return sqlite3.connect(path, isolation_level=None)


def _upgrade(connection: Connection, path: Path, steps: Path) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(steps).replace("%", "%%"))
    _refuse_strangers(connection, ScriptDirectory.from_config(config), path)
    command.upgrade(config, "head")


def _refuse_strangers(connection: Connection, known: ScriptDirectory, path: Path) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and inspect(connection).get_table_names():
        raise JournalUnusable(
            f"{path}: is an SQLite file but not a journal; point the journal elsewhere"
        )
    if revision is not None and revision not in {step.revision for step in known.walk_revisions()}:
        raise JournalUnusable(
            f"{path}: was written by a newer Dealgate (schema {revision}, this one knows "
            f"{known.get_current_head()}); upgrade Dealgate or point the journal elsewhere"
        )
