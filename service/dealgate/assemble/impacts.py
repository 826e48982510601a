"""The impact of a version, assessed in as many processes as there are cores."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from dealgate.aside.pool import chunked, cores, in_order
from dealgate.desk.reading import read_rules
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.foresight.batches import RowGroup, assessed, batches_of
from dealgate.foresight.impact import Impact
from dealgate.journal.port import Recorded
from dealgate.model.errors import RecordDamaged

Records: TypeAlias = Sequence[Recorded | RecordDamaged]

CHUNK = 500
FEW = 4  # chunks that one process is through with sooner than others start


@dataclass(frozen=True, slots=True)
class Spec:
    """What is compared, in plain values that travel: rules do not. Instants are in nanoseconds."""

    rules: str
    kind: str
    old: int
    new: int
    clock: Clock


def assess_of(spec: Spec) -> Callable[[Records], Impact]:
    """Return what assesses records; raises RulebookFaults and UnknownRuleSet."""
    catalog = read_rules(Path(spec.rules), spec.kind)
    old, new = (catalog.version(spec.kind, version) for version in (spec.old, spec.new))
    return Assessor(catalog.kinds[spec.kind], old, new, spec.clock).assess


def impact_of(
    spec: Spec,
    records: Iterable[Recorded | RecordDamaged],
    jobs: int = 0,
    count: Callable[[int], None] = lambda _: None,
) -> Impact:
    """Return the impact on all records; `count` hears how many more are done."""
    impact = Impact()
    chunks = chunked(map(_light, filter(by_own_rules, records)), CHUNK)
    first = list(islice(chunks, FEW))
    jobs = 1 if len(first) < FEW else jobs or cores()
    for part in in_order(assess_of, spec, chain(first, chunks), jobs):
        impact.merge(part)
        count(part.decisions + part.damaged + part.erased)
    return impact


def impact_of_exported(
    spec: Spec,
    groups: Sequence[RowGroup],
    jobs: int = 0,
    count: Callable[[int], None] = lambda _: None,
) -> Impact:
    """Return the impact on exported decisions, which each process reads by itself."""
    impact = Impact()
    for part in in_order(assess_group_of, spec, groups, min(jobs or cores(), max(len(groups), 1))):
        impact.merge(part)
        count(part.decisions + part.damaged + part.erased)
    return impact


def assess_group_of(spec: Spec) -> Callable[[RowGroup], Impact]:
    """Return what assesses a part of a file; raises RulebookFaults and UnknownRuleSet."""
    assess = assess_of(spec)
    return lambda group: assessed(assess, batches_of(group), group.since)


def sampled(
    records: Iterable[Recorded | RecordDamaged], size: int
) -> Iterator[Recorded | RecordDamaged]:
    """Yield a reproducible random sample of the decisions, in recorded order."""
    sound = (record for record in records if not isinstance(record, RecordDamaged))
    numbered = enumerate(sound)
    drawn = heapq.nsmallest(size, numbered, key=lambda pair: _lot(pair[1][0].id))
    yield from (record for _, record in sorted(drawn, key=lambda pair: pair[0]))


def _lot(decision_id: str) -> bytes:
    return blake2b(decision_id.encode(), digest_size=8, person=b"dealgate.sample").digest()


def by_own_rules(record: Recorded | RecordDamaged) -> bool:
    """Tell whether the kind's own rules decided: a scope's do not change with them."""
    return isinstance(record, RecordDamaged) or not record[0].scope


def _light(record: Recorded | RecordDamaged) -> Recorded | RecordDamaged:
    """Leave behind what nobody reads: the answer is most of a record."""
    if isinstance(record, RecordDamaged):
        return record
    decision, result = record
    return replace(decision, answer=b"", fired=(), marks=(), provenance=None), result
