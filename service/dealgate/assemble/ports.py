"""Heavy questions of callers, and the processes beside the server that answer them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dealgate.aside.beside import Beside
from dealgate.assemble import changes
from dealgate.assemble.stages import pipeline_stages
from dealgate.insight.serving import Insights
from dealgate.journal.urls import reader
from dealgate.kinds import KINDS
from dealgate.model.changes import Judged, Released, Wanted
from dealgate.rulebook.live import LiveCatalog
from dealgate.settings import Settings
from dealgate.wire.changes import Changes

CHANGE_SECONDS = 60.0  # that judging or releasing a change may take
INSIGHT_SECONDS = 60.0  # that computing one may take


def changes_port(settings: Settings, live: LiveCatalog) -> Changes:
    """Return how changes of rules are judged and released, in a process beside this one."""
    beside = Beside(CHANGE_SECONDS, "this server is busy with another change of rules; try later")

    async def judge(files: Mapping[str, str], deleted: Sequence[str]) -> Judged:
        return await beside.run(changes.judge, settings.rules, files, deleted)

    async def release(wanted: Wanted, *, dry_run: bool) -> Released:
        released = await beside.run(changes.release, settings.rules, wanted, dry_run=dry_run)
        if released.line is None or dry_run:
            return released
        await live.reload()
        in_use = released.line in live.edition.catalog.releases(wanted.kind)
        return replace(released, in_use=in_use)

    return Changes(judge, release if settings.release_rpc else None)


def insights_port(settings: Settings, live: LiveCatalog) -> Insights:
    """Return how insights are computed, in a process that only reads the journal."""
    beside = Beside(INSIGHT_SECONDS, "this server is busy with another insight; try later")
    return Insights(
        beside.run,
        reader(settings.journal).of_tenant,
        lambda: pipeline_stages(live.edition.catalog, time.time_ns()),
        tuple(KINDS),
    )
