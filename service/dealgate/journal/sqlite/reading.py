"""Reads a journal's file that a server may be writing: no lock taken, nothing changed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import apsw

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.sqlite.connection import JournalFile, open_reading, path_of
from dealgate.journal.sqlite.dictionaries import bodies_of
from dealgate.journal.sqlite.evidence import SqliteEvidence
from dealgate.journal.sqlite.lookup import Lookup
from dealgate.journal.sqlite.traffic import SqliteTenantReader
from dealgate.model.decision import Decision
from dealgate.model.errors import UnknownDecision


@dataclass(frozen=True, slots=True)
class SqliteReader:
    """Reads a journal as it was at its last commit."""

    file: JournalFile

    def decision(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises JournalUnusable, UnknownDecision and RecordDamaged."""
        self._refuse_nothing()
        with _readable(self.file), closing(open_reading(self.file)) as db:
            decision = Lookup(db, bodies_of(db)).by_id(tenant, decision_id)
        if decision is None:
            raise UnknownDecision(
                f"{path_of(self.file)}: there is no decision {decision_id} of tenant {tenant}"
            )
        return decision

    def of_tenant(self, tenant: str) -> SqliteTenantReader:
        """Return what reads the decisions of this tenant; raise JournalUnusable without a file."""
        self._refuse_nothing()
        return SqliteTenantReader(self.file, tenant)

    @contextmanager
    def evidence(self) -> Iterator[SqliteEvidence]:
        """Within the block, read all tenants' evidence as of one instant."""
        self._refuse_nothing()
        with _readable(self.file), closing(open_reading(self.file)) as db:
            db.execute("BEGIN")
            yield SqliteEvidence(db)

    def newest(self) -> Decision | None:
        """Return the newest decision of all, as it is kept."""
        self._refuse_nothing()
        with _readable(self.file), closing(open_reading(self.file)) as db:
            return Lookup(db, bodies_of(db)).newest()

    def _refuse_nothing(self) -> None:
        path = path_of(self.file)
        if not path.is_file():
            raise JournalUnusable(
                f"{path}: there is no journal here; name the server's with --journal"
            )


@contextmanager
def _readable(file: JournalFile) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise JournalUnusable(f"{path_of(file)}: cannot be read as a journal: {error}") from error
