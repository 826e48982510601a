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
        return revision_of(journal) == NEWEST
    except apsw.Error:
        return False  # the migration says what is wrong with it


def revision_of(journal: Path) -> str:
    """Return the revision of a journal's schema, such as 0003; raises apsw.Error."""
    with closing(open_reading(journal)) as db:
        return str(db.execute("SELECT version_num FROM alembic_version").get)
