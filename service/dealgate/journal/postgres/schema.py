"""Brings the schema of a journal in PostgreSQL up to date, one server at a time."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.postgres.connection import SCHEMA, connect
from dealgate.journal.postgres.revision import MIGRATIONS

# Any number will do, as long as nobody else in the database takes it.
LOCK = 0x6465616C67617465


def migrate(name: str) -> None:
    """Create the schema or bring it up to date, in one transaction; raise JournalUnusable."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: _open(name), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        _refuse_newer(connection, ScriptDirectory.from_config(config))
        command.upgrade(config, "head")
    engine.dispose()


def _open(name: str) -> object:
    db = connect(name)
    db.autocommit = False
    return db


def _refuse_newer(connection: Connection, known: ScriptDirectory) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in {step.revision for step in known.walk_revisions()}:
        raise JournalUnusable(
            f"the journal was written by a newer Dealgate (schema {revision}, this one knows "
            f"{known.get_current_head()}); upgrade Dealgate or point the journal elsewhere"
        )
