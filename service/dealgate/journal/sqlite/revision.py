"""Which revision a journal's schema has: most journals are opened as they are, without alembic."""

from contextlib import closing
from pathlib import Path

import apsw

from dealgate.journal.sqlite.connection import open_reading

MIGRATIONS = Path(__file__).parent / "migrations"
STEPS = sorted(path.stem for path in (MIGRATIONS / "versions").glob("v*.py"))
NEWEST = STEPS[-1][1:5]  # v0003_results


def is_current(journal: Path) -> bool:
    """Tell whether the journal is there, and needs no migration."""
    if not journal.is_file():
        return False
    try:
        with closing(open_reading(journal)) as db:
            return bool(db.execute("SELECT version_num FROM alembic_version").get == NEWEST)
    except apsw.Error:
        return False  # the migration says what is wrong with it
