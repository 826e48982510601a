"""Which revision the schema has: most journals are opened as they are, without alembic."""

from contextlib import closing
from pathlib import Path

from psycopg import errors as pg

from dealgate.journal.postgres.connection import connect

MIGRATIONS = Path(__file__).parent / "migrations"
STEPS = sorted(path.stem for path in (MIGRATIONS / "versions").glob("v*.py"))
NEWEST = STEPS[-1][1:5]  # v0001_journal


def is_current(name: str) -> bool:
    """Tell whether the journal is there, and needs no migration; raises psycopg.Error."""
    with closing(connect(name)) as db:
        try:
            row = db.execute("SELECT version_num FROM alembic_version").fetchone()
        except pg.UndefinedTable:
            return False
    return row is not None and row[0] == NEWEST
