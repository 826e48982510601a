"""Samples out of a journal: score decisions whose lead is known to have converted, or not."""

from collections.abc import Iterable

from dealgate.journal.urls import reader
from dealgate.learn.samples import Sample
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged
from dealgate.model.kind import AnyKind
from dealgate.model.results import Result

CONVERTED = {"CONVERTED": True, "WON": True, "NOT_CONVERTED": False, "LOST": False}


def journal_samples(journal: str, tenant: str, kind: AnyKind) -> list[Sample]:
    """Return the samples in a tenant's part of a journal; raises JournalUnusable."""
    records = reader(journal).of_tenant(tenant)([kind.name])
    readable = (record for record in records if not isinstance(record, RecordDamaged))
    return recorded_samples(readable, kind)


def recorded_samples(
    recorded: Iterable[tuple[Decision, Result | None]], kind: AnyKind
) -> list[Sample]:
    """Return a sample for each decision whose end is known, with the facts of then.

    A result from before the decision teaches nothing: the facts may have known it.
    """
    return [
        Sample(kind.facts.FromString(decision.facts), decision.as_of, CONVERTED[result.type])
        for decision, result in recorded
        if result is not None
        if result.type in CONVERTED and result.happened_at >= decision.as_of
    ]
