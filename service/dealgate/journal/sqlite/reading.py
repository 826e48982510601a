"""Reads a journal's file that a server may be writing: no lock taken, nothing changed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sqlite.connection import open_reading
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.evidence import SqliteEvidence
from dealgate.journal.sqlite.lookup import Lookup
from dealgate.journal.sqlite.traffic import SqliteTenantReader
from dealgate.model.decision import Decision
from dealgate.model.errors import UnknownDecision


@dataclass(frozen=True, slots=True)
class SqliteReader:
    """Reads the journal at `path` as it was at its last commit."""

    path: Path

    def decision(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises JournalUnusable, UnknownDecision and RecordDamaged."""
        self._refuse_nothing()
        with _readable(self.path), closing(open_reading(self.path)) as db:
            decision = Lookup(db, bodies_of(db)).by_id(tenant, decision_id)
        if decision is None:
            raise UnknownDecision(
                f"{self.path}: there is no decision {decision_id} of tenant {tenant}"
            )
        return decision

    def of_tenant(self, tenant: str) -> SqliteTenantReader:
        """Return what reads the decisions of this tenant; raise JournalUnusable without a file."""
        self._refuse_nothing()
        return SqliteTenantReader(self.path, tenant)

    @contextmanager
    def evidence(self) -> Iterator[SqliteEvidence]:
        """Within the block, read all tenants' evidence as of one instant."""
        self._refuse_nothing()
        with _readable(self.path), closing(open_reading(self.path)) as db:
            db.execute("BEGIN")
            yield SqliteEvidence(db)

    def newest(self) -> Decision | None:
        """Return the newest decision of all, as it is kept."""
        self._refuse_nothing()
        with _readable(self.path), closing(open_reading(self.path)) as db:
            return Lookup(db, bodies_of(db)).newest()

    def _refuse_nothing(self) -> None:
        if not self.path.is_file():
            raise JournalUnusable(
                f"{self.path}: there is no journal here; name the server's with --journal"
            )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise JournalUnusable(f"{path}: cannot be read as a journal: {error}") from error
