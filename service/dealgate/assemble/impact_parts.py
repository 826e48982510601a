"""What a process of its own assesses of a journal: it loads no more than that needs."""

from dataclasses import dataclass
from itertools import islice

from dealgate.assemble.impacts import Spec, assess_of, sampled
from dealgate.foresight.impact import Impact
from dealgate.journal.port import TenantReader
from dealgate.model.errors import RecordDamaged


@dataclass(frozen=True, slots=True)
class AssessedPart:
    """The impact on some decisions, and the last of them; None: those were all there are."""

    impact: Impact
    position: str | None


def part_of(
    spec: Spec, read: TenantReader, since: int | None, after: str | None, sample: int, most: int
) -> AssessedPart:
    """Assess the decisions after a position: at most `most` of them, or all of a sample."""
    records = read([spec.kind], since, after)
    chosen = list(sampled(records, sample) if sample else islice(records, most))
    sound = [record[0].id for record in chosen if not isinstance(record, RecordDamaged)]
    whole = bool(sample) or len(chosen) < most or not sound
    return AssessedPart(assess_of(spec)(chosen), None if whole else sound[-1])
