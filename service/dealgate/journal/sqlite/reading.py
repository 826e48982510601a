"""One decision out of a journal that a server may be writing: no lock taken, nothing changed."""

from contextlib import closing
from pathlib import Path

import apsw
from zstandard import ZstdError

from dealgate.journal.body import Bodies
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sqlite.connection import open_reading
from dealgate.journal.sqlite.lookup import Lookup
from dealgate.model.decision import Decision
from dealgate.model.errors import UnknownDecision


def read_decision(path: Path, tenant: str, decision_id: str) -> Decision:
    """Return the decision; raises JournalUnusable or UnknownDecision.

    A server's journal is read as it was at its last commit, and nobody waits for anybody.
    """
    if not path.is_file():
        raise JournalUnusable(f"{path}: there is no journal here; name the server's with --journal")
    try:
        with closing(open_reading(path)) as db:
            found = Lookup(db, Bodies(db)).by_id(tenant, decision_id)
    except (apsw.Error, ZstdError) as error:
        raise JournalUnusable(f"{path}: cannot be read as a journal: {error}") from error
    if found is None:
        raise UnknownDecision(f"{path}: there is no decision {decision_id} of tenant {tenant}")
    return found
