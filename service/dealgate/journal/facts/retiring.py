"""Entity state that is old is forgotten, while servers write."""

from collections.abc import Sequence
from contextlib import closing, suppress
from typing import NamedTuple

from dealgate.journal.errors import JournalUnusable
from dealgate.journal.facts import statements as sql
from dealgate.journal.facts.store import Base, Connection
from dealgate.journal.retention import Cutoff, first_covering


class Retired(NamedTuple):
    """What was forgotten of a tenant's entities of one type."""

    tenant: str
    type: str
    revisions: int
    activities: int


class _DryRun(Exception):
    """Ends a transaction in which nothing is to be done."""


def retire(base: Base, cutoffs: Sequence[Cutoff], *, dry_run: bool = False) -> Sequence[Retired]:
    """Forget what is old by its tenant and type (`kind`); return how much. Blocks.

    Activities go that happened and became known before the cutoff; revisions that were replaced
    before it; and an entity as a whole if nothing became known of it since, nor has happened.
    Raises JournalUnusable.
    """
    try:
        with closing(base.connect(reading=False)) as db:
            pairs: Sequence[tuple[str, str]] = db.rows(sql.TYPES)
            retired = [
                _retired(db, tenant, type_, before, dry_run=dry_run)
                for tenant, type_ in pairs
                if (before := first_covering(cutoffs, tenant, type_)) is not None
            ]
            db.scrub()
    except Exception as error:
        if not base.is_ours(error):
            raise
        raise JournalUnusable(f"entity state cannot be used: {type(error).__name__}") from error
    return [entity for entity in retired if entity.revisions or entity.activities]


def _retired(db: Connection, tenant: str, type_: str, before: int, *, dry_run: bool) -> Retired:
    retired = Retired(tenant, type_, 0, 0)
    with suppress(_DryRun), db.transaction():
        db.rows(sql.TICK, tenant, 0)  # concurrent writers are waited for
        activities = len(db.rows(sql.OLD_ACTIVITIES, tenant, type_, before, before))
        revisions = len(db.rows(sql.REPLACED, tenant, type_, before))
        revisions += len(db.rows(sql.QUIET, tenant, type_, before))
        db.rows(sql.OLD_KEYS, tenant, type_, before)
        retired = Retired(tenant, type_, revisions, activities)
        if dry_run:
            raise _DryRun
    return retired
