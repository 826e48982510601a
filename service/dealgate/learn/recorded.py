"""Samples out of a journal: score decisions whose lead is known to have converted, or not."""

from collections.abc import Iterable, Iterator

from dealgate.journal.urls import reader
from dealgate.learn.samples import Sample
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged
from dealgate.model.instants import DAY
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

    A result from before the decision teaches nothing: the facts may have known it; nor does a
    decision of which facts were erased.
    """
    return [
        Sample(
            kind.read(decision.facts),
            decision.as_of,
            CONVERTED[result.type],
            decision.decided_at,
            result.happened_at,
        )
        for decision, result in recorded
        if result is not None and not decision.erased
        if result.type in CONVERTED and result.happened_at >= decision.as_of
    ]


def doubts(samples: Iterable[Sample]) -> Iterator[str]:
    """Yield what may have let the facts know the answer: sums over samples, by when they came."""
    late = backdated = 0
    for sample in samples:
        if sample.decided_at is None or sample.happened_at is None:
            continue
        late += sample.decided_at >= sample.happened_at
        backdated += sample.decided_at - sample.as_of > DAY
    if late:
        yield f"{late:,} samples were decided after their result: their facts may have known it."
    if backdated:
        yield f"{backdated:,} samples were judged as of more than a day before they were decided."
