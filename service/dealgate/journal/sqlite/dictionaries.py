"""The dictionaries of a journal's bodies: rows of the same file, never deleted."""

import apsw

from dealgate.journal.body import Bodies

NEWEST = "SELECT max(id) FROM dictionaries"
BYTES = "SELECT bytes FROM dictionaries WHERE id = ?"


def bodies_of(db: apsw.Connection) -> Bodies:
    """Return how bodies of this journal are packed and unpacked, through one connection."""

    def load(dictionary: int) -> bytes:
        content: bytes = db.execute(BYTES, (dictionary,)).get
        return content

    return Bodies(load, db.execute(NEWEST).get)
