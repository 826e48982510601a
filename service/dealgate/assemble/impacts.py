"""The impact of a version, assessed in as many processes as there are cores."""

import heapq
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from dealgate.aside.pool import chunked, cores, in_order
from dealgate.assemble.scope_impacts import ScopeSpec, sides_of
from dealgate.desk.reading import read_rules
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.foresight.batches import RowGroup, assessed, batches_of
from dealgate.foresight.impact import Impact
from dealgate.foresight.routed import Routed
from dealgate.journal.port import Recorded
from dealgate.model.errors import RecordDamaged
from dealgate.model.rules import AnyRuleSet, shelf_of
from dealgate.rulebook.catalog import Catalog

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
    scope: ScopeSpec | None = None


def spec_of(rules: Path, old: AnyRuleSet, new: AnyRuleSet, clock: Clock, tenant: str) -> Spec:
    """Return what is compared; of a scope's version, `old` may be of the kind's own rules."""
    scope = ScopeSpec(new.scope, tenant, narrowed=bool(old.scope)) if new.scope else None
    return Spec(str(rules), new.kind, old.version, new.version, clock, scope)


def compared(spec: Spec, catalog: Catalog) -> tuple[AnyRuleSet, AnyRuleSet]:
    """Return both versions; raises UnknownRuleSet."""
    name = "" if spec.scope is None else spec.scope.name
    before = name if spec.scope is not None and spec.scope.narrowed else ""
    old, new = shelf_of(spec.kind, before), shelf_of(spec.kind, name)
    return catalog.version(old, spec.old), catalog.version(new, spec.new)


def assess_of(spec: Spec) -> Callable[[Records], Impact]:
    """Return what assesses records; raises RulebookFaults and UnknownRuleSet."""
    catalog = read_rules(Path(spec.rules), spec.kind)
    kind, (old, new) = catalog.kinds[spec.kind], compared(spec, catalog)
    if spec.scope is not None:
        sides = sides_of(spec.scope, catalog, old, new, spec.clock.now)
        return Routed(kind, sides, spec.clock).assess
    assess = Assessor(kind, old, new, spec.clock).assess
    others = {ruleset.digest for ruleset in catalog.all() if ruleset.scope}
    return lambda records: assess(
        [record for record in records if not _is_of_scope(record, others)]
    )


def _is_of_scope(record: Recorded | RecordDamaged, digests: Container[str]) -> bool:
    """Tell whether a scope's rules decided: exported records name no scope, but its digest."""
    if isinstance(record, RecordDamaged):
        return False
    return bool(record[0].scope) or record[0].digest in digests


def impact_of(
    spec: Spec,
    records: Iterable[Recorded | RecordDamaged],
    jobs: int = 0,
    count: Callable[[int], None] = lambda _: None,
) -> Impact:
    """Return the impact on all records; `count` is called with how many more are done."""
    impact = Impact()
    chunks = chunked(map(_light, records), CHUNK)
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
    return lambda group: assessed(assess, batches_of(group), group.since, group.tenant)


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


def _light(record: Recorded | RecordDamaged) -> Recorded | RecordDamaged:
    """Leave behind what nobody reads: the answer is most of a record."""
    if isinstance(record, RecordDamaged):
        return record
    decision, result = record
    return replace(decision, answer=b"", fired=(), marks=(), provenance=None), result
