"""AssessImpact: a version assessed for callers, a part at a time, in a process of its own."""

import time
from collections.abc import AsyncIterator

from dealgate.aside.queues import WorkQueue
from dealgate.aside.threads import in_thread
from dealgate.assemble.impact_parts import part_of
from dealgate.assemble.impacts import spec_of
from dealgate.assemble.scope_impacts import deciding
from dealgate.foresight.assessing import Clock
from dealgate.foresight.concluding import TREATED
from dealgate.foresight.impact import Impact
from dealgate.foresight.messaging import message
from dealgate.foresight.reporting import AssessedVersions
from dealgate.journal.urls import reader
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.instants import DAY, nanoseconds
from dealgate.rulebook.live import LiveCatalog
from dealgate.settings import Settings
from dealgate.v1 import impact_pb2 as pb
from dealgate.wire.impacts import Assess

PART = 20_000  # decisions: some seconds, so that many may take turns
WINDOW_DAYS = 90


def assess_port(settings: Settings, live: LiveCatalog, queue: WorkQueue) -> Assess:
    """Return how impacts are assessed; each part queues again."""

    async def assess(
        request: pb.AssessImpactRequest, tenant: str
    ) -> AsyncIterator[pb.AssessImpactResponse]:
        asked = _asked(request, live, tenant)
        clock = Clock(time.time_ns(), asked.window_days * DAY)
        spec = spec_of(settings.rules, asked.old, asked.new, clock, tenant)
        whole = await in_thread(reader, settings.journal)
        read, impact = whole.of_tenant(tenant), Impact()
        position: str | None = None
        while True:
            sample = request.sample_size
            part = await queue.run(part_of, spec, read, asked.since, position, sample, PART)
            impact.merge(part.impact)
            position = part.position
            if position is None:
                break
            yield pb.AssessImpactResponse(decisions=impact.decisions)
        told = message(asked, impact)
        yield pb.AssessImpactResponse(decisions=impact.decisions, impact=told)

    return assess


def _asked(request: pb.AssessImpactRequest, live: LiveCatalog, tenant: str) -> AssessedVersions:
    """Name both versions; raises UnknownRuleSet."""
    catalog, kind = live.edition.catalog, request.kind
    against = request.against_version if request.HasField("against_version") else None
    name, _, scope = kind.partition("/")
    if scope and not catalog.may_know(kind, tenant):
        raise UnknownRuleSet(f"{name} has no scope '{scope}'")
    new = catalog.version(kind, request.rule_set_version)
    if new.narrowing and not new.narrowing.is_visible_to(tenant):
        raise UnknownRuleSet(f"{new.kind} has no scope '{new.scope}'")
    now = time.time_ns()
    old = deciding(catalog, new, now) if against is None else catalog.version(kind, against)
    given = request.HasField("evaluated_from")
    return AssessedVersions(
        kind=catalog.kinds[new.kind],
        old=old,
        new=new,
        tenant=tenant,
        since=nanoseconds(request.evaluated_from) if given else None,
        sample=request.sample_size or None,
        window_days=request.window_days or WINDOW_DAYS,
        treated=frozenset(request.treated_outcomes) or TREATED.get(new.kind),
    )
