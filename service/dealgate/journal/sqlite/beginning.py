"""A new journal: its schema in one script, without the half second that alembic takes to load.

`newest.sql` is the result of the migrations; a test compares them and regenerates the script
(`DEALGATE_GOLDEN=1 pytest tests/journal/test_open.py`).
"""

from contextlib import closing
from pathlib import Path

import apsw

from dealgate.journal.sqlite.revision import MIGRATIONS

NEWEST_SCHEMA = MIGRATIONS / "newest.sql"


def began(path: Path) -> bool:
    """Create the schema in one transaction, if the file is empty and takes it."""
    if path.stat().st_size:
        return False
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
            db.execute(f"BEGIN EXCLUSIVE; {NEWEST_SCHEMA.read_text('utf-8')} COMMIT")
    except apsw.Error:
        return False  # the migration says what is wrong with it
    return True
