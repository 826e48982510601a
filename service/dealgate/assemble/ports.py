"""Heavy questions of callers, and the queues that they are answered in."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from dealgate.aside.queues import WorkQueue
from dealgate.assemble.comparisons import Comparing
from dealgate.assemble.signers import Signers
from dealgate.assemble.stages import pipeline_stages
from dealgate.insight.serving import Insights
from dealgate.journal.urls import reader
from dealgate.kinds import KINDS
from dealgate.kinds.attribute.fitting import fit_serialized
from dealgate.model.changes import Agreed, Judged, PlannedRelease, Released, Wanted
from dealgate.rulebook.live import LiveCatalog
from dealgate.settings import Settings
from dealgate.telemetry import names
from dealgate.telemetry.otlp import kept_pair
from dealgate.telemetry.spans import Span, Tracer
from dealgate.wire.changes import Changes, Writing
from dealgate.wire.demands import token_of
from dealgate.wire.fitting import Fit
from dealgate.wire.known_kinds import KnownKinds
from dealgate.wire.rulesets import hidden_from


def changes_port(
    settings: Settings, live: LiveCatalog, queue: WorkQueue, tracer: Tracer
) -> Changes:
    """Return how changes of rules are judged and released."""

    async def judge(files: Mapping[str, str], deleted: Sequence[str]) -> Judged:
        return await queue.run(_judge_changes, settings.rules, files, deleted)

    signers = Signers(settings.journal_signing_key, settings.approvals)

    async def release(wanted: Wanted, *, dry_run: bool) -> Released:
        with _span(tracer, wanted.kind, dry_run=dry_run) as span:
            made = await queue.run(
                _release_changes, settings.rules, wanted, signers, dry_run=dry_run
            )
            return await taken(wanted.kind, made, span, dry_run=dry_run)

    async def approve(agreed: Agreed) -> Released:
        with _span(tracer, agreed.kind, dry_run=False) as span:
            made = await queue.run(_approve_changes, settings.rules, agreed, signers)
            return await taken(agreed.kind, made, span)

    async def taken(
        kind: str, made: PlannedRelease, span: Span, *, dry_run: bool = False
    ) -> Released:
        line = made.line
        # What is written into releases.yaml may be published; what was refused may not.
        span.set(names.RULESET_VERSION, line.version)
        span.set(names.RELEASE_BY, line.by)
        if dry_run:
            return Released(line, missing=made.missing)
        # A caller that gives up leaves no notification half done.
        await asyncio.shield(live.reload())
        catalog = live.edition.catalog
        in_use = line in catalog.releases(kind)
        return Released(line, in_use, made.missing, token_of(catalog, {kind}))

    writing = Writing(release, approve) if settings.release_rpc else None
    return Changes(judge, writing, partial(_hidden, live))


def _hidden(live: LiveCatalog, tenant: str) -> frozenset[str]:
    """Return the scopes that a tenant may not see."""
    catalog = live.edition.catalog
    # It is unknown to whom a scope that cannot be read belongs.
    unread = {name for name in catalog.spoiled if "/" in name and "@" not in name}
    return hidden_from(catalog, tenant) | unread


# Where changes are judged, proofs and cases are loaded; a server need not load them.
def _judge_changes(rules: Path, files: Mapping[str, str], deleted: Sequence[str]) -> Judged:
    from dealgate.assemble import changes  # noqa: PLC0415

    return changes.judge(rules, files, deleted)


def _release_changes(
    rules: Path, wanted: Wanted, signers: Signers, *, dry_run: bool
) -> PlannedRelease:
    from dealgate.assemble import changes  # noqa: PLC0415

    return changes.release(rules, wanted, signers, dry_run=dry_run)


def _approve_changes(rules: Path, agreed: Agreed, signers: Signers) -> PlannedRelease:
    from dealgate.assemble import changes  # noqa: PLC0415

    return changes.approve(rules, agreed, signers)


def _span(tracer: Tracer, kind: str, *, dry_run: bool) -> Span:
    known = kind if kind.partition("/")[0] in KINDS else "_OTHER"
    told = (kept_pair(names.RULESET_NAME, known), kept_pair(names.RELEASE_DRY_RUN, dry_run))
    return tracer.start("release rules", pairs=told)


def insights_port(settings: Settings, live: LiveCatalog, queue: WorkQueue) -> Comparing:
    """Return how insights are computed, in a process that only reads the journal."""
    reading = reader(settings.journal).of_tenant
    insights = Insights(
        queue,
        reading,
        lambda: pipeline_stages(live.edition.catalog, time.time_ns()),
        KnownKinds(KINDS, live),
    )
    return Comparing(insights, queue, reading, KINDS)


def fit_port(queue: WorkQueue) -> Fit:
    """Return how attribution models are fitted."""

    async def fitted(request: bytes) -> bytes:
        return await queue.run(fit_serialized, request)

    return fitted
